"""Version 3: which channel a text of the agent belongs to, by the tag that it begins with.

Source: spec/realtime.md section 8.3.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Literal

from app_server.core.realtime.commands import Channel

Mode = Literal["thinking", "commentary", "bemTags"]
TAGS: Mapping[str, Sequence[str]] = {
    "analysis": ("[ANALYSIS]",),
    "commentary": ("[COMMENTARY]",),
    "final": ("[FINAL]",),
}
CHANNELS: Mapping[str, Channel] = {"analysis": "commentary", "commentary": "commentary", "final": "speakable"}


class Undecided(Enum):
    """What has come of the text does not tell yet."""

    UNDECIDED = "undecided"


UNDECIDED = Undecided.UNDECIDED


class ChannelChoice:
    """The rule of one session. `prefixes` replaces the tags of the channels that it names."""

    def __init__(self, mode: Mode, prefixes: Mapping[str, Sequence[str]]) -> None:
        self._mode = mode
        named = {**TAGS, **{name: tags for name, tags in prefixes.items() if name in TAGS}}
        self._tags = [(tag, CHANNELS[name]) for name, tags in named.items() for tag in tags if tag]

    def of(self, text: str) -> Channel | None:
        """The channel of a whole text."""
        found = self.so_far(text)
        return "speakable" if isinstance(found, Undecided) else found

    def so_far(self, text: str) -> Channel | Undecided | None:
        """The channel of a text of which perhaps only the beginning is there; without a tag that is decided by the whole."""
        if self._mode == "thinking":
            return None
        if self._mode == "commentary":
            return "commentary"
        start = text.lstrip()
        for tag, channel in self._tags:
            if start.startswith(tag):
                return channel
        return UNDECIDED
