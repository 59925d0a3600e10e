"""Threads on disk: one append-only file of JSON lines per thread, readable by the reference and from it."""
