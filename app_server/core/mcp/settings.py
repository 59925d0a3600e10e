"""`[mcp_servers.NAME]`: how a server is reached, which of its tools count, and when their calls are asked about.

Pure values of a checked configuration; nothing here starts anything. Source: spec/config-auth.md section 7, and the
reference's own runs (which variables of the environment a server sees).
"""

import os.path
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from app_server.core.frozen import frozen

DEFAULT_STARTUP_S = 30.0
DEFAULT_TOOL_S = 120.0
INHERITED = (
    *("HOME", "LOGNAME", "PATH", "SHELL", "USER", "__CF_USER_TEXT_ENCODING"),
    *("LANG", "LC_ALL", "TERM", "TMPDIR", "TZ"),
)
"""What of the daemon's environment a server sees without being told: the rest may hold secrets."""

ApprovalMode = Literal["auto", "prompt", "approve"]
Table = Mapping[str, Any]


class BadServer(Exception):
    """A server can't be started as it is configured; the text says why."""


@frozen
class Command:
    """A server that is a program of this machine. Equal commands may be one process."""

    argv: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    cwd: str


@frozen
class Address:
    """A server that is reached over HTTP. Equal addresses may be one session.

    `login` is the name that a login of the user's is kept under; None where the configuration itself says how to log in.
    """

    url: str
    headers: tuple[tuple[str, str], ...]
    login: str | None


Place = Command | Address


@frozen
class ServerSettings:
    """One server as it is configured."""

    name: str
    table: Table
    is_enabled: bool
    is_required: bool
    startup_s: float
    tool_s: float
    enabled_tools: frozenset[str] | None
    disabled_tools: frozenset[str]
    is_parallel: bool

    @property
    def is_http(self) -> bool:
        """Whether it is reached over HTTP."""
        return "url" in self.table

    @property
    def url(self) -> str:
        """Where it is reached over HTTP."""
        return str(self.table["url"])

    @property
    def origin(self) -> str | None:
        """Where it is, without path; None for a program."""
        if not self.is_http:
            return None
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @property
    def token_variable(self) -> str | None:
        """The variable of the environment that holds the token to log in with."""
        found: str | None = self.table.get("bearer_token_env_var")
        return found

    @property
    def has_own_login(self) -> bool:
        """Whether the configuration itself says how to log in."""
        tables = (self.table.get("http_headers") or {}, self.table.get("env_http_headers") or {})
        return self.token_variable is not None or any(name.lower() == "authorization" for table in tables for name in table)

    @property
    def plugin_id(self) -> str | None:
        """The plugin that brings the server along; None for one of the configuration itself."""
        found: str | None = self.table.get("plugin_id")
        return found

    def offers(self, tool: str) -> bool:
        """Whether a tool of the server counts."""
        return (self.enabled_tools is None or tool in self.enabled_tools) and tool not in self.disabled_tools

    def approval_mode(self, tool: str) -> ApprovalMode:
        """When a call of a tool is asked about."""
        own = (self.table.get("tools") or {}).get(tool, {})
        mode: ApprovalMode = own.get("approval_mode") or self.table.get("default_tools_approval_mode") or "auto"
        return mode

    def place(self, environment: Mapping[str, str], cwd: str) -> Place:
        """Where the server is, for a thread in this folder. Raises: BadServer."""
        if self.is_http:
            return Address(self.url, self._headers(environment), None if self.has_own_login else self.name)
        folder = os.path.normpath(Path(cwd, self.table.get("cwd") or ""))
        argv = (self.table["command"], *self.table.get("args", ()))
        return Command(argv, self._environment(environment), folder)

    def _environment(self, environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        wanted = (*INHERITED, *(name_of(entry) for entry in self.table.get("env_vars") or ()))
        seen = {name: environment[name] for name in wanted if name in environment}
        return tuple(sorted({**seen, **(self.table.get("env") or {})}.items()))

    def _headers(self, environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        headers = dict(self.table.get("http_headers") or {})
        for header, variable in (self.table.get("env_http_headers") or {}).items():
            if environment.get(variable):
                headers[header] = environment[variable]
        variable = self.token_variable
        if variable is not None:
            token = environment.get(variable)
            if token is None:
                raise BadServer(f"Environment variable {variable} for MCP server '{self.name}' is not set")
            if not token:
                raise BadServer(f"Environment variable {variable} for MCP server '{self.name}' is empty")
            headers["Authorization"] = f"Bearer {token}"
        return tuple(sorted(headers.items()))


def name_of(entry: Any) -> str:
    """The name of a variable that a server may see; newer configurations say where it comes from, too."""
    return str(entry["name"]) if isinstance(entry, Mapping) else str(entry)


def servers_of(tables: Mapping[str, Table]) -> dict[str, ServerSettings]:
    """The servers of a configuration, by name in their order."""
    return {name: settings_of(name, tables[name]) for name in sorted(tables)}


def settings_of(name: str, table: Table) -> ServerSettings:
    """One server with its defaults."""
    startup_s = table.get("startup_timeout_sec")
    if startup_s is None:
        milliseconds = table.get("startup_timeout_ms")
        startup_s = DEFAULT_STARTUP_S if milliseconds is None else milliseconds / 1000
    tool_s = table.get("tool_timeout_sec")
    enabled = table.get("enabled_tools")
    return ServerSettings(
        name=name,
        table=table,
        is_enabled=table.get("enabled", True),
        is_required=bool(table.get("required")),
        startup_s=float(startup_s),
        tool_s=DEFAULT_TOOL_S if tool_s is None else float(tool_s),
        enabled_tools=None if enabled is None else frozenset(enabled),
        disabled_tools=frozenset(table.get("disabled_tools") or ()),
        is_parallel=bool(table.get("supports_parallel_tool_calls")),
    )
