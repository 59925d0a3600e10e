"""Version 3 ("live"): its events in, its frames out. No policy.

Its texts travel in pieces of at most 500 bytes. Source: spec/realtime.md sections 6.3 and 7.
"""

from collections.abc import Callable, Iterator
from typing import Any, assert_never

from app_server.core.realtime.codec_v1 import RATE, session_ready
from app_server.core.realtime.commands import AddContext, AppendAudio, CommandV3, Setup
from app_server.core.realtime.events import (
    AudioOut,
    Event,
    HandoffRequested,
    TranscriptDelta,
    TranscriptDone,
    Unknown,
)
from app_server.core.realtime.wire import Frame, dump, failure, message_item, parse, table_at, text_at, unknown

PIECE_BYTES = 500


def decode(text: str) -> Event:
    """The event of a frame."""
    frame = parse(text)
    if isinstance(frame, Unknown):
        return frame
    read = EVENTS.get(frame["type"])
    return unknown(frame) if read is None else read(frame)


def setup(wanted: Setup) -> dict[str, Any]:
    """The `session` object."""
    delegation: dict[str, Any] = {"type": "client"}
    if wanted.ack_filler is not None:
        delegation["ack_filler"] = wanted.ack_filler
    session: dict[str, Any] = {
        "instructions": wanted.instructions,
        "audio": {"output": {"voice": wanted.voice}},
        "delegation": delegation,
    }
    if wanted.initial_items:
        session["initial_items"] = [message_item(item.role, item.text) for item in wanted.initial_items]
    return session


def encode(command: CommandV3) -> list[str]:
    """The frames of a command."""
    match command:
        case AppendAudio(data):
            return [dump({"type": "input_audio.append", "audio": data})]
        case AddContext(text, channel, delegation_id):
            head: dict[str, Any] = {"type": "session.context.append"}
            if delegation_id is not None:
                head = {"type": "delegation.context.append", "delegation_item_id": delegation_id}
            if channel is not None:
                head["channel"] = channel
            return [dump({**head, "content": [{"type": "input_text", "text": piece}]}) for piece in pieces(text)]
        case _:
            assert_never(command)


def pieces(text: str) -> Iterator[str]:
    """The text in pieces that are short enough, cut between characters; an empty text is one piece."""
    encoded = text.encode(errors="replace")
    at = 0
    while True:
        end = min(at + PIECE_BYTES, len(encoded))
        while end < len(encoded) and encoded[end] & 0xC0 == 0x80:
            end -= 1
        yield encoded[at:end].decode()
        at = end
        if at >= len(encoded):
            return


def audio_out(frame: Frame) -> Event:
    """Sound, always of the usual format."""
    data = text_at(frame, "audio")
    return unknown(frame) if data is None else AudioOut(data, RATE, 1)


def heard(frame: Frame) -> Event:
    """Words of the user."""
    text = text_at(table_at(frame, "item"), "text")
    return unknown(frame) if text is None else TranscriptDelta("user", text)


def said(frame: Frame) -> Event:
    """Words of the model."""
    text = text_at(table_at(frame, "item"), "text")
    return unknown(frame) if text is None else TranscriptDelta("assistant", text)


def turn_done(frame: Frame) -> Event:
    """Somebody has finished speaking."""
    turn = table_at(frame, "turn")
    role, text = text_at(turn, "role"), text_at(turn, "transcript")
    if text is None or role not in ("user", "assistant"):
        return unknown(frame)
    return TranscriptDone("user" if role == "user" else "assistant", text)


def delegation(frame: Frame) -> Event:
    """The agent is asked for something; what is meant for others is passed over."""
    item = table_at(frame, "item")
    item_id, content = text_at(item, "id"), item.get("content")
    is_ours = item.get("type") == "delegation" and item.get("target") == "client"
    if item_id is None or not is_ours or not isinstance(content, list):
        return unknown(frame)
    words = (part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "input_text")
    return HandoffRequested(item_id, item_id, "".join(text for text in words if isinstance(text, str)))


EVENTS: dict[str, Callable[[Frame], Event]] = {
    "session.started": session_ready,
    "session.updated": session_ready,
    "output_audio.delta": audio_out,
    "input_transcript.added": heard,
    "output_transcript.added": said,
    "turn.done": turn_done,
    "delegation.created": delegation,
    "error": failure,
}
