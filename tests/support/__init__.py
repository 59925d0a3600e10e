"""What tests stand on: a scripted model provider, a client of the server, and a home for it. Knows no code of the server."""
