"""Reading foreign JSON with care: a member is there with the right type, or it is not there. Writing compact frames."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from pydantic_core import from_json, to_json

from app_server.core.realtime.events import AudioOut, Event, Failed, Unknown

Frame: TypeAlias = Mapping[str, Any]
U32_MAX = 0xFFFF_FFFF
U16_MAX = 0xFFFF
SHOWN_CHARACTERS = 80


def parse(text: str) -> Frame | Unknown:
    """The object of a frame with its type, or what it is instead."""
    try:
        data = from_json(text, allow_inf_nan=False)
    except ValueError:
        return Unknown("(not JSON)")
    if not isinstance(data, dict):
        return Unknown("(not an object)")
    return data if isinstance(data.get("type"), str) else Unknown("(no type)")


def unknown(frame: Frame) -> Unknown:
    """The frame is of no use."""
    return Unknown(str(frame["type"])[:SHOWN_CHARACTERS])


def dump(data: Any) -> str:
    """A frame's text."""
    return to_json(data).decode()


def is_readable(value: Any) -> bool:
    """Whether a client could read a value; a number beyond all bounds, such as 1e999, is no JSON any more."""
    try:
        from_json(to_json(value), allow_inf_nan=False)
    except ValueError:
        return False
    return True


def text_at(frame: Frame, *names: str) -> str | None:
    """The first of these members that is a string."""
    for name in names:
        value = frame.get(name)
        if isinstance(value, str):
            return value
    return None


def table_at(frame: Frame, name: str) -> Frame:
    """A member that is an object; empty if it is not."""
    value = frame.get(name)
    return value if isinstance(value, dict) else {}


def count_at(frame: Frame, most: int, *names: str) -> int | None:
    """The first of these members that is there, if it is a whole number from 0 to `most`."""
    value = next((frame[name] for name in names if name in frame), None)
    return value if type(value) is int and 0 <= value <= most else None


def response_id(frame: Frame) -> str | None:
    """The response that an event is about."""
    return text_at(table_at(frame, "response"), "id") or text_at(frame, "response_id")


def failure(frame: Frame) -> Event:
    """An `error` event: its own message, its error's, or its error as JSON."""
    own = text_at(frame, "message")
    if own is not None:
        return Failed(own)
    error = frame.get("error")
    if error is None:
        return unknown(frame)
    inner = error.get("message") if isinstance(error, dict) else None
    return Failed(inner if isinstance(inner, str) else dump(error))


def audio(frame: Frame, data: str | None, rate: int | None, channels: int | None, item_id: str | None = None) -> Event:
    """Sound, if all that is needed to play it is known."""
    if data is None or rate is None or channels is None:
        return unknown(frame)
    return AudioOut(data, rate, channels, count_at(frame, U32_MAX, "samples_per_channel"), item_id)


def message_item(role: str, text: str) -> dict[str, Any]:
    """A message as an item of the conversation."""
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}
