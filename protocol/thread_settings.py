"""The thread settings family of the wire contract."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from protocol.approval import ApprovalsReviewer, AskForApproval
from protocol.base import EXPERIMENTAL, Method, Notification, Params, Record, Response
from protocol.capability import ThreadEnvironment, TurnEnvironmentParams
from protocol.mode import CollaborationMode, MultiAgentMode, Personality, ReasoningEffort, ReasoningSummary
from protocol.sandbox import SandboxPolicy
from protocol.scalars import AbsolutePathBuf
from protocol.thread import ActivePermissionProfile


class ThreadSettingsUpdateParams(Params):
    """What `thread/settings/update` asks with."""

    thread_id: str
    disabled_plugin_ids: list[str] | None = None
    cwd: str | None = None
    environments: list[TurnEnvironmentParams] | None = None
    approval_policy: AskForApproval | None = None
    approvals_reviewer: ApprovalsReviewer | None = None
    sandbox_policy: SandboxPolicy | None = None
    permissions: str | None = None
    model: str | None = None
    service_tier: str | None = None
    effort: ReasoningEffort | None = None
    summary: ReasoningSummary | None = None
    collaboration_mode: CollaborationMode | None = None
    multi_agent_mode: MultiAgentMode | None = None
    personality: Personality | None = None


class ThreadSettingsUpdateResponse(Response):
    """What `thread/settings/update` is answered with."""


class ThreadSettings(Record):
    """Thread settings."""

    disabled_plugin_ids: list[str] = Field(default=[])
    cwd: AbsolutePathBuf
    environments: Annotated[list[ThreadEnvironment] | None, EXPERIMENTAL] = None
    approval_policy: AskForApproval
    approvals_reviewer: ApprovalsReviewer
    sandbox_policy: SandboxPolicy
    active_permission_profile: ActivePermissionProfile | None = None
    model: str
    model_provider: str
    service_tier: str | None = None
    effort: ReasoningEffort | None = None
    summary: ReasoningSummary | None = None
    collaboration_mode: CollaborationMode
    multi_agent_mode: Annotated[MultiAgentMode, EXPERIMENTAL] = "explicitRequestOnly"
    personality: Personality | None = None


class ThreadSettingsUpdatedNotification(Notification):
    """Announced as `thread/settings/updated`."""

    method: ClassVar[str] = "thread/settings/updated"

    thread_id: str
    thread_settings: ThreadSettings


THREAD_SETTINGS_UPDATE = Method("thread/settings/update", ThreadSettingsUpdateParams, ThreadSettingsUpdateResponse)

METHODS: tuple[Method[Any, Any], ...] = (THREAD_SETTINGS_UPDATE,)
NOTIFICATIONS: tuple[type[Notification], ...] = (ThreadSettingsUpdatedNotification,)
