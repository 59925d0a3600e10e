"""Tests that need something of the machine: skipped with a reason where it is missing, but on CI they fail."""

import os

import pytest


def needs(what: str, *, found: bool) -> pytest.MarkDecorator:
    """A mark for tests that need `what`."""
    is_skipped = not found and os.environ.get("CI") != "true"
    return pytest.mark.skipif(is_skipped, reason=f"{what} is missing")
