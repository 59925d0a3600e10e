"""The tool by which the model asks for wider permissions ahead of the commands that need them.

What is granted is never more than what was asked for; it widens the sandbox of later commands and does not leave it.
Source: spec/tools.md section 10, spec/approvals-sandbox.md section 6.3.
"""

import json
import os.path
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app_server.core.frozen import frozen
from app_server.core.ports import NoAnswer
from app_server.core.tools.arguments import BOOL, TEXT, Many, Maybe, Member, Struct, parse_arguments
from app_server.core.tools.base import Denial, Permit, Prepared, ToolCall, ToolFailure, ToolHost, ToolOutput
from app_server.core.tools.permissions import Permissions
from app_server.core.tools.specs import function_spec
from protocol.approval_request import (
    ITEM_PERMISSIONS_REQUEST_APPROVAL,
    GrantedPermissionProfile,
    PermissionsRequestApprovalParams,
)
from protocol.permission import (
    AdditionalFileSystemPermissions,
    AdditionalNetworkPermissions,
    FileSystemAccessMode,
    FileSystemSandboxEntry,
    PathFileSystemPath,
    RequestPermissionProfile,
)

_FILES = Struct("FileSystemPermissions", Member("read", Maybe(Many(TEXT))), Member("write", Maybe(Many(TEXT))))
_NETWORK = Struct("NetworkPermissions", Member("enabled", Maybe(BOOL)))
_PROFILE = Struct("RequestPermissionProfile", Member("network", Maybe(_NETWORK)), Member("file_system", Maybe(_FILES)))
_ARGUMENTS = Struct(
    "RequestPermissionsArgs",
    Member("environment_id", Maybe(TEXT)),
    Member("reason", Maybe(TEXT)),
    Member("permissions", _PROFILE, is_required=True),
)
_NOTHING_ASKED = "request_permissions requires at least one permission"


Widen = Callable[[Permissions, str | None], None]
"""Grants permissions to later commands: of one turn, or, with None, of the session."""


@frozen
class PermissionsCall:
    """A parsed call."""

    wanted: Permissions
    reason: str | None


class RequestPermissions:
    """The tool `request_permissions`."""

    name = "request_permissions"
    is_parallel = False

    def __init__(self, may_ask: Callable[[], bool], widen: Widen) -> None:
        """`may_ask`: whether the approval policy allows the question."""
        self._may_ask = may_ask
        self._widen = widen

    def spec(self) -> dict[str, Any]:
        """The tool as the model sees it."""
        return function_spec(self.name, _DESCRIPTION, _PARAMETERS, ["permissions"])

    def prepare(self, call: ToolCall, host: ToolHost) -> Prepared:
        """Parse the call. Raises: ToolFailure (malformed, or nothing is asked for)."""
        given = parse_arguments(call.arguments, _ARGUMENTS)
        files = given["permissions"].get("file_system") or {}
        network = given["permissions"].get("network") or {}
        wanted = Permissions(
            read=_absolute(files.get("read"), host.cwd),
            write=_absolute(files.get("write"), host.cwd),
            network=network.get("enabled"),
        )
        if wanted == Permissions():
            raise ToolFailure(_NOTHING_ASKED)
        return Prepared(PermissionsCall(wanted, given.get("reason")))

    async def run(self, call: ToolCall, prepared: Prepared, permit: Permit, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Ask, unless the policy forbids it; hand back what is granted."""
        parsed: PermissionsCall = prepared.arguments
        if not self._may_ask():
            return _told(Permissions(), "turn")
        try:
            with host.waiting("waitingOnApproval"):
                answer = await host.ask(ITEM_PERMISSIONS_REQUEST_APPROVAL, _question(call, parsed, host))
        except NoAnswer:
            return _told(Permissions(), "turn")
        granted = parsed.wanted.common(_granted(answer.permissions))
        if granted != Permissions():
            self._widen(granted, host.turn_id if answer.scope == "turn" else None)
        return _told(granted, answer.scope)

    def declined(self, call: ToolCall, prepared: Prepared, denial: Denial, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Never asked for; it is a question itself."""
        return ToolOutput(denial.reason)


def _absolute(paths: Sequence[str] | None, cwd: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(os.path.normpath(Path(cwd, path)) for path in paths or ()))


def _question(call: ToolCall, parsed: PermissionsCall, host: ToolHost) -> PermissionsRequestApprovalParams:
    wanted = parsed.wanted
    files = None
    if wanted.read or wanted.write:
        entries = [*(_entry(path, "read") for path in wanted.read), *(_entry(path, "write") for path in wanted.write)]
        read, write = (list(paths) or None for paths in (wanted.read, wanted.write))
        files = AdditionalFileSystemPermissions(read=read, write=write, entries=entries)
    network = AdditionalNetworkPermissions(enabled=wanted.network) if wanted.network is not None else None
    return PermissionsRequestApprovalParams(
        thread_id=host.thread_id,
        turn_id=host.turn_id,
        item_id=call.call_id,
        environment_id="local",
        started_at_ms=host.clock.now_ms(),
        cwd=host.cwd,
        reason=parsed.reason,
        permissions=RequestPermissionProfile(network=network, file_system=files),
    )


def _entry(path: str, access: FileSystemAccessMode) -> FileSystemSandboxEntry:
    return FileSystemSandboxEntry(path=PathFileSystemPath(path=path), access=access)


def _granted(profile: GrantedPermissionProfile) -> Permissions:
    """What an answer grants, in either form that it may have."""
    files = profile.file_system
    read, write = list((files and files.read) or ()), list((files and files.write) or ())
    for entry in (files and files.entries) or ():
        if isinstance(entry.path, PathFileSystemPath):
            (write if entry.access == "write" else read).append(entry.path.path)
    return Permissions(tuple(read), tuple(write), profile.network.enabled if profile.network is not None else None)


def _told(granted: Permissions, scope: str) -> ToolOutput:
    return ToolOutput(json.dumps({"permissions": granted.to_model(), "scope": scope}, ensure_ascii=False, separators=(",", ":")))


_DESCRIPTION = (
    "Ask the user for wider permissions before the commands that need them: files or folders outside the sandbox, or the "
    "network. What is granted holds for the commands after it."
)
_PATHS = {"type": "array", "items": {"type": "string"}}
_PARAMETERS: dict[str, dict[str, Any]] = {
    "environment_id": {"type": "string", "description": "Where they should hold. Leave it out: there is one place only."},
    "permissions": {
        "type": "object",
        "properties": {
            "file_system": {
                "type": "object",
                "properties": {
                    "read": {**_PATHS, "description": "Absolute paths to read."},
                    "write": {**_PATHS, "description": "Absolute paths to write, with everything below them."},
                },
                "additionalProperties": False,
            },
            "network": {
                "type": "object",
                "properties": {"enabled": {"type": "boolean", "description": "Whether to reach the network."}},
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    },
    "reason": {"type": "string", "description": "Why they are needed, in one sentence for the user."},
}
