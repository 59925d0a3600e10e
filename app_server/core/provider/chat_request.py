"""A request in the form of Chat Completions: the items of the input as messages, the tools as functions.

Servers differ in what they tolerate, so the form is the plainest that says the same: instructions come first and are
one message, roles alternate, and every call is followed by its outcome. What only the Responses API knows (encrypted
reasoning, searches that the provider ran) is left out.
"""

import base64
import binascii
from collections.abc import Iterable
from typing import Any

from pydantic_core import from_json, to_json

from app_server.core.provider.base import ModelRequest
from app_server.core.provider.flat_tools import FREE_TEXT, FlatTools

IMAGE_DETAILS = frozenset({"low", "high", "auto"})
OMITTED = "[{} omitted]"
CALLS = frozenset({"function_call", "custom_tool_call"})
OUTPUTS = frozenset({"function_call_output", "custom_tool_call_output"})

Message = dict[str, Any]


def chat_body(request: ModelRequest, tools: FlatTools) -> bytes:
    """The JSON body."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": messages_of(map(from_json, request.input), tools),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if tools.functions:
        body["tools"] = [{"type": "function", "function": function} for function in tools.functions]
    if "effort" in request.reasoning:
        body["reasoning_effort"] = request.reasoning["effort"]
    form = (request.text or {}).get("format")
    if form is not None:
        schema = {name: form[name] for name in ("name", "schema", "strict") if name in form}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    if request.service_tier is not None:
        body["service_tier"] = request.service_tier
    return to_json(body)


def messages_of(items: Iterable[dict[str, Any]], tools: FlatTools) -> list[Message]:
    """The items as messages."""
    writer = Conversation(tools)
    for item in items:
        writer.add(item)
    return writer.finished()


class Conversation:
    """The messages made so far.

    Invariant: `_shown` holds the images that tools gave since the last message that was not a tool's; they are shown
    in a message of the user's, after the outcomes of all calls, since tools can answer with text only.
    """

    def __init__(self, tools: FlatTools) -> None:
        self._tools = tools
        self._messages: list[Message] = []
        self._shown: list[Message] = []

    def add(self, item: dict[str, Any]) -> None:
        """One more item."""
        kind = item.get("type")
        if kind in OUTPUTS:
            self._add_output(item)
            return
        if kind != "message" and kind not in CALLS:
            return
        self._show_images()
        if kind in CALLS:
            self._add_call(item)
        elif item.get("role") == "assistant":
            self._add_answer(text_of(item.get("content")))
        else:
            self._add_words(item)

    def finished(self) -> list[Message]:
        """All messages."""
        self._show_images()
        return self._messages

    def _add_words(self, item: dict[str, Any]) -> None:
        """A message of the user's, or of ours. Ours is the system's only at the very beginning: many servers insist on that."""
        is_ours = item.get("role") in ("developer", "system")
        is_beginning = all(message["role"] == "system" for message in self._messages)
        role = "system" if is_ours and is_beginning else "user"
        parts = [part_of(part) for part in item.get("content") or [] if isinstance(part, dict)]
        last = self._messages[-1] if self._messages else None
        if last is not None and last["role"] == role:
            last["content"] = joined([*as_parts(last["content"]), *parts])
        elif parts:
            self._messages.append({"role": role, "content": joined(parts)})

    def _add_answer(self, text: str) -> None:
        last = self._messages[-1] if self._messages else None
        if last is not None and last["role"] == "assistant" and "tool_calls" not in last:
            last["content"] = f"{last['content']}\n\n{text}"
        elif text:
            self._messages.append({"role": "assistant", "content": text})

    def _add_call(self, item: dict[str, Any]) -> None:
        arguments = item.get("arguments", "")
        if item["type"] == "custom_tool_call":
            arguments = to_json({FREE_TEXT: item.get("input", "")}).decode()
        name = self._tools.function_of(str(item.get("name", "")), item.get("namespace"))
        function = {"name": name, "arguments": arguments or "{}"}
        call = {"id": item.get("call_id"), "type": "function", "function": function}
        last = self._messages[-1] if self._messages else None
        if last is not None and last["role"] == "assistant":
            last.setdefault("tool_calls", []).append(call)
        else:
            self._messages.append({"role": "assistant", "content": None, "tool_calls": [call]})

    def _add_output(self, item: dict[str, Any]) -> None:
        output = item.get("output")
        if not isinstance(output, str):
            parts = [part_of(part) for part in output or [] if isinstance(part, dict)]
            images = [part for part in parts if part["type"] != "text"]
            self._shown += images
            text = "\n".join(part["text"] for part in parts if part["type"] == "text")
            output = text or ("The image follows." if images else "")
        self._messages.append({"role": "tool", "tool_call_id": item.get("call_id"), "content": output})

    def _show_images(self) -> None:
        if self._shown:
            self._messages.append({"role": "user", "content": self._shown})
            self._shown = []


def part_of(part: dict[str, Any]) -> Message:
    """A part of a message; what there is no form for is a text that says so."""
    kind = part.get("type")
    if kind == "input_image" and isinstance(part.get("image_url"), str):
        image: Message = {"url": part["image_url"]}
        if part.get("detail") in IMAGE_DETAILS:
            image["detail"] = part["detail"]
        return {"type": "image_url", "image_url": image}
    if kind == "input_audio" and (recording := recording_of(part.get("audio_url"))) is not None:
        return {"type": "input_audio", "input_audio": recording}
    if kind in ("input_image", "input_audio"):
        return {"type": "text", "text": OMITTED.format(kind.removeprefix("input_"))}
    return {"type": "text", "text": str(part.get("text", ""))}


def recording_of(url: Any) -> Message | None:
    """A recording's data and format."""
    head, comma, data = url.partition(",") if isinstance(url, str) else ("", "", "")
    if not comma or not head.startswith("data:audio/"):
        return None
    try:
        base64.b64decode(data, validate=True)
    except binascii.Error:
        return None
    kind = head.removeprefix("data:audio/").partition(";")[0]
    return {"data": data, "format": "mp3" if kind == "mpeg" else kind}


def text_of(parts: Any) -> str:
    """All text of a message."""
    return "".join(str(part.get("text", "")) for part in parts or [] if isinstance(part, dict))


def as_parts(content: str | list[Message]) -> list[Message]:
    """A message's content as parts."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def joined(parts: list[Message]) -> str | list[Message]:
    """The parts of a message: one text, where there is nothing but text, since not every server takes parts."""
    if all(part["type"] == "text" for part in parts):
        return "\n\n".join(part["text"] for part in parts)
    return parts
