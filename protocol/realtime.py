"""The realtime family of the wire contract."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import U16, U32, Method, Notification, Params, Record, Response, TypeAliasType, Variant
from protocol.realtime_item import ThreadRealtimeItem
from protocol.scalars import ConversationTextRole

CodexResponseHandoffMode = TypeAliasType("CodexResponseHandoffMode", Literal["thinking", "commentary", "bemTags"])
"""Codex response handoff mode."""


class ThreadRealtimeInitialItem(Record):
    """Thread realtime initial item."""

    role: ConversationTextRole
    text: str


RealtimeOutputModality = TypeAliasType("RealtimeOutputModality", Literal["text", "audio"])
"""Realtime output modality."""


class WebsocketTransport(Variant):
    """Websocket transport."""

    type: Literal["websocket"] = "websocket"


class WebrtcTransport(Variant):
    """Webrtc transport."""

    type: Literal["webrtc"] = "webrtc"
    sdp: str


class ExistingCallTransport(Variant):
    """Existing call transport."""

    type: Literal["existingCall"] = "existingCall"
    call_id: str


ThreadRealtimeStartTransport = TypeAliasType(
    "ThreadRealtimeStartTransport",
    Annotated[WebsocketTransport | WebrtcTransport | ExistingCallTransport, Field(discriminator="type")],
)
"""Thread realtime start transport."""

RealtimeConversationVersion = TypeAliasType("RealtimeConversationVersion", Literal["v1", "v2", "v3"])
"""Realtime conversation version."""

RealtimeVoice = TypeAliasType(
    "RealtimeVoice",
    Literal[
        "alloy",
        "arbor",
        "ash",
        "aube",
        "ballad",
        "breeze",
        "bubbie",
        "cedar",
        "coral",
        "cove",
        "echo",
        "ember",
        "haetsal",
        "hanul",
        "himari",
        "juniper",
        "leher",
        "maple",
        "marin",
        "miko",
        "neer",
        "porto",
        "rindo",
        "rio",
        "rivage",
        "sage",
        "selva",
        "shimmer",
        "sol",
        "sonna",
        "spruce",
        "tinta",
        "vale",
        "verse",
        "viola",
    ],
)
"""Realtime voice."""


class ThreadRealtimeStartParams(Params):
    """What `thread/realtime/start` asks with."""

    thread_id: str
    client_managed_handoffs: bool | None = None
    delegation_ack_filler: bool | None = None
    flush_transcript_tail_on_session_end: bool | None = None
    codex_responses_as_items: bool | None = None
    codex_response_item_prefix: str | None = None
    codex_response_handoff_mode: CodexResponseHandoffMode | None = None
    backend_reasoning_status: bool = False
    codex_response_handoff_channel_prefixes: dict[str, list[str]] | None = None
    model: str | None = None
    output_modality: RealtimeOutputModality
    include_startup_context: bool | None = None
    initial_items: list[ThreadRealtimeInitialItem] | None = None
    realtime_start_instructions: str | None = None
    realtime_end_instructions: str | None = None
    prompt: str | None = None
    realtime_session_id: str | None = None
    voice_session_id: str | None = None
    transport: ThreadRealtimeStartTransport | None = None
    version: RealtimeConversationVersion | None = None
    voice: RealtimeVoice | None = None


class ThreadRealtimeStartResponse(Response):
    """What `thread/realtime/start` is answered with."""


class ThreadRealtimeAudioChunk(Record):
    """Thread realtime audio chunk."""

    data: str
    sample_rate: U32
    num_channels: U16
    samples_per_channel: U32 | None = None
    item_id: str | None = None


class ThreadRealtimeAppendAudioParams(Params):
    """What `thread/realtime/appendAudio` asks with."""

    thread_id: str
    audio: ThreadRealtimeAudioChunk


class ThreadRealtimeAppendAudioResponse(Response):
    """What `thread/realtime/appendAudio` is answered with."""


class ThreadRealtimeAppendTextParams(Params):
    """What `thread/realtime/appendText` asks with."""

    thread_id: str
    text: str
    role: ConversationTextRole = "user"


class ThreadRealtimeAppendTextResponse(Response):
    """What `thread/realtime/appendText` is answered with."""


class ThreadRealtimeAppendSpeechParams(Params):
    """What `thread/realtime/appendSpeech` asks with."""

    thread_id: str
    text: str


class ThreadRealtimeAppendSpeechResponse(Response):
    """What `thread/realtime/appendSpeech` is answered with."""


class ThreadRealtimeStopParams(Params):
    """What `thread/realtime/stop` asks with."""

    thread_id: str


class ThreadRealtimeStopResponse(Response):
    """What `thread/realtime/stop` is answered with."""


class ThreadRealtimeListVoicesParams(Params):
    """What `thread/realtime/listVoices` asks with."""


class RealtimeVoicesList(Record):
    """Realtime voices list."""

    v1: list[RealtimeVoice]
    v2: list[RealtimeVoice]
    v3: list[RealtimeVoice] = Field(default=[])
    default_v1: RealtimeVoice
    default_v2: RealtimeVoice


class ThreadRealtimeListVoicesResponse(Response):
    """What `thread/realtime/listVoices` is answered with."""

    voices: RealtimeVoicesList


class ThreadRealtimeStartedNotification(Notification):
    """Announced as `thread/realtime/started`."""

    method: ClassVar[str] = "thread/realtime/started"

    thread_id: str
    realtime_session_id: str | None = None
    version: RealtimeConversationVersion


class ThreadRealtimeItemAddedNotification(Notification):
    """Announced as `thread/realtime/itemAdded`."""

    method: ClassVar[str] = "thread/realtime/itemAdded"

    thread_id: str
    item: Any


class ThreadRealtimeItemStartedNotification(Notification):
    """Announced as `thread/realtime/item/started`."""

    method: ClassVar[str] = "thread/realtime/item/started"

    thread_id: str
    item: ThreadRealtimeItem


class ThreadRealtimeItemTranscriptDeltaNotification(Notification):
    """Announced as `thread/realtime/item/transcript/delta`."""

    method: ClassVar[str] = "thread/realtime/item/transcript/delta"

    thread_id: str
    item_id: str
    delta: str


class ThreadRealtimeItemCompletedNotification(Notification):
    """Announced as `thread/realtime/item/completed`."""

    method: ClassVar[str] = "thread/realtime/item/completed"

    thread_id: str
    item: ThreadRealtimeItem


class ThreadRealtimeTranscriptDeltaNotification(Notification):
    """Announced as `thread/realtime/transcript/delta`."""

    method: ClassVar[str] = "thread/realtime/transcript/delta"

    thread_id: str
    role: str
    delta: str


class ThreadRealtimeTranscriptDoneNotification(Notification):
    """Announced as `thread/realtime/transcript/done`."""

    method: ClassVar[str] = "thread/realtime/transcript/done"

    thread_id: str
    role: str
    text: str


class ThreadRealtimeOutputAudioDeltaNotification(Notification):
    """Announced as `thread/realtime/outputAudio/delta`."""

    method: ClassVar[str] = "thread/realtime/outputAudio/delta"

    thread_id: str
    audio: ThreadRealtimeAudioChunk


class ThreadRealtimeSdpNotification(Notification):
    """Announced as `thread/realtime/sdp`."""

    method: ClassVar[str] = "thread/realtime/sdp"

    thread_id: str
    sdp: str


class ThreadRealtimeErrorNotification(Notification):
    """Announced as `thread/realtime/error`."""

    method: ClassVar[str] = "thread/realtime/error"

    thread_id: str
    message: str


class ThreadRealtimeClosedNotification(Notification):
    """Announced as `thread/realtime/closed`."""

    method: ClassVar[str] = "thread/realtime/closed"

    thread_id: str
    reason: str | None = None


THREAD_REALTIME_START = Method("thread/realtime/start", ThreadRealtimeStartParams, ThreadRealtimeStartResponse)
THREAD_REALTIME_APPEND_AUDIO = Method(
    "thread/realtime/appendAudio", ThreadRealtimeAppendAudioParams, ThreadRealtimeAppendAudioResponse
)
THREAD_REALTIME_APPEND_TEXT = Method(
    "thread/realtime/appendText", ThreadRealtimeAppendTextParams, ThreadRealtimeAppendTextResponse
)
THREAD_REALTIME_APPEND_SPEECH = Method(
    "thread/realtime/appendSpeech", ThreadRealtimeAppendSpeechParams, ThreadRealtimeAppendSpeechResponse
)
THREAD_REALTIME_STOP = Method("thread/realtime/stop", ThreadRealtimeStopParams, ThreadRealtimeStopResponse)
THREAD_REALTIME_LIST_VOICES = Method(
    "thread/realtime/listVoices", ThreadRealtimeListVoicesParams, ThreadRealtimeListVoicesResponse
)

METHODS: tuple[Method[Any, Any], ...] = (
    THREAD_REALTIME_START,
    THREAD_REALTIME_APPEND_AUDIO,
    THREAD_REALTIME_APPEND_TEXT,
    THREAD_REALTIME_APPEND_SPEECH,
    THREAD_REALTIME_STOP,
    THREAD_REALTIME_LIST_VOICES,
)
NOTIFICATIONS: tuple[type[Notification], ...] = (
    ThreadRealtimeStartedNotification,
    ThreadRealtimeItemAddedNotification,
    ThreadRealtimeItemStartedNotification,
    ThreadRealtimeItemTranscriptDeltaNotification,
    ThreadRealtimeItemCompletedNotification,
    ThreadRealtimeTranscriptDeltaNotification,
    ThreadRealtimeTranscriptDoneNotification,
    ThreadRealtimeOutputAudioDeltaNotification,
    ThreadRealtimeSdpNotification,
    ThreadRealtimeErrorNotification,
    ThreadRealtimeClosedNotification,
)
