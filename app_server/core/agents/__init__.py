"""Agents that other agents start: threads with a parent."""
