"""Schemas and types for clients, written from the models: JSON Schema, TypeScript and what is made from them.

Nothing here is imported while the server serves; `surface` loads every family at once, which costs a quarter of a second.
"""
