"""What the model is shown of a thread: the items of its past, each encoded once.

An item is sent with every later request, so it is kept as the JSON bytes that go upstream; consecutive requests
share their prefix byte by byte, which is what prompt caches live on. Source: spec/turns.md sections 6.3 and 7.
"""

import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic_core import from_json, to_json

from app_server.core.frozen import frozen
from app_server.core.token_estimate import item_tokens

KEPT_ID = re.compile(r"^(msg|rs|fc|fco|ctc|ctco|lsh|tsc|tso|cmp|at|ws|ig)_")
CALL_OUTPUTS = {
    "function_call": "function_call_output",
    "local_shell_call": "function_call_output",
    "custom_tool_call": "custom_tool_call_output",
    "tool_search_call": "tool_search_output",
}
OUTPUT_PREFIXES = {"function_call_output": "fco", "custom_tool_call_output": "ctco", "tool_search_output": "tso"}
SENT_KINDS = frozenset(
    {
        *CALL_OUTPUTS,
        *CALL_OUTPUTS.values(),
        "message",
        "reasoning",
        "web_search_call",
        "image_generation_call",
        "compaction",
        "context_compaction",
        "additional_tools",
    }
)
MEDIA = {"input_image": "image", "input_audio": "audio"}
"""The parts of an item that not every model reads, with the modality that they need."""
EVERY_MODALITY = ("text", "image", "audio")
NOT_SENT = frozenset({"internal_chat_message_metadata_passthrough", "metadata", "status"})
ORPHANS = uuid.UUID("6a1c2f0e-43a5-5e0f-9d2a-6e9d0a7b5c11")
"""The namespace of the ids that outputs made up for orphan calls get, so that they stay the same from request to request."""

INTERRUPTED_NOTE = (
    "<turn_aborted>\nThe user interrupted this turn on purpose. Commands that were running may have been ended half-way, "
    "and sessions that you hold may still be running; look at the state of things before you go on.\n</turn_aborted>"
)


@frozen
class Entry:
    """One item: what it is, its bytes, and the estimate of its tokens. `media` are the modalities beside text in it."""

    kind: str
    json: bytes
    tokens: int = 0
    media: frozenset[str] = frozenset()
    role: str | None = None
    call_id: str | None = None
    is_named_output: bool = False


class History:
    """The items of one thread, oldest first."""

    def __init__(self, items: Iterable[dict[str, Any]] = ()) -> None:
        self._entries: list[Entry] = [entry(item) for item in items]
        self._reduced: dict[tuple[int, frozenset[str]], bytes] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def append(self, item: dict[str, Any]) -> bytes:
        """Add an item as the model gave it or as we made it; returns its JSON."""
        added = entry(item)
        self._entries.append(added)
        return added.json

    def extend(self, entries: Iterable[Entry]) -> None:
        """Add items that are encoded already: many are encoded where nobody waits for it."""
        self._entries += entries

    def replace(self, items: Iterable[dict[str, Any]]) -> None:
        """Forget everything and start from these items (compaction, revert)."""
        self._entries = [entry(item) for item in items]
        self._reduced.clear()

    def items(self) -> list[dict[str, Any]]:
        """All items as data, decoded anew."""
        return [from_json(each.json) for each in self._entries]

    def for_request(self, modalities: Sequence[str] = EVERY_MODALITY) -> list[bytes]:
        """The items to send: unknown kinds and system messages left out, calls without output answered as aborted.

        What needs other modalities than the model's is replaced by a text, each time, so that another model sees it again.
        """
        answered = {each.call_id for each in self._entries if each.kind in OUTPUT_PREFIXES}
        called = {each.call_id for each in self._entries if each.kind in CALL_OUTPUTS}
        sent: list[bytes] = []
        for index, each in enumerate(self._entries):
            if each.kind not in SENT_KINDS or each.role == "system":
                continue
            if each.kind in OUTPUT_PREFIXES and each.call_id not in called and not each.is_named_output:
                continue
            missing = each.media.difference(modalities) if each.media else None
            sent.append(self._without(index, frozenset(missing)) if missing else each.json)
            if each.kind in CALL_OUTPUTS and each.call_id not in answered:
                sent.append(orphan_output(each))
        return sent

    def estimated_tokens(self) -> int:
        """What all items together cost, by the estimate."""
        return sum(each.tokens for each in self._entries)

    def _without(self, index: int, missing: frozenset[str]) -> bytes:
        """An item without what a model can't read, encoded once."""
        known = self._reduced.get((index, missing))
        if known is None:
            known = self._reduced[index, missing] = without_media(self._entries[index], missing)
        return known


def entry(item: dict[str, Any]) -> Entry:
    """An item with what is looked up about it, encoded as it is sent."""
    kind = str(item.get("type", "message" if "role" in item else ""))
    data = sent_form(kind, item)
    encoded = to_json(data)
    return Entry(
        kind,
        encoded,
        item_tokens(kind, data, len(encoded)),
        media_of(data),
        item.get("role"),
        item.get("call_id"),
        is_named_output="name" in item and "call_id" not in item,
    )


def media_of(item: dict[str, Any]) -> frozenset[str]:
    """The modalities that an item needs beside text."""
    parts = item.get("content") or item.get("output")
    if not isinstance(parts, list):
        return frozenset()
    kinds = (part.get("type") for part in parts if isinstance(part, dict))
    return frozenset(MEDIA[kind] for kind in kinds if kind in MEDIA)


def without_media(each: Entry, missing: frozenset[str]) -> bytes:
    """An item's JSON with a text in the place of each part that a model can't read."""
    item = from_json(each.json)
    key = "content" if item.get("content") else "output"
    item[key] = [replaced(part) if MEDIA.get(part.get("type")) in missing else part for part in item[key]]
    return to_json(item)


def replaced(part: dict[str, Any]) -> dict[str, Any]:
    """What a model is told of a part that it can't read."""
    modality = MEDIA[part["type"]]
    return {"type": "input_text", "text": f"{modality} content omitted because you do not support {modality} input"}


def sent_form(kind: str, item: dict[str, Any]) -> dict[str, Any]:
    """What of an item goes upstream: no bookkeeping, an id only of the kind that the provider knows."""
    data = {
        key: value
        for key, value in item.items()
        if key not in NOT_SENT or (key == "status" and kind not in ("message", "function_call"))
    }
    if "id" in data and not KEPT_ID.match(str(data["id"])):
        del data["id"]
    if kind == "reasoning":
        data.setdefault("content", None)
        data = {
            key: data.get(key)
            for key in ("type", "id", "summary", "content", "encrypted_content")
            if key in data or key == "content"
        }
    elif kind == "message":
        data["content"] = [reduced(part) for part in data.get("content") or []]
    return data


def reduced(part: Any) -> Any:
    """A text the model has written, without its annotations and log probabilities."""
    if isinstance(part, dict) and part.get("type") == "output_text":
        return {"type": "output_text", "text": part.get("text", "")}
    return part


def orphan_output(call: Entry) -> bytes:
    """The output of a call that never got one, the same in every request."""
    kind = CALL_OUTPUTS[call.kind]
    made_id = f"{OUTPUT_PREFIXES[kind]}_{uuid.uuid5(ORPHANS, str(call.call_id))}"
    if kind == "tool_search_output":
        return to_json(
            {"type": kind, "id": made_id, "call_id": call.call_id, "status": "completed", "execution": "client", "tools": []}
        )
    return to_json({"type": kind, "id": made_id, "call_id": call.call_id, "output": "aborted"})


def message(item_id: str, role: str, texts: Iterable[str]) -> dict[str, Any]:
    """A message of ours with one `input_text` part per text."""
    return {"type": "message", "id": item_id, "role": role, "content": [{"type": "input_text", "text": text} for text in texts]}
