"""Version 1 ("quicksilver"): its events in, its frames out. No policy.

Source: spec/realtime.md sections 6.1 and 7.
"""

from collections.abc import Callable
from typing import Any, assert_never

from app_server.core.realtime.commands import AddMessage, AppendAudio, AppendHandoff, CommandV1, Setup
from app_server.core.realtime.events import (
    Event,
    HandoffRequested,
    ItemAdded,
    ItemDone,
    SessionReady,
    TranscriptDelta,
    TranscriptDone,
    Unknown,
)
from app_server.core.realtime.wire import (
    U16_MAX,
    U32_MAX,
    Frame,
    audio,
    count_at,
    dump,
    failure,
    is_readable,
    message_item,
    parse,
    table_at,
    text_at,
    unknown,
)

RATE = 24_000


def decode(text: str) -> Event:
    """The event of a frame."""
    frame = parse(text)
    if isinstance(frame, Unknown):
        return frame
    read = EVENTS.get(frame["type"])
    return unknown(frame) if read is None else read(frame)


def setup(wanted: Setup) -> dict[str, Any]:
    """The `session` object. One that only writes down what is said needs no instructions and no voice."""
    pcm = {"format": {"type": "audio/pcm", "rate": RATE}}
    if wanted.is_transcription:
        return {"type": "transcription", "audio": {"input": pcm}}
    return {
        "type": "quicksilver",
        "instructions": wanted.instructions,
        "audio": {"input": pcm, "output": {"voice": wanted.voice}},
    }


def encode(command: CommandV1) -> list[str]:
    """The frames of a command."""
    match command:
        case AppendAudio(data):
            frame: dict[str, Any] = {"type": "input_audio_buffer.append", "audio": data}
        case AddMessage(role, text):
            frame = {"type": "conversation.item.create", "item": message_item(role, text)}
        case AppendHandoff(handoff_id, text):
            frame = {"type": "conversation.handoff.append", "handoff_id": handoff_id, "output_text": text}
        case _:
            assert_never(command)
    return [dump(frame)]


def session_ready(frame: Frame) -> Event:
    """`session.updated`, if it names the session."""
    session_id = text_at(table_at(frame, "session"), "id")
    return unknown(frame) if session_id is None else SessionReady(session_id)


def heard(frame: Frame) -> Event:
    """Words of the user."""
    delta = text_at(frame, "delta")
    return unknown(frame) if delta is None else TranscriptDelta("user", delta)


def said(frame: Frame) -> Event:
    """Words of the model."""
    delta = text_at(frame, "delta")
    return unknown(frame) if delta is None else TranscriptDelta("assistant", delta)


def all_heard(frame: Frame) -> Event:
    """An utterance of the user."""
    text = text_at(frame, "transcript")
    return unknown(frame) if text is None else TranscriptDone("user", text)


def all_said(frame: Frame) -> Event:
    """An utterance of the model."""
    text = text_at(frame, "transcript")
    return unknown(frame) if text is None else TranscriptDone("assistant", text)


def item_added(frame: Frame) -> Event:
    """An item, whatever it is; only a missing one is nothing."""
    return ItemAdded(frame["item"]) if "item" in frame and is_readable(frame["item"]) else unknown(frame)


def item_done(frame: Frame) -> Event:
    """An item's end."""
    item_id = text_at(table_at(frame, "item"), "id")
    return unknown(frame) if item_id is None else ItemDone(item_id)


def audio_out(frame: Frame) -> Event:
    """Sound, which this version always describes."""
    rate = count_at(frame, U32_MAX, "sample_rate")
    return audio(frame, text_at(frame, "delta", "data"), rate, count_at(frame, U16_MAX, "channels", "num_channels"))


def handoff(frame: Frame) -> Event:
    """The agent is asked for something."""
    handoff_id, item_id, words = (text_at(frame, name) for name in ("handoff_id", "item_id", "input_transcript"))
    if handoff_id is None or item_id is None or words is None:
        return unknown(frame)
    return HandoffRequested(handoff_id, item_id, words)


COMMON: dict[str, Callable[[Frame], Event]] = {
    "session.updated": session_ready,
    "conversation.item.input_audio_transcription.delta": heard,
    "conversation.item.input_audio_transcription.completed": all_heard,
    "response.output_text.delta": said,
    "response.output_audio_transcript.delta": said,
    "response.output_audio_transcript.done": all_said,
    "conversation.item.added": item_added,
    "error": failure,
}
"""What versions 1 and 2 say in the same words."""

EVENTS: dict[str, Callable[[Frame], Event]] = {
    **COMMON,
    "conversation.output_audio.delta": audio_out,
    "conversation.input_transcript.delta": heard,
    "conversation.output_transcript.delta": said,
    "conversation.item.done": item_done,
    "conversation.handoff.requested": handoff,
}
