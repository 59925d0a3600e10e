"""Answers to approval requests, and the rules that an answer can add."""

from typing import Literal

from protocol.approval import NetworkApprovalProtocol
from protocol.base import Record, SnakeVariant, TypeAliasType, Variant

NetworkPolicyRuleAction = TypeAliasType("NetworkPolicyRuleAction", Literal["allow", "deny"])
"""Whether a host may be reached."""


class NetworkPolicyAmendment(Record):
    """A rule about a host."""

    host: str
    """The host."""
    action: NetworkPolicyRuleAction
    """Whether it may be reached."""


class ExecpolicyAmendmentDecision(SnakeVariant):
    """A rule about commands."""

    execpolicy_amendment: list[str]
    """The words that an allowed command begins with."""


class AcceptWithExecpolicyAmendment(Variant, extra="forbid"):
    """Yes, and likewise for commands that begin so."""

    accept_with_execpolicy_amendment: ExecpolicyAmendmentDecision
    """The rule to add."""


class NetworkPolicyAmendmentDecision(SnakeVariant):
    """A rule about a host, to be added."""

    network_policy_amendment: NetworkPolicyAmendment
    """The rule."""


class ApplyNetworkPolicyAmendment(Variant, extra="forbid"):
    """Answer by a rule about the host, now and later."""

    apply_network_policy_amendment: NetworkPolicyAmendmentDecision
    """The rule to add."""


CommandExecutionApprovalDecision = TypeAliasType(
    "CommandExecutionApprovalDecision",
    Literal["accept", "acceptForSession", "decline", "cancel"] | AcceptWithExecpolicyAmendment | ApplyNetworkPolicyAmendment,
)
"""May the command run: yes, yes for this session, no and go on, no and stop the turn, or by a rule."""


class NetworkApprovalContext(Record):
    """The host that a command wants to reach."""

    host: str
    """The host."""
    protocol: NetworkApprovalProtocol
    """How."""


FileChangeApprovalDecision = TypeAliasType(
    "FileChangeApprovalDecision", Literal["accept", "acceptForSession", "decline", "cancel"]
)
"""May the files be changed: yes, yes for this session, no and go on, no and stop the turn."""
