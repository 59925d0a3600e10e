"""What a speech model tells, whatever version of its protocol says it.

Every codec turns its frames into these; nobody behind a codec sees a frame. Values only, no behavior.
Source: spec/realtime.md section 7.
"""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Role: TypeAlias = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class SessionReady:
    """The provider has taken over our settings."""

    session_id: str


@dataclass(frozen=True, slots=True)
class AudioOut:
    """Sound to be played: base64, and how to read it."""

    data: str
    sample_rate: int
    channels: int
    samples_per_channel: int | None = None
    item_id: str | None = None


@dataclass(frozen=True, slots=True)
class TranscriptDelta:
    """Some words were heard or said."""

    role: Role
    delta: str


@dataclass(frozen=True, slots=True)
class TranscriptDone:
    """All words of one utterance."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class ItemAdded:
    """The provider's conversation has a new item, as it came."""

    item: Any


@dataclass(frozen=True, slots=True)
class ItemDone:
    """An item of the provider's conversation is complete; nothing follows from it."""

    item_id: str


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The user has begun to speak; `item_id` is what the model was saying then, if it tells."""

    item_id: str | None


@dataclass(frozen=True, slots=True)
class ResponseCreated:
    """The model begins to answer."""

    response_id: str | None


@dataclass(frozen=True, slots=True)
class ResponseDone:
    """The model has answered."""


@dataclass(frozen=True, slots=True)
class ResponseCancelled:
    """The model stops answering."""

    response_id: str | None


@dataclass(frozen=True, slots=True)
class HandoffRequested:
    """The model wants the agent to do something. `input` may be empty: then the transcript says what."""

    handoff_id: str
    item_id: str
    input: str


@dataclass(frozen=True, slots=True)
class SilenceRequested:
    """The model has decided to say nothing, and waits for that to be acknowledged."""

    call_id: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The provider reports an error, which ends the session."""

    message: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A frame that the version does not know or that lacks something. `kind` is its type, or says what it is."""

    kind: str


Event: TypeAlias = (
    SessionReady
    | AudioOut
    | TranscriptDelta
    | TranscriptDone
    | ItemAdded
    | ItemDone
    | SpeechStarted
    | ResponseCreated
    | ResponseDone
    | ResponseCancelled
    | HandoffRequested
    | SilenceRequested
    | Failed
    | Unknown
)
