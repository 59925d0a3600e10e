"""What servers answer to calls of their tools: checked, as clients see it, and as the model gets it.

Source: spec/tools.md section 11.2, and the reference's own rewriting of some twenty answers.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from app_server.core.frozen import frozen
from app_server.core.mcp.errors import OddAnswer
from protocol.item_parts import McpToolCallResult

Json = dict[str, Any]
ReadImage = Callable[[str], Awaitable[Json]]
"""The image of a URL as a part for the model."""

_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "text": ("text",),
    "image": ("data", "mimeType"),
    "audio": ("data", "mimeType"),
    "resource": ("resource",),
    "resource_link": ("uri", "name"),
}
"""What blocks of each kind must have."""
_ORDER = (
    *("type", "uri", "uriTemplate", "name", "title", "description", "mimeType", "text", "blob", "size", "resource"),
    *("icons", "_meta", "annotations"),
)
OMITTED = "<{kind} content omitted because you do not support {kind} input>"


@frozen
class ToolAnswer:
    """An answer of a tool. `content` are its blocks as the server has sent them."""

    content: list[Json]
    structured: Any
    is_error: bool
    meta: Any

    def for_client(self) -> McpToolCallResult:
        """The answer as an item shows it."""
        return McpToolCallResult(content=self.content, structured_content=self.structured, meta=self.meta)


def read_answer(raw: Mapping[str, Any]) -> ToolAnswer:
    """The answer to a call. Raises: OddAnswer."""
    content = raw.get("content", [])
    if not isinstance(content, list) or not all(_is_block(block) for block in content):
        raise OddAnswer
    if "content" not in raw and "structuredContent" not in raw:
        raise OddAnswer
    return ToolAnswer(content, raw.get("structuredContent"), raw.get("isError") is True, raw.get("_meta"))


def _is_block(block: Any) -> bool:
    if not isinstance(block, dict):
        return False
    members = _MEMBERS.get(block.get("type", ""))
    return members is not None and all(name in block for name in members)


def without_unread(answer: ToolAnswer, accepts: Callable[[str], bool]) -> ToolAnswer:
    """The answer without the kinds of media that the model does not read."""
    content = [
        {"type": "text", "text": OMITTED.format(kind=block["type"])}
        if block["type"] in ("image", "audio") and not accepts(block["type"])
        else block
        for block in answer.content
    ]
    return ToolAnswer(content, answer.structured, answer.is_error, answer.meta)


async def parts_of(answer: ToolAnswer, heading: str, read_image: ReadImage) -> str | list[Json]:
    """The answer for the model: data as JSON text, or else the blocks as parts."""
    if answer.structured is not None:
        return f"{heading}\n{compact(answer.structured)}"
    return [text_part(heading), *[await _part(block, read_image) for block in answer.content]]


async def _part(block: Json, read_image: ReadImage) -> Json:
    match block["type"]:
        case "text":
            return text_part(str(block["text"]))
        case "image":
            return await read_image(data_url(block))
        case "audio":
            return {"type": "input_audio", "audio_url": data_url(block)}
    return text_part(compact(in_order(block)))


def data_url(block: Mapping[str, Any]) -> str:
    """The bytes of a block as a URL."""
    data = str(block["data"])
    return data if data.startswith("data:") else f"data:{block['mimeType']};base64,{data}"


def text_part(text: str) -> Json:
    """A text as a part for the model."""
    return {"type": "input_text", "text": text}


def in_order(value: Any) -> Any:
    """What is shown as JSON text has its members in the order in which models know them; unknown ones stand last."""
    if not isinstance(value, dict):
        return value
    names = [name for name in _ORDER if name in value] + [name for name in value if name not in _ORDER]
    return {name: in_order(value[name]) if name == "resource" else value[name] for name in names}


def compact(value: Any) -> str:
    """JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
