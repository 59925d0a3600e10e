"""Sandbox policies as files hold them: in a turn's context by name, in a thread's settings as a *permission profile*.

A profile lists what may be read and written. Going back from one to a policy keeps what a policy can say: whether there
is a sandbox, which roots are writable besides the workspace, and whether the network is open.
"""

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from protocol.sandbox import DangerFullAccess, ExternalSandbox, ReadOnly, SandboxPolicy, WorkspaceWrite

PROTECTED = (".git", ".agents", ".codex", ".aws")
"""What stays read-only below each workspace root."""
NAMES = {
    "dangerFullAccess": "danger-full-access",
    "readOnly": "read-only",
    "externalSandbox": "external-sandbox",
    "workspaceWrite": "workspace-write",
}


def stored_policy(policy: SandboxPolicy) -> dict[str, Any]:
    """A policy as a turn's context has it."""
    stored: dict[str, Any] = {"type": NAMES[policy.type]}
    match policy:
        case DangerFullAccess():
            pass
        case ReadOnly():
            if policy.network_access:
                stored["network_access"] = True
        case ExternalSandbox():
            stored["network_access"] = policy.network_access
        case WorkspaceWrite():
            if policy.writable_roots:
                stored["writable_roots"] = list(policy.writable_roots)
            stored["network_access"] = policy.network_access
            stored["exclude_tmpdir_env_var"] = policy.exclude_tmpdir_env_var
            stored["exclude_slash_tmp"] = policy.exclude_slash_tmp
        case _:
            assert_never(policy)
    return stored


def read_policy(stored: object) -> SandboxPolicy | None:
    """The policy of a turn's context, or None if it names none that we know."""
    if not isinstance(stored, Mapping):
        return None
    match stored.get("type"):
        case "danger-full-access":
            return DangerFullAccess()
        case "read-only":
            return ReadOnly(network_access=stored.get("network_access") is True)
        case "external-sandbox":
            return ExternalSandbox(network_access=_network(stored.get("network_access")))
        case "workspace-write":
            roots = stored.get("writable_roots")
            return WorkspaceWrite(
                writable_roots=[root for root in roots if isinstance(root, str)] if isinstance(roots, list) else [],
                network_access=stored.get("network_access") is True,
                exclude_tmpdir_env_var=stored.get("exclude_tmpdir_env_var") is True,
                exclude_slash_tmp=stored.get("exclude_slash_tmp") is True,
            )
    return None


def stored_profile(policy: SandboxPolicy, roots: Sequence[str]) -> dict[str, Any]:
    """A policy as a profile for these workspace roots."""
    match policy:
        case DangerFullAccess():
            return {"type": "disabled"}
        case ExternalSandbox():
            return {"type": "external", "network": policy.network_access}
        case ReadOnly():
            return _managed([_special("root", "read")], is_open=policy.network_access)
        case WorkspaceWrite():
            return _managed(_workspace_entries(policy, roots), is_open=policy.network_access)
    assert_never(policy)


def read_profile(stored: object, roots: Sequence[str]) -> SandboxPolicy | None:
    """The policy nearest to a profile, or None if it is none that we know."""
    if not isinstance(stored, Mapping):
        return None
    match stored.get("type"):
        case "disabled":
            return DangerFullAccess()
        case "external":
            return ExternalSandbox(network_access=_network(stored.get("network")))
        case "managed":
            return _from_entries(stored.get("file_system"), roots, is_open=stored.get("network") == "enabled")
    return None


def _workspace_entries(policy: WorkspaceWrite, roots: Sequence[str]) -> list[dict[str, Any]]:
    entries = [_special("root", "read"), *(_path(root, "write") for root in roots)]
    if not policy.exclude_slash_tmp:
        entries.append(_special("slash_tmp", "write"))
    if not policy.exclude_tmpdir_env_var:
        entries.append(_special("tmpdir", "write"))
    entries += [_path(root, "write") for root in policy.writable_roots]
    for root in roots:
        base = root.rstrip("/")
        entries += [{**_path(f"{base}/{name}", "read"), "missing_path_behavior": "skip"} for name in PROTECTED]
    return entries


def _from_entries(file_system: object, roots: Sequence[str], *, is_open: bool) -> SandboxPolicy | None:
    if not isinstance(file_system, Mapping):
        return None
    if file_system.get("type") == "unrestricted":
        return DangerFullAccess() if is_open else ExternalSandbox()
    entries = file_system.get("entries")
    specials, paths = set(), []
    for entry in entries if isinstance(entries, list) else []:
        if (
            not isinstance(entry, Mapping)
            or entry.get("access") != "write"
            or not isinstance(place := entry.get("path"), Mapping)
        ):
            continue
        if isinstance(path := place.get("path"), str):
            paths.append(path)
        elif isinstance(value := place.get("value"), Mapping):
            specials.add(value.get("kind"))
    if not specials and not paths:
        return ReadOnly(network_access=is_open)
    return WorkspaceWrite(
        writable_roots=[path for path in paths if path not in roots],
        network_access=is_open,
        exclude_tmpdir_env_var="tmpdir" not in specials,
        exclude_slash_tmp="slash_tmp" not in specials,
    )


def _managed(entries: list[dict[str, Any]], *, is_open: bool) -> dict[str, Any]:
    network = "enabled" if is_open else "restricted"
    return {"type": "managed", "file_system": {"type": "restricted", "entries": entries}, "network": network}


def _special(kind: str, access: str) -> dict[str, Any]:
    return {"path": {"type": "special", "value": {"kind": kind}}, "access": access}


def _path(path: str, access: str) -> dict[str, Any]:
    return {"path": {"type": "path", "path": path}, "access": access}


def _network(value: object) -> Any:
    return "enabled" if value == "enabled" else "restricted"
