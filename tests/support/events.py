"""Short forms for what a model provider streams, and their expansion into the events of the Responses API.

"created"  "completed"                       the frame of an answer
{"completed": {"usage": {...}}}              with members of its own
{"failed": {...}}  {"incomplete": {...}}     an answer that ends otherwise
{"message": "two words", "phase": ...}       one delta per word; further members go into the item
{"reasoning": ["part", ...]}                 one summary part each
{"call": "name", "arguments": {...}, "call_id": ..., "namespace": ...}
{"custom": "name", "input": "...", "call_id": ...}
{"item": {...}}                              any other item, whole
{"type": ...}                                an event as it is
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

Event = dict[str, Any]

USAGE: Event = {
    "input_tokens": 100,
    "input_tokens_details": {"cached_tokens": 40},
    "output_tokens": 20,
    "output_tokens_details": {"reasoning_tokens": 5},
    "total_tokens": 120,
}
ITEM_FORMS = ("message", "reasoning", "call", "custom", "item")


def expand(form: str | Mapping[str, Any], response_id: str, index: int) -> list[Event]:
    """The events of one short form; `index` is the item's place in the answer. Raises: ValueError (no such form)."""
    if form == "created":
        return [{"type": "response.created", "response": {"id": response_id}}]
    if form == "completed":
        return [_ended("completed", response_id, {})]
    if not isinstance(form, Mapping) or not form:
        raise ValueError(f"no such event: {form!r}")
    if "type" in form:
        return [dict(form)]
    (kind, value), *others = form.items()
    members = dict(others)
    place = f"{response_id}_{index}"
    if kind in ("completed", "failed", "incomplete"):
        return [_ended(kind, response_id, value)]
    if kind == "message":
        return _message(value, {"id": f"msg_{place}", **members}, index)
    if kind == "reasoning":
        return _reasoning(value, {"id": f"rs_{place}", **members}, index)
    if kind == "call":
        arguments = json.dumps(members.pop("arguments", {}))
        item = {"type": "function_call", "id": f"fc_{place}", "call_id": f"call_{place}", "name": value, **members}
        return [_added({**item, "arguments": ""}, index), _done({**item, "arguments": arguments}, index)]
    if kind == "custom":
        item = {
            "type": "custom_tool_call",
            "id": f"ctc_{place}",
            "call_id": f"call_{place}",
            "name": value,
            "input": "",
            **members,
        }
        return [_done(item, index)]
    if kind == "item":
        return [_added(value, index), _done(value, index)]
    raise ValueError(f"no such event: {form!r}")


def is_item(form: object) -> bool:
    """Whether the form is an output item, which takes the next place in the answer."""
    return isinstance(form, Mapping) and any(name in form for name in ITEM_FORMS) and "type" not in form


def _ended(how: str, response_id: str, members: Mapping[str, Any]) -> Event:
    usage = {"usage": USAGE} if how == "completed" else {}
    return {"type": f"response.{how}", "response": {"id": response_id, **usage, **members}}


def _message(text: str, members: Mapping[str, Any], index: int) -> list[Event]:
    item = {"type": "message", "role": "assistant", **members}
    place = {"item_id": item["id"], "output_index": index, "content_index": 0}
    words = text.split(" ")
    deltas = [f"{word} " for word in words[:-1]] + words[-1:]
    return [
        _added({**item, "content": []}, index),
        *({"type": "response.output_text.delta", **place, "delta": delta} for delta in deltas),
        _done({**item, "content": [{"type": "output_text", "text": text}]}, index),
    ]


def _reasoning(parts: Sequence[str], members: Mapping[str, Any], index: int) -> list[Event]:
    item = {"type": "reasoning", **members}
    events = [_added({**item, "summary": [], "encrypted_content": None}, index)]
    for number, text in enumerate(parts):
        place = {"item_id": item["id"], "output_index": index, "summary_index": number}
        events += [
            {"type": "response.reasoning_summary_part.added", **place, "part": {"type": "summary_text", "text": ""}},
            {"type": "response.reasoning_summary_text.delta", **place, "delta": text},
            {"type": "response.reasoning_summary_text.done", **place, "text": text},
        ]
    summary = [{"type": "summary_text", "text": text} for text in parts]
    return [*events, _done({"encrypted_content": "opaque", **item, "summary": summary}, index)]


def _added(item: Mapping[str, Any], index: int) -> Event:
    return {"type": "response.output_item.added", "output_index": index, "item": dict(item)}


def _done(item: Mapping[str, Any], index: int) -> Event:
    return {"type": "response.output_item.done", "output_index": index, "item": dict(item)}
