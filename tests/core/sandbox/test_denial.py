"""Guessing whether a sandbox was in a command's way."""

import pytest

from app_server.core.sandbox.denial import looks_denied


@pytest.mark.parametrize(
    ("exit_code", "output", "is_denied"),
    [
        (1, "touch: x: Read-only file system", True),
        (2, "mkdir: PERMISSION DENIED", True),
        (1, "Operation not permitted", True),
        (159, "", True),
        (0, "permission denied", False),
        (None, "permission denied", False),
        (1, "no such file", False),
        (127, "not found", False),
    ],
)
def test_the_words_of_the_system_and_the_exit_code_tell(exit_code: int | None, output: str, is_denied: bool) -> None:
    assert looks_denied(exit_code, output) == is_denied
