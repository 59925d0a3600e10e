"""The item parts family of the wire contract."""

from typing import Annotated, Any, Literal

from pydantic import Field

from protocol.base import U32, Record, SnakeVariant, TypeAliasType, Variant
from protocol.scalars import LegacyAppPathString


class HookPromptFragment(Record):
    """Hook prompt fragment."""

    text: str
    hook_run_id: str


class MemoryCitationEntry(Record):
    """Memory citation entry."""

    path: str
    line_start: U32
    line_end: U32
    note: str


class MemoryCitation(Record):
    """Memory citation."""

    entries: list[MemoryCitationEntry]
    thread_ids: list[str]


class ReadAction(Variant):
    """Read action."""

    type: Literal["read"] = "read"
    command: str
    name: str
    path: LegacyAppPathString


class ListFilesAction(Variant):
    """List files action."""

    type: Literal["listFiles"] = "listFiles"
    command: str
    path: str | None = None


class SearchAction(Variant):
    """Search action."""

    type: Literal["search"] = "search"
    command: str
    query: str | None = None
    path: str | None = None


class UnknownAction(Variant):
    """Unknown action."""

    type: Literal["unknown"] = "unknown"
    command: str


CommandAction = TypeAliasType(
    "CommandAction", Annotated[ReadAction | ListFilesAction | SearchAction | UnknownAction, Field(discriminator="type")]
)
"""Command action."""

CommandExecutionSource = TypeAliasType(
    "CommandExecutionSource", Literal["agent", "userShell", "unifiedExecStartup", "unifiedExecInteraction"]
)
"""Command execution source."""

CommandExecutionStatus = TypeAliasType("CommandExecutionStatus", Literal["inProgress", "completed", "failed", "declined"])
"""Command execution status."""


class AddPatch(Variant):
    """Add patch."""

    type: Literal["add"] = "add"


class DeletePatch(Variant):
    """Delete patch."""

    type: Literal["delete"] = "delete"


class UpdatePatch(SnakeVariant):
    """Update patch."""

    type: Literal["update"] = "update"
    move_path: str | None = None


PatchChangeKind = TypeAliasType("PatchChangeKind", Annotated[AddPatch | DeletePatch | UpdatePatch, Field(discriminator="type")])
"""Patch change kind."""


class FileUpdateChange(Record):
    """File update change."""

    path: str
    kind: PatchChangeKind
    diff: str


PatchApplyStatus = TypeAliasType("PatchApplyStatus", Literal["inProgress", "completed", "failed", "declined"])
"""Patch apply status."""


class McpToolCallAppContext(Record):
    """Mcp tool call app context."""

    connector_id: str
    link_id: str | None = None
    resource_uri: str | None = None
    app_name: str | None = None
    action_name: str | None = None


class McpToolCallError(Record):
    """Mcp tool call error."""

    message: str


McpAppDisplayMode = TypeAliasType("McpAppDisplayMode", Literal["inline", "fullscreen"])
"""Mcp app display mode."""


class McpAppUi(Record):
    """Mcp app ui."""

    resource_uri: str
    preferred_model_display_mode: McpAppDisplayMode


class McpToolCallResult(Record):
    """Mcp tool call result."""

    content: list[Any]
    structured_content: Any = None
    meta: Annotated[Any, Field(alias="_meta")] = None


McpToolCallStatus = TypeAliasType("McpToolCallStatus", Literal["inProgress", "completed", "failed"])
"""Mcp tool call status."""


class InputTextDynamicContent(Variant):
    """Input text dynamic content."""

    type: Literal["inputText"] = "inputText"
    text: str


class InputImageDynamicContent(Variant):
    """Input image dynamic content."""

    type: Literal["inputImage"] = "inputImage"
    image_url: str


class InputAudioDynamicContent(Variant):
    """Input audio dynamic content."""

    type: Literal["inputAudio"] = "inputAudio"
    audio_url: str


DynamicToolCallOutputContentItem = TypeAliasType(
    "DynamicToolCallOutputContentItem",
    Annotated[InputTextDynamicContent | InputImageDynamicContent | InputAudioDynamicContent, Field(discriminator="type")],
)
"""Dynamic tool call output content item."""

DynamicToolCallStatus = TypeAliasType("DynamicToolCallStatus", Literal["inProgress", "completed", "failed"])
"""Dynamic tool call status."""


class SearchWebAction(Variant):
    """Search web action."""

    type: Literal["search"] = "search"
    query: str | None = None
    queries: list[str] | None = None


class OpenPageWebAction(Variant):
    """Open page web action."""

    type: Literal["openPage"] = "openPage"
    url: str | None = None


class FindInPageWebAction(Variant):
    """Find in page web action."""

    type: Literal["findInPage"] = "findInPage"
    url: str | None = None
    pattern: str | None = None


class OtherWebAction(Variant):
    """Other web action."""

    type: Literal["other"] = "other"


WebSearchAction = TypeAliasType(
    "WebSearchAction",
    Annotated[SearchWebAction | OpenPageWebAction | FindInPageWebAction | OtherWebAction, Field(discriminator="type")],
)
"""Web search action."""
