"""Settings of Claude Code in our words: environment and sandbox, MCP servers, hooks. What has no equal here is left out.

Source: the reference's migration, by what it makes of such settings.
"""

import re
from collections.abc import Mapping
from typing import Any

from app_server.core.hooks.found import EVENTS

VARIABLE = re.compile(r"\$\{(\w+)\}")
BEARER = re.compile(r"Bearer \$\{(\w+)\}")
HANDLER = ("type", "command", "timeout", "statusMessage", "async")
"""What is kept of a hook."""


def config(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What of general settings goes into the configuration."""
    variables = {name: text for name, value in _table(settings.get("env")).items() if (text := _word(value)) is not None}
    is_boxed = _table(settings.get("sandbox")).get("enabled") is True
    return {
        **({"sandbox_mode": "workspace-write"} if is_boxed else {}),
        **({"shell_environment_policy": {"inherit": "core", "set": variables}} if variables else {}),
    }


def servers(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The MCP servers of a file, by name; those that are off or can't be said in our words are not among them."""
    found = {name: _server(_table(each)) for name, each in sorted(_table(document.get("mcpServers")).items())}
    return {name: table for name, table in found.items() if table is not None}


def hooks(settings: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The hooks by event: those that run a command at an event that there is here."""
    events = {event[0].upper() + event[1:] for event in EVENTS}
    found = {}
    for event, groups in _table(settings.get("hooks")).items():
        kept = (
            [group for each in groups if (group := _group(_table(each)))] if event in events and isinstance(groups, list) else []
        )
        if kept:
            found[event] = kept
    return found


def missing(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
    """What of a table is not there yet; what is there has precedence."""
    found = {}
    for name, value in wanted.items():
        if name not in there:
            found[name] = value
        elif isinstance(value, Mapping) and isinstance(there[name], Mapping) and (inner := missing(value, there[name])):
            found[name] = inner
    return found


def _group(told: Mapping[str, Any]) -> dict[str, Any] | None:
    listed = told.get("hooks")
    handlers = [
        {name: each[name] for name in HANDLER if name in each}
        for each in map(_table, listed if isinstance(listed, list) else ())
        if each.get("type") == "command" and isinstance(each.get("command"), str) and "if" not in each
    ]
    matcher = told.get("matcher") if handlers else None
    return {**({"matcher": matcher} if isinstance(matcher, str) else {}), "hooks": handlers} if handlers else None


def _server(told: Mapping[str, Any]) -> dict[str, Any] | None:
    if told.get("disabled") is True:
        return None
    if isinstance(told.get("command"), str):
        return _program(told)
    if isinstance(told.get("url"), str) and told.get("type", "http") == "http" and not VARIABLE.search(told["url"]):
        return _address(told)
    return None


def _program(told: Mapping[str, Any]) -> dict[str, Any] | None:
    """A server that is run. Variables are known here only as whole values that keep their name."""
    words, variables = told.get("args", []), _table(told.get("env"))
    if not isinstance(words, list) or any("${" in str(word) for word in [told["command"], *words]):
        return None
    passed = [name for name, value in variables.items() if value == f"${{{name}}}"]
    fixed = {name: text for name, value in variables.items() if name not in passed and (text := _word(value)) is not None}
    if any("${" in text for text in fixed.values()):
        return None
    table = {"command": told["command"], "args": [str(word) for word in words], "env": fixed, "env_vars": passed}
    return {name: value for name, value in table.items() if value}


def _address(told: Mapping[str, Any]) -> dict[str, Any] | None:
    """A server that is called. A header that is a variable, or a bearer token that is one, stays one."""
    table: dict[str, Any] = {"url": told["url"], "http_headers": {}, "env_http_headers": {}}
    for name, value in _table(told.get("headers")).items():
        text = _word(value) or ""
        if name.lower() == "authorization" and (bearer := BEARER.fullmatch(text)):
            table["bearer_token_env_var"] = bearer.group(1)
        elif variable := VARIABLE.fullmatch(text):
            table["env_http_headers"][name] = variable.group(1)
        elif "${" in text:
            return None
        else:
            table["http_headers"][name] = text
    return {name: value for name, value in table.items() if value}


def _word(value: Any) -> str | None:
    """A value as a variable holds it; None for what is no single value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
