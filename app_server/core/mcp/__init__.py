"""Servers of the Model Context Protocol: connections to them, one pool of them for all threads, and what a thread sees of them.

The protocol's own library is heavy; it is imported by `link`, `connect` and `login` alone, when a server is first started.
"""
