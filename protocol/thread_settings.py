"""The settings of a loaded thread."""

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
    """What should be different from the next turn on. Members that are absent leave things as they are."""

    thread_id: str
    """The thread."""
    disabled_plugin_ids: list[str] | None = None
    """Plugins that are off; empty: none."""
    cwd: str | None = None
    """The working directory."""
    environments: list[TurnEnvironmentParams] | None = None
    """Where the thread can act, the main one first; empty: nowhere."""
    approval_policy: AskForApproval | None = None
    """When the user is asked."""
    approvals_reviewer: ApprovalsReviewer | None = None
    """Who answers approval requests."""
    sandbox_policy: SandboxPolicy | None = None
    """What commands may touch."""
    permissions: str | None = None
    """A named permission profile instead of `sandboxPolicy`."""
    model: str | None = None
    """The model."""
    service_tier: str | None = None
    """The service tier; null clears it."""
    effort: ReasoningEffort | None = None
    """How hard the model thinks."""
    summary: ReasoningSummary | None = None
    """How its reasoning is summarized."""
    collaboration_mode: CollaborationMode | None = None
    """The mode."""
    multi_agent_mode: MultiAgentMode | None = None
    """Ignored; kept for older clients."""
    personality: Personality | None = None
    """Ignored; kept for older clients."""


class ThreadSettingsUpdateResponse(Response):
    """They are taken over; `thread/settings/updated` tells them."""


class ThreadSettings(Record):
    """The settings of a thread."""

    disabled_plugin_ids: list[str] = Field(default=[])
    """Plugins that are off."""
    cwd: AbsolutePathBuf
    """The working directory."""
    environments: Annotated[list[ThreadEnvironment] | None, EXPERIMENTAL] = None
    """Where the thread can act, the main one first; empty: nowhere; null when not told."""
    approval_policy: AskForApproval
    """When the user is asked."""
    approvals_reviewer: ApprovalsReviewer
    """Who answers approval requests."""
    sandbox_policy: SandboxPolicy
    """What commands may touch."""
    active_permission_profile: ActivePermissionProfile | None = None
    """The permission profile behind the sandbox; null when unknown."""
    model: str
    """The model."""
    model_provider: str
    """The provider that serves the model."""
    service_tier: str | None = None
    """The service tier that is asked for; null: the provider's default."""
    effort: ReasoningEffort | None = None
    """How hard the model thinks; null: its default."""
    summary: ReasoningSummary | None = None
    """How its reasoning is summarized; null: its default."""
    collaboration_mode: CollaborationMode
    """The mode."""
    multi_agent_mode: Annotated[MultiAgentMode, EXPERIMENTAL] = "explicitRequestOnly"
    """Kept for older clients; always the same."""
    personality: Personality | None = None
    """Kept for older clients."""


class ThreadSettingsUpdatedNotification(Notification):
    """The settings of a thread changed."""

    method: ClassVar[str] = "thread/settings/updated"

    thread_id: str
    """The thread."""
    thread_settings: ThreadSettings
    """All of them."""


THREAD_SETTINGS_UPDATE = Method("thread/settings/update", ThreadSettingsUpdateParams, ThreadSettingsUpdateResponse)

METHODS: tuple[Method[Any, Any], ...] = (THREAD_SETTINGS_UPDATE,)
NOTIFICATIONS: tuple[type[Notification], ...] = (ThreadSettingsUpdatedNotification,)
