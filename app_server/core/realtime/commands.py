"""What a speech model is told. Each codec knows how its version says those of them that it has.

Values only, no behavior. Source: spec/realtime.md section 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Version: TypeAlias = Literal["v1", "v2", "v3"]
Speaker: TypeAlias = Literal["user", "developer", "assistant"]
Channel: TypeAlias = Literal["commentary", "speakable"]


@dataclass(frozen=True, slots=True)
class InitialItem:
    """Something that was said before the session."""

    role: Speaker
    text: str


@dataclass(frozen=True, slots=True)
class Setup:
    """What the session is to be. A version passes over what it does not have."""

    instructions: str
    voice: str
    modality: Literal["text", "audio"] = "audio"
    is_transcription: bool = False
    ack_filler: bool | None = None
    initial_items: Sequence[InitialItem] = ()


@dataclass(frozen=True, slots=True)
class AppendAudio:
    """Sound from the user, base64."""

    data: str


@dataclass(frozen=True, slots=True)
class AddMessage:
    """A message for the conversation. It makes nobody answer."""

    role: Speaker
    text: str


@dataclass(frozen=True, slots=True)
class AppendHandoff:
    """v1: what the agent says about a hand-off."""

    handoff_id: str
    text: str


@dataclass(frozen=True, slots=True)
class AnswerCall:
    """v2: the result of a tool call."""

    call_id: str
    output: str


@dataclass(frozen=True, slots=True)
class CreateResponse:
    """v2: make the model answer."""


@dataclass(frozen=True, slots=True)
class Truncate:
    """v2: the user has heard only so much of what the model was saying."""

    item_id: str
    audio_end_ms: int


@dataclass(frozen=True, slots=True)
class AddContext:
    """v3: something to know, or with the channel `speakable` to say; within a delegation if one is named."""

    text: str
    channel: Channel | None = None
    delegation_id: str | None = None


CommandV1: TypeAlias = AppendAudio | AddMessage | AppendHandoff
CommandV2: TypeAlias = AppendAudio | AddMessage | AnswerCall | CreateResponse | Truncate
CommandV3: TypeAlias = AppendAudio | AddContext
