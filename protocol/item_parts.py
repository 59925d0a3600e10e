"""The parts of items: commands, changes to files, tool calls, searches."""

from typing import Annotated, Any, Literal

from pydantic import Field

from protocol.base import U32, Record, SnakeVariant, TypeAliasType, Variant
from protocol.scalars import LegacyAppPathString


class HookPromptFragment(Record):
    """A piece that a hook added."""

    text: str
    """What it added."""
    hook_run_id: str
    """The run of the hook."""


class MemoryCitationEntry(Record):
    """A place in a memory file."""

    path: str
    """The file."""
    line_start: U32
    """The first line, counted from 1."""
    line_end: U32
    """The last line."""
    note: str
    """What it was used for."""


class MemoryCitation(Record):
    """The memories that a message rests on."""

    entries: list[MemoryCitationEntry]
    """The places."""
    thread_ids: list[str]
    """The threads that the memories come from."""


class ReadAction(Variant):
    """Reads a file."""

    type: Literal["read"] = "read"
    """The tag of this alternative."""
    command: str
    """This part of the command line."""
    name: str
    """The name of the file."""
    path: LegacyAppPathString
    """The file."""


class ListFilesAction(Variant):
    """Lists files."""

    type: Literal["listFiles"] = "listFiles"
    """The tag of this alternative."""
    command: str
    """This part of the command line."""
    path: str | None = None
    """Where; null: in the working directory."""


class SearchAction(Variant):
    """Searches in files."""

    type: Literal["search"] = "search"
    """The tag of this alternative."""
    command: str
    """This part of the command line."""
    query: str | None = None
    """What for; null when it cannot be told."""
    path: str | None = None
    """Where; null: in the working directory."""


class UnknownAction(Variant):
    """Does something else."""

    type: Literal["unknown"] = "unknown"
    """The tag of this alternative."""
    command: str
    """This part of the command line."""


CommandAction = TypeAliasType(
    "CommandAction", Annotated[ReadAction | ListFilesAction | SearchAction | UnknownAction, Field(discriminator="type")]
)
"""What a part of a command line does, as far as it can be told from reading it."""

CommandExecutionSource = TypeAliasType(
    "CommandExecutionSource", Literal["agent", "userShell", "unifiedExecStartup", "unifiedExecInteraction"]
)
"""Who started a command: the agent's shell tool, the user, or the agent opening or using a session."""

CommandExecutionStatus = TypeAliasType("CommandExecutionStatus", Literal["inProgress", "completed", "failed", "declined"])
"""How a command stands; `declined` means that the user did not allow it."""


class AddPatch(Variant):
    """The file is new."""

    type: Literal["add"] = "add"
    """The tag of this alternative."""


class DeletePatch(Variant):
    """The file goes away."""

    type: Literal["delete"] = "delete"
    """The tag of this alternative."""


class UpdatePatch(SnakeVariant):
    """The file changes."""

    type: Literal["update"] = "update"
    """The tag of this alternative."""
    move_path: str | None = None
    """Where it moves to; null: it stays."""


PatchChangeKind = TypeAliasType("PatchChangeKind", Annotated[AddPatch | DeletePatch | UpdatePatch, Field(discriminator="type")])
"""What happens to a file."""


class FileUpdateChange(Record):
    """What happens to one file."""

    path: str
    """The file."""
    kind: PatchChangeKind
    """What happens to it."""
    diff: str
    """The new or the old content for a file that comes or goes; a unified diff for one that changes."""


PatchApplyStatus = TypeAliasType("PatchApplyStatus", Literal["inProgress", "completed", "failed", "declined"])
"""How changes to files stand; `declined` means that the user did not allow them."""


class McpToolCallAppContext(Record):
    """The app behind a tool of an MCP server."""

    connector_id: str
    """The connector of the app."""
    link_id: str | None = None
    """The account link that was used; null: none."""
    resource_uri: str | None = None
    """What the app wants shown; null: nothing."""
    app_name: str | None = None
    """The name of the app; null when unknown."""
    action_name: str | None = None
    """The name of the action; null when unknown."""


class McpToolCallError(Record):
    """Why a call failed."""

    message: str
    """A sentence for the user."""


McpAppDisplayMode = TypeAliasType("McpAppDisplayMode", Literal["inline", "fullscreen"])
"""How large an app wants to be shown."""


class McpAppUi(Record):
    """What a tool wants shown beside its result."""

    resource_uri: str
    """The resource to show."""
    preferred_model_display_mode: McpAppDisplayMode
    """How large, when the model called the tool."""


class McpToolCallResult(Record):
    """What a tool of an MCP server answered."""

    content: list[Any]
    """Its content blocks, as the server sent them."""
    structured_content: Any = None
    """The answer as data; null: none."""
    meta: Annotated[Any, Field(alias="_meta")] = None
    """What the server added about the answer; null: nothing."""


McpToolCallStatus = TypeAliasType("McpToolCallStatus", Literal["inProgress", "completed", "failed"])
"""How a call of an MCP tool stands."""


class InputTextDynamicContent(Variant):
    """Text."""

    type: Literal["inputText"] = "inputText"
    """The tag of this alternative."""
    text: str
    """The text."""


class InputImageDynamicContent(Variant):
    """An image."""

    type: Literal["inputImage"] = "inputImage"
    """The tag of this alternative."""
    image_url: str
    """Its address, usually a `data:` URL."""


class InputAudioDynamicContent(Variant):
    """A recording."""

    type: Literal["inputAudio"] = "inputAudio"
    """The tag of this alternative."""
    audio_url: str
    """Its address, usually a `data:` URL."""


DynamicToolCallOutputContentItem = TypeAliasType(
    "DynamicToolCallOutputContentItem",
    Annotated[InputTextDynamicContent | InputImageDynamicContent | InputAudioDynamicContent, Field(discriminator="type")],
)
"""A piece of what a client's tool answers."""

DynamicToolCallStatus = TypeAliasType("DynamicToolCallStatus", Literal["inProgress", "completed", "failed"])
"""How a call of a client's tool stands."""


class SearchWebAction(Variant):
    """Searched."""

    type: Literal["search"] = "search"
    """The tag of this alternative."""
    query: str | None = None
    """What for; null when not told."""
    queries: list[str] | None = None
    """All that was searched for; null when not told."""


class OpenPageWebAction(Variant):
    """Opened a page."""

    type: Literal["openPage"] = "openPage"
    """The tag of this alternative."""
    url: str | None = None
    """The page; null when not told."""


class FindInPageWebAction(Variant):
    """Looked for something in a page."""

    type: Literal["findInPage"] = "findInPage"
    """The tag of this alternative."""
    url: str | None = None
    """The page; null when not told."""
    pattern: str | None = None
    """What was looked for; null when not told."""


class OtherWebAction(Variant):
    """Did something else."""

    type: Literal["other"] = "other"
    """The tag of this alternative."""


WebSearchAction = TypeAliasType(
    "WebSearchAction",
    Annotated[SearchWebAction | OpenPageWebAction | FindInPageWebAction | OtherWebAction, Field(discriminator="type")],
)
"""What a web search did."""
