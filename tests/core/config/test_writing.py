"""Settings written into the user's file: what changes, what stays, what is refused."""

import tomllib
from pathlib import Path

import pytest

from app_server.core.clock import Clock
from app_server.core.config.edit import BadKeyPath, Edit, edited, split_path
from app_server.core.config.store import ConfigStore
from app_server.core.config.writing import write
from app_server.core.errors import CallerError

TEXT = """\
# the model of the house
model = "one"  # for now

[features]
apps = false   # not yet

[mcp_servers."a.b"]
command = "box"
"""


def store_of(home: Path, text: str = TEXT, overrides: dict[str, object] | None = None) -> ConfigStore:
    (home / "config.toml").write_text(text)
    return ConfigStore(home, {"HOME": str(home)}, overrides or {}, Clock(), cwd=home, system=home / "none")


def test_comments_and_order_stay_when_a_value_changes() -> None:
    assert edited(TEXT, [Edit(("model",), "two", is_merge=False)]) == TEXT.replace('"one"', '"two"')


def test_a_new_top_level_value_is_read_back_at_the_top_level() -> None:
    fresh = edited(TEXT, [Edit(("model_verbosity",), "low", is_merge=False)])
    assert tomllib.loads(fresh)["model_verbosity"] == "low"
    assert fresh.index("model_verbosity") < fresh.index("[features]")


def test_null_removes_a_value_and_an_absent_one_is_no_mistake() -> None:
    fresh = edited(TEXT, [Edit(("features", "apps"), None, is_merge=False), Edit(("no", "such"), None, is_merge=False)])
    assert tomllib.loads(fresh) == {"model": "one", "features": {}, "mcp_servers": {"a.b": {"command": "box"}}}


def test_upsert_merges_tables_and_replace_replaces_them() -> None:
    merged = edited(TEXT, [Edit(("mcp_servers", "a.b"), {"args": ["x"]}, is_merge=True)])
    assert tomllib.loads(merged)["mcp_servers"]["a.b"] == {"command": "box", "args": ["x"]}
    replaced = edited(TEXT, [Edit(("mcp_servers", "a.b"), {"args": ["x"]}, is_merge=False)])
    assert tomllib.loads(replaced)["mcp_servers"]["a.b"] == {"args": ["x"]}


def test_tables_on_the_way_to_a_new_key_are_made() -> None:
    fresh = edited(TEXT, [Edit(("projects", "/some/folder", "trust_level"), "trusted", is_merge=False)])
    assert tomllib.loads(fresh)["projects"] == {"/some/folder": {"trust_level": "trusted"}}


@pytest.mark.parametrize(
    ("path", "segments"),
    [("a", ("a",)), ("a.b", ("a", "b")), ('a."b.c".d', ("a", "b.c", "d")), ("a.'x.y'", ("a", "x.y"))],
)
def test_a_key_path_is_split_at_dots_outside_of_quotes(path: str, segments: tuple[str, ...]) -> None:
    assert split_path(path) == segments


@pytest.mark.parametrize("path", ["", " ", "a..b", ".a", "a."])
def test_a_key_path_that_names_nothing_is_refused(path: str) -> None:
    with pytest.raises(BadKeyPath):
        split_path(path)


def test_a_write_says_the_new_version_and_the_next_one_can_build_on_it(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    first = write(store, [Edit(("model",), "two", is_merge=False)], None, None)
    second = write(store, [Edit(("model",), "three", is_merge=False)], None, first.version)
    assert second.version != first.version
    assert store.load().model == "three"


def test_a_stale_version_changes_nothing(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    with pytest.raises(CallerError, match="modified since last read") as caught:
        write(store, [Edit(("model",), "two", is_merge=False)], None, "sha256:0000")
    assert caught.value.data == {"config_write_error_code": "configVersionConflict"}
    assert (tmp_path / "config.toml").read_text() == TEXT


def test_one_bad_edit_spoils_the_whole_batch(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    edits = [Edit(("model",), "two", is_merge=False), Edit(("approval_policy",), "whenever", is_merge=False)]
    with pytest.raises(CallerError, match="Invalid configuration: unknown variant `whenever`"):
        write(store, edits, None, None)
    assert (tmp_path / "config.toml").read_text() == TEXT


def test_a_setting_that_the_command_line_overrides_says_so(tmp_path: Path) -> None:
    store = store_of(tmp_path, overrides={"model": "mine"})
    over = write(store, [Edit(("model",), "two", is_merge=False)], None, None).overridden
    assert over is not None
    assert (over.message, over.value) == ("Overridden by session flags", "mine")
