"""What the model is shown of a thread: the items of its past, each encoded once.

An item is sent with every later request, so it is kept as the JSON bytes that go upstream; consecutive requests
share their prefix byte by byte, which is what prompt caches live on. What a request needs is kept up to date with each
item, so that making one costs no more than copying a list. Source: spec/turns.md section 7.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from app_server.core.history_item import (
    CALL_OUTPUTS,
    ORIGINAL,
    OUTPUT_PREFIXES,
    Entry,
    entry,
    orphan_output,
    with_note,
    without_media,
)

EVERYTHING = ("text", "image", "audio", ORIGINAL)
INTERRUPTED_NOTE = (
    "<turn_aborted>\nThe user interrupted this turn on purpose. Commands that were running may have been ended half-way, "
    "and sessions that you hold may still be running; look at the state of things before you go on.\n</turn_aborted>"
)


class History:
    """The items of one thread, oldest first.

    Invariants: `_sent` holds what a request sends, in order, and `_notes` what OpenAI is told of each; `_unanswered` says for
    each call without an output where it stands there, `_media` where something stands that not every model reads.
    """

    def __init__(self, items: Iterable[dict[str, Any]] = ()) -> None:
        self._clear()
        for item in items:
            self.append(item)

    def _clear(self) -> None:
        self._entries: list[Entry] = []
        self._sent: list[bytes] = []
        self._notes: list[bytes] = []
        self._called: set[str | None] = set()
        self._unanswered: dict[str | None, tuple[int, Entry]] = {}
        self._media: list[tuple[int, Entry]] = []
        self._reduced: dict[tuple[int, frozenset[str]], bytes] = {}
        self.tokens = 0
        """What all items together cost, by the estimate."""
        self.tokens_since_answer = 0
        """What those cost that came after the last one that the model has made."""

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def append(self, item: dict[str, Any]) -> bytes:
        """Add an item as the model gave it or as we made it; returns its JSON."""
        added = entry(item)
        self._add(added)
        return added.json

    def extend(self, entries: Iterable[Entry]) -> None:
        """Add items that are encoded already: many are encoded where nobody waits for it."""
        for each in entries:
            self._add(each)

    def replace(self, items: Iterable[dict[str, Any]]) -> None:
        """Forget everything and start from these items (compaction, revert)."""
        self._clear()
        for item in items:
            self.append(item)
        self.tokens_since_answer = 0

    def items(self) -> list[dict[str, Any]]:
        """All items as data, decoded anew."""
        return [each.item() for each in self._entries]

    def without_oldest(self, least_tokens: int) -> "History":
        """The same without the oldest items behind the first: as many as cost so much, at least one, calls with their outputs."""
        dropped, cost = 0, 0
        calls: set[str | None] = set()
        for each in self._entries[1:]:
            if dropped and cost >= least_tokens:
                break
            dropped += 1
            cost += each.tokens
            if each.kind in CALL_OUTPUTS:
                calls.add(each.call_id)
        rest = History()
        for each in (*self._entries[:1], *self._entries[1 + dropped :]):
            if each.kind not in OUTPUT_PREFIXES or each.call_id not in calls:
                rest._add(each)
        return rest

    def for_request(self, reads: Sequence[str] = EVERYTHING, *, has_notes: bool = False) -> list[bytes]:
        """The items to send: unknown kinds and system messages left out, calls without output answered as aborted.

        What the model does not read is replaced, each time, so that another model sees it again.
        `has_notes`: with what OpenAI is told of each item.
        """
        sent = list(self._sent)
        for place, each in self._media:
            missing = each.media.difference(reads)
            if missing:
                sent[place] = self._without(place, each, missing)
        if has_notes:
            sent = [*map(with_note, sent, self._notes)]
        for place, call in sorted(self._unanswered.values(), key=lambda placed: placed[0], reverse=True):
            sent.insert(place + 1, orphan_output(call))
        return sent

    def _add(self, each: Entry) -> None:
        self._entries.append(each)
        self.tokens += each.tokens
        self.tokens_since_answer = 0 if each.is_models else self.tokens_since_answer + each.tokens
        if not each.is_sent:
            return
        if each.kind in OUTPUT_PREFIXES and not each.is_named_output:
            if each.call_id not in self._called:
                return  # the provider refuses an output without its call
            self._unanswered.pop(each.call_id, None)
        elif each.kind in CALL_OUTPUTS:
            self._called.add(each.call_id)
            self._unanswered[each.call_id] = (len(self._sent), each)
        if each.media:
            self._media.append((len(self._sent), each))
        self._sent.append(each.json)
        self._notes.append(each.note)

    def _without(self, place: int, each: Entry, missing: frozenset[str]) -> bytes:
        """An item without what a model can't read, encoded once."""
        known = self._reduced.get((place, missing))
        if known is None:
            known = self._reduced[place, missing] = without_media(each, missing)
        return known
