"""How fast and how small the server is, measured from outside over its stdio, beside another server when one is given.

`python -m benchmarks` prints one table. One module answers one question; `client`, `homes`, `provider`, `network`
and `report` are what the questions share. Timings live here and never in tests.
"""
