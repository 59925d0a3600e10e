"""Keeping commands inside what they are allowed: what a policy means, and the rungs that enforce it on this machine."""
