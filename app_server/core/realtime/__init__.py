"""Spoken conversations: a speech model on the line, and the agent of a thread behind it."""
