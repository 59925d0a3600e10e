"""The requirements hooks family of the wire contract."""

from typing import Annotated, Any, Literal

from pydantic import Field

from protocol.base import U64, Record, TypeAliasType, Variant


class CommandHookHandler(Variant):
    """Command hook handler."""

    type: Literal["command"] = "command"
    command: str
    command_windows: str | None = None
    timeout_sec: U64 | None = None
    async_: bool
    status_message: str | None = None
    additional_context_limit: U64 | None = None


class McpToolHookHandler(Variant):
    """Mcp tool hook handler."""

    type: Literal["mcp_tool"] = "mcp_tool"
    server: str
    tool: str
    input: dict[str, Any]
    timeout_sec: U64 | None = None
    status_message: str | None = None


class PromptHookHandler(Variant):
    """Prompt hook handler."""

    type: Literal["prompt"] = "prompt"


class AgentHookHandler(Variant):
    """Agent hook handler."""

    type: Literal["agent"] = "agent"


ConfiguredHookHandler = TypeAliasType(
    "ConfiguredHookHandler",
    Annotated[CommandHookHandler | McpToolHookHandler | PromptHookHandler | AgentHookHandler, Field(discriminator="type")],
)
"""Configured hook handler."""


class ConfiguredHookMatcherGroup(Record):
    """Configured hook matcher group."""

    matcher: str | None = None
    hooks: list[ConfiguredHookHandler]


class ManagedHooksRequirements(Record):
    """Managed hooks requirements."""

    pre_model_request: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="PreModelRequest")] = Field(default=[])
    post_model_request: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="PostModelRequest")] = Field(default=[])
    managed_dir: str | None = None
    windows_managed_dir: str | None = None
    pre_tool_use: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="PreToolUse")]
    permission_request: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="PermissionRequest")]
    post_tool_use: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="PostToolUse")]
    pre_compact: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="PreCompact")]
    post_compact: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="PostCompact")]
    session_start: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="SessionStart")]
    session_end: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="SessionEnd")] = Field(default=[])
    user_prompt_submit: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="UserPromptSubmit")]
    subagent_start: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="SubagentStart")]
    subagent_stop: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="SubagentStop")]
    stop: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="Stop")]
    interrupt: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="Interrupt")] = Field(default=[])
