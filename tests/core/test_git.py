"""What a repository's files say of it, held against git itself."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from app_server.core.git import GitFacts, facts, git_dir, origin

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(folder: Path, *arguments: str) -> str:
    """Run git and give what it says."""
    person = {f"GIT_{role}_{fact}": "a@b" for role in ("AUTHOR", "COMMITTER") for fact in ("NAME", "EMAIL")}
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", **person}
    command = ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with two commits."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init")
    for text in ("one", "two"):
        git(folder, "commit", "--allow-empty", "-m", text)
    return folder


def as_git_says(folder: Path) -> GitFacts:
    """The same facts from git."""
    remotes = git(folder, "remote")
    url = git(folder, "config", "remote.origin.url") if "origin" in remotes.split() else None
    return GitFacts(git(folder, "rev-parse", "HEAD"), git(folder, "branch", "--show-current") or None, url)


def test_outside_of_a_repository_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert facts(tmp_path) is None
    assert facts(tmp_path / "not there") is None
    assert git_dir(tmp_path) is None


def test_a_branch_and_the_commit_it_is_at(repository: Path) -> None:
    git(repository, "checkout", "-b", "feature/deep")
    known = facts(repository)
    assert known == as_git_says(repository)
    assert known is not None
    assert (known.branch, known.repository_url) == ("feature/deep", None)
    assert set(known.known()) == {"commit_hash", "branch"}


def test_a_folder_inside_belongs_to_the_repository(repository: Path) -> None:
    (repository / "a" / "b").mkdir(parents=True)
    assert facts(repository / "a" / "b") == as_git_says(repository)


def test_a_detached_head_has_no_branch(repository: Path) -> None:
    git(repository, "checkout", "--detach", "HEAD~1")
    known = facts(repository)
    assert known == as_git_says(repository)
    assert known is not None
    assert known.branch is None


def test_packed_references_are_found(repository: Path) -> None:
    git(repository, "tag", "-a", "v1", "-m", "annotated, so that packed-refs holds a peeled line")
    git(repository, "pack-refs", "--all")
    assert not (repository / ".git/refs/heads/main").exists()
    assert facts(repository) == as_git_says(repository)


def test_a_repository_without_commits_has_a_branch_only(tmp_path: Path) -> None:
    git(tmp_path, "init")
    assert facts(tmp_path) == GitFacts(None, "main", None)


def test_a_worktree_shares_remote_and_references_with_its_repository(repository: Path, tmp_path: Path) -> None:
    git(repository, "remote", "add", "origin", "https://example.org/x.git")
    git(repository, "worktree", "add", str(tmp_path / "tree"), "-b", "other")
    known = facts(tmp_path / "tree")
    assert known == as_git_says(tmp_path / "tree")
    assert known == GitFacts(git(repository, "rev-parse", "other"), "other", "https://example.org/x.git")
    git(repository, "pack-refs", "--all")
    assert facts(tmp_path / "tree") == known


def test_a_submodule_is_a_repository_of_its_own(repository: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init")
    git(outer, "submodule", "add", str(repository), "inner")
    known = facts(outer / "inner")
    assert known == as_git_says(outer / "inner")
    assert known is not None
    assert known.repository_url == str(repository)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ('[remote "origin"]\n\turl = git@host:a/b.git\n', "git@host:a/b.git"),
        ('[remote "other"]\nurl = x\n[remote "origin"]\nfetch = +refs\nurl=y\n', "y"),
        ('[remote "origin"]\n[branch "main"]\nurl = x\n', None),
        ('[remote "origin"]\nurl =\n', None),
        ('[remote "origin"]\npushurl = x\n', None),
        ("", None),
    ],
)
def test_the_address_of_origin(text: str, url: str | None, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(text)
    assert origin(tmp_path / "config") == url


def test_files_that_make_no_sense_are_no_repository_or_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("nonsense")
    assert facts(tmp_path) is None
    broken = tmp_path / "broken" / ".git"
    broken.mkdir(parents=True)
    assert facts(broken.parent) == GitFacts(None, None, None)
    (broken / "HEAD").write_bytes(b"ref: refs/heads/\xff\n")
    assert facts(broken.parent) == GitFacts(None, "\ufffd", None)
