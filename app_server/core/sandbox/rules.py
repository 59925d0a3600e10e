"""What a sandbox policy means on this machine: which folders can be written, which of their parts can't, and the network.

Source: spec/approvals-sandbox.md section 9.3.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from app_server.core.frozen import frozen
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

    def protected(self) -> tuple[str, ...]:
        """The read-only parts of the writable folders, whether they exist or not."""
        names = [f"{root.rstrip('/')}/{name}" for root in self.writable for name in PROTECTED]
        return (*names, *(git_dir for name in names if (git_dir := pointed_git_dir(name)) is not None))

    def wider(self, paths: Sequence[str], has_network: bool) -> "Rules":
        """These rules with further paths to write, as far as they exist, and perhaps the network."""
        existing = {os.path.realpath(path) for path in paths if os.path.lexists(path)}
        return Rules(_outer_first({*self.writable, *existing}), self.has_network or has_network)

    def may_write(self, path: str) -> bool:
        """Whether a file may be written: what its path leads to lies in a writable folder and in no protected part."""
        real = os.path.realpath(path)
        return _is_within(real, self.writable) and not _is_within(real, self.protected())


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
