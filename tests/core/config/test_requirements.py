"""What the administrator of the machine requires."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app_server.core.clock import Clock
from app_server.core.config.config import Config
from app_server.core.config.layers import InvalidConfig
from app_server.core.config.store import ConfigStore
from app_server.core.errors import CallerError
from app_server.core.settings import Wishes, allowed, beyond, start_settings, within
from protocol.sandbox import DangerFullAccess

REQUIRED = """
allowed_approval_policies = ["on-request", "never"]
allowed_sandbox_modes = ["read-only"]
allowed_web_search_modes = ["cached"]
allowed_approvals_reviewers = ["user"]
allowed_login_methods = ["api"]

[features]
goals = false

[mcp_servers.good.identity]
command = "good"
"""


class Machine:
    """A machine with requirements, and a user's home on it."""

    def __init__(self, folder: Path, required: str = REQUIRED) -> None:
        self.system, self.home, self.work = (folder / name for name in ("etc", "home", "work"))
        for each in (self.system, self.home, self.work):
            each.mkdir()
        self.file = self.system / "requirements.toml"
        self.file.write_text(required)
        environment = {"HOME": str(folder)}
        self.store = ConfigStore(self.home, environment, {}, Clock(), cwd=self.work, system=self.system)

    def load(self, user: str = "", overrides: Mapping[str, Any] | None = None) -> Config:
        """The configuration with this file of the user's."""
        (self.home / "config.toml").write_text(user)
        return self.store.load(overrides=overrides)


def test_a_value_that_is_not_allowed_gives_way_with_a_warning(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    config = machine.load('approval_policy = "never"\nsandbox_mode = "danger-full-access"\nweb_search = "live"\n')
    assert (config.approval_policy, config.sandbox_mode, config.web_search) == ("never", "read-only", "cached")
    assert config.active_permission_profile is None
    by = f"(set by {machine.file})"
    assert config.warnings == (
        "Configured value for `permission_profile` is disallowed by requirements; falling back to required value ReadOnly. "
        f"Details: invalid value for `sandbox_mode`: `DangerFullAccess` is not in the allowed set [ReadOnly] {by}",
        "Configured value for `web_search_mode` is disallowed by requirements; falling back to required value Cached. "
        f"Details: invalid value for `web_search_mode`: `Live` is not in the allowed set [Disabled, Cached] {by}",
    )
    assert [each["summary"] for each in machine.store.startup()[1]] == list(config.warnings)


def test_defaults_that_are_not_allowed_give_way_in_silence(tmp_path: Path) -> None:
    config = Machine(tmp_path, 'allowed_approval_policies = ["never"]\nallowed_web_search_modes = ["disabled"]').load()
    assert (config.approval_policy, config.web_search, config.warnings) == ("never", "disabled", ())


def test_neither_flags_nor_a_threads_own_settings_get_past_it(tmp_path: Path) -> None:
    config = Machine(tmp_path).load(overrides={"sandbox_mode": "workspace-write", "features.goals": True, "web_search": "live"})
    assert (config.sandbox_mode, config.web_search, config.features.is_enabled("goals")) == ("read-only", "cached", False)


def test_a_request_gets_the_allowed_value_and_the_warning_about_its_own(tmp_path: Path) -> None:
    config = Machine(tmp_path).load('sandbox_mode = "danger-full-access"\n')
    wishes = Wishes(sandbox="workspace-write", approval_policy="untrusted", approvals_reviewer="auto_review")
    told = beyond(wishes, config).warnings
    assert [text.split("`")[1] for text in told] == ["approval_policy", "approvals_reviewer", "permission_profile"]
    assert ("`WorkspaceWrite`" in told[2], "DangerFullAccess" in told[2]) == (True, False)
    settings = start_settings(wishes, config, "model")
    assert (settings.sandbox.type, settings.approval_policy, settings.approvals_reviewer) == ("readOnly", "on-request", "user")
    assert start_settings(Wishes(permissions=":workspace"), config, "model").sandbox.type == "readOnly"
    assert allowed(Wishes(approval_policy="never"), config).approval_policy == "never"


def test_a_running_thread_is_refused_and_a_stored_one_gives_way(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    config = machine.load()
    settings = start_settings(Wishes(), config, "model")
    for wishes, value in (
        (Wishes(sandbox=DangerFullAccess()), "DangerFullAccess"),
        (Wishes(permissions=":danger-full-access"), "DangerFullAccess"),
    ):
        with pytest.raises(CallerError) as caught:
            settings.changed(wishes, config)
        assert caught.value.message == (
            f"invalid thread settings override: invalid value for `sandbox_mode`: `{value}` is not in the allowed set [ReadOnly] "
            f"(set by {machine.file})"
        )
    (tmp_path / "free").mkdir()
    free = Machine(tmp_path / "free", "").load('approval_policy = "untrusted"\nsandbox_mode = "danger-full-access"')
    stored = start_settings(Wishes(), free, "model")
    assert (stored.sandbox.type, stored.approval_policy) == ("dangerFullAccess", "untrusted")
    kept = within(stored, config)
    assert (kept.sandbox.type, kept.approval_policy) == ("readOnly", "on-request")


def test_only_named_servers_run_and_pinned_features_can_neither_be_written_nor_switched(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    config = machine.load('[mcp_servers.good]\ncommand = "good"\n[mcp_servers.bad]\ncommand = "good"\n')
    assert {name: table.get("enabled", True) for name, table in config.mcp_servers.items()} == {"good": True, "bad": False}
    impostor = machine.load('[mcp_servers.good]\ncommand = "other"\n')
    assert impostor.mcp_servers["good"]["enabled"] is False
    with pytest.raises(InvalidConfig) as caught:
        machine.store.check("[features]\ngoals = true\n")
    assert caught.value.plain == (
        f"invalid value for `features`: `features.goals=true` is not in the allowed set [goals=false] (set by {machine.file})"
    )
    machine.store.check("[features]\ngoals = false\n")
    assert machine.store.switch_features({"goals": True, "memories": True}) == {"memories": True}
    assert config.forced_login_method == "api"


def test_what_changes_is_seen_and_what_is_broken_holds_everything_up(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "")
    text = 'sandbox_mode = "danger-full-access"\n'
    assert machine.load(text).sandbox_mode == "danger-full-access"
    machine.file.write_text(REQUIRED)
    assert machine.load(text).sandbox_mode == "read-only"
    for broken in ("allowed_sandbox_modes = 5", "allowed_sandbox_modes = []", "features = 1", "x = "):
        machine.file.write_text(broken)
        with pytest.raises(InvalidConfig):
            machine.load(text)
