"""The source of configuration. Texts and places are those of the reference, asked about the same files."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from app_server.core.clock import Clock
from app_server.core.config.layers import InvalidConfig
from app_server.core.config.store import ConfigStore

Make = Callable[..., ConfigStore]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A store for a fresh home and an empty working directory, `tmp_path / "w"`."""

    def store(text: str | None = None, *, overrides: Mapping[str, Any] | None = None, is_strict: bool = False) -> ConfigStore:
        home, work = tmp_path / ".codex", tmp_path / "w"
        home.mkdir(exist_ok=True)
        work.mkdir(exist_ok=True)
        if text is not None:
            (home / "config.toml").write_text(text)
        return ConfigStore(
            home,
            {"HOME": str(tmp_path)},
            overrides or {},
            Clock(),
            cwd=work,
            system=tmp_path / "etc",
            is_strict=is_strict,
        )

    return store


def test_an_empty_home_has_the_documented_defaults(make: Make, tmp_path: Path) -> None:
    config = make().load()
    assert (config.model, config.model_provider, config.cwd) == (None, "openai", tmp_path / "w")
    assert (config.approval_policy, config.approvals_reviewer) == ("on-request", "user")
    assert (config.sandbox_mode, config.active_permission_profile) == ("read-only", ":read-only")
    assert (config.project_doc_max_bytes, config.thread_unload_delay_s, config.allow_login_shell) == (32768, 1800, True)
    assert config.warnings == ()
    assert make().startup_warnings() == []


@pytest.mark.parametrize(
    ("text", "message", "span"),
    [
        ("model = 5\n", "invalid type: integer `5`, expected a string", ((1, 9), (1, 9))),
        ("model = \n", "string values must be quoted, expected literal string", ((1, 9), (1, 9))),
        ("a = 1\na = 2\n", "duplicate key", ((2, 1), (2, 1))),
        ("[a\n", "unclosed table, expected `]`", ((1, 3), (1, 3))),
        (
            '# hi\nsandbox_mode = "x"\n',
            "unknown variant `x`, expected one of `read-only`, `workspace-write`, `danger-full-access`",
            ((2, 16), (2, 18)),
        ),
        ("approval_policy = 5\n", "wanted string or table", ((1, 19), (1, 19))),
        ("approval_policy = {granular={}}\n", "missing field `sandbox_approval`", ((1, 29), (1, 30))),
        (
            '[model_providers.m]\nname="m"\nenv_key="K"\nauth={command="x"}\n',
            "model_providers.m: provider auth cannot be combined with env_key",
            ((1, 2), (1, 16)),
        ),
        (
            '[model_providers.m]\nname="m"\nauth={command=" "}\n',
            "model_providers.m: provider auth.command must not be empty",
            ((1, 2), (1, 16)),
        ),
        (
            '[model_providers.m]\nname="m"\naws={region="r"}\n',
            "model_providers.m: provider aws is only supported for `amazon-bedrock` or `amazon-bedrock-runtime`",
            ((1, 2), (1, 16)),
        ),
        ('[model_providers.m]\nbase_url="u"\n', "model_providers.m: provider name must not be empty", ((1, 2), (1, 16))),
        ("[mcp_servers.a]\nargs=[]\n", "invalid transport", ((1, 1), (1, 15))),
        ('[mcp_servers.a]\ncommand="x"\nurl="y"\n', "url is not supported for stdio", ((1, 1), (1, 15))),
        (
            "[sandbox_workspace_write]\nwritable_roots=[5]\n",
            "invalid type: integer `5`, expected path string",
            ((2, 17), (2, 17)),
        ),
        ("project_doc_max_bytes = -1\n", "invalid value: integer `-1`, expected usize", ((1, 25), (1, 26))),
        ("[features]\nshell_tool=5\n", "invalid type: integer `5`, expected a boolean", ((2, 12), (2, 12))),
        ('model_reasoning_effort = ""\n', "reasoning_effort must not be empty", ((1, 26), (1, 27))),
        (
            'tools = {web_search = {context_size="x"}}\n',
            "data did not match any variant of untagged enum WebSearchToolConfigInput",
            ((1, 23), (1, 40)),
        ),
        ('[realtime]\ntype="x"\n', "unknown variant `x`, expected `conversational` or `transcription`", ((2, 6), (2, 8))),
    ],
)
def test_a_broken_file_is_a_warning_with_its_place_and_an_error_at_the_thread(
    make: Make, tmp_path: Path, text: str, message: str, span: tuple[tuple[int, int], tuple[int, int]]
) -> None:
    store = make(text)
    file = tmp_path / ".codex" / "config.toml"
    (start, end) = span
    detail = f"{file}:{start[0]}:{start[1]}: {message}"
    assert store.startup_warnings() == [
        {
            "summary": "Invalid configuration; using defaults.",
            "details": detail,
            "path": str(file),
            "range": {
                "start": {"line": start[0], "column": start[1]},
                "end": {"line": end[0], "column": end[1]},
            },
        }
    ]
    with pytest.raises(InvalidConfig) as caught:
        store.load()
    assert caught.value.message == f"failed to load configuration: {detail}"
    assert store.startup()[0].model_provider == "openai"


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ('model_provider = "nope"\n', "Model provider `nope` not found"),
        (
            'profile = "p"\n',
            'legacy `profile = "p"` config is no longer supported; use `--profile p` with `p.config.toml` instead',
        ),
        ('default_permissions = "x"\n', "default_permissions requires a `[permissions]` table"),
        ('default_permissions = ":x"\n', "default_permissions refers to unknown built-in profile `:x`"),
        ('project_root_markers = "x"\n', "project_root_markers must be an array of strings"),
        ('model_catalog_json = "/nope.json"\n', "No such file or directory (os error 2)"),
    ],
)
def test_an_error_without_a_place_has_neither_path_nor_range(make: Make, text: str, detail: str) -> None:
    store = make(text)
    assert store.startup_warnings() == [{"summary": "Invalid configuration; using defaults.", "details": detail}]
    with pytest.raises(InvalidConfig) as caught:
        store.load()
    assert caught.value.detail == detail


@pytest.mark.parametrize(
    ("overrides", "detail"),
    [
        ({"sandbox_mode": 5}, "invalid type: unit variant, expected string only\nin `sandbox_mode`\n"),
        (
            {"sandbox_mode": None},
            "unknown variant ``, expected one of `read-only`, `workspace-write`, `danger-full-access`\nin `sandbox_mode`\n",
        ),
        ({"features.shell_tool": "x"}, 'invalid type: string "x", expected a boolean\nin `features`\n'),
        (
            {"features.code_mode": 5},
            "data did not match any variant of untagged enum FeatureToml\nin `features.code_mode`\n",
        ),
        (
            {"sandbox_workspace_write.network_access": "x"},
            'invalid type: string "x", expected a boolean\nin `sandbox_workspace_write.network_access`\n',
        ),
        ({"approval_policy": {"granular": {}}}, "missing field `sandbox_approval`\nin `approval_policy`\n"),
        ({"model_providers.m.name": 5}, "invalid type: integer `5`, expected a string\nin `model_providers.m.name`\n"),
        ({"mcp_servers.a": {}}, "invalid transport\nin `mcp_servers.a`\n"),
        ({"model_providers": 5}, "invalid type: integer `5`, expected a map\nin `model_providers`\n"),
        ({"history": 5}, "invalid type: integer `5`, expected struct History\nin `history`\n"),
        (
            {"project_doc_fallback_filenames": [1]},
            "invalid type: integer `1`, expected a string\nin `project_doc_fallback_filenames`\n",
        ),
        ({"mcp_oauth_callback_port": 99999}, "invalid value: integer `99999`, expected u16\nin `mcp_oauth_callback_port`\n"),
    ],
)
def test_a_wrong_value_in_a_threads_config_names_its_key(make: Make, overrides: dict[str, Any], detail: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        make("").load(overrides=overrides)
    assert caught.value.detail == detail


def test_a_missing_instructions_file_is_named_with_the_systems_words(make: Make, tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig) as caught:
        make('model_instructions_file = "rel.md"\n').load()
    file = tmp_path / ".codex" / "rel.md"
    assert caught.value.detail == f"failed to read model instructions file {file}: No such file or directory (os error 2)"


def test_unknown_keys_are_sorted_counted_and_ignored(make: Make, tmp_path: Path) -> None:
    store = make('foo_bar = 1\nmodel = "x"\n[features]\nzz = true\n[model_providers.m]\nname = "n"\nb = 1\nc = 2\n')
    file = tmp_path / ".codex" / "config.toml"
    text = (
        "Codex is ignoring 4 unrecognized configuration settings. Check for typos or deprecated settings.\n"
        f"  user ({file}): `features.zz` is ignored.\n"
        f"  user ({file}): `foo_bar` is ignored.\n"
        f"  user ({file}): `model_providers.m.b` is ignored.\n"
        "  ... and 1 more ignored setting."
    )
    assert store.startup_warnings() == [{"summary": text, "details": None}]
    assert store.load().warnings == (text,)
    assert store.load().model == "x"


def test_unknown_keys_of_a_thread_are_said_to_be_the_sessions(make: Make) -> None:
    assert make("").load(overrides={"nope": 1}).warnings == (
        "Codex is ignoring 1 unrecognized configuration setting. Check for typos or deprecated settings.\n"
        "  session-flags: `nope` is ignored.",
    )


def test_strict_refuses_unknown_keys_with_their_place(make: Make, tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig) as caught:
        make("\nfoo_bar = 1\n", is_strict=True).startup()
    assert caught.value.detail == f"{tmp_path / '.codex' / 'config.toml'}:2:1: unknown configuration field `foo_bar`"
    with pytest.raises(InvalidConfig) as caught:
        make("", overrides={"foo": 1}, is_strict=True).startup()
    assert caught.value.detail == "unknown configuration field `foo` in -c/--config override"


def test_a_bad_override_on_the_command_line_is_fatal_even_beside_a_broken_file(make: Make) -> None:
    with pytest.raises(InvalidConfig) as caught:
        make("model = 5\n", overrides={"model_provider": "nope"}).startup()
    assert caught.value.detail == "Model provider `nope` not found"


def test_a_good_override_on_the_command_line_repairs_a_bad_file(make: Make) -> None:
    config, warnings = make("model = 5\n", overrides={"model": "x"}).startup()
    assert (config.model, warnings) == ("x", [])


def test_higher_layers_win_and_tables_merge(make: Make) -> None:
    store = make(
        'model = "a"\nmodel_verbosity = "low"\n[features]\ngoals = false\n', overrides={"model": "b", "features": {"apps": False}}
    )
    config = store.load(overrides={"features.plugins": False, "model": "c"})
    assert (config.model, config.model_verbosity) == ("c", "low")
    assert [config.features.is_enabled(name) for name in ("goals", "apps", "plugins", "shell_tool")] == [
        False,
        False,
        False,
        True,
    ]
    assert store.load().model == "b"


def test_relative_paths_count_from_the_file_or_from_the_process(make: Make, tmp_path: Path) -> None:
    text = 'sandbox_mode = "workspace-write"\n[sandbox_workspace_write]\nwritable_roots = ["rel", "~/x", "/a/../b"]\n'
    home = tmp_path / ".codex"
    assert make(text).load().sandbox_workspace_write.writable_roots == (str(home / "rel"), str(tmp_path / "x"), "/b")
    config = make("").load(overrides={"sandbox_workspace_write.writable_roots": ["rel"]})
    assert config.sandbox_workspace_write.writable_roots == (str(tmp_path / "w" / "rel"),)


def test_a_change_of_any_file_is_seen_and_an_unchanged_one_is_not_read_again(make: Make, tmp_path: Path) -> None:
    store = make('model = "a"\n')
    first = store.load()
    assert store.load() is first
    (tmp_path / ".codex" / "config.toml").write_text('model = "longer"\n')
    assert store.load().model == "longer"
    (tmp_path / ".codex" / "config.toml").unlink()
    assert store.load().model is None


def test_a_file_that_the_configuration_names_is_watched_too(make: Make, tmp_path: Path) -> None:
    prompt = tmp_path / "base.md"
    prompt.write_text("one\n")
    store = make(f'model_instructions_file = "{prompt}"\n')
    assert store.load().base_instructions == "one"
    prompt.write_text("two, longer\n")
    assert store.load().base_instructions == "two, longer"


def test_granular_approval_is_filled_up_and_retired_policies_are_read(make: Make) -> None:
    config = make("approval_policy = {granular={sandbox_approval=true,rules=true,mcp_elicitations=true}}\n").load()
    assert config.approval_policy == {
        "granular": {
            "sandbox_approval": True,
            "rules": True,
            "skill_approval": False,
            "request_permissions": False,
            "mcp_elicitations": True,
        }
    }
    assert make('approval_policy = "on-failure"\n').load().approval_policy == "on-request"
    assert make('approval_policy = "untrusted"\n').load().approval_policy == "untrusted"
    assert make('approvals_reviewer = "guardian_subagent"\n').load().approvals_reviewer == "auto_review"


def test_our_own_keys_are_known(make: Make) -> None:
    text = 'experimental_realtime_ws_mode = "transcription"\n[features]\nview_image_original_resolution = false\n'
    text += '[model_providers.m]\nname = "n"\nwire_api = "chat"\nrequest_compression = "zstd"\n'
    config = make(text).load()
    assert config.warnings == ()
    assert config.realtime["ws_mode"] == "transcription"
    assert config.features.configured["view_image_original_resolution"] is False


def test_m15_the_configured_tier_goes_by_its_wire_name_and_the_feature_switches_it_off(make: Make) -> None:
    assert make('service_tier = "fast"\n').load().service_tier == "priority"
    assert make('service_tier = "flex"\n').load().service_tier == "flex"
    assert make('service_tier = "fast"\n[features]\nfast_mode = false\n').load().service_tier is None


def test_deprecated_and_unfinished_features_are_reported(make: Make, tmp_path: Path) -> None:
    config = make("[features]\ncodex_hooks = true\nweb_search_request = true\ncode_mode = true\n").load()
    assert [notice["summary"] for notice in config.deprecations] == [
        "`[features].codex_hooks` is deprecated. Use `[features].hooks` instead.",
        "`[features].web_search_request` is deprecated because web search is enabled by default.",
    ]
    assert config.warnings == (
        "Under-development features enabled: code_mode. Under-development features are incomplete and may behave unpredictably. "
        f"To suppress this warning, set `suppress_unstable_features_warning = true` in {tmp_path / '.codex' / 'config.toml'}.",
    )
