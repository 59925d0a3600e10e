"""Another agent's settings in our words."""

from typing import Any

import pytest

from app_server.core.external_agent.settings import config, hooks, missing, servers


def test_variables_and_the_sandbox_become_configuration() -> None:
    told = {"env": {"A": "a", "N": 1, "B": True, "X": None, "L": [1]}, "sandbox": {"enabled": True}}
    policy = {"inherit": "core", "set": {"A": "a", "N": "1", "B": "true"}}
    assert config(told) == {"sandbox_mode": "workspace-write", "shell_environment_policy": policy}
    assert config({"env": [], "sandbox": {"enabled": "yes"}}) == {}


@pytest.mark.parametrize(
    ("told", "table"),
    [
        ({"command": "x", "args": ["a", 1], "env": {"A": "b", "K": "${K}"}},
         {"command": "x", "args": ["a", "1"], "env": {"A": "b"}, "env_vars": ["K"]}),
        ({"type": "http", "url": "https://x", "headers": {"Authorization": "Bearer ${T}", "X-A": "${V}", "X-B": "c"}},
         {"url": "https://x", "bearer_token_env_var": "T", "env_http_headers": {"X-A": "V"}, "http_headers": {"X-B": "c"}}),
        ({"command": "x", "disabled": True}, None),
        ({"type": "sse", "url": "https://x"}, None),
        ({"command": "x", "args": ["${A}"]}, None),
        ({"command": "x", "env": {"A": "${B:-c}"}}, None),
        ({"url": "https://x", "headers": {"X": "a-${B}"}}, None),
        ({"url": "https://${HOST}"}, None),
        ("text", None),
    ],
)  # fmt: skip
def test_servers_are_said_in_our_words_or_left_out(told: Any, table: dict[str, Any] | None) -> None:
    assert servers({"mcpServers": {"s": told}}) == ({} if table is None else {"s": table})


def test_hooks_are_kept_that_run_commands_at_known_events() -> None:
    command = {"type": "command", "command": "x", "timeout": 5}
    told = {
        "PreToolUse": [{"matcher": "Bash", "hooks": [{**command, "odd": 1}, {"type": "prompt"}, {**command, "if": "y"}]}],
        "Notification": [{"hooks": [command]}],
        "Stop": [{"hooks": []}, "text"],
    }
    assert hooks({"hooks": told}) == {"PreToolUse": [{"matcher": "Bash", "hooks": [command]}]}


def test_what_is_there_has_precedence() -> None:
    assert missing({"a": 1, "t": {"x": 1, "y": 2}}, {"a": 0, "t": {"x": 0}}) == {"t": {"y": 2}}
    assert missing({"a": 1}, {"a": 2}) == {}
