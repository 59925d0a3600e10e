"""The approval family of the wire contract."""

from typing import ClassVar, Literal

from protocol.base import Notification, SnakeVariant, TypeAliasType, Variant
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

NetworkApprovalProtocol = TypeAliasType("NetworkApprovalProtocol", Literal["http", "https", "socks5Tcp", "socks5Udp"])
"""Network approval protocol."""


class ServerRequestResolvedNotification(Notification):
    """Announced as `serverRequest/resolved`."""

    method: ClassVar[str] = "serverRequest/resolved"

    thread_id: str
    request_id: RequestId


NOTIFICATIONS: tuple[type[Notification], ...] = (ServerRequestResolvedNotification,)
