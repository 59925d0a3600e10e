"""Realtime sessions: talking with a speech model that hands work to the agent of a thread."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import U16, U32, Method, Notification, Params, Record, Response, TypeAliasType, Variant
from protocol.realtime_item import ThreadRealtimeItem
from protocol.scalars import ConversationTextRole

CodexResponseHandoffMode = TypeAliasType("CodexResponseHandoffMode", Literal["thinking", "commentary", "bemTags"])
"""How what the agent says reaches the speech model."""


class ThreadRealtimeInitialItem(Record):
    """Something that was said before the session."""

    role: ConversationTextRole
    """Who said it."""
    text: str
    """The words."""


RealtimeOutputModality = TypeAliasType("RealtimeOutputModality", Literal["text", "audio"])
"""Whether the model speaks or writes."""


class WebsocketTransport(Variant):
    """Through the server, which passes the sound on."""

    type: Literal["websocket"] = "websocket"
    """The tag of this alternative."""


class WebrtcTransport(Variant):
    """Between the client and the provider; the server arranges it."""

    type: Literal["webrtc"] = "webrtc"
    """The tag of this alternative."""
    sdp: str
    """The client's offer."""


class ExistingCallTransport(Variant):
    """Between the client and the provider, arranged before."""

    type: Literal["existingCall"] = "existingCall"
    """The tag of this alternative."""
    call_id: str
    """The provider's id of the call."""


ThreadRealtimeStartTransport = TypeAliasType(
    "ThreadRealtimeStartTransport",
    Annotated[WebsocketTransport | WebrtcTransport | ExistingCallTransport, Field(discriminator="type")],
)
"""How the sound travels."""

RealtimeConversationVersion = TypeAliasType("RealtimeConversationVersion", Literal["v1", "v2", "v3"])
"""Which generation of the provider's protocol is spoken."""

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
"""A voice of the model."""


class ThreadRealtimeStartParams(Params):
    """A session to begin. Members that are null: as configured."""

    thread_id: str
    """The thread."""
    client_managed_handoffs: bool | None = None
    """Whether the client itself passes on what the agent says."""
    delegation_ack_filler: bool | None = None
    """Whether the model says something while it hands work over."""
    flush_transcript_tail_on_session_end: bool | None = None
    """Whether the last words of the session go to the agent."""
    codex_responses_as_items: bool | None = None
    """Whether what the agent says is added as items of the conversation."""
    codex_response_item_prefix: str | None = None
    """What to put before such items; null: nothing."""
    codex_response_handoff_mode: CodexResponseHandoffMode | None = None
    """How what the agent says reaches the model."""
    backend_reasoning_status: bool = False
    """Whether summaries of the agent's reasoning reach the model as silent context."""
    codex_response_handoff_channel_prefixes: dict[str, list[str]] | None = None
    """Prefixes by channel (`analysis`, `commentary`, `final`) in place of the usual ones."""
    model: str | None = None
    """The speech model."""
    output_modality: RealtimeOutputModality
    """Whether the model speaks or writes."""
    include_startup_context: bool | None = None
    """Whether the model is told about the thread; null: yes."""
    initial_items: list[ThreadRealtimeInitialItem] | None = None
    """What was said before the session; only for generation 3."""
    realtime_start_instructions: str | None = None
    """What the agent is told when the session begins."""
    realtime_end_instructions: str | None = None
    """What the agent is told when the session ends."""
    prompt: str | None = None
    """Instructions for the speech model; null: none."""
    realtime_session_id: str | None = None
    """The id of a session to go on with."""
    voice_session_id: str | None = None
    """The client's own id of the session."""
    transport: ThreadRealtimeStartTransport | None = None
    """How the sound travels."""
    version: RealtimeConversationVersion | None = None
    """Which generation of the protocol to speak."""
    voice: RealtimeVoice | None = None
    """The voice."""


class ThreadRealtimeStartResponse(Response):
    """The session is being arranged; `thread/realtime/started` or `thread/realtime/error` follows."""


class ThreadRealtimeAudioChunk(Record):
    """A piece of sound."""

    data: str
    """The samples, 16-bit PCM in base64."""
    sample_rate: U32
    """Samples per second."""
    num_channels: U16
    """The number of channels."""
    samples_per_channel: U32 | None = None
    """How many samples each channel has; null when not told."""
    item_id: str | None = None
    """The provider's item that it belongs to; null: none."""


class ThreadRealtimeAppendAudioParams(Params):
    """Sound from the user."""

    thread_id: str
    """The thread."""
    audio: ThreadRealtimeAudioChunk
    """The sound."""


class ThreadRealtimeAppendAudioResponse(Response):
    """It is passed on."""


class ThreadRealtimeAppendTextParams(Params):
    """Words to add to the session."""

    thread_id: str
    """The thread."""
    text: str
    """The words."""
    role: ConversationTextRole = "user"
    """Who says them."""


class ThreadRealtimeAppendTextResponse(Response):
    """They are passed on."""


class ThreadRealtimeAppendSpeechParams(Params):
    """Words that the model should speak."""

    thread_id: str
    """The thread."""
    text: str
    """The words."""


class ThreadRealtimeAppendSpeechResponse(Response):
    """They are passed on."""


class ThreadRealtimeStopParams(Params):
    """Whose session to end."""

    thread_id: str
    """The thread."""


class ThreadRealtimeStopResponse(Response):
    """It is being ended; `thread/realtime/closed` follows."""


class ThreadRealtimeListVoicesParams(Params):
    """Nothing to ask with."""


class RealtimeVoicesList(Record):
    """The voices by generation of the protocol."""

    v1: list[RealtimeVoice]
    """Those of generation 1."""
    v2: list[RealtimeVoice]
    """Those of generation 2."""
    v3: list[RealtimeVoice] = Field(default=[])
    """Those of generation 3."""
    default_v1: RealtimeVoice
    """The usual one of generation 1."""
    default_v2: RealtimeVoice
    """The usual one of generation 2."""


class ThreadRealtimeListVoicesResponse(Response):
    """The voices."""

    voices: RealtimeVoicesList
    """The voices."""


class ThreadRealtimeStartedNotification(Notification):
    """A session runs."""

    method: ClassVar[str] = "thread/realtime/started"

    thread_id: str
    """The thread."""
    realtime_session_id: str | None = None
    """Its id; null when it has none."""
    version: RealtimeConversationVersion
    """Which generation of the protocol it speaks."""


class ThreadRealtimeItemAddedNotification(Notification):
    """Something of the provider's, as it came, other than sound."""

    method: ClassVar[str] = "thread/realtime/itemAdded"

    thread_id: str
    """The thread."""
    item: Any
    """What came."""


class ThreadRealtimeItemStartedNotification(Notification):
    """An item of the session began."""

    method: ClassVar[str] = "thread/realtime/item/started"

    thread_id: str
    """The thread."""
    item: ThreadRealtimeItem
    """The item."""


class ThreadRealtimeItemTranscriptDeltaNotification(Notification):
    """A transcript grew."""

    method: ClassVar[str] = "thread/realtime/item/transcript/delta"

    thread_id: str
    """The thread."""
    item_id: str
    """The item."""
    delta: str
    """Text to append."""


class ThreadRealtimeItemCompletedNotification(Notification):
    """An item of the session is done and kept."""

    method: ClassVar[str] = "thread/realtime/item/completed"

    thread_id: str
    """The thread."""
    item: ThreadRealtimeItem
    """The item."""


class ThreadRealtimeTranscriptDeltaNotification(Notification):
    """Words were heard or said."""

    method: ClassVar[str] = "thread/realtime/transcript/delta"

    thread_id: str
    """The thread."""
    role: str
    """By whom."""
    delta: str
    """Text to append."""


class ThreadRealtimeTranscriptDoneNotification(Notification):
    """A piece of what was heard or said is complete."""

    method: ClassVar[str] = "thread/realtime/transcript/done"

    thread_id: str
    """The thread."""
    role: str
    """By whom."""
    text: str
    """All of it."""


class ThreadRealtimeOutputAudioDeltaNotification(Notification):
    """Sound from the model."""

    method: ClassVar[str] = "thread/realtime/outputAudio/delta"

    thread_id: str
    """The thread."""
    audio: ThreadRealtimeAudioChunk
    """The sound."""


class ThreadRealtimeSdpNotification(Notification):
    """The provider's answer to the client's offer."""

    method: ClassVar[str] = "thread/realtime/sdp"

    thread_id: str
    """The thread."""
    sdp: str
    """The answer."""


class ThreadRealtimeErrorNotification(Notification):
    """A session failed."""

    method: ClassVar[str] = "thread/realtime/error"

    thread_id: str
    """The thread."""
    message: str
    """Why, for the user."""


class ThreadRealtimeClosedNotification(Notification):
    """A session ended."""

    method: ClassVar[str] = "thread/realtime/closed"

    thread_id: str
    """The thread."""
    reason: str | None = None
    """Why; null when not told."""


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
