"""What a thread works with: the settings that a client may change, turn by turn.

They are values: a change makes a new object, and comparing the two tells what to announce and what to tell the model.
`start_settings` makes the first ones from the configuration and a request's own wishes, `changed` the next ones.
Source: spec/threads.md sections 2 and 7, spec/turns.md section 1.3.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

from app_server.core.config.config import PROFILES, SERVICE_TIERS, Config
from app_server.core.config.profiles import OwnProfile, own_profile
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
    has_environment: bool | None = None
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
    """One state of a thread's settings. `effort` and `summary` None mean the model's default.

    `has_environment`: there is a machine to work on, this one. Files do not keep it, so a thread that is loaded has one.
    """

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
    has_environment: bool = True
    disabled_plugin_ids: tuple[str, ...] = ()

    def changed(self, wishes: Wishes, config: Config) -> "ThreadSettings":
        """These settings with what a request wishes. Raises: CallerError (also if it is not allowed), ConfigError."""
        for setting, value in limited(wishes):
            if not config.limits.allows(setting, value):
                text = f"invalid thread settings override: {config.limits.refusal(setting, value)}"
                raise CallerError(text, reason="not_allowed", data={"field": setting})
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
        if wishes.has_environment is not None:
            changes["has_environment"] = wishes.has_environment
            if not wishes.has_environment:
                changes["runtime_workspace_roots"] = ()
            elif not self.has_environment:
                changes.setdefault("runtime_workspace_roots", (changes.get("cwd", self.cwd),))
        if wishes.disabled_plugin_ids is not None:
            changes["disabled_plugin_ids"] = tuple(wishes.disabled_plugin_ids)
        if wishes.permissions is not None:
            check_profile(wishes, config)
            changes["sandbox"], changes["active_permission_profile"] = profile_settings(wishes.permissions, config)
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
    policy, active = profile_settings(profile, config) if profile else (sandbox_policy(config.sandbox_mode, config), None)
    base = ThreadSettings(
        cwd=cwd,
        runtime_workspace_roots=(cwd,),
        model=model,
        model_provider=config.model_provider,
        approval_policy=approval_policy(config.approval_policy),
        approvals_reviewer=reviewer(config.approvals_reviewer),
        sandbox=policy,
        active_permission_profile=active,
        service_tier=config.service_tier,
        effort=config.model_reasoning_effort,
        summary=cast("ReasoningSummary | None", config.model_reasoning_summary),
        personality=cast("Personality | None", config.personality),
    )
    return base.changed(replace(allowed(wishes, config), cwd=None), config)


SANDBOX_MODES = {"readOnly": "read-only", "workspaceWrite": "workspace-write", "dangerFullAccess": "danger-full-access"}


def limited(wishes: Wishes) -> list[tuple[str, str]]:
    """What a request wishes of the settings that an administrator may limit: their names and the words for it."""
    found = []
    if wishes.approval_policy is not None:
        found.append(("approval_policy", policy_word(wishes.approval_policy)))
    if wishes.approvals_reviewer is not None:
        found.append(("approvals_reviewer", reviewer(wishes.approvals_reviewer)))
    mode = mode_word(wishes)
    if mode is not None:
        found.append(("sandbox_mode", mode))
    return found


def mode_word(wishes: Wishes) -> str | None:
    """The sandbox that a request wishes, by its short name."""
    if wishes.permissions is not None:
        return PROFILES.get(wishes.permissions)
    if wishes.sandbox is None or isinstance(wishes.sandbox, str):
        return wishes.sandbox
    return SANDBOX_MODES.get(wishes.sandbox.type, "danger-full-access")  # one that others are trusted to set up


def policy_word(policy: AskForApproval) -> str:
    """The word for a policy."""
    return "granular" if isinstance(policy, GranularApproval) else policy


def allowed(wishes: Wishes, config: Config) -> Wishes:
    """The wishes without what the administrator does not allow: the configuration's value holds then."""
    members: dict[str, tuple[str, ...]] = {
        "approval_policy": ("approval_policy",),
        "approvals_reviewer": ("approvals_reviewer",),
        "sandbox_mode": ("sandbox", "permissions"),
    }
    beyond = [setting for setting, value in limited(wishes) if not config.limits.allows(setting, value)]
    return replace(wishes, **{name: None for setting in beyond for name in members[setting]}) if beyond else wishes


def beyond(wishes: Wishes, config: Config) -> Config:
    """The configuration with warnings about the wishes that are not allowed, in the place of those about its own values."""
    refused = {setting: value for setting, value in limited(wishes) if not config.limits.allows(setting, value)}
    return replace(config, warnings=config.limits.with_refusals(config.warnings, refused)) if refused else config


def within(settings: ThreadSettings, config: Config) -> ThreadSettings:
    """Settings that were kept, without what is not allowed any more."""
    limits, changes = config.limits, dict[str, Any]()
    if not limits.allows("approval_policy", policy_word(settings.approval_policy)):
        changes["approval_policy"] = approval_policy(config.approval_policy)
    if not limits.allows("approvals_reviewer", settings.approvals_reviewer):
        changes["approvals_reviewer"] = reviewer(config.approvals_reviewer)
    if not limits.allows("sandbox_mode", SANDBOX_MODES.get(settings.sandbox.type, "danger-full-access")):
        changes |= {"sandbox": sandbox_policy(config.sandbox_mode, config), "active_permission_profile": None}
    return replace(settings, **changes) if changes else settings


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
    if wishes.permissions not in PROFILES and wishes.permissions not in config.permissions:
        if str(wishes.permissions).startswith(":"):
            raise ConfigError(f"default_permissions refers to unknown built-in profile `{wishes.permissions}`")
        if not config.permissions:
            raise ConfigError("default_permissions requires a `[permissions]` table")
        raise ConfigError(f"default_permissions refers to undefined profile `{wishes.permissions}`")


def profile_settings(profile_id: str, config: Config) -> tuple[SandboxPolicy, ActivePermissionProfile]:
    """What a permission profile stands for. Raises: InvalidConfig (one of the user's own can't hold)."""
    if profile_id in PROFILES:
        return sandbox_policy(PROFILES[profile_id], config), ActivePermissionProfile(id=profile_id, extends=None)
    own = own_profile(profile_id, config.permissions)
    return own.policy(), ActivePermissionProfile(id=profile_id, extends=own.extends)


def active_profile(settings: ThreadSettings, config: Config) -> OwnProfile | None:
    """The profile of the user's own that a thread works with, if there is one. Raises: InvalidConfig."""
    active = settings.active_permission_profile
    return own_profile(active.id, config.permissions) if active is not None and active.id in config.permissions else None


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
