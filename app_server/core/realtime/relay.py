"""What passes between the agent and a speech model: the part that every version has.

A relay decides what is said to the model, and when; it says it with the commands of its own version. It never waits:
what it says is queued. Source: spec/realtime.md section 8.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from app_server.core.realtime.commands import Speaker
from app_server.core.realtime.cut import cut_to
from app_server.core.realtime.events import AudioOut, Event

SPOKEN_TOKENS = 1000
"""How much of one text of the agent a speech model gets."""

Send = Callable[[list[str]], None]
"""Queues frames."""
Later = Callable[[float, Callable[[], None]], None]
"""Calls something after so many seconds, unless the session is over by then."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the client wants the agent's output to reach the model."""

    is_client_managed: bool = False
    as_items: bool = False
    item_prefix: str | None = None
    mode: Literal["thinking", "commentary", "bemTags"] = "thinking"
    channel_prefixes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    has_reasoning_status: bool = False


class Relay(Protocol):
    """One session's relay."""

    def append_text(self, text: str, role: Speaker, /) -> None:
        """The client adds a text."""
        ...

    def append_audio(self, data: str) -> list[str]:
        """The frames of sound from the client; they are queued apart from the rest."""
        ...

    def append_speech(self, text: str) -> None:
        """The client wants a text spoken."""
        ...

    def on_event(self, event: Event, /) -> None:
        """The model has told something; bookkeeping, and what answers itself."""
        ...

    def handoff(self, handoff_id: str) -> None:
        """The model asks the agent for something."""
        ...

    def message_opened(self, item_id: str, /) -> None:
        """The agent begins a message."""
        ...

    def message_delta(self, item_id: str, delta: str, /) -> None:
        """The message grows."""
        ...

    def message(self, item_id: str, text: str, phase: str | None, /) -> None:
        """The message is complete."""
        ...

    def message_dropped(self, item_id: str, /) -> None:
        """The message was cut, and the model will write it anew."""
        ...

    def reasoning(self, parts: Sequence[str], /) -> None:
        """The agent has thought something, and summarizes it."""
        ...

    def turn_ended(self, failure: str | None) -> None:
        """The agent's turn is over; `failure` says why it did not reach its end."""
        ...


class QuietRelay:
    """What a relay does about things that its version has no use for: nothing."""

    def on_event(self, _event: Event, /) -> None:
        """Nothing to keep."""

    def message_opened(self, _item_id: str, /) -> None:
        """Messages are passed on whole."""

    def message_delta(self, _item_id: str, _delta: str, /) -> None:
        """Messages are passed on whole."""

    def message_dropped(self, _item_id: str, /) -> None:
        """Messages are passed on whole."""

    def reasoning(self, _parts: Sequence[str], /) -> None:
        """Thoughts are not passed on."""


def cut(text: str) -> str:
    """As much of a text as a speech model gets."""
    return cut_to(text, SPOKEN_TOKENS)


def as_item(text: str, options: Options) -> str:
    """A text of the agent as an item, behind the client's prefix."""
    return text if options.item_prefix is None else f"{options.item_prefix}\n\n{text}"


def duration_ms(sound: AudioOut, decoded_bytes: int) -> int:
    """How long a piece of 16-bit sound plays."""
    samples = sound.samples_per_channel
    if samples is None:
        samples = decoded_bytes // 2 // max(sound.channels, 1)
    return samples * 1000 // max(sound.sample_rate, 1)
