"""Which servers there are, with what settings; those of plugins over a connection."""

import sys
from pathlib import Path
from typing import Any

import pytest

from app_server.core.mcp.credentials import key_of
from app_server.core.mcp.names import namespace_of, tool_names
from app_server.core.mcp.settings import Address, BadServer, Command, settings_of
from tests.core.plugins.shop import marketplace, plugin
from tests.support.client import connected
from tests.support.deterministic import served
from tests.support.home import make_home
from tests.support.mcp import PROGRAM

ENVIRONMENT = {"PATH": "/bin", "HOME": "/h", "SECRET": "s", "SHARED": "1", "TOKEN": "t", "EMPTY": ""}


def test_defaults_of_a_server() -> None:
    plain = settings_of("lab", {"command": "x"})
    assert (plain.is_enabled, plain.is_required, plain.startup_s, plain.tool_s) == (True, False, 30.0, 120.0)
    assert (plain.offers("anything"), plain.approval_mode("anything"), plain.is_parallel) == (True, "auto", False)
    assert settings_of("lab", {"command": "x", "startup_timeout_ms": 1500}).startup_s == 1.5
    assert settings_of("lab", {"command": "x", "startup_timeout_sec": 2, "startup_timeout_ms": 1500}).startup_s == 2.0


def test_a_tool_counts_if_it_is_listed_and_not_excluded() -> None:
    chosen = settings_of("lab", {"command": "x", "enabled_tools": ["a", "b"], "disabled_tools": ["b"]})
    assert [tool for tool in "abc" if chosen.offers(tool)] == ["a"]


def test_what_is_said_of_one_tool_goes_before_what_is_said_of_all() -> None:
    table = {"command": "x", "default_tools_approval_mode": "prompt", "tools": {"a": {"approval_mode": "approve"}, "b": {}}}
    chosen = settings_of("lab", table)
    assert [chosen.approval_mode(tool) for tool in "abc"] == ["approve", "prompt", "prompt"]


def test_a_program_gets_a_narrow_environment_and_a_folder() -> None:
    table = {"command": "x", "args": ["1"], "env": {"OWN": "o", "PATH": "/own"}, "env_vars": ["SHARED", {"name": "GONE"}]}
    place = settings_of("lab", {**table, "cwd": "below"}).place(ENVIRONMENT, "/work")
    assert place == Command(("x", "1"), (("HOME", "/h"), ("OWN", "o"), ("PATH", "/own"), ("SHARED", "1")), "/work/below")


def test_an_address_gets_its_headers_and_says_whose_login_it_uses() -> None:
    table = {"url": "http://u@h:1/x", "http_headers": {"X": "1"}, "env_http_headers": {"Y": "TOKEN", "Z": "EMPTY"}}
    open_ = settings_of("web", table)
    assert open_.place(ENVIRONMENT, "") == Address("http://u@h:1/x", (("X", "1"), ("Y", "t")), "web")
    assert (open_.origin, open_.has_own_login) == ("http://h:1", False)
    closed = settings_of("web", {"url": "http://h/x", "bearer_token_env_var": "TOKEN"})
    assert closed.place(ENVIRONMENT, "") == Address("http://h/x", (("Authorization", "Bearer t"),), None)


@pytest.mark.parametrize(("variable", "fault"), [("GONE", "is not set"), ("EMPTY", "is empty")])
def test_a_token_that_is_not_there_is_a_fault(variable: str, fault: str) -> None:
    wanted = settings_of("web", {"url": "http://h/x", "bearer_token_env_var": variable})
    with pytest.raises(BadServer, match=f"^Environment variable {variable} for MCP server 'web' {fault}$"):
        wanted.place(ENVIRONMENT, "")


def test_names_have_only_the_letters_that_providers_take() -> None:
    assert namespace_of("my-srv.1") == "mcp__my_srv_1"
    assert tool_names("lab", ["echo.it", "plain"]) == {"echo.it": "echo_it", "plain": "plain"}


def test_names_that_become_alike_or_are_too_long_are_marked_as_the_reference_marks_them() -> None:
    names = tool_names("lab", ["twin-a", "twin_a", "x" * 130])
    assert names["twin-a"] == "twin_a_306aa1de7d06"
    assert names["twin_a"] == "twin_a_5d8abe9ad63b"
    assert names["x" * 130] == "x" * 105 + "_d694c92827c3"
    assert len("mcp__lab__" + names["x" * 130]) == 128


def test_logins_are_kept_by_server_and_address() -> None:
    assert key_of("web", "http://h/x") != key_of("web", "http://h/y")
    assert key_of("web", "http://h/x").startswith("web|")


async def test_a_plugin_brings_servers_whose_calls_name_it(tmp_path: Path) -> None:
    good: dict[str, Any] = {"type": "stdio", "command": sys.executable, "args": [str(PROGRAM)]}
    home = make_home(tmp_path, "http://127.0.0.1:9/v1")
    config = home.codex_home / "config.toml"
    config.write_text(config.read_text().replace("plugins = false", "plugins = true"))
    bad = {"command": "x", "url": "http://h"}
    plugin(home.work / "shop/sample", version="1.0.0", files={".mcp.json": {"mcpServers": {"oven": good, "bad": bad}}})
    marketplace(home.work / "shop", "sample")
    async with served(home) as pipe, connected(pipe) as client:
        await client.initialize()
        await client.request("marketplace/add", {"source": "./shop"})
        file = str(home.work / "shop/.agents/plugins/marketplace.json")
        await client.request("plugin/install", {"marketplacePath": file, "pluginName": "sample"})
        thread = (await client.request("thread/start", {"cwd": str(home.work)}))["thread"]["id"]
        await client.wait_notification("mcpServer/startupStatus/updated", name="oven", status="ready", threadId=thread)
        listed = (await client.request("mcpServerStatus/list", {"threadId": thread, "detail": "toolsAndAuthOnly"}))["data"]

    assert [(each["name"], each["pluginId"], each["runtimeStatus"]) for each in listed] == [
        ("oven", "sample@acme", "connected"),
    ]
