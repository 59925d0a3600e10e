"""What a folder's git repository says about itself, read from its files without running git."""

from pathlib import Path

from app_server.core.frozen import frozen


@frozen
class GitFacts:
    """The commit that is checked out, its branch (None when detached) and the URL of `origin`."""

    commit_hash: str | None
    branch: str | None
    repository_url: str | None

    def known(self) -> dict[str, str]:
        """Those facts that there are, by name."""
        members = {"commit_hash": self.commit_hash, "branch": self.branch, "repository_url": self.repository_url}
        return {name: value for name, value in members.items() if value}


def facts(folder: Path) -> GitFacts | None:
    """The facts of the repository that holds `folder`, or None outside of one."""
    found = git_dir(folder)
    if found is None:
        return None
    head = _read(found / "HEAD")
    shared = found
    common = _read(found / "commondir")
    if common:
        shared = (found / common).resolve()
    branch = commit = None
    if head.startswith("ref: "):
        name = head.removeprefix("ref: ")
        branch = name.removeprefix("refs/heads/")
        commit = _read(found / name) or _read(shared / name) or _packed(shared, name)
    else:
        commit = head or None
    return GitFacts(commit or None, branch, origin(shared / "config"))


def git_dir(folder: Path) -> Path | None:
    """The `.git` directory of the nearest repository at or above `folder`; a `.git` file (worktree, submodule) is followed."""
    for place in (folder, *folder.parents):
        candidate = place / ".git"
        if candidate.is_dir():
            return candidate
        if candidate.is_file():
            pointer = _read(candidate)
            if pointer.startswith("gitdir: "):
                return (place / pointer.removeprefix("gitdir: ")).resolve()
    return None


def root(folder: Path) -> Path | None:
    """The folder of the nearest repository at or above `folder`."""
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)


def origin(config: Path) -> str | None:
    """The `url` of `[remote "origin"]`."""
    is_origin = False
    for line in _read(config).splitlines():
        text = line.strip()
        if text.startswith("["):
            is_origin = text == '[remote "origin"]'
        elif is_origin and text.split("=")[0].strip() == "url":
            return text.partition("=")[2].strip() or None
    return None


def _packed(shared: Path, name: str) -> str | None:
    for line in _read(shared / "packed-refs").splitlines():
        commit, _, ref = line.partition(" ")
        if ref == name:
            return commit
    return None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
