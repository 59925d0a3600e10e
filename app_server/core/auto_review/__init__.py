"""Approvals that a model decides in the user's place."""
