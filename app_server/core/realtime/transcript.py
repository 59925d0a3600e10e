"""What was said so far, as the agent is told of it with each hand-off.

Invariant: `since_handoff` gives each entry once. Versions 1 and 2 know an utterance only by who spoke last, version 3
tells where one ends: it has a transcript of its own.
Source: spec/realtime.md section 7.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app_server.core.realtime.events import Role

MOST_ENTRIES = 10_000
"""Of a session that runs for days, the oldest entries are forgotten."""


@dataclass(slots=True)
class Entry:
    """Something that one side has said."""

    role: Role
    text: str

    def wire(self) -> dict[str, str]:
        """The entry as clients get it."""
        return {"role": self.role, "text": self.text}


class Transcript:
    """The entries of one session. What one side says belongs to its last entry, unless the other has spoken since."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._told = 0
        self._is_new_forced = {"user": False, "assistant": False}

    def add_delta(self, role: Role, delta: str) -> None:
        """Some words were heard or said."""
        if not delta:
            return
        last = self._last_of(role)
        if last is not None:
            last.text += delta
        else:
            self._append(role, delta)

    def finish(self, role: Role, text: str) -> None:
        """All words of an utterance: they take the place of what was understood while it was spoken."""
        if not text:
            return
        last = self._last_of(role)
        if last is not None:
            last.text = text
        else:
            self._append(role, text)

    def force_new(self, *roles: Role) -> None:
        """What these say next does not belong to their last entry."""
        for role in roles:
            self._is_new_forced[role] = True

    def take_handoff(self, words: str) -> list[Entry]:
        """The entries since the last hand-off, with the words that ask for this one."""
        words = words.strip()
        if words and not any(entry.role == "user" and entry.text.strip() == words for entry in self._entries):
            self._append("user", words)
        found = self.since_handoff()
        self._told = len(self._entries)
        self.force_new("user", "assistant")
        return found

    def since_handoff(self) -> list[Entry]:
        """The entries since the last hand-off."""
        return self._entries[self._told :]

    def _last_of(self, role: Role) -> Entry | None:
        """The entry that more words of this role belong to."""
        is_forced, self._is_new_forced[role] = self._is_new_forced[role], False
        if is_forced or not self._entries or self._entries[-1].role != role:
            return None
        return self._entries[-1]

    def _append(self, role: Role, text: str) -> Entry:
        entry = Entry(role, text)
        self._entries.append(entry)
        if len(self._entries) > MOST_ENTRIES:
            dropped = len(self._entries) // 2
            del self._entries[:dropped]
            self._told = max(self._told - dropped, 0)
        return entry


class TurnTranscript(Transcript):
    """The entries of a session that tells when somebody has finished: till then, what is said belongs to one entry."""

    def __init__(self) -> None:
        super().__init__()
        self._unfinished: dict[Role, Entry] = {}

    def add_delta(self, role: Role, delta: str) -> None:
        """Some words were heard or said."""
        if role in self._unfinished:
            self._unfinished[role].text += delta
        elif delta:
            self._unfinished[role] = self._append(role, delta)

    def finish(self, role: Role, text: str) -> None:
        """Somebody has finished; the words stay as they came, if there were any."""
        if self._unfinished.pop(role, None) is None and text:
            self._append(role, text)

    def force_new(self, *roles: Role) -> None:
        """What these say next is a new entry."""
        for role in roles:
            self._unfinished.pop(role, None)


def lines_of(entries: Sequence[Entry]) -> str:
    """Entries as lines of text."""
    return "\n".join(f"{entry.role}: {entry.text}" for entry in entries)
