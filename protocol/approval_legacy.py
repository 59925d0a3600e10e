"""The approval legacy family of the wire contract."""

from typing import Annotated, Any, Literal

from pydantic import Field

from protocol.approval_decision import NetworkPolicyAmendment
from protocol.base import Method, Params, Response, SnakeVariant, TypeAliasType, Variant
from protocol.scalars import ThreadId


class AddFileChange(Variant):
    """Add file change."""

    type: Literal["add"] = "add"
    content: str


class DeleteFileChange(Variant):
    """Delete file change."""

    type: Literal["delete"] = "delete"
    content: str


class UpdateFileChange(SnakeVariant):
    """Update file change."""

    type: Literal["update"] = "update"
    unified_diff: str
    move_path: str | None = None


FileChange = TypeAliasType(
    "FileChange", Annotated[AddFileChange | DeleteFileChange | UpdateFileChange, Field(discriminator="type")]
)
"""File change."""


class ApplyPatchApprovalParams(Params):
    """What `applyPatchApproval` asks with."""

    conversation_id: ThreadId
    call_id: str
    file_changes: dict[str, FileChange]
    reason: str | None = None
    grant_root: str | None = None


class ExecpolicyAmendmentReview(SnakeVariant):
    """Execpolicy amendment review."""

    proposed_execpolicy_amendment: list[str]


class ApprovedExecpolicyAmendment(SnakeVariant, extra="forbid"):
    """Approved execpolicy amendment."""

    approved_execpolicy_amendment: ExecpolicyAmendmentReview


class NetworkPolicyAmendmentReviewed(SnakeVariant):
    """Network policy amendment reviewed."""

    network_policy_amendment: NetworkPolicyAmendment


class NetworkPolicyAmendmentReview(SnakeVariant, extra="forbid"):
    """Network policy amendment review."""

    network_policy_amendment: NetworkPolicyAmendmentReviewed


class DenialReason(Variant):
    """Denial reason."""

    rejection: str


class DeniedReview(Variant, extra="forbid"):
    """Denied review."""

    denied: DenialReason


ReviewDecision = TypeAliasType(
    "ReviewDecision",
    Literal["approved", "approved_for_session", "approved_mcp_policy_amendment", "timed_out", "abort"]
    | ApprovedExecpolicyAmendment
    | NetworkPolicyAmendmentReview
    | DeniedReview,
)
"""Review decision."""


class ApplyPatchApprovalResponse(Response):
    """What `applyPatchApproval` is answered with."""

    decision: ReviewDecision


class ReadParsedCommand(Variant):
    """Read parsed command."""

    type: Literal["read"] = "read"
    cmd: str
    name: str
    path: str


class ListFilesParsedCommand(Variant):
    """List files parsed command."""

    type: Literal["list_files"] = "list_files"
    cmd: str
    path: str | None = None


class SearchParsedCommand(Variant):
    """Search parsed command."""

    type: Literal["search"] = "search"
    cmd: str
    query: str | None = None
    path: str | None = None


class UnknownParsedCommand(Variant):
    """Unknown parsed command."""

    type: Literal["unknown"] = "unknown"
    cmd: str


ParsedCommand = TypeAliasType(
    "ParsedCommand",
    Annotated[
        ReadParsedCommand | ListFilesParsedCommand | SearchParsedCommand | UnknownParsedCommand, Field(discriminator="type")
    ],
)
"""Parsed command."""


class ExecCommandApprovalParams(Params):
    """What `execCommandApproval` asks with."""

    conversation_id: ThreadId
    call_id: str
    approval_id: str | None = None
    command: list[str]
    cwd: str
    reason: str | None = None
    parsed_cmd: list[ParsedCommand]


class ExecCommandApprovalResponse(Response):
    """What `execCommandApproval` is answered with."""

    decision: ReviewDecision


APPLY_PATCH_APPROVAL = Method("applyPatchApproval", ApplyPatchApprovalParams, ApplyPatchApprovalResponse)
EXEC_COMMAND_APPROVAL = Method("execCommandApproval", ExecCommandApprovalParams, ExecCommandApprovalResponse)

SERVER_METHODS: tuple[Method[Any, Any], ...] = (APPLY_PATCH_APPROVAL, EXEC_COMMAND_APPROVAL)
