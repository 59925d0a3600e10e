"""The approval decision family of the wire contract."""

from typing import Literal

from protocol.approval import NetworkApprovalProtocol
from protocol.base import Record, SnakeVariant, TypeAliasType, Variant

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


class NetworkApprovalContext(Record):
    """Network approval context."""

    host: str
    protocol: NetworkApprovalProtocol


FileChangeApprovalDecision = TypeAliasType(
    "FileChangeApprovalDecision", Literal["accept", "acceptForSession", "decline", "cancel"]
)
"""File change approval decision."""
