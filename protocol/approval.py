"""The approval family of the wire contract."""

from typing import ClassVar, Literal

from protocol.base import Notification, Record, SnakeVariant, TypeAliasType, Variant
from protocol.scalars import RequestId


class GranularApprovalRules(SnakeVariant):
    """Granular approval rules."""

    sandbox_approval: bool
    rules: bool
    skill_approval: bool = False
    request_permissions: bool = False
    mcp_elicitations: bool


class GranularApproval(Variant, extra="forbid"):
    """Granular approval."""

    granular: GranularApprovalRules


AskForApproval = TypeAliasType("AskForApproval", Literal["untrusted", "on-request", "never"] | GranularApproval)
"""Ask for approval."""

ApprovalsReviewer = TypeAliasType("ApprovalsReviewer", Literal["user", "auto_review", "guardian_subagent"])
"""Approvals reviewer."""

NetworkPolicyRuleAction = TypeAliasType("NetworkPolicyRuleAction", Literal["allow", "deny"])
"""Network policy rule action."""


class NetworkPolicyAmendment(Record):
    """Network policy amendment."""

    host: str
    action: NetworkPolicyRuleAction


class ExecpolicyAmendmentDecision(SnakeVariant):
    """Execpolicy amendment decision."""

    execpolicy_amendment: list[str]


class AcceptWithExecpolicyAmendment(Variant, extra="forbid"):
    """Accept with execpolicy amendment."""

    accept_with_execpolicy_amendment: ExecpolicyAmendmentDecision


class NetworkPolicyAmendmentDecision(SnakeVariant):
    """Network policy amendment decision."""

    network_policy_amendment: NetworkPolicyAmendment


class ApplyNetworkPolicyAmendment(Variant, extra="forbid"):
    """Apply network policy amendment."""

    apply_network_policy_amendment: NetworkPolicyAmendmentDecision


CommandExecutionApprovalDecision = TypeAliasType(
    "CommandExecutionApprovalDecision",
    Literal["accept", "acceptForSession", "decline", "cancel"] | AcceptWithExecpolicyAmendment | ApplyNetworkPolicyAmendment,
)
"""Command execution approval decision."""

NetworkApprovalProtocol = TypeAliasType("NetworkApprovalProtocol", Literal["http", "https", "socks5Tcp", "socks5Udp"])
"""Network approval protocol."""


class NetworkApprovalContext(Record):
    """Network approval context."""

    host: str
    protocol: NetworkApprovalProtocol


FileChangeApprovalDecision = TypeAliasType(
    "FileChangeApprovalDecision", Literal["accept", "acceptForSession", "decline", "cancel"]
)
"""File change approval decision."""


class ServerRequestResolvedNotification(Notification):
    """Announced as `serverRequest/resolved`."""

    method: ClassVar[str] = "serverRequest/resolved"

    thread_id: str
    request_id: RequestId


NOTIFICATIONS: tuple[type[Notification], ...] = (ServerRequestResolvedNotification,)
