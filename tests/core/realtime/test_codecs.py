"""The three codecs: each event of each version, and that nothing a provider may send makes them fail."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app_server.core.realtime import codec_v1, codec_v2, codec_v3
from app_server.core.realtime.codecs import CODECS
from app_server.core.realtime.commands import (
    AddContext,
    AddMessage,
    AnswerCall,
    AppendAudio,
    AppendHandoff,
    CreateResponse,
    InitialItem,
    Setup,
    Truncate,
)
from app_server.core.realtime.events import (
    AudioOut,
    Event,
    Failed,
    HandoffRequested,
    ItemAdded,
    ItemDone,
    ResponseCancelled,
    ResponseCreated,
    ResponseDone,
    SessionReady,
    SilenceRequested,
    SpeechStarted,
    TranscriptDelta,
    TranscriptDone,
    Unknown,
)
from tests.core.realtime.talking import call, delegation, handoff, message, output

Json = dict[str, Any]

SHARED: list[tuple[Json, Event]] = [
    ({"type": "session.updated", "session": {"id": "s", "instructions": "x"}}, SessionReady("s")),
    ({"type": "conversation.item.input_audio_transcription.delta", "delta": "a"}, TranscriptDelta("user", "a")),
    ({"type": "conversation.item.input_audio_transcription.completed", "transcript": "a"}, TranscriptDone("user", "a")),
    ({"type": "response.output_text.delta", "delta": "b"}, TranscriptDelta("assistant", "b")),
    ({"type": "response.output_audio_transcript.delta", "delta": "b"}, TranscriptDelta("assistant", "b")),
    ({"type": "response.output_audio_transcript.done", "transcript": "b"}, TranscriptDone("assistant", "b")),
    ({"type": "conversation.item.added", "item": {"id": "i"}}, ItemAdded({"id": "i"})),
    ({"type": "conversation.item.done", "item": {"id": "i", "type": "message"}}, ItemDone("i")),
    ({"type": "error", "message": "own"}, Failed("own")),
    ({"type": "error", "error": {"message": "inner", "code": 1}}, Failed("inner")),
    ({"type": "error", "error": {"code": 4}}, Failed('{"code":4}')),
    ({"type": "error", "error": "just text"}, Failed('"just text"')),
]
V1: list[tuple[Json, Event]] = [
    *SHARED,
    (
        {"type": "conversation.output_audio.delta", "delta": "AQ", "sample_rate": 8000, "channels": 2, "samples_per_channel": 3},
        AudioOut("AQ", 8000, 2, 3),
    ),
    ({"type": "conversation.output_audio.delta", "data": "AQ", "sample_rate": 8000, "num_channels": 1}, AudioOut("AQ", 8000, 1)),
    ({"type": "conversation.input_transcript.delta", "delta": "a"}, TranscriptDelta("user", "a")),
    ({"type": "conversation.output_transcript.delta", "delta": "b"}, TranscriptDelta("assistant", "b")),
    (handoff("h", "do x"), HandoffRequested("h", "item_h", "do x")),
]
V2: list[tuple[Json, Event]] = [
    *SHARED,
    ({"type": "response.output_audio.delta", "delta": "AQ", "item_id": "i"}, AudioOut("AQ", 24000, 1, None, "i")),
    (
        {"type": "response.audio.delta", "delta": "AQ", "sample_rate": 48000, "num_channels": 2, "samples_per_channel": 9},
        AudioOut("AQ", 48000, 2, 9),
    ),
    ({"type": "response.audio.delta", "delta": "AQ", "sample_rate": True, "channels": 70000}, AudioOut("AQ", 24000, 1)),
    ({"type": "response.audio.delta", "delta": "AQ", "sample_rate": -1, "channels": 1.5}, AudioOut("AQ", 24000, 1)),
    ({"type": "response.output_text.done", "text": "b"}, TranscriptDone("assistant", "b")),
    ({"type": "input_audio_buffer.speech_started", "item_id": "i"}, SpeechStarted("i")),
    ({"type": "input_audio_buffer.speech_started"}, SpeechStarted(None)),
    ({"type": "conversation.item.created", "item": None}, ItemAdded(None)),
    ({"type": "response.created", "response": {"id": "r"}}, ResponseCreated("r")),
    ({"type": "response.created"}, ResponseCreated(None)),
    ({"type": "response.done", "response": 5}, ResponseDone()),
    ({"type": "response.cancelled", "response_id": "r"}, ResponseCancelled("r")),
    (call("c", " do x "), HandoffRequested("c", "item_c", "do x")),
    (call("c", "", name="remain_silent"), SilenceRequested("c")),
    (call("c", "x", name="another_tool"), ItemDone("item_c")),
]
V3: list[tuple[Json, Event]] = [
    ({"type": "session.started", "session": {"id": "s"}}, SessionReady("s")),
    ({"type": "session.updated", "session": {"id": "s"}}, SessionReady("s")),
    ({"type": "output_audio.delta", "audio": "AQ", "item_id": "i"}, AudioOut("AQ", 24000, 1)),
    ({"type": "input_transcript.added", "item": {"text": "a"}}, TranscriptDelta("user", "a")),
    ({"type": "output_transcript.added", "item": {"text": "b"}}, TranscriptDelta("assistant", "b")),
    ({"type": "turn.done", "turn": {"role": "user", "transcript": "a"}}, TranscriptDone("user", "a")),
    ({"type": "turn.done", "turn": {"role": "assistant", "transcript": ""}}, TranscriptDone("assistant", "")),
    (delegation("d", "do x"), HandoffRequested("d", "d", "do x")),
    ({"type": "error", "error": {"message": "inner"}}, Failed("inner")),
]
TABLE = [
    *(("v1", frame, event) for frame, event in V1),
    *(("v2", frame, event) for frame, event in V2),
    *(("v3", frame, event) for frame, event in V3),
]


@pytest.mark.parametrize(("version", "frame", "event"), TABLE)
def test_each_event_is_understood(version: Any, frame: Json, event: Event) -> None:
    assert CODECS[version].decode(json.dumps(frame)) == event


NOTHING = [
    ("v1", {"type": "response.output_audio.delta", "delta": "AQ"}),
    ("v1", {"type": "conversation.output_audio.delta", "delta": "AQ", "channels": 1}),
    ("v1", {"type": "conversation.output_audio.delta", "delta": "AQ", "sample_rate": -1, "channels": 1}),
    ("v1", {"type": "conversation.output_audio.delta", "delta": "AQ", "sample_rate": 1, "channels": 70000}),
    ("v1", {"type": "conversation.output_audio.delta", "delta": "AQ", "sample_rate": 1, "channels": None, "num_channels": 1}),
    ("v1", {"type": "conversation.item.done", "item": {"content": [{"text": "no transcript"}]}}),
    ("v1", {"type": "conversation.item.added", "item": {"a": [float("inf")]}}),
    ("v2", {"type": "conversation.item.added"}),
    ("v2", {"type": "response.output_audio.delta", "delta": 5}),
    ("v2", {"type": "session.updated", "session": {}}),
    ("v2", {"type": "error"}),
    ("v2", {"type": "conversation.handoff.requested", "handoff_id": "h", "item_id": "i", "input_transcript": "x"}),
    ("v3", {"type": "turn.done", "turn": {"role": "system", "transcript": "a"}}),
    ("v3", {"type": "delegation.created", "item": {"id": "d", "type": "delegation", "target": "server", "content": []}}),
    ("v3", {"type": "delegation.created", "item": {"id": "d", "type": "delegation", "target": "client"}}),
    ("v3", {"type": "input_audio_buffer.speech_started"}),
]


@pytest.mark.parametrize(("version", "frame"), NOTHING)
def test_what_lacks_something_or_belongs_to_another_version_is_passed_over(version: Any, frame: Json) -> None:
    text = json.dumps(frame).replace("Infinity", "1e999")
    assert CODECS[version].decode(text) == Unknown(frame["type"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        '{"type": "error", "message": "x", "a": NaN}',
        "[1]",
        "{}",
        '{"type": 7}',
        "null",
        '{"type": "x"',
        '{"type": "\\ud800"}',
    ],
)
@pytest.mark.parametrize("version", CODECS)
def test_what_is_no_event_is_passed_over(version: Any, text: str) -> None:
    assert isinstance(CODECS[version].decode(text), Unknown)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = (
    *("item", "delta", "data", "error", "message", "turn", "session", "transcript", "text", "audio", "response", "response_id"),
    *("item_id", "sample_rate", "channels", "samples_per_channel", "handoff_id", "input_transcript", "x"),
)
KINDS = sorted({*codec_v1.EVENTS, *codec_v2.EVENTS, *codec_v3.EVENTS})


@pytest.mark.parametrize("version", CODECS)
@given(kind=st.sampled_from(KINDS) | st.text(max_size=20), members=st.dictionaries(st.sampled_from(MEMBERS), JSON))
@settings(max_examples=150, deadline=None)
def test_whatever_the_members_are_an_event_comes_out(version: Any, kind: str, members: Json) -> None:
    assert isinstance(CODECS[version].decode(json.dumps({**members, "type": kind})), Event)


@given(data=st.data())
@settings(max_examples=400, deadline=None)
def test_an_event_with_any_member_missing_or_of_another_kind_is_still_an_event(data: st.DataObject) -> None:
    version, frame, _ = data.draw(st.sampled_from(TABLE))
    damaged = json.loads(json.dumps(frame))
    place: Any = damaged
    while True:
        name = data.draw(st.sampled_from(sorted(place)))
        if isinstance(place[name], dict) and place[name] and data.draw(st.booleans()):
            place = place[name]
            continue
        if data.draw(st.booleans()):
            del place[name]
        else:
            place[name] = data.draw(JSON)
        break
    assert isinstance(CODECS[version].decode(json.dumps(damaged)), Event)


@pytest.mark.parametrize(
    ("arguments", "task"),
    [
        ("", ""),
        ('{"prompt": " do it "}', "do it"),
        ('{"query": "q", "prompt": " "}', "q"),
        ('{"input": 5, "text": "t"}', "t"),
        ('{"input_transcript": "i", "prompt": "p"}', "i"),
        ('{"prompt": ""}', '{"prompt": ""}'),
        ('["a"]', '["a"]'),
        ("not json", "not json"),
    ],
)
def test_a_task_is_found_in_the_arguments_or_is_the_arguments(arguments: str, task: str) -> None:
    assert codec_v2.task_of(arguments) == task


@pytest.mark.parametrize("arguments", [None, 5, {"prompt": "x"}])
def test_a_call_whose_arguments_are_no_text_asks_for_nothing_in_words(arguments: Any) -> None:
    frame = call("c", "x", arguments=arguments)
    assert codec_v2.decode(json.dumps(frame)) == HandoffRequested("c", "item_c", "")


def frames(encode: Callable[[Any], list[str]], command: Any) -> list[Json]:
    return [json.loads(text) for text in encode(command)]


def test_commands_of_version_1() -> None:
    assert frames(codec_v1.encode, AppendAudio("AA")) == [{"type": "input_audio_buffer.append", "audio": "AA"}]
    assert frames(codec_v1.encode, AddMessage("assistant", "a")) == [message("a", "assistant")]
    assert frames(codec_v1.encode, AppendHandoff("h", "a")) == [
        {"type": "conversation.handoff.append", "handoff_id": "h", "output_text": "a"}
    ]


def test_commands_of_version_2() -> None:
    assert frames(codec_v2.encode, AppendAudio("AA")) == [{"type": "input_audio_buffer.append", "audio": "AA"}]
    assert frames(codec_v2.encode, AddMessage("developer", "a")) == [message("a", "developer")]
    assert frames(codec_v2.encode, AnswerCall("c", "done")) == [output("c", "done")]
    assert frames(codec_v2.encode, CreateResponse()) == [{"type": "response.create"}]
    assert frames(codec_v2.encode, Truncate("i", 100)) == [
        {"type": "conversation.item.truncate", "item_id": "i", "content_index": 0, "audio_end_ms": 100}
    ]


def test_commands_of_version_3() -> None:
    assert frames(codec_v3.encode, AppendAudio("AA")) == [{"type": "input_audio.append", "audio": "AA"}]
    assert frames(codec_v3.encode, AddContext("a")) == [
        {"type": "session.context.append", "content": [{"type": "input_text", "text": "a"}]}
    ]
    assert frames(codec_v3.encode, AddContext("a", "speakable", "d")) == [
        {
            "type": "delegation.context.append",
            "delegation_item_id": "d",
            "channel": "speakable",
            "content": [{"type": "input_text", "text": "a"}],
        }
    ]


@given(st.text(max_size=1200))
def test_long_texts_of_version_3_travel_in_pieces_that_make_the_whole(text: str) -> None:
    pieces = [frame["content"][0]["text"] for frame in frames(codec_v3.encode, AddContext(text))]
    assert "".join(pieces) == text
    assert all(len(piece.encode()) <= codec_v3.PIECE_BYTES for piece in pieces)
    assert len(pieces) == 1 or all(pieces)


def test_the_setup_of_version_1() -> None:
    pcm = {"format": {"type": "audio/pcm", "rate": 24000}}
    assert codec_v1.setup(Setup("P", "cove")) == {
        "type": "quicksilver",
        "instructions": "P",
        "audio": {"input": pcm, "output": {"voice": "cove"}},
    }
    assert codec_v1.setup(Setup("", "cove", is_transcription=True)) == {"type": "transcription", "audio": {"input": pcm}}


def test_the_setup_of_version_2_has_two_tools() -> None:
    session = codec_v2.setup(Setup("P", "marin", modality="text"))
    tools = {tool["name"]: tool["parameters"] for tool in session.pop("tools")}
    assert list(tools) == ["background_agent", "remain_silent"]
    assert tools["background_agent"]["required"] == ["prompt"]
    assert tools["remain_silent"] == {"type": "object", "properties": {}, "additionalProperties": False}
    pcm = {"type": "audio/pcm", "rate": 24000}
    assert session == {
        "type": "realtime",
        "instructions": "P",
        "output_modalities": ["text"],
        "audio": {
            "input": {
                "format": pcm,
                "noise_reduction": {"type": "near_field"},
                "transcription": {"model": "gpt-4o-mini-transcribe"},
                "turn_detection": {
                    "type": "server_vad",
                    "interrupt_response": True,
                    "create_response": True,
                    "silence_duration_ms": 500,
                },
            },
            "output": {"format": pcm, "voice": "marin"},
        },
        "tool_choice": "auto",
    }


def test_a_transcription_of_version_2_needs_no_instructions_and_no_voice() -> None:
    assert codec_v2.setup(Setup("", "marin", is_transcription=True)) == {
        "type": "transcription",
        "audio": {
            "input": {"format": {"type": "audio/pcm", "rate": 24000}, "transcription": {"model": "gpt-4o-mini-transcribe"}}
        },
    }


def test_the_setup_of_version_3_has_what_was_said_before() -> None:
    assert codec_v3.setup(Setup("P", "rio")) == {
        "instructions": "P",
        "audio": {"output": {"voice": "rio"}},
        "delegation": {"type": "client"},
    }
    items = (InitialItem("user", "u"), InitialItem("assistant", "a"))
    session = codec_v3.setup(Setup("P", "rio", ack_filler=False, initial_items=items))
    assert session["delegation"] == {"type": "client", "ack_filler": False}
    assert session["initial_items"] == [message("u")["item"], message("a", "assistant")["item"]]
