"""The home that a test server gets."""

import tomllib
from pathlib import Path

import pytest

from tests.support.home import make_home


def test_the_config_names_the_provider_and_takes_raw_settings_at_their_places(tmp_path: Path) -> None:
    home = make_home(
        tmp_path,
        "http://127.0.0.1:1/v1",
        retries=2,
        top='model_reasoning_effort = "high"',
        provider='query_params = {a = "b"}',
        features="fast_mode = true",
        tables='[mcp_servers.x]\ncommand = "x"',
    )
    config = tomllib.loads((home.codex_home / "config.toml").read_text())
    provider = config["model_providers"]["mock"]
    assert (provider["base_url"], provider["stream_max_retries"], provider["query_params"]) == (
        "http://127.0.0.1:1/v1",
        2,
        {"a": "b"},
    )
    assert (config["model_reasoning_effort"], config["features"]["fast_mode"]) == ("high", True)
    assert config["mcp_servers"] == {"x": {"command": "x"}}
    assert Path(config["model_catalog_json"]).is_file()
    assert home.work.is_dir()


def test_no_setting_of_the_person_who_runs_the_tests_reaches_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    home = make_home(tmp_path, "http://127.0.0.1:1/v1", environment={"MINE": "yes"})
    assert sorted(home.environment) == ["CODEX_HOME", "HOME", "LANG", "MINE", "PATH", "SHELL", "USER"]
    assert home.environment["CODEX_HOME"] == str(home.codex_home)
