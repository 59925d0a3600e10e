"""The items of an answer as they can be used: those that make no sense are dropped, and those without an id get one.

Both are as in the reference, which clients and the file formats rely on: an item in the history always has an id, and a
call always has a name, arguments and an id of its own. Differs: a refusal is read like any other text of a message.
"""

from collections.abc import Callable, Mapping
from typing import Any

PHASES = frozenset({"commentary", "partial_answer", "final_answer"})
PREFIXES = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "custom_tool_call": "ctc",
    "local_shell_call": "lsh",
    "tool_search_call": "tsc",
    "web_search_call": "ws",
    "image_generation_call": "ig",
    "compaction": "cmp",
}
"""How the ids of items begin."""
TEXTS: Mapping[str, tuple[str, ...]] = {
    "message": ("role",),
    "function_call": ("name", "arguments", "call_id"),
    "custom_tool_call": ("name", "input", "call_id"),
    "image_generation_call": ("status", "result"),
}
"""The members of an item that have to be texts."""
PARTS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("message", "content"): {
        "input_text": "text",
        "output_text": "text",
        "refusal": "refusal",
        "input_image": "",
        "input_audio": "",
    },
    ("reasoning", "summary"): {"summary_text": "text"},
}
"""The members that have to be lists: the kinds of their parts, and what of each has to be a text."""

Item = dict[str, Any]


class ModelItems:
    """The items of one answer."""

    def __init__(self, new_id: Callable[[str], str]) -> None:
        self._new_id = new_id
        self._begun: dict[str, str] = {}

    def begun(self, told: Any) -> Item | None:
        """An item that begins; None if there is nothing to be made of it."""
        if not is_readable(told):
            return None
        item: Item = told
        kind = item["type"]
        if item.get("id") is not None or kind not in PREFIXES:
            return item
        self._begun[kind] = self._new_id(PREFIXES[kind])
        return {**item, "id": self._begun[kind]}

    def finished(self, told: Any) -> Item | None:
        """An item that is whole, with the id under which it has begun; None if there is nothing to be made of it."""
        if not is_readable(told):
            return None
        item: Item = told
        kind = item["type"]
        if item.get("id") is not None or kind not in PREFIXES:
            return item
        return {**item, "id": self._begun.pop(kind, None) or self._new_id(PREFIXES[kind])}


def is_readable(item: Any) -> bool:
    """Whether an item has what its kind has to have."""
    if not isinstance(item, dict) or not isinstance(item.get("type"), str) or not isinstance(item.get("id"), str | None):
        return False
    kind = item["type"]
    if not all(isinstance(item.get(name), str) for name in TEXTS.get(kind, ())):
        return False
    if kind == "message" and item.get("phase") is not None and item["phase"] not in PHASES:
        return False
    return all(_are_readable(item.get(member), texts) for (owner, member), texts in PARTS.items() if owner == kind)


def _are_readable(parts: Any, texts: Mapping[str, str]) -> bool:
    """Whether all parts are of a known kind, and complete."""
    if not isinstance(parts, list):
        return False
    for part in parts:
        kind = part.get("type") if isinstance(part, dict) else None
        if not isinstance(kind, str) or kind not in texts or (texts[kind] and not isinstance(part.get(texts[kind]), str)):
            return False
    return True


def message_text(item: Item) -> str:
    """All text of a message."""
    parts = [part for part in item.get("content") or [] if isinstance(part, dict)]
    return "".join(str(part.get("text") or part.get("refusal") or "") for part in parts)


def phase_of(item: Item) -> Any:
    """The phase of a message, null when there is none."""
    value = item.get("phase")
    return value if value in PHASES else None
