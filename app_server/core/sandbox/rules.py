"""What a sandbox policy means on this machine: which folders can be written, which of their parts can't, and the network.

Source: spec/approvals-sandbox.md section 9.3.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from app_server.core.frozen import frozen, replace
from protocol.sandbox import DangerFullAccess, ExternalSandbox, ReadOnly, SandboxPolicy

PROTECTED = (".git", ".agents", ".codex", ".aws")
"""Names directly below a writable root that stay read-only; a command could otherwise plant what later runs unasked."""
GIT_POINTER = "gitdir: "
SLASH_TMP = "/tmp"  # noqa: S108  # the folder that the policy is about


@frozen
class Rules:
    """What a command may do. Everything can be read; `writable` are existing absolute folders, outer ones first."""

    writable: tuple[str, ...]
    has_network: bool
    spared: tuple[str, ...] = ()
    """Places that stay read-only, wherever they are."""
    denied: tuple[str, ...] = ()
    """Existing places that can't even be read."""

    def protected(self) -> tuple[str, ...]:
        """The read-only parts of the writable folders, whether they exist or not."""
        names = [f"{root.rstrip('/')}/{name}" for root in self.writable for name in PROTECTED]
        spared = (path for path in self.spared if os.path.lexists(path) and _is_within(path, self.writable))
        return (*names, *(git_dir for name in names if (git_dir := pointed_git_dir(name)) is not None), *spared)

    def narrowed(self, spared: Sequence[str], denied: Sequence[str]) -> "Rules":
        """These rules with further places that are read-only, or closed altogether."""
        existing = (os.path.realpath(path) for path in denied if os.path.lexists(path))
        return replace(self, spared=tuple(map(os.path.realpath, spared)), denied=tuple(dict.fromkeys(existing)))

    def may_read(self, path: str) -> bool:
        """Whether a file may be read."""
        return not _is_within(os.path.realpath(path), self.denied)

    def wider(self, paths: Sequence[str], has_network: bool) -> "Rules":
        """These rules with further paths to write, as far as they exist, and perhaps the network."""
        existing = {os.path.realpath(path) for path in paths if os.path.lexists(path)}
        return replace(self, writable=_outer_first({*self.writable, *existing}), has_network=self.has_network or has_network)

    def may_write(self, path: str) -> bool:
        """Whether a file may be written: what its path leads to lies in a writable folder and in no protected part."""
        real = os.path.realpath(path)
        closed = (*self.protected(), *self.denied)
        return _is_within(real, self.writable) and not _is_within(real, closed)


def rules_of(policy: SandboxPolicy, roots: Sequence[str], environment: Mapping[str, str]) -> Rules | None:
    """The rules of a policy for a workspace, or None where it asks for no sandbox of ours."""
    if isinstance(policy, DangerFullAccess | ExternalSandbox):
        return None
    if isinstance(policy, ReadOnly):
        return Rules((), policy.network_access)
    wanted = [*roots, *policy.writable_roots]
    if not policy.exclude_slash_tmp:
        wanted.append(SLASH_TMP)
    tmpdir = environment.get("TMPDIR", "")
    if tmpdir.startswith("/") and not policy.exclude_tmpdir_env_var:
        wanted.append(tmpdir)
    existing = {os.path.realpath(root) for root in wanted if Path(root).is_dir()}
    return Rules(_outer_first(existing), policy.network_access)


def has_network(policy: SandboxPolicy) -> bool:
    """Whether a policy lets commands reach the network."""
    match policy:
        case DangerFullAccess():
            return True
        case ExternalSandbox():
            return policy.network_access == "enabled"
    return policy.network_access


def pointed_git_dir(path: str) -> str | None:
    """Where a `.git` file (of a worktree or submodule) points to; writing there would change the repository all the same."""
    try:
        text = Path(path).read_text("utf-8", "replace")
    except OSError:
        return None
    if not text.startswith(GIT_POINTER):
        return None
    return str((Path(path).parent / text.removeprefix(GIT_POINTER).strip()).resolve())


def _is_within(path: str, folders: Sequence[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder.rstrip('/')}/") for folder in folders)


def _outer_first(folders: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(folders, key=lambda folder: (len(folder), folder)))
