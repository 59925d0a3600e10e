"""A thread's settings as files hold them: whole in `thread_settings_applied`, and in part in every turn's `turn_context`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from pydantic import ValidationError

from app_server.core.store.fields import text, texts
from app_server.core.store.profiles import read_policy, read_profile, stored_policy, stored_profile
from app_server.core.store.words import present
from protocol.approval import ApprovalsReviewer, AskForApproval, GranularApproval
from protocol.base import to_wire
from protocol.sandbox import SandboxPolicy
from protocol.thread import ActivePermissionProfile

POLICIES = ("untrusted", "on-request", "never")
REVIEWERS = {"user": "user", "auto_review": "auto_review", "guardian_subagent": "auto_review"}


class Settings(Protocol):
    """What has to be known of a thread's settings to write them."""

    @property
    def cwd(self) -> str: ...
    @property
    def runtime_workspace_roots(self) -> tuple[str, ...]: ...
    @property
    def model(self) -> str: ...
    @property
    def model_provider(self) -> str: ...
    @property
    def approval_policy(self) -> AskForApproval: ...
    @property
    def approvals_reviewer(self) -> ApprovalsReviewer: ...
    @property
    def sandbox(self) -> SandboxPolicy: ...
    @property
    def active_permission_profile(self) -> ActivePermissionProfile | None: ...
    @property
    def service_tier(self) -> str | None: ...
    @property
    def effort(self) -> str | None: ...
    @property
    def summary(self) -> str | None: ...
    @property
    def personality(self) -> str | None: ...
    @property
    def mode(self) -> str: ...
    @property
    def mode_instructions(self) -> str | None: ...
    @property
    def disabled_plugin_ids(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class StoredSettings:
    """The settings that a thread was left with. What the file does not say is None, and decided anew by whoever resumes it."""

    cwd: str | None = None
    runtime_workspace_roots: tuple[str, ...] = ()
    model: str | None = None
    model_provider: str | None = None
    approval_policy: AskForApproval | None = None
    approvals_reviewer: ApprovalsReviewer | None = None
    sandbox: SandboxPolicy | None = None
    active_permission_profile: ActivePermissionProfile | None = None
    service_tier: str | None = None
    effort: str | None = None
    summary: str | None = None
    personality: str | None = None
    mode: str = "default"
    mode_instructions: str | None = None
    disabled_plugin_ids: tuple[str, ...] = ()
    is_realtime: bool = False
    """Whether the user was talking with the agent by voice in the turn that ran with them."""


def stored_settings(settings: Settings) -> dict[str, Any]:
    """All settings, for `thread_settings_applied`."""
    return present(
        model=settings.model,
        model_provider_id=settings.model_provider,
        service_tier=settings.service_tier,
        approval_policy=to_wire(settings.approval_policy),
        approvals_reviewer=settings.approvals_reviewer,
        requested_approvals_reviewer=settings.approvals_reviewer,
        permission_profile=stored_profile(settings.sandbox, settings.runtime_workspace_roots),
        active_permission_profile=to_wire(settings.active_permission_profile),
        cwd=settings.cwd,
        runtime_workspace_roots=list(settings.runtime_workspace_roots),
        reasoning_effort=settings.effort,
        reasoning_summary=settings.summary,
        personality=settings.personality,
        collaboration_mode=stored_mode(settings),
        disabled_plugin_ids=list(settings.disabled_plugin_ids),
    )


def stored_context(
    settings: Settings, effort: str | None, summary: str, multi_agent_version: str, *, is_realtime: bool = False
) -> dict[str, Any]:
    """The settings in a turn's context; effort and summary are those that the model is really asked with."""
    return present(
        disabled_plugin_ids=list(settings.disabled_plugin_ids),
        cwd=settings.cwd,
        approval_policy=to_wire(settings.approval_policy),
        approvals_reviewer=settings.approvals_reviewer,
        permission_profile=stored_profile(settings.sandbox, settings.runtime_workspace_roots),
        model=settings.model,
        collaboration_mode=stored_mode(settings),
        multi_agent_version=multi_agent_version,
        realtime_active=is_realtime,
        effort=effort,
        summary=summary,
        sandbox_policy=stored_policy(settings.sandbox),
    )


def stored_mode(settings: Settings) -> dict[str, Any]:
    """The collaboration mode, whose members are always all there."""
    asked = {
        "model": settings.model,
        "reasoning_effort": settings.effort,
        "developer_instructions": settings.mode_instructions,
    }
    return {"mode": settings.mode, "settings": asked}


def read_settings(stored: Mapping[str, Any]) -> StoredSettings:
    """The settings of a `thread_settings_applied` line."""
    cwd = text(stored, "cwd")
    roots = texts(stored.get("runtime_workspace_roots")) or ((cwd,) if cwd else ())
    profile = stored.get("active_permission_profile")
    mode, instructions = _mode(stored.get("collaboration_mode"))
    return StoredSettings(
        cwd=cwd,
        runtime_workspace_roots=roots,
        model=text(stored, "model"),
        model_provider=text(stored, "model_provider_id"),
        approval_policy=_approval_policy(stored.get("approval_policy")),
        approvals_reviewer=_reviewer(stored.get("requested_approvals_reviewer") or stored.get("approvals_reviewer")),
        sandbox=read_profile(stored.get("permission_profile"), roots),
        active_permission_profile=_active_profile(profile),
        service_tier=text(stored, "service_tier"),
        effort=text(stored, "reasoning_effort"),
        summary=text(stored, "reasoning_summary"),
        personality=text(stored, "personality"),
        mode=mode,
        mode_instructions=instructions,
        disabled_plugin_ids=texts(stored.get("disabled_plugin_ids")),
    )


def with_context(known: StoredSettings, stored: Mapping[str, Any]) -> StoredSettings:
    """The settings after a turn that ran with this context. Its summary does not count: that is the model's, not a wish."""
    cwd = text(stored, "cwd") or known.cwd
    roots = known.runtime_workspace_roots if cwd == known.cwd else ((cwd,) if cwd else ())
    sandbox = read_policy(stored.get("sandbox_policy")) or read_profile(stored.get("permission_profile"), roots)
    mode, instructions = _mode(stored.get("collaboration_mode"))
    return replace(
        known,
        cwd=cwd,
        runtime_workspace_roots=roots,
        model=text(stored, "model") or known.model,
        approval_policy=_approval_policy(stored.get("approval_policy")) or known.approval_policy,
        approvals_reviewer=_reviewer(stored.get("approvals_reviewer")) or known.approvals_reviewer,
        sandbox=sandbox or known.sandbox,
        active_permission_profile=known.active_permission_profile if sandbox in (None, known.sandbox) else None,
        effort=text(stored, "effort"),
        is_realtime=stored.get("realtime_active") is True,
        mode=mode if "collaboration_mode" in stored else known.mode,
        mode_instructions=instructions if "collaboration_mode" in stored else known.mode_instructions,
    )


def _approval_policy(stored: object) -> AskForApproval | None:
    if isinstance(stored, str):
        if stored == "on-failure":
            return "on-request"  # the older word for nearly the same
        return stored if stored in POLICIES else None  # type: ignore[return-value]  # one of the three words
    try:
        return GranularApproval.model_validate(stored)
    except ValidationError:
        return None


def _reviewer(stored: object) -> ApprovalsReviewer | None:
    return REVIEWERS.get(stored) if isinstance(stored, str) else None  # type: ignore[return-value]  # one of the words


def _active_profile(stored: object) -> ActivePermissionProfile | None:
    if not isinstance(stored, Mapping) or not isinstance(name := stored.get("id"), str):
        return None
    return ActivePermissionProfile(id=name, extends=text(stored, "extends"))


def _mode(stored: object) -> tuple[str, str | None]:
    if not isinstance(stored, Mapping):
        return "default", None
    asked = stored.get("settings")
    return text(stored, "mode") or "default", text(asked, "developer_instructions") if isinstance(asked, Mapping) else None
