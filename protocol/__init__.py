"""The wire contract of app-server: data only, importable alone by any client.

One family, one module. Import the family that you need; nothing here imports them all, since that costs a
quarter of a second. `protocol.methods` lists every method by name without importing a single model.
"""
