"""The patch language: what is read, and what is said about what can't be."""

import pytest

from app_server.core.patch.parser import AddFile, Chunk, DeleteFile, Hunk, PatchError, UpdateFile, parse_patch

VERIFICATION = "apply_patch verification failed: "
HEADERS = "Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'"
KINDS = "Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)"


def patch(body: str) -> str:
    """A patch with this between its markers."""
    return f"*** Begin Patch\n{body}*** End Patch"


READ: list[tuple[str, list[Hunk]]] = [
    (patch("*** Add File: a\n+x\n++y\n+\n"), [AddFile("a", "x\n+y\n\n")]),
    (patch("*** Add File: a\n"), [AddFile("a", "")]),
    (patch("*** Delete File: a b\n"), [DeleteFile("a b")]),
    (
        patch("*** Update File: a\n@@\n x\n-y\n+z\n"),
        [UpdateFile("a", None, (Chunk(None, ((" ", "x"), ("-", "y"), ("+", "z"))),))],
    ),
    (
        patch("*** Update File: a\n*** Move to: b\n x\n\n@@ def f():\n+y\n*** End of File\n"),
        [UpdateFile("a", "b", (Chunk(None, ((" ", "x"), (" ", ""))), Chunk("def f():", (("+", "y"),), is_at_end=True)))],
    ),
    (
        patch("*** Update File: a\n\n@@\n-x\n*** Delete File: b\n"),
        [UpdateFile("a", None, (Chunk(None, (("-", "x"),)),)), DeleteFile("b")],
    ),
    ("\n  *** Begin Patch  \n *** Add File: a\n+x\n  *** End Patch\n\n", [AddFile("a", "x\n")]),
    ("<<'EOF'\n" + patch("*** Add File: a\n+x\n") + "\nEOF\n", [AddFile("a", "x\n")]),
    ("<<EOF\n" + patch("*** Delete File: a\n") + "\nEOF", [DeleteFile("a")]),
    (patch("*** Add File:  a \n+x \n").replace("\n", "\r\n"), [AddFile(" a", "x \n")]),
    (patch(""), []),
]


@pytest.mark.parametrize(("text", "hunks"), READ)
def test_a_patch_is_read(text: str, hunks: list[Hunk]) -> None:
    assert parse_patch(text) == hunks


WRONG = [
    ("", "invalid patch: The last line of the patch must be '*** End Patch'"),
    ("just words", "invalid patch: The first line of the patch must be '*** Begin Patch'"),
    ("*** Begin Patch\n*** Add File: a\n+x", "invalid patch: The last line of the patch must be '*** End Patch'"),
    (patch("*** Foo File: q.txt\n"), f"invalid hunk at line 2, '*** Foo File: q.txt' is not a valid hunk header. {HEADERS}"),
    (patch("*** Add File: a\nx\n"), f"invalid hunk at line 3, 'x' is not a valid hunk header. {HEADERS}"),
    (patch("*** Delete File: a\n+x\n"), f"invalid hunk at line 3, '+x' is not a valid hunk header. {HEADERS}"),
    (patch("*** Update File: e.txt\n"), "invalid hunk at line 2, Update file hunk for path 'e.txt' is empty"),
    (patch("*** Update File: e\n*** Move to: f\n"), "invalid hunk at line 2, Update file hunk for path 'e' is empty"),
    (patch("*** Update File: e\nzzz\n"), f"invalid hunk at line 3, Unexpected line found in update hunk: 'zzz'. {KINDS}"),
    (patch("*** Update File: e\n@@\nzzz\n"), f"invalid hunk at line 4, Unexpected line found in update hunk: 'zzz'. {KINDS}"),
    (patch("*** Update File: e\n@@\n"), "invalid hunk at line 4, Update hunk does not contain any lines"),
    (
        patch("*** Update File: e\n@@\n x\n@@\n*** End of File\n"),
        "invalid hunk at line 6, Update hunk does not contain any lines",
    ),
    (
        patch("*** Update File: e\n@@\n one\n-two\nzzz\n"),
        "invalid hunk at line 6, Expected update hunk to start with a @@ context marker, got: 'zzz'",
    ),
]


@pytest.mark.parametrize(("text", "why"), WRONG)
def test_what_is_wrong_is_said_in_the_words_that_models_know(text: str, why: str) -> None:
    with pytest.raises(PatchError) as raised:
        parse_patch(text)
    assert str(raised.value) == VERIFICATION + why


def test_another_environment_can_not_be_chosen() -> None:
    with pytest.raises(PatchError, match=r"^apply_patch environment selection is unavailable for this turn$"):
        parse_patch(patch("*** Environment ID: local\n*** Delete File: a\n"))
