"""Patches over real files: what is planned, written, shown, and put back when a file can't be written."""

from pathlib import Path
from typing import Any

import pytest

from app_server.core.patch.parser import PatchError
from app_server.core.patch.plan import Plan, plan_patch
from protocol.base import to_wire


def patch(*hunks: str) -> str:
    """A patch of these hunks."""
    return "*** Begin Patch\n" + "".join(hunks) + "*** End Patch"


def plan(folder: Path, *hunks: str) -> Plan:
    """The plan of a patch in a folder."""
    return plan_patch(patch(*hunks), str(folder))


def files(folder: Path) -> dict[str, str]:
    """All files below a folder."""
    return {str(file.relative_to(folder)): file.read_text() for file in sorted(folder.rglob("*")) if file.is_file()}


def shown(planned: Plan, folder: Path) -> list[Any]:
    """The changes as clients see them, without the folder."""
    return [
        (change["path"].removeprefix(f"{folder}/"), change["kind"], change["diff"].replace(str(folder), ""))
        for change in map(to_wire, planned.to_wire())
    ]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with three files."""
    for name, text in (("a.txt", "1\n2\n3\n4\n5\n6\n"), ("old.txt", "x\ny\n"), ("gone.txt", "bye\n")):
        (tmp_path / name).write_text(text)
    return tmp_path


ALL = (
    "*** Update File: old.txt\n*** Move to: moved/renamed.txt\n@@\n x\n-y\n+z\n",
    "*** Delete File: gone.txt\n",
    "*** Add File: ./new/../new/fresh.txt\n+new\n+lines\n",
    "*** Update File: a.txt\n@@\n-1\n+one\n@@\n-5\n+five\n",
)


def test_all_kinds_of_changes_are_carried_out_and_told(work: Path) -> None:
    planned = plan(work, *ALL)
    before = files(work)
    assert planned.summary() == (
        "Success. Updated the following files:\nA ./new/../new/fresh.txt\nM moved/renamed.txt\nM a.txt\nD gone.txt\n"
    )
    assert planned.paths == tuple(
        f"{work}/{name}" for name in ("old.txt", "moved/renamed.txt", "gone.txt", "new/fresh.txt", "a.txt")
    )
    assert shown(planned, work) == [
        ("a.txt", {"type": "update", "move_path": None}, "@@ -1,2 +1,2 @@\n-1\n+one\n 2\n@@ -4,3 +4,3 @@\n 4\n-5\n+five\n 6\n"),
        ("gone.txt", {"type": "delete"}, "bye\n"),
        ("new/fresh.txt", {"type": "add"}, "new\nlines\n"),
        (
            "old.txt",
            {"type": "update", "move_path": f"{work}/moved/renamed.txt"},
            "@@ -1,2 +1,2 @@\n x\n-y\n+z\n\n\nMoved to: /moved/renamed.txt",
        ),
    ]
    assert files(work) == before
    planned.carry_out()
    assert files(work) == {"a.txt": "one\n2\n3\n4\nfive\n6\n", "moved/renamed.txt": "x\nz\n", "new/fresh.txt": "new\nlines\n"}


def test_a_file_is_added_over_another_and_a_move_replaces_one_and_keeps_the_mode(work: Path) -> None:
    (work / "old.txt").chmod(0o755)
    plan(work, "*** Add File: a.txt\n+over\n").carry_out()
    plan(work, "*** Update File: old.txt\n*** Move to: gone.txt\n@@\n-x\n+X\n").carry_out()
    plan(work, "*** Update File: a.txt\n*** Move to: a.txt\n@@\n-over\n+under\n").carry_out()
    assert files(work) == {"a.txt": "under\n", "gone.txt": "X\ny\n"}
    assert (work / "gone.txt").stat().st_mode & 0o777 == 0o755


def test_a_link_is_written_through(work: Path) -> None:
    (work / "link").symlink_to("a.txt")
    plan(work, "*** Update File: link\n@@\n-1\n+one\n").carry_out()
    assert (work / "link").is_symlink()
    assert (work / "a.txt").read_text().startswith("one\n")


def test_absolute_paths_count(work: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other") / "f"
    planned = plan(work, f"*** Add File: {other}\n+x\n")
    planned.carry_out()
    assert other.read_text() == "x\n"
    assert planned.summary().endswith(f"\nA {other}\n")


REFUSED = [
    ("*** Update File: a.txt\n@@\n-nope\n+x\n", "Failed to find expected lines in W/a.txt:\nnope"),
    ("*** Update File: a.txt\n@@ zz\n-1\n", "Failed to find context 'zz' in W/a.txt"),
    ("*** Update File: no.txt\n@@\n-1\n", "Failed to read file to update W/no.txt: No such file or directory (os error 2)"),
    ("*** Delete File: no.txt\n", "Failed to read W/no.txt: No such file or directory (os error 2)"),
    ("*** Delete File: d\n", "Failed to read W/d: path `W/d` is not a file"),
    ("*** Update File: d\n@@\n-1\n", "Failed to read file to update W/d: path `W/d` is not a file"),
    ("*** Update File: bin\n@@\n-1\n", "Failed to read file to update W/bin: stream did not contain valid UTF-8"),
    ("*** Update File: a.txt\n@@\n-1\n*** Delete File: ./a.txt\n", "invalid patch: multiple operations target W/a.txt"),
    ("*** Add File: n\n+n\n*** Update File: n\n@@\n-n\n", "invalid patch: multiple operations target W/n"),
    ("*** Update File: a.txt\n*** Move to: gone.txt\n@@\n-1\n*** Delete File: gone.txt\n",
     "invalid patch: multiple operations target W/gone.txt"),
]  # fmt: skip


@pytest.mark.parametrize(("hunks", "why"), REFUSED)
def test_a_patch_that_does_not_fit_is_refused_as_a_whole(work: Path, hunks: str, why: str) -> None:
    (work / "d").mkdir()
    (work / "bin").write_bytes(b"\xff\n")
    with pytest.raises(PatchError) as raised:
        plan(work, "*** Add File: first\n+x\n", hunks)
    assert str(raised.value).replace(str(work), "W") == f"apply_patch verification failed: {why}"


def test_an_empty_patch_is_refused(work: Path) -> None:
    with pytest.raises(PatchError, match=r"^patch rejected: empty patch$"):
        plan(work)


def test_when_one_file_can_not_be_written_none_is_changed(work: Path) -> None:
    (work / "d").mkdir()
    (work / "old.txt").chmod(0o750)
    before = files(work)
    planned = plan(work, *ALL, "*** Add File: d\n+x\n")
    with pytest.raises(PatchError, match=rf"^Failed to write file {work}/d$"):
        planned.carry_out()
    assert files(work) == before
    assert sorted(file.name for file in work.iterdir()) == ["a.txt", "d", "gone.txt", "old.txt"]
    assert (work / "old.txt").stat().st_mode & 0o777 == 0o750


def test_a_folder_that_is_a_file_is_a_file_that_can_not_be_written(work: Path) -> None:
    with pytest.raises(PatchError, match=r"^Failed to write file .*/a.txt/x$"):
        plan(work, "*** Delete File: gone.txt\n", "*** Add File: a.txt/x\n+x\n").carry_out()
    assert (work / "gone.txt").exists()
