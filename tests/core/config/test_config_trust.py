"""Project layers and trust, as observed with the reference in git repositories and plain folders."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from app_server.core.clock import Clock
from app_server.core.config import trust
from app_server.core.config.layers import InvalidConfig
from app_server.core.config.store import ConfigStore

Project = Callable[..., ConfigStore]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A store whose process runs in `tmp_path / "w"`, a repository with a configuration of its own."""

    def make(user: str = "", own: str = 'model = "proj"\n') -> ConfigStore:
        home, work = tmp_path / "home", tmp_path / "w"
        home.mkdir()
        (work / ".git").mkdir(parents=True)
        (work / ".codex").mkdir()
        (work / ".codex" / "config.toml").write_text(own)
        (home / "config.toml").write_text(user.replace("$CWD", str(work)))
        return ConfigStore(home, {"HOME": str(tmp_path)}, {}, Clock(), cwd=work, system=tmp_path / "etc")

    return make


def trusts(level: str) -> str:
    return f'[projects."$CWD"]\ntrust_level = "{level}"\n'


def test_a_trusted_projects_settings_count_and_open_the_workspace(project: Project) -> None:
    store = project(trusts("trusted"))
    config = store.load()
    assert (config.model, config.sandbox_mode, config.active_permission_profile) == ("proj", "workspace-write", ":workspace")
    assert (config.approval_policy, config.trust_level) == ("on-request", "trusted")
    assert store.startup_warnings() == []


def test_an_undecided_projects_settings_wait_and_a_warning_says_what_to_do(project: Project, tmp_path: Path) -> None:
    store = project()
    work = tmp_path / "w"
    user = tmp_path / "home" / "config.toml"
    reason = f"To load project-local config, hooks, and exec policies, add {work} as a trusted project in {user}."
    config = store.load()
    assert (config.model, config.sandbox_mode, config.active_permission_profile) == (None, "read-only", ":read-only")
    assert store.startup_warnings() == [
        {
            "summary": "Project-local config, hooks, and exec policies are disabled in the following folders until the project "
            f"is trusted, but skills still load.\n    1. {work}/.codex\n       {reason}\n",
            "details": None,
        }
    ]
    rows = [layer.to_wire() for layer in store.layers().layers]
    assert rows[-1]["name"] == {"type": "project", "dotCodexFolder": f"{work}/.codex"}
    assert (rows[-1]["config"], rows[-1]["disabledReason"]) == ({"model": "proj"}, reason)
    assert rows[-1]["version"] == "sha256:7fdd794c91d0eb3b2eda9bb926db5066a6000c807fb42cb9afe547e371ee3923"


def test_an_untrusted_project_asks_before_every_command(project: Project) -> None:
    config = project(trusts("untrusted")).load()
    assert (config.model, config.approval_policy, config.sandbox_mode) == (None, "untrusted", "workspace-write")


def test_a_broken_file_of_an_undecided_project_breaks_nothing(project: Project) -> None:
    assert project(own="sandbox_mode =\n").load().model is None


def test_a_broken_file_of_a_trusted_project_is_named(project: Project, tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig) as caught:
        project(trusts("trusted"), 'sandbox_mode="x"\n').load()
    assert caught.value.detail.startswith(f"{tmp_path / 'w'}/.codex/config.toml:1:14: unknown variant `x`")


def test_a_project_may_not_set_machine_level_keys(project: Project, tmp_path: Path) -> None:
    own = 'model = "m"\nmodel_provider = "x"\nnotify = ["a"]\nbogus = 1\n[otel]\na = 1\n'
    config = project(trusts("trusted"), own).load()
    file = tmp_path / "w" / ".codex" / "config.toml"
    assert (config.model, config.model_provider) == ("m", "openai")
    assert config.warnings == (
        f"Ignored unsupported project-local config keys in {file}: model_provider, notify, otel. If you want these settings to "
        "apply, manually set them in your user-level config.toml.",
        "Codex is ignoring 1 unrecognized configuration setting. Check for typos or deprecated settings.\n"
        f"  project ({file}): `bogus` is ignored.",
    )


def test_deeper_folders_win_and_the_root_decides_about_trust(project: Project, tmp_path: Path) -> None:
    store = project(trusts("trusted"))
    deep = tmp_path / "w" / "a" / "b"
    (deep / ".codex").mkdir(parents=True)
    (deep / ".codex" / "config.toml").write_text('model = "deep"\n')
    assert store.load(deep).model == "deep"
    assert store.load(deep.parent).model == "proj"
    assert store.load(deep).project_root == tmp_path / "w"


def test_origins_name_the_layer_of_each_value(project: Project, tmp_path: Path) -> None:
    origins = project("model_verbosity = 'low'\n" + trusts("trusted")).layers().origins()
    assert origins["model"]["name"] == {"type": "project", "dotCodexFolder": str(tmp_path / "w" / ".codex")}
    user = {"type": "user", "file": str(tmp_path / "home" / "config.toml"), "profile": None}
    assert origins["model_verbosity"]["name"] == user
    assert origins[f"projects.{tmp_path / 'w'}.trust_level"]["name"] == user


def test_trust_is_written_once_and_holds_at_the_next_load(project: Project, tmp_path: Path) -> None:
    store = project("# mine\nmodel_verbosity = 'low'\n")
    store.trust(store.load())
    assert (tmp_path / "home" / "config.toml").read_text() == (
        f'# mine\nmodel_verbosity = \'low\'\n\n[projects."{tmp_path / "w"}"]\ntrust_level = "trusted"\n'
    )
    config = store.load()
    assert (config.model, config.trust_level) == ("proj", "trusted")
    store.trust(config)
    assert (tmp_path / "home" / "config.toml").read_text().count("trust_level") == 1
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["config.toml"]


def test_a_refusal_is_never_overwritten(project: Project, tmp_path: Path) -> None:
    store = project(trusts("untrusted"))
    before = (tmp_path / "home" / "config.toml").read_text()
    store.trust(store.load())
    assert (tmp_path / "home" / "config.toml").read_text() == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment",
        'model = "m"',
        "projects = {}\n",
        'projects = { "/x" = { trust_level = "trusted" } }\nmodel = "m"\n',
        '[projects."/w"]\n# mine\n[tui]\na = 1\n',
        '[projects."/x"]\ntrust_level = "untrusted"\n\n[tui]\na = 1\n',
        "[projects.'/w']\n",
        '[projects]\n"/x" = { trust_level = "trusted" }\n',
    ],
)
@pytest.mark.parametrize("name", ["/w", '/odd "name"\\\t'])
def test_a_trust_entry_changes_nothing_else(text: str, name: str) -> None:
    before = tomllib.loads(text)
    after = tomllib.loads(trust.with_trust(text, name))
    assert after["projects"][name] == {"trust_level": "trusted"}
    expected = {**before, "projects": {**before.get("projects", {}), name: {"trust_level": "trusted"}}}
    assert after == expected
    kept = [line for line in text.splitlines() if "projects" not in line]
    written = trust.with_trust(text, name).splitlines()
    assert [line for line in kept if line not in written] == []


def test_a_linked_worktree_is_trusted_with_its_repository(tmp_path: Path) -> None:
    main, linked = tmp_path / "main", tmp_path / "linked"
    (main / ".git" / "worktrees" / "linked").mkdir(parents=True)
    linked.mkdir()
    (linked / ".git").write_text(f"gitdir: {main}/.git/worktrees/linked\n")
    assert trust.main_worktree(linked) == main
    assert trust.main_worktree(main) is None
    projects = {str(main): {"trust_level": "trusted"}}
    assert trust.trust_level(projects, linked / "a", linked) == ("trusted", str(main))
    assert trust.trust_level({}, linked / "a", linked) == (None, str(main))


def test_without_markers_there_is_no_walk_upwards(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    deep = tmp_path / "a"
    deep.mkdir()
    assert trust.project_root(deep, (".git",)) == tmp_path
    assert trust.project_root(deep, ()) == deep
