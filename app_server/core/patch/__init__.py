"""Patches as models write them: their grammar, where their changes belong, the files that result, and diffs for clients."""
