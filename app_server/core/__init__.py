"""The agent itself: threads, turns, tools, providers, the store. It could live without any server.

It knows no method name, no request id, no connection. It speaks to the outside through two small interfaces
that it defines itself (`ports.Outside`): publish a notification, and ask the user something.
"""
