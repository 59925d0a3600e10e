"""The diff of a turn against what git itself says, and diffs of texts against what `git apply` makes of them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app_server.core.patch.diffs import unified
from app_server.core.patch.plan import plan_patch
from app_server.core.patch.turn_diff import TurnDiff, blob_id

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="compares with git")


def git(folder: Path, *arguments: str) -> str:
    """What git prints."""
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout.decode()


class Turn:
    """Applies patches in a folder and keeps the diff."""

    def __init__(self, folder: Path, root: Path | None = None) -> None:
        self.folder = folder
        self.diff = TurnDiff(str(root or folder))

    def patch(self, *hunks: str) -> str:
        """The diff after one more patch."""
        plan = plan_patch("*** Begin Patch\n" + "".join(hunks) + "*** End Patch", str(self.folder))
        plan.carry_out()
        self.diff.add(plan.changes)
        return self.diff.text()


@needs_git
def test_the_diff_is_what_git_says(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    lines = [f"line {number}\n" for number in range(40)]
    for name, text in (
        ("a.txt", "".join(lines)),
        ("sub/b", "no newline"),
        ("gone", "bye\n"),
        ("empty", ""),
        ("crlf", "a\r\nb\r\n"),
    ):
        (tmp_path / name).write_bytes(text.encode())
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "before")
    turn = Turn(tmp_path)
    turn.patch("*** Update File: a.txt\n@@\n-line 3\n+LINE 3\n@@\n-line 20\n@@\n line 30\n+more\n")
    turn.patch("*** Delete File: gone\n", "*** Delete File: empty\n", "*** Add File: new/x\n+x\n", "*** Add File: nothing\n")
    text = turn.patch("*** Update File: sub/b\n@@\n-no newline\n+a newline\n", "*** Update File: crlf\n@@\n a\n-b\n+B\n")
    git(tmp_path, "add", "-A")
    expected = git(tmp_path, "diff", "--cached", "--full-index", "--no-renames", "HEAD")
    # Git tells the mode of a file that stays, and what function a hunk is in; neither says what changed.
    expected = re.sub(r"^(@@ .* @@).*$", r"\1", expected, flags=re.MULTILINE)
    assert text == expected.replace(" 100644\n--- ", "\n--- ")


def test_moves_are_shown_with_both_names_and_what_ends_as_it_began_is_not_shown(tmp_path: Path) -> None:
    for name in ("m", "t"):
        (tmp_path / name).write_text("1\n2\n")
    turn = Turn(tmp_path)
    assert not turn.diff.text()
    moved = turn.patch("*** Update File: m\n*** Move to: sub/m2\n@@\n-2\n+two\n")
    ids = f"{blob_id(b'1' + bytes([10]) + b'2' + bytes([10]))}..{blob_id(bytes([49, 10]) + b'two' + bytes([10]))}"
    assert moved == f"diff --git a/m b/sub/m2\nindex {ids}\n--- a/m\n+++ b/sub/m2\n@@ -1,2 +1,2 @@\n 1\n-2\n+two\n"
    assert turn.patch("*** Delete File: t\n").startswith(moved + "diff --git a/t b/t\ndeleted file mode 100644\n")
    assert turn.patch("*** Add File: t\n+1\n+2\n") == moved
    assert turn.patch("*** Update File: sub/m2\n*** Move to: m\n@@\n-two\n+2\n") == ""
    assert turn.patch("*** Add File: n\n+n\n").startswith("diff --git a/n b/n\nnew file mode 100644\n")
    assert turn.patch("*** Delete File: n\n") == ""


def test_a_file_that_is_replaced_by_a_moved_one_is_gone(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a\n")
    (tmp_path / "b").write_text("b\n")
    text = Turn(tmp_path).patch("*** Update File: a\n*** Move to: b\n@@\n-a\n+c\n")
    assert text.startswith("diff --git a/a b/b\nindex ")
    assert "\ndiff --git a/b b/b\ndeleted file mode 100644\n" in text


def test_paths_are_shown_from_the_root_where_they_are_inside(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    turn = Turn(tmp_path / "in", tmp_path / "in")
    text = turn.patch("*** Add File: x\n+x\n", "*** Add File: ../y\n+y\n")
    assert f"diff --git a/{tmp_path}/y b/{tmp_path}/y\n" in text
    assert "diff --git a/x b/x\n" in text
    assert "diff --git a/in/x b/in/x\n" in Turn(tmp_path / "in", tmp_path).patch("*** Add File: x\n+z\n")


LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=8)


@needs_git
@settings(max_examples=60, deadline=None)
@given(before=LINES, after=LINES, context=st.sampled_from([1, 3]), cut=st.sampled_from([(0, 0), (1, 0), (0, 1), (1, 1)]))
def test_a_diff_applied_by_git_gives_the_other_text(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], after: list[str], context: int, cut: tuple[int, int]
) -> None:
    old, new = ("".join(f"{line}\n" for line in lines) for lines in (before, after))
    old, new = old[: len(old) - cut[0]], new[: len(new) - cut[1]]
    diff = unified(old, new, context)
    assert (diff == "") == (old == new)
    if diff:
        folder = tmp_path_factory.mktemp("diff")
        (folder / "f").write_text(old)
        (folder / "p").write_text(f"--- a/f\n+++ b/f\n{diff}")
        git(folder, "apply", "--unidiff-zero", "p")
        assert (folder / "f").read_text() == new


def test_texts_that_have_little_in_common_are_told_as_replaced() -> None:
    old = "".join(f"old {number}\n" for number in range(1000))
    new = "".join(f"new {number}\n" for number in range(1000))
    diff = unified(f"same\n{old}", f"same\n{new}", 1)
    assert diff.startswith("@@ -1,1001 +1,1001 @@\n same\n-old 0\n")
    assert diff.endswith("+new 999\n")
