"""The tool by which the model asks for wider permissions ahead of the commands that need them.

What is granted is never more than what was asked for; it widens the sandbox of later commands and does not leave it.
Source: spec/tools.md section 10, spec/approvals-sandbox.md section 6.3.
"""

import json
from collections.abc import Callable
from typing import Any

from app_server.core.frozen import frozen
from app_server.core.ports import NoAnswer
from app_server.core.tools.arguments import TEXT, Maybe, Member, Struct, parse_arguments
from app_server.core.tools.base import Denial, Permit, Prepared, ToolCall, ToolFailure, ToolHost, ToolOutput
from app_server.core.tools.permission_arguments import PROFILE, SCHEMA, permissions_of, wire_files, wire_network
from app_server.core.tools.permissions import Permissions
from app_server.core.tools.specs import function_spec
from protocol.approval_request import (
    ITEM_PERMISSIONS_REQUEST_APPROVAL,
    GrantedPermissionProfile,
    PermissionsRequestApprovalParams,
)
from protocol.permission import (
    PathFileSystemPath,
    RequestPermissionProfile,
)

_ARGUMENTS = Struct(
    "RequestPermissionsArgs",
    Member("environment_id", Maybe(TEXT)),
    Member("reason", Maybe(TEXT)),
    Member("permissions", PROFILE, is_required=True),
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
        wanted = permissions_of(given["permissions"], host.cwd)
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


def _question(call: ToolCall, parsed: PermissionsCall, host: ToolHost) -> PermissionsRequestApprovalParams:
    wanted = parsed.wanted
    return PermissionsRequestApprovalParams(
        thread_id=host.thread_id,
        turn_id=host.turn_id,
        item_id=call.call_id,
        environment_id="local",
        started_at_ms=host.clock.now_ms(),
        cwd=host.cwd,
        reason=parsed.reason,
        permissions=RequestPermissionProfile(network=wire_network(wanted), file_system=wire_files(wanted)),
    )


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
_PARAMETERS: dict[str, dict[str, Any]] = {
    "environment_id": {"type": "string", "description": "Where they should hold. Leave it out: there is one place only."},
    "permissions": SCHEMA,
    "reason": {"type": "string", "description": "Why they are needed, in one sentence for the user."},
}
