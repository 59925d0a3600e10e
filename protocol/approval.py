"""When the user is asked, and who answers.

The vocabulary that settings use; the questions themselves are in `approval_request`, the answers in `approval_decision`.
"""

from typing import ClassVar, Literal

from protocol.base import Notification, SnakeVariant, TypeAliasType, Variant
from protocol.scalars import RequestId


class GranularApprovalRules(SnakeVariant):
    """Which kinds of questions are asked; the others are answered with a refusal."""

    sandbox_approval: bool
    """Whether to ask before leaving the sandbox."""
    rules: bool
    """Whether to ask when a rule says so."""
    skill_approval: bool = False
    """Whether to ask before a skill runs a script."""
    request_permissions: bool = False
    """Whether to ask when the agent wants more permissions."""
    mcp_elicitations: bool
    """Whether to pass on the questions of MCP servers."""


class GranularApproval(Variant, extra="forbid"):
    """Ask by kind of question."""

    granular: GranularApprovalRules
    """Which kinds."""


AskForApproval = TypeAliasType("AskForApproval", Literal["untrusted", "on-request", "never"] | GranularApproval)
"""When the user is asked: before every command, when the agent or the sandbox needs it, never, or by kind of question."""

ApprovalsReviewer = TypeAliasType("ApprovalsReviewer", Literal["user", "auto_review", "guardian_subagent"])
"""Who answers approval requests: the user, or a reviewing model."""

NetworkApprovalProtocol = TypeAliasType("NetworkApprovalProtocol", Literal["http", "https", "socks5Tcp", "socks5Udp"])
"""How a command wants to reach a host."""


class ServerRequestResolvedNotification(Notification):
    """A question of the server is settled, by whomever; clients that still show it should stop."""

    method: ClassVar[str] = "serverRequest/resolved"

    thread_id: str
    """The thread."""
    request_id: RequestId
    """The id of the question."""


NOTIFICATIONS: tuple[type[Notification], ...] = (ServerRequestResolvedNotification,)
