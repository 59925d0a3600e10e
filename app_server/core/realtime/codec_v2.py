"""Version 2, the public Realtime API: its events in, its frames out. No policy.

Source: spec/realtime.md sections 6.2 and 7; the descriptions of the tools are ours.
"""

from collections.abc import Callable
from typing import Any, assert_never

from pydantic_core import from_json

from app_server.core.realtime.codec_v1 import COMMON, RATE, item_added, item_done
from app_server.core.realtime.commands import AddMessage, AnswerCall, AppendAudio, CommandV2, CreateResponse, Setup, Truncate
from app_server.core.realtime.events import (
    Event,
    HandoffRequested,
    ResponseCancelled,
    ResponseCreated,
    ResponseDone,
    SilenceRequested,
    SpeechStarted,
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
    message_item,
    parse,
    response_id,
    table_at,
    text_at,
    unknown,
)

AGENT_TOOL = "background_agent"
SILENCE_TOOL = "remain_silent"
INPUT_NAMES = ("input_transcript", "input", "text", "prompt", "query")
"""The arguments that may hold the task, in the order in which they are looked for."""

AGENT_DESCRIPTION = (
    "Hands the user's request to the agent that works in the background. This is what to do by default with anything the user "
    "wants done or looked up. Pass the request on in the user's own words, without rephrasing, shortening or refusing it. If the "
    "agent is idle this starts a task; if it is at work the request reaches the task that runs. Call it also for what should "
    "happen next, later or afterwards, since only what was handed over is really queued."
)
PROMPT_DESCRIPTION = "The request, word for word as the user made it."
SILENCE_DESCRIPTION = (
    "Says nothing. Use it when an answer would only disturb: after hidden or control messages, or while the user wants silence. "
    "The user does not notice it."
)


def decode(text: str) -> Event:
    """The event of a frame."""
    frame = parse(text)
    if isinstance(frame, Unknown):
        return frame
    read = EVENTS.get(frame["type"])
    return unknown(frame) if read is None else read(frame)


def setup(wanted: Setup) -> dict[str, Any]:
    """The `session` object: of a conversation, or of a session that only writes down what is said."""
    heard: dict[str, Any] = {"format": {"type": "audio/pcm", "rate": RATE}}
    transcription = {"model": "gpt-4o-mini-transcribe"}
    if wanted.is_transcription:
        return {"type": "transcription", "audio": {"input": {**heard, "transcription": transcription}}}
    heard |= {
        "noise_reduction": {"type": "near_field"},
        "transcription": transcription,
        "turn_detection": {
            "type": "server_vad",
            "interrupt_response": True,
            "create_response": True,
            "silence_duration_ms": 500,
        },
    }
    return {
        "type": "realtime",
        "instructions": wanted.instructions,
        "output_modalities": [wanted.modality],
        "audio": {
            "input": heard,
            "output": {"format": {"type": "audio/pcm", "rate": RATE}, "voice": wanted.voice},
        },
        "tools": [
            tool(AGENT_TOOL, AGENT_DESCRIPTION, {"prompt": {"type": "string", "description": PROMPT_DESCRIPTION}}),
            tool(SILENCE_TOOL, SILENCE_DESCRIPTION, {}),
        ],
        "tool_choice": "auto",
    }


def tool(name: str, description: str, properties: dict[str, Any]) -> dict[str, Any]:
    """A function that the model may call; all its arguments are required."""
    parameters: dict[str, Any] = {"type": "object", "properties": properties}
    if properties:
        parameters["required"] = list(properties)
    parameters["additionalProperties"] = False
    return {"type": "function", "name": name, "description": description, "parameters": parameters}


def encode(command: CommandV2) -> list[str]:
    """The frames of a command."""
    match command:
        case AppendAudio(data):
            frame: dict[str, Any] = {"type": "input_audio_buffer.append", "audio": data}
        case AddMessage(role, text):
            frame = {"type": "conversation.item.create", "item": message_item(role, text)}
        case AnswerCall(call_id, output):
            item = {"type": "function_call_output", "call_id": call_id, "output": output}
            frame = {"type": "conversation.item.create", "item": item}
        case CreateResponse():
            frame = {"type": "response.create"}
        case Truncate(item_id, audio_end_ms):
            frame = {
                "type": "conversation.item.truncate",
                "item_id": item_id,
                "content_index": 0,
                "audio_end_ms": audio_end_ms,
            }
        case _:
            assert_never(command)
    return [dump(frame)]


def audio_out(frame: Frame) -> Event:
    """Sound; what is not told, or makes no sense, is the usual format."""
    rate, channels = count_at(frame, U32_MAX, "sample_rate"), count_at(frame, U16_MAX, "channels", "num_channels")
    return audio(
        frame,
        text_at(frame, "delta"),
        RATE if rate is None else rate,
        1 if channels is None else channels,
        text_at(frame, "item_id"),
    )


def text_done(frame: Frame) -> Event:
    """What the model has written."""
    text = text_at(frame, "text")
    return unknown(frame) if text is None else TranscriptDone("assistant", text)


def done_or_call(frame: Frame) -> Event:
    """An item's end; a call of one of our tools is complete only then."""
    item = table_at(frame, "item")
    name = item.get("name") if item.get("type") == "function_call" else None
    call_id = text_at(item, "call_id", "id")
    if call_id is None or name not in (AGENT_TOOL, SILENCE_TOOL):
        return item_done(frame)
    if name == SILENCE_TOOL:
        return SilenceRequested(call_id)
    return HandoffRequested(call_id, text_at(item, "id") or call_id, task_of(text_at(item, "arguments") or ""))


def task_of(arguments: str) -> str:
    """The task in a call's arguments; the arguments as they are where none can be found in them."""
    try:
        data = from_json(arguments)
    except ValueError:
        return arguments
    if isinstance(data, dict):
        for name in INPUT_NAMES:
            value = data.get(name)
            if isinstance(value, str) and value.strip():
                return value.strip()
    return arguments


EVENTS: dict[str, Callable[[Frame], Event]] = {
    **COMMON,
    "response.output_audio.delta": audio_out,
    "response.audio.delta": audio_out,
    "response.output_text.done": text_done,
    "input_audio_buffer.speech_started": lambda frame: SpeechStarted(text_at(frame, "item_id")),
    "conversation.item.created": item_added,
    "conversation.item.done": done_or_call,
    "response.created": lambda frame: ResponseCreated(response_id(frame)),
    "response.done": lambda _: ResponseDone(),
    "response.cancelled": lambda frame: ResponseCancelled(response_id(frame)),
    "error": failure,
}
