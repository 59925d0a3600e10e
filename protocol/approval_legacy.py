"""Approval requests in the shapes of older servers. Known so that clients find their types; not sent any more."""

from typing import Annotated, Any, Literal

from pydantic import Field

from protocol.approval_decision import NetworkPolicyAmendment
from protocol.base import Method, Params, Response, SnakeVariant, TypeAliasType, Variant
from protocol.scalars import ThreadId


class AddFileChange(Variant):
    """The file is new."""

    type: Literal["add"] = "add"
    """The tag of this alternative."""
    content: str
    """Its content."""


class DeleteFileChange(Variant):
    """The file goes away."""

    type: Literal["delete"] = "delete"
    """The tag of this alternative."""
    content: str
    """What it held."""


class UpdateFileChange(SnakeVariant):
    """The file changes."""

    type: Literal["update"] = "update"
    """The tag of this alternative."""
    unified_diff: str
    """How."""
    move_path: str | None = None
    """Where it moves to; null: it stays."""


FileChange = TypeAliasType(
    "FileChange", Annotated[AddFileChange | DeleteFileChange | UpdateFileChange, Field(discriminator="type")]
)
"""What happens to a file."""


class ApplyPatchApprovalParams(Params):
    """May these files change?"""

    conversation_id: ThreadId
    """The thread."""
    call_id: str
    """The call that wants it."""
    file_changes: dict[str, FileChange]
    """The changes, by path."""
    reason: str | None = None
    """Why it is needed, for the user; null: no word."""
    grant_root: str | None = None
    """A directory that would stay writable for the session; null: none."""


class ExecpolicyAmendmentReview(SnakeVariant):
    """A rule about commands."""

    proposed_execpolicy_amendment: list[str]
    """The words that an allowed command begins with."""


class ApprovedExecpolicyAmendment(SnakeVariant, extra="forbid"):
    """Yes, and likewise for commands that begin so."""

    approved_execpolicy_amendment: ExecpolicyAmendmentReview
    """The rule to add."""


class NetworkPolicyAmendmentReviewed(SnakeVariant):
    """A rule about a host."""

    network_policy_amendment: NetworkPolicyAmendment
    """The rule."""


class NetworkPolicyAmendmentReview(SnakeVariant, extra="forbid"):
    """Answer by a rule about the host, now and later."""

    network_policy_amendment: NetworkPolicyAmendmentReviewed
    """The rule to add."""


class DenialReason(Variant):
    """A refusal."""

    rejection: str
    """Why, for the model."""


class DeniedReview(Variant, extra="forbid"):
    """No, go on."""

    denied: DenialReason
    """Why."""


ReviewDecision = TypeAliasType(
    "ReviewDecision",
    Literal["approved", "approved_for_session", "approved_mcp_policy_amendment", "timed_out", "abort"]
    | ApprovedExecpolicyAmendment
    | NetworkPolicyAmendmentReview
    | DeniedReview,
)
"""The answer: yes, yes for this session, no answer in time, no and stop, or with a rule or a reason."""


class ApplyPatchApprovalResponse(Response):
    """The answer about files."""

    decision: ReviewDecision
    """May they change."""


class ReadParsedCommand(Variant):
    """Reads a file."""

    type: Literal["read"] = "read"
    """The tag of this alternative."""
    cmd: str
    """This part of the command line."""
    name: str
    """The name of the file."""
    path: str
    """The file, perhaps counted from the working directory."""


class ListFilesParsedCommand(Variant):
    """Lists files."""

    type: Literal["list_files"] = "list_files"
    """The tag of this alternative."""
    cmd: str
    """This part of the command line."""
    path: str | None = None
    """Where; null: in the working directory."""


class SearchParsedCommand(Variant):
    """Searches in files."""

    type: Literal["search"] = "search"
    """The tag of this alternative."""
    cmd: str
    """This part of the command line."""
    query: str | None = None
    """What for; null when it cannot be told."""
    path: str | None = None
    """Where; null: in the working directory."""


class UnknownParsedCommand(Variant):
    """Does something else."""

    type: Literal["unknown"] = "unknown"
    """The tag of this alternative."""
    cmd: str
    """This part of the command line."""


ParsedCommand = TypeAliasType(
    "ParsedCommand",
    Annotated[
        ReadParsedCommand | ListFilesParsedCommand | SearchParsedCommand | UnknownParsedCommand, Field(discriminator="type")
    ],
)
"""What a part of a command line does."""


class ExecCommandApprovalParams(Params):
    """May this command run?"""

    conversation_id: ThreadId
    """The thread."""
    call_id: str
    """The call that wants it."""
    approval_id: str | None = None
    """Tells several questions about one call apart; null when there is only one."""
    command: list[str]
    """The program and its arguments."""
    cwd: str
    """Where it would run."""
    reason: str | None = None
    """Why it is needed, for the user; null: no word."""
    parsed_cmd: list[ParsedCommand]
    """What the command does, as far as it can be told."""


class ExecCommandApprovalResponse(Response):
    """The answer about a command."""

    decision: ReviewDecision
    """May it run."""


APPLY_PATCH_APPROVAL = Method("applyPatchApproval", ApplyPatchApprovalParams, ApplyPatchApprovalResponse)
EXEC_COMMAND_APPROVAL = Method("execCommandApproval", ExecCommandApprovalParams, ExecCommandApprovalResponse)

SERVER_METHODS: tuple[Method[Any, Any], ...] = (APPLY_PATCH_APPROVAL, EXEC_COMMAND_APPROVAL)
