"""What differs from the nearest commit that a remote has, in real repositories."""

import os
import subprocess
from pathlib import Path

import pytest

from app_server.core.git_remote import NoDiff, RemoteDiff, diff_to_remote

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    **{f"GIT_{who}_{what}": "t@example.invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, env=ENVIRONMENT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A working tree on `main` with one commit that its remote has."""
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "remote.git")
    work = tmp_path / "work"
    git(tmp_path, "init", "-q", "-b", "main", "work")
    commit(work, "one\n")
    git(work, "remote", "add", "origin", "../remote.git")
    git(work, "push", "-q", "origin", "main")
    return work


def commit(work: Path, text: str) -> str:
    (work / "f").write_text(text)
    git(work, "add", "f")
    git(work, "commit", "-q", "-m", text)
    return git(work, "rev-parse", "HEAD")


async def diff(folder: Path) -> RemoteDiff:
    return await diff_to_remote(str(folder), ENVIRONMENT)


async def test_a_clean_tree_differs_in_nothing(clone: Path) -> None:
    assert await diff(clone) == RemoteDiff(git(clone, "rev-parse", "HEAD"), "")


async def test_commits_changes_and_untracked_files_are_the_difference(clone: Path) -> None:
    pushed = git(clone, "rev-parse", "HEAD")
    commit(clone, "one\ntwo\n")
    (clone / "f").write_text("one\ntwo\nthree\n")
    (clone / ".gitignore").write_text("ignored\n")
    (clone / "ignored").write_text("x")
    (clone / "d").mkdir()
    (clone / "d" / "new\nline").write_bytes(b"bin\0")
    for folder in (clone, clone / "d"):
        found = await diff(folder)
        assert found.sha == pushed
        assert "+two\n+three\n" in found.diff
        assert "+++ b/.gitignore" in found.diff
        assert "GIT binary patch" in found.diff
        assert "b/ignored" not in found.diff


async def test_the_nearest_branch_counts(clone: Path) -> None:
    git(clone, "checkout", "-q", "-b", "feature")
    pushed = commit(clone, "feature\n")
    git(clone, "push", "-q", "origin", "feature")
    commit(clone, "more\n")
    assert (await diff(clone)).sha == pushed
    git(clone, "checkout", "-q", "-b", "unknown to the remote".replace(" ", "-"))
    git(clone, "remote", "set-head", "origin", "main")
    assert (await diff(clone)).sha == git(clone, "rev-parse", "main")
    git(clone, "checkout", "-q", "--detach", "feature~1")
    assert (await diff(clone)).sha == pushed  # a branch of the remote has this very commit


async def test_origin_comes_before_other_remotes(clone: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "other.git")
    git(clone, "remote", "add", "another", "../other.git")
    pushed = git(clone, "rev-parse", "HEAD")
    commit(clone, "for the other\n")
    git(clone, "push", "-q", "another", "main")
    assert (await diff(clone)).sha == pushed


async def test_without_repository_remote_or_anything_pushed_there_is_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main", "work")
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    for folder in (tmp_path, tmp_path / "missing", tmp_path / "work"):
        with pytest.raises(NoDiff):
            await diff(folder)
    git(tmp_path / "work", "remote", "add", "origin", "../remote.git")
    commit(tmp_path / "work", "one\n")
    with pytest.raises(NoDiff):
        await diff(tmp_path / "work")
