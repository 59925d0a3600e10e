"""Which items of the agent a spoken conversation shows: those that ask for it, and those that are there to be seen.

A message asks by what stands in it; that is seen while it streams. Source: spec/realtime.md section 11.
"""

import re
from collections.abc import Callable
from typing import Any

from protocol.realtime_item import (
    InlineMarkdownPresentation,
    InlineVisualizationPresentation,
    ThreadRealtimeBemItemPresentation,
    WholeItemPresentation,
)

Promote = Callable[[str, str, ThreadRealtimeBemItemPresentation], None]
"""Called with a turn, an item and how to show it."""
TAG = re.compile(r"\[[A-Z]+\]\s*")
INLINE = "::codex-realtime-inline{}"
PICTURES = ("visualize{", "::codex-inline-vis{")
FENCES = ("```", "~~~")
SHOWN_SERVER = "codex_app"


class MessageScan:
    """What a message asks for, found line by line."""

    def __init__(self) -> None:
        self._rest = ""
        self._is_first = True
        self._asks_inline = False
        self._is_fenced = False
        self._pictures = 0

    def feed(self, text: str, *, is_whole: bool = False) -> list[ThreadRealtimeBemItemPresentation]:
        """Take more of the text, and give what was found in it."""
        found: list[ThreadRealtimeBemItemPresentation] = []
        self._rest += text
        while (end := self._rest.find("\n")) >= 0 or (is_whole and self._rest):
            line, self._rest = (self._rest[:end], self._rest[end + 1 :]) if end >= 0 else (self._rest, "")
            found += self._line(line)
        if self._asks_inline and self._rest.strip():
            self._asks_inline = False
            found.append(InlineMarkdownPresentation())
        return found

    def _line(self, line: str) -> list[ThreadRealtimeBemItemPresentation]:
        bare = line.strip()
        if self._is_first and bare:
            rest = TAG.sub("", bare, count=1) if TAG.match(bare) else bare
            if rest:
                self._is_first = False
            if rest == INLINE:
                self._asks_inline = True
            if rest == INLINE or not rest:
                return []
        if self._asks_inline and bare:
            self._asks_inline = False
            return [InlineMarkdownPresentation(), *self._picture(bare)]
        return self._picture(bare)

    def _picture(self, bare: str) -> list[ThreadRealtimeBemItemPresentation]:
        if bare.startswith(FENCES):
            self._is_fenced = not self._is_fenced
        if self._is_fenced or not bare.startswith(PICTURES):
            return []
        self._pictures += 1
        return [InlineVisualizationPresentation(index=self._pictures - 1)]


class Promotions:
    """The messages that are being written, and what was promoted of them already."""

    def __init__(self, promote: Promote) -> None:
        self._promote = promote
        self._scans: dict[str, MessageScan] = {}
        self._is_streamed: set[str] = set()

    def opened(self, item_id: str) -> None:
        """The agent begins a message."""
        self._scans[item_id] = MessageScan()

    def add_delta(self, turn_id: str, item_id: str, delta: str) -> None:
        """The message grows."""
        scan = self._scans.get(item_id)
        if scan is not None:
            self._is_streamed.add(item_id)
            for presentation in scan.feed(delta):
                self._promote(turn_id, item_id, presentation)

    def closed(self, turn_id: str, item: Any) -> None:
        """An item of the agent is complete."""
        if item.type == "agentMessage":
            scan = self._scans.pop(item.id, None) or MessageScan()
            rest = "" if item.id in self._is_streamed else item.text
            self._is_streamed.discard(item.id)
            for presentation in scan.feed(rest, is_whole=True):
                self._promote(turn_id, item.id, presentation)
        elif is_shown_whole(item):
            self._promote(turn_id, item.id, WholeItemPresentation())

    def dropped(self, item_id: str) -> None:
        """The message was cut, and is not kept."""
        self._scans.pop(item_id, None)
        self._is_streamed.discard(item_id)


def is_shown_whole(item: Any) -> bool:
    """Whether an item is there to be seen."""
    match item.type:
        case "imageGeneration":
            return True
        case "subAgentActivity":
            return bool(item.kind == "started")
        case "dynamicToolCall":
            return bool(item.status == "completed" and item.success is not False)
        case "mcpToolCall":
            return bool(item.server == SHOWN_SERVER)
        case _:
            return False
