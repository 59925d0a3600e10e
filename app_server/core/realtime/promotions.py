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
INLINE = re.compile(r"\s*(\[[^\]\n]*\][ \t]*\n?[ \t]*)?::codex-realtime-inline\{\}\n")
"""How a message begins that is shown as text: perhaps after a tag, and with more lines behind it."""
PICTURE = "::codex-inline-vis{"
FENCE = re.compile(r"\s*(`{3,}|~{3,})")
HEAD_CHARACTERS = 1000
SHOWN_SERVER = "codex_app"


class MessageScan:
    """What a message asks for, found as early as it can be."""

    def __init__(self) -> None:
        self._head: str | None = ""
        self._is_inline = False
        self._line = ""
        self._has_picture = False
        self._fence = ""
        self._pictures = 0

    def feed(self, text: str) -> list[ThreadRealtimeBemItemPresentation]:
        """Take more of the text, and give what was found in it."""
        found: list[ThreadRealtimeBemItemPresentation] = []
        if self._head is not None:
            self._head += text
            if INLINE.match(self._head):
                self._is_inline = True
                found.append(InlineMarkdownPresentation())
            start = self._head.lstrip()[:1]
            if self._is_inline or len(self._head) > HEAD_CHARACTERS or (start and start not in "[:"):
                self._head = None
        if self._is_inline:
            return found
        *whole, rest = text.split("\n")
        for piece in whole:
            found += self._grow(piece)
            self._end_line()
        return found + self._grow(rest)

    def _grow(self, piece: str) -> list[ThreadRealtimeBemItemPresentation]:
        """The line goes on."""
        if len(self._line) < HEAD_CHARACTERS:  # what is looked for stands at the start
            self._line += piece
        if self._has_picture or self._fence or not self._line.lstrip().startswith(PICTURE):
            return []
        self._has_picture = True
        self._pictures += 1
        return [InlineVisualizationPresentation(index=self._pictures - 1)]

    def _end_line(self) -> None:
        """A fence hides what stands behind it, up to one of the same kind that is at least as long."""
        mark = FENCE.match(self._line)
        self._line, self._has_picture = "", False
        if mark is None:
            return
        if not self._fence:
            self._fence = mark[1]
        elif mark[1].startswith(self._fence):
            self._fence = ""


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
            for presentation in scan.feed(rest):
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
