"""Hooks: programs of the user's that run when something happens in a thread."""
