"""A start as the client and the configuration want it, checked: what is refused is refused before anything is touched.

Source: spec/realtime.md sections 2 and 13 (defaults, limits and the order of the checks come from the reference itself),
spec/mission.md M20 and M21.
"""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast

from app_server.core.config.config import Config
from app_server.core.realtime.commands import InitialItem, Version
from app_server.core.realtime.endpoint import Ids
from app_server.core.realtime.instructions import UNSET, Unset
from app_server.core.realtime.relay import Options
from app_server.core.realtime.socket import RealtimeFailure
from app_server.core.realtime.voices import DEFAULTS, VOICES
from app_server.core.realtime_notes import ENDED, STARTED
from app_server.core.thread import Thread
from app_server.core.tools.truncation import estimate_tokens
from protocol.realtime import ExistingCallTransport, ThreadRealtimeStartParams, WebrtcTransport

DEFAULT_MODELS: dict[Version, str] = {"v1": "gpt-realtime-1.5", "v2": "gpt-realtime-1.5", "v3": "gpt-live-1-codex"}
MOST_ITEMS = 128
MOST_TOKENS = 8192
SOURCE_BYTES = 256
NEEDS_CALL_VERSION = "AVAS realtime calls require realtime v1 or v3"


@dataclass(frozen=True, slots=True)
class Websocket:
    """We open the session; sound passes through here."""


@dataclass(frozen=True, slots=True)
class Webrtc:
    """The client and the provider talk directly, after we have posted the client's offer; we join beside."""

    sdp: str


@dataclass(frozen=True, slots=True)
class ExistingCall:
    """They do already; we join beside."""

    call_id: str


Transport: TypeAlias = Websocket | Webrtc | ExistingCall


@dataclass(frozen=True, slots=True)
class Plan:
    """One session to be. `configured_prompt` and `configured_context` are what the configuration puts in their place."""

    version: Version
    transport: Transport
    is_transcription: bool
    intent: str | None
    modality: Literal["text", "audio"]
    model: str
    voice: str
    prompt: str | Unset | None
    configured_prompt: str | None
    has_context: bool
    configured_context: str | None
    ids: Ids
    item_session_id: str
    """What the session's items call it, since they always need a name."""
    options: Options
    initial_items: tuple[InitialItem, ...]
    ack_filler: bool | None
    flushes_tail: bool
    start_text: str
    end_text: str
    ws_base_url: str | None
    call_base_url: str | None


def plan(thread: Thread, params: ThreadRealtimeStartParams) -> Plan:
    """What a start amounts to. Raises: RealtimeFailure, for the user."""
    config = thread.config
    table = config.realtime
    transport = transport_of(params)
    version = version_of(params, transport, config)
    check_sizes(params, version)
    if params.output_modality == "text" and version != "v2":
        raise RealtimeFailure("text realtime output modality requires realtime v2")
    if not isinstance(transport, Websocket) and version == "v2":
        raise RealtimeFailure(NEEDS_CALL_VERSION)
    if isinstance(transport, Webrtc) and table.get("type") == "transcription":
        raise RealtimeFailure("AVAS realtime calls require conversational realtime")
    voice = voice_of(params, transport, version, config)
    session_id = params.realtime_session_id
    if session_id is None and not isinstance(transport, ExistingCall):
        session_id = thread.id
    is_retired_mode = table.get("type") is None and table.get("ws_mode") == "transcription" and version != "v3"
    source = thread.recorder.head.thread_source
    return Plan(
        version=version,
        transport=transport,
        is_transcription=is_retired_mode or (table.get("type") == "transcription" and version == "v2"),
        intent="transcription" if is_retired_mode else "quicksilver" if version == "v1" else None,
        modality=params.output_modality,
        model=first(params.model, table.get("ws_model"), DEFAULT_MODELS[version]),
        voice=voice,
        prompt=params.prompt if "prompt" in params.model_fields_set else UNSET,
        configured_prompt=table.get("ws_backend_prompt"),
        has_context=params.include_startup_context is not False,
        configured_context=table.get("ws_startup_context"),
        ids=Ids(
            session_id=thread.session_id,
            thread_id=thread.id,
            realtime_session_id=session_id,
            voice_session_id=params.voice_session_id,
            thread_source=source if source and len(source.encode()) <= SOURCE_BYTES else None,
        ),
        item_session_id=thread.runtime.clock.uuid7() if session_id is None else session_id,
        options=options_of(params),
        initial_items=tuple(InitialItem(item.role, item.text) for item in params.initial_items or []),
        ack_filler=params.delegation_ack_filler,
        flushes_tail=params.flush_transcript_tail_on_session_end is True,
        start_text=first(params.realtime_start_instructions, table.get("start_instructions"), STARTED),
        end_text=first(params.realtime_end_instructions, ENDED),
        ws_base_url=table.get("ws_base_url"),
        call_base_url=table.get("webrtc_call_base_url"),
    )


def first(*wishes: Any) -> str:
    """The first wish that somebody has."""
    return str(next(wish for wish in wishes if wish is not None))


def transport_of(params: ThreadRealtimeStartParams) -> Transport:
    """How the sound travels."""
    match params.transport:
        case WebrtcTransport(sdp=sdp):
            return Webrtc(sdp)
        case ExistingCallTransport(call_id=call_id):
            return ExistingCall(call_id)
        case _:
            return Websocket()


def version_of(params: ThreadRealtimeStartParams, transport: Transport, config: Config) -> Version:
    """The version; calls are version 1 unless the client says otherwise, whatever is configured."""
    if params.version is not None:
        return params.version
    return cast(Version, config.realtime.get("version", "v2")) if isinstance(transport, Websocket) else "v1"


def voice_of(params: ThreadRealtimeStartParams, transport: Transport, version: Version, config: Config) -> str:
    """The voice. Raises: RealtimeFailure, if the version does not have it."""
    voice: str | None = params.voice
    if voice is None and (isinstance(transport, Websocket) or (isinstance(transport, Webrtc) and params.version is not None)):
        voice = config.realtime.get("voice")
    if voice is None:
        return DEFAULTS[version]
    if voice not in VOICES[version]:
        raise RealtimeFailure(
            f"realtime voice `{voice}` is not supported for {version}; supported voices: {', '.join(VOICES[version])}"
        )
    return voice


def check_sizes(params: ThreadRealtimeStartParams, version: Version) -> None:
    """Raises: RealtimeFailure, if there is too much of something."""
    items = params.initial_items or []
    if items and version != "v3":
        raise RealtimeFailure("initial realtime items require realtime v3")
    if len(items) > MOST_ITEMS:
        raise RealtimeFailure(f"initial realtime items must contain no more than {MOST_ITEMS} items")
    sizes = [tokens(item.text) for item in items]
    if any(size > MOST_TOKENS for size in sizes):
        raise RealtimeFailure(f"each initial realtime item must not exceed {MOST_TOKENS} estimated tokens")
    if sum(sizes) > MOST_TOKENS:
        raise RealtimeFailure(f"initial realtime items must not exceed {MOST_TOKENS} estimated tokens in total")
    for name, text in (("start", params.realtime_start_instructions), ("end", params.realtime_end_instructions)):
        if text is not None and tokens(text) > MOST_TOKENS:
            raise RealtimeFailure(f"realtime {name} instructions must not exceed {MOST_TOKENS} estimated tokens")


def tokens(text: str) -> int:
    """The estimate for a text."""
    return estimate_tokens(len(text.encode(errors="surrogatepass")))


def options_of(params: ThreadRealtimeStartParams) -> Options:
    """How the agent's output is to reach the model."""
    return Options(
        is_client_managed=params.client_managed_handoffs is True,
        as_items=params.codex_responses_as_items is True,
        item_prefix=params.codex_response_item_prefix,
        mode=params.codex_response_handoff_mode or "thinking",
        channel_prefixes=params.codex_response_handoff_channel_prefixes or {},
        has_reasoning_status=params.backend_reasoning_status,
    )
