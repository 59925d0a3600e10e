"""Questions of the server to the user: may a command run, may files change, may the agent have more, what should it do.

Each is sent to every client of the thread; the first answer counts.
"""

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
    """What a command needs beyond the sandbox."""

    network: AdditionalNetworkPermissions | None = None
    """Network access; null: none."""
    file_system: AdditionalFileSystemPermissions | None = None
    """Files; null: none."""


CommandExecutionApprovalKind = TypeAliasType("CommandExecutionApprovalKind", Literal["command", "writeStdin", "humanCommand"])
"""What is asked about: a command, input to a session, or a step that a person must confirm."""


class CommandExecutionRequestApprovalParams(Params):
    """May this command run?"""

    kind: CommandExecutionApprovalKind = "command"
    """What is asked about."""
    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    item_id: str
    """The item."""
    started_at_ms: I64
    """When the question came up, in Unix milliseconds."""
    approval_id: Annotated[str | None, OMIT_NONE] = None
    """Tells several questions about one item apart; left out when there is only one."""
    environment_id: str | None = None
    """Where the command would run; null: here."""
    reason: Annotated[str | None, OMIT_NONE] = None
    """Why it is needed, for the user; left out when there is no word."""
    network_approval_context: Annotated[NetworkApprovalContext | None, OMIT_NONE] = None
    """The host that it wants to reach; left out when that is not the question."""
    command: Annotated[str | None, OMIT_NONE] = None
    """The command as one line; left out when the question is about a host only."""
    cwd: Annotated[LegacyAppPathString | None, OMIT_NONE] = None
    """Where it would run; left out with the command."""
    command_actions: Annotated[list[CommandAction] | None, OMIT_NONE] = None
    """What the line does, as far as it can be told; left out with the command."""
    additional_permissions: Annotated[AdditionalPermissionProfile | None, EXPERIMENTAL, OMIT_NONE] = None
    """What it needs beyond the sandbox; left out when nothing."""
    proposed_execpolicy_amendment: Annotated[list[str] | None, OMIT_NONE] = None
    """The rule that would allow commands like this one; left out when there is none."""
    proposed_network_policy_amendments: Annotated[list[NetworkPolicyAmendment] | None, OMIT_NONE] = None
    """The rules about the host that an answer can add; left out when there are none."""
    available_decisions: Annotated[list[CommandExecutionApprovalDecision] | None, EXPERIMENTAL, OMIT_NONE] = None
    """The answers that make sense, in the order to show them."""


class CommandExecutionRequestApprovalResponse(Response):
    """The answer about a command."""

    decision: CommandExecutionApprovalDecision
    """May it run."""


class FileChangeRequestApprovalParams(Params):
    """May these files change? The item holds the changes."""

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    item_id: str
    """The item."""
    started_at_ms: I64
    """When the question came up, in Unix milliseconds."""
    reason: str | None = None
    """Why it is needed, for the user; null: no word."""
    grant_root: str | None = None
    """A directory that would stay writable for the session; null: none."""


class FileChangeRequestApprovalResponse(Response):
    """The answer about files."""

    decision: FileChangeApprovalDecision
    """May they change."""


class ToolRequestUserInputOption(Record):
    """An answer to choose."""

    label: str
    """What to show."""
    description: str
    """What choosing it means."""


class ToolRequestUserInputQuestion(Record):
    """A question of the agent."""

    id: str
    """Its id, by which it is answered."""
    header: str
    """A word or two above it."""
    question: str
    """The question."""
    is_other: bool = False
    """Whether the user may also answer in words of their own."""
    is_secret: bool = False
    """Whether the answer should be hidden while it is typed."""
    options: list[ToolRequestUserInputOption] | None = None
    """Answers to choose from; null: words only."""


class ToolRequestUserInputParams(Params):
    """The agent asks the user something."""

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    item_id: str
    """The item."""
    questions: list[ToolRequestUserInputQuestion]
    """The questions."""
    is_blocking: bool
    """Whether the turn waits for the answer."""
    auto_resolution_ms: U64 | None = None
    """After how long the server goes on by itself; null: never. `isBlocking` is the newer way to tell."""


class ToolRequestUserInputAnswer(Record):
    """The answer to one question."""

    answers: list[str]
    """The labels chosen or the words typed."""


class ToolRequestUserInputResponse(Response):
    """The user's answers."""

    answers: dict[str, ToolRequestUserInputAnswer]
    """By the id of the question."""


class PermissionsRequestApprovalParams(Params):
    """May the agent have more permissions?"""

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    item_id: str
    """The item."""
    environment_id: str | None = None
    """Where they would count; null: here."""
    started_at_ms: I64
    """When the question came up, in Unix milliseconds."""
    cwd: LegacyAppPathString
    """The directory that relative paths count from."""
    reason: str | None = None
    """Why they are needed, for the user; null: no word."""
    permissions: RequestPermissionProfile
    """What it asks for."""


class GrantedPermissionProfile(Record):
    """What the user grants."""

    network: Annotated[AdditionalNetworkPermissions | None, OMIT_NONE] = None
    """Network access; left out: none."""
    file_system: Annotated[AdditionalFileSystemPermissions | None, OMIT_NONE] = None
    """Files; left out: none."""


PermissionGrantScope = TypeAliasType("PermissionGrantScope", Literal["turn", "session"])
"""How long a grant lasts: this turn or the session."""


class PermissionsRequestApprovalResponse(Response):
    """The user's answer."""

    permissions: GrantedPermissionProfile
    """What is granted, which may be less than was asked."""
    scope: PermissionGrantScope = "turn"
    """How long."""
    strict_auto_review: Annotated[bool | None, OMIT_NONE] = None
    """Whether each further command of the turn is reviewed; left out: no."""


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
