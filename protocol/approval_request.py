"""The approval request family of the wire contract."""

from typing import Annotated, Any, Literal

from protocol.approval_decision import (
    CommandExecutionApprovalDecision,
    FileChangeApprovalDecision,
    NetworkApprovalContext,
    NetworkPolicyAmendment,
)
from protocol.base import EXPERIMENTAL, I64, OMIT_NONE, U64, Method, Params, Record, Response, TypeAliasType
from protocol.item_parts import CommandAction
from protocol.permission import AdditionalFileSystemPermissions, AdditionalNetworkPermissions, RequestPermissionProfile
from protocol.scalars import LegacyAppPathString


class AdditionalPermissionProfile(Record):
    """Additional permission profile."""

    network: AdditionalNetworkPermissions | None = None
    file_system: AdditionalFileSystemPermissions | None = None


CommandExecutionApprovalKind = TypeAliasType("CommandExecutionApprovalKind", Literal["command", "writeStdin", "humanCommand"])
"""Command execution approval kind."""


class CommandExecutionRequestApprovalParams(Params):
    """What `item/commandExecution/requestApproval` asks with."""

    kind: CommandExecutionApprovalKind = "command"
    thread_id: str
    turn_id: str
    item_id: str
    started_at_ms: I64
    approval_id: Annotated[str | None, OMIT_NONE] = None
    environment_id: str | None = None
    reason: Annotated[str | None, OMIT_NONE] = None
    network_approval_context: Annotated[NetworkApprovalContext | None, OMIT_NONE] = None
    command: Annotated[str | None, OMIT_NONE] = None
    cwd: Annotated[LegacyAppPathString | None, OMIT_NONE] = None
    command_actions: Annotated[list[CommandAction] | None, OMIT_NONE] = None
    additional_permissions: Annotated[AdditionalPermissionProfile | None, EXPERIMENTAL, OMIT_NONE] = None
    proposed_execpolicy_amendment: Annotated[list[str] | None, OMIT_NONE] = None
    proposed_network_policy_amendments: Annotated[list[NetworkPolicyAmendment] | None, OMIT_NONE] = None
    available_decisions: Annotated[list[CommandExecutionApprovalDecision] | None, EXPERIMENTAL, OMIT_NONE] = None


class CommandExecutionRequestApprovalResponse(Response):
    """What `item/commandExecution/requestApproval` is answered with."""

    decision: CommandExecutionApprovalDecision


class FileChangeRequestApprovalParams(Params):
    """What `item/fileChange/requestApproval` asks with."""

    thread_id: str
    turn_id: str
    item_id: str
    started_at_ms: I64
    reason: str | None = None
    grant_root: str | None = None


class FileChangeRequestApprovalResponse(Response):
    """What `item/fileChange/requestApproval` is answered with."""

    decision: FileChangeApprovalDecision


class ToolRequestUserInputOption(Record):
    """Tool request user input option."""

    label: str
    description: str


class ToolRequestUserInputQuestion(Record):
    """Tool request user input question."""

    id: str
    header: str
    question: str
    is_other: bool = False
    is_secret: bool = False
    options: list[ToolRequestUserInputOption] | None = None


class ToolRequestUserInputParams(Params):
    """What `item/tool/requestUserInput` asks with."""

    thread_id: str
    turn_id: str
    item_id: str
    questions: list[ToolRequestUserInputQuestion]
    is_blocking: bool
    auto_resolution_ms: U64 | None = None


class ToolRequestUserInputAnswer(Record):
    """Tool request user input answer."""

    answers: list[str]


class ToolRequestUserInputResponse(Response):
    """What `item/tool/requestUserInput` is answered with."""

    answers: dict[str, ToolRequestUserInputAnswer]


class PermissionsRequestApprovalParams(Params):
    """What `item/permissions/requestApproval` asks with."""

    thread_id: str
    turn_id: str
    item_id: str
    environment_id: str | None = None
    started_at_ms: I64
    cwd: LegacyAppPathString
    reason: str | None = None
    permissions: RequestPermissionProfile


class GrantedPermissionProfile(Record):
    """Granted permission profile."""

    network: Annotated[AdditionalNetworkPermissions | None, OMIT_NONE] = None
    file_system: Annotated[AdditionalFileSystemPermissions | None, OMIT_NONE] = None


PermissionGrantScope = TypeAliasType("PermissionGrantScope", Literal["turn", "session"])
"""Permission grant scope."""


class PermissionsRequestApprovalResponse(Response):
    """What `item/permissions/requestApproval` is answered with."""

    permissions: GrantedPermissionProfile
    scope: PermissionGrantScope = "turn"
    strict_auto_review: Annotated[bool | None, OMIT_NONE] = None


ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL = Method(
    "item/commandExecution/requestApproval", CommandExecutionRequestApprovalParams, CommandExecutionRequestApprovalResponse
)
ITEM_FILE_CHANGE_REQUEST_APPROVAL = Method(
    "item/fileChange/requestApproval", FileChangeRequestApprovalParams, FileChangeRequestApprovalResponse
)
ITEM_TOOL_REQUEST_USER_INPUT = Method("item/tool/requestUserInput", ToolRequestUserInputParams, ToolRequestUserInputResponse)
ITEM_PERMISSIONS_REQUEST_APPROVAL = Method(
    "item/permissions/requestApproval", PermissionsRequestApprovalParams, PermissionsRequestApprovalResponse
)

SERVER_METHODS: tuple[Method[Any, Any], ...] = (
    ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL,
    ITEM_FILE_CHANGE_REQUEST_APPROVAL,
    ITEM_TOOL_REQUEST_USER_INPUT,
    ITEM_PERMISSIONS_REQUEST_APPROVAL,
)
