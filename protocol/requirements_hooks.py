"""Hooks that an administrator sets, written as in the requirements file."""

from typing import Annotated, Any, Literal

from pydantic import Field

from protocol.base import U64, Record, TypeAliasType, Variant


class CommandHookHandler(Variant):
    """Runs a command."""

    type: Literal["command"] = "command"
    """The tag of this alternative."""
    command: str
    """The command."""
    command_windows: str | None = None
    """The command on Windows; null: the same."""
    timeout_sec: U64 | None = None
    """How long it may take, in seconds; null: as usual."""
    async_: bool
    """Whether nobody waits for it."""
    status_message: str | None = None
    """What to show meanwhile; null: nothing special."""
    additional_context_limit: U64 | None = None
    """From how many tokens its context goes into a file; 0: never; null: as usual."""


class McpToolHookHandler(Variant):
    """Calls a tool of an MCP server."""

    type: Literal["mcp_tool"] = "mcp_tool"
    """The tag of this alternative."""
    server: str
    """The server."""
    tool: str
    """The tool."""
    input: dict[str, Any]
    """What the tool is given."""
    timeout_sec: U64 | None = None
    """How long it may take, in seconds; null: as usual."""
    status_message: str | None = None
    """What to show meanwhile; null: nothing special."""


class PromptHookHandler(Variant):
    """Asks a model; known but not run."""

    type: Literal["prompt"] = "prompt"
    """The tag of this alternative."""


class AgentHookHandler(Variant):
    """Asks an agent; known but not run."""

    type: Literal["agent"] = "agent"
    """The tag of this alternative."""


ConfiguredHookHandler = TypeAliasType(
    "ConfiguredHookHandler",
    Annotated[CommandHookHandler | McpToolHookHandler | PromptHookHandler | AgentHookHandler, Field(discriminator="type")],
)
"""What a hook does."""


class ConfiguredHookMatcherGroup(Record):
    """Hooks for the same things."""

    matcher: str | None = None
    """A pattern of the names they are for; null: all."""
    hooks: list[ConfiguredHookHandler]
    """The hooks."""


class ManagedHooksRequirements(Record):
    """The administrator's hooks, by event."""

    pre_model_request: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="PreModelRequest")] = Field(default=[])
    """Before a request to the model."""
    post_model_request: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="PostModelRequest")] = Field(default=[])
    """After a request to the model."""
    managed_dir: str | None = None
    """The directory of their programs; null: none."""
    windows_managed_dir: str | None = None
    """That directory on Windows; null: none."""
    pre_tool_use: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="PreToolUse")]
    """Before a tool is used."""
    permission_request: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="PermissionRequest")]
    """When the user would be asked."""
    post_tool_use: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="PostToolUse")]
    """After a tool was used."""
    pre_compact: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="PreCompact")]
    """Before the history is summarized."""
    post_compact: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="PostCompact")]
    """After the history was summarized."""
    session_start: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="SessionStart")]
    """When a thread begins or is opened."""
    session_end: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="SessionEnd")] = Field(default=[])
    """When a thread is closed."""
    user_prompt_submit: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="UserPromptSubmit")]
    """When the user says something."""
    subagent_start: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="SubagentStart")]
    """When a sub-agent begins."""
    subagent_stop: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="SubagentStop")]
    """When a sub-agent is done."""
    stop: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="Stop")]
    """When a turn is about to end."""
    interrupt: Annotated[list[ConfiguredHookMatcherGroup], Field(alias="Interrupt")] = Field(default=[])
    """When a turn is interrupted."""
