"""What a thread works with: the settings that a client may change, turn by turn.

They are values: a change makes a new object, and comparing the two tells what to announce and what to tell the model.
`start_settings` makes the first ones from the configuration and a request's own wishes, `changed` the next ones.
Source: spec/threads.md sections 2 and 7, spec/turns.md section 1.3.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

from app_server.core.config.config import PROFILES, SERVICE_TIERS, Config
from app_server.core.errors import CallerError, ConfigError
from app_server.core.frozen import frozen, replace
from protocol.approval import ApprovalsReviewer, AskForApproval, GranularApproval
from protocol.base import Params
from protocol.mode import ModeKind, Personality, ReasoningSummary
from protocol.sandbox import DangerFullAccess, ReadOnly, SandboxPolicy, WorkspaceWrite
from protocol.thread import ActivePermissionProfile

UNSET: Any = object()
"""Stands for a member that a request left out, where null means something of its own."""


def given(params: Params, member: str) -> Any:
    """A member of a request if it is there, null or not."""
    return getattr(params, member) if member in params.model_fields_set else UNSET


@frozen
class Wishes:
    """What a request asks for; None means nothing was said."""

    model: str | None = None
    model_provider: str | None = None
    service_tier: Any = UNSET
    """Null asks for the standard tier."""
    cwd: str | None = None
    runtime_workspace_roots: list[str] | None = None
    approval_policy: AskForApproval | None = None
    approvals_reviewer: ApprovalsReviewer | None = None
    sandbox: SandboxPolicy | str | None = None
    permissions: str | None = None
    effort: str | None = None
    summary: ReasoningSummary | None = None
    personality: Personality | None = None
    collaboration_mode: Any = None
    disabled_plugin_ids: list[str] | None = None


@frozen
class StartOptions:
    """What a thread is given once and for all at its start."""

    config: Mapping[str, Any] | None = None
    base_instructions: str | None = None
    developer_instructions: str | None = None
    is_ephemeral: bool = False
    start_source: str = "startup"
    thread_source: str | None = None
    history_mode: Literal["legacy", "paginated"] = "paginated"
    dynamic_tools: tuple[Mapping[str, Any], ...] = ()


@frozen
class ThreadSettings:
    """One state of a thread's settings. `effort` and `summary` None mean the model's default."""

    cwd: str
    runtime_workspace_roots: tuple[str, ...]
    model: str
    model_provider: str
    approval_policy: AskForApproval
    approvals_reviewer: ApprovalsReviewer
    sandbox: SandboxPolicy
    active_permission_profile: ActivePermissionProfile | None = None
    service_tier: str | None = None
    effort: str | None = None
    summary: ReasoningSummary | None = None
    personality: Personality | None = None
    mode: ModeKind = "default"
    mode_instructions: str | None = None
    is_mode_explicit: bool = False
    disabled_plugin_ids: tuple[str, ...] = ()

    def changed(self, wishes: Wishes, config: Config) -> "ThreadSettings":
        """These settings with what a request wishes. Raises: CallerError, ConfigError."""
        changes: dict[str, Any] = {
            name: value
            for name in ("model", "model_provider", "approval_policy", "effort", "summary", "personality")
            if (value := getattr(wishes, name)) is not None
        }
        if wishes.service_tier is not UNSET:
            changes["service_tier"] = normal_tier(wishes.service_tier)
        if wishes.approvals_reviewer is not None:
            changes["approvals_reviewer"] = reviewer(wishes.approvals_reviewer)
        if wishes.cwd is not None:
            changes["cwd"] = str(absolute(wishes.cwd))
            changes["runtime_workspace_roots"] = (changes["cwd"],)
        if wishes.runtime_workspace_roots is not None:
            changes["runtime_workspace_roots"] = tuple(wishes.runtime_workspace_roots)
        if wishes.disabled_plugin_ids is not None:
            changes["disabled_plugin_ids"] = tuple(wishes.disabled_plugin_ids)
        if wishes.permissions is not None:
            check_profile(wishes, config)
            changes["sandbox"] = sandbox_policy(PROFILES[wishes.permissions], config)
            changes["active_permission_profile"] = ActivePermissionProfile(id=wishes.permissions, extends=None)
        elif wishes.sandbox is not None:
            changes["sandbox"] = sandbox_policy(wishes.sandbox, config)
            changes["active_permission_profile"] = None
        mode = wishes.collaboration_mode
        if mode is not None:
            changes |= {
                "mode": mode.mode,
                "mode_instructions": mode.settings.developer_instructions,
                "is_mode_explicit": True,
                "model": mode.settings.model or changes.get("model", self.model),
                "effort": mode.settings.reasoning_effort,
            }
        return replace(self, **changes)


def start_settings(wishes: Wishes, config: Config, model: str) -> ThreadSettings:
    """The settings that a thread starts with. Raises: CallerError, ConfigError."""
    cwd = str(config.cwd)
    profile = config.active_permission_profile
    base = ThreadSettings(
        cwd=cwd,
        runtime_workspace_roots=(cwd,),
        model=model,
        model_provider=config.model_provider,
        approval_policy=approval_policy(config.approval_policy),
        approvals_reviewer=reviewer(config.approvals_reviewer),
        sandbox=sandbox_policy(config.sandbox_mode, config),
        active_permission_profile=ActivePermissionProfile(id=profile, extends=None) if profile else None,
        service_tier=config.service_tier,
        effort=config.model_reasoning_effort,
        summary=cast("ReasoningSummary | None", config.model_reasoning_summary),
        personality=cast("Personality | None", config.personality),
    )
    return base.changed(replace(wishes, cwd=None), config)


def absolute(path: str) -> Path:
    """A client's path; a relative one counts from the process's own directory."""
    return Path.cwd() / path


def check_profile(wishes: Wishes, config: Config) -> None:
    """Refuse a permission profile that can't hold. Raises: CallerError, ConfigError."""
    if wishes.sandbox is not None:
        member = "sandbox" if isinstance(wishes.sandbox, str) else "sandboxPolicy"
        raise CallerError(
            f"`permissions` cannot be combined with `{member}`", reason="conflicting_fields", data={"field": "permissions"}
        )
    if wishes.permissions not in PROFILES:
        if str(wishes.permissions).startswith(":"):
            raise ConfigError(f"default_permissions refers to unknown built-in profile `{wishes.permissions}`")
        if not config.permissions:
            raise ConfigError("default_permissions requires a `[permissions]` table")
        raise ConfigError(f"default_permissions refers to undefined profile `{wishes.permissions}`")


def sandbox_policy(wish: SandboxPolicy | str, config: Config) -> SandboxPolicy:
    """A sandbox policy, from its short name where only that is given."""
    if not isinstance(wish, str):
        return wish
    if wish == "danger-full-access":
        return DangerFullAccess()
    if wish == "read-only":
        return ReadOnly(network_access=False)
    extra = config.sandbox_workspace_write
    return WorkspaceWrite(
        writable_roots=list(extra.writable_roots),
        network_access=extra.network_access,
        exclude_tmpdir_env_var=extra.exclude_tmpdir_env_var,
        exclude_slash_tmp=extra.exclude_slash_tmp,
    )


def approval_policy(configured: str | Mapping[str, Any]) -> AskForApproval:
    """The configuration's approval policy as the wire has it."""
    if isinstance(configured, str):
        return configured  # type: ignore[return-value]  # the configuration is checked already
    return GranularApproval.model_validate(configured)


def reviewer(name: str) -> ApprovalsReviewer:
    """Who reviews approvals; `guardian_subagent` is an older name."""
    return "user" if name == "user" else "auto_review"


def normal_tier(tier: str | None) -> str:
    """`fast` means `priority`; an explicit null means the standard tier."""
    if tier is None:
        return "default"
    return SERVICE_TIERS.get(tier, tier)
