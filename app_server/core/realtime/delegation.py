"""The words in which the agent gets what was asked of it by voice. Pure functions.

Source: spec/realtime.md sections 8.1 and 8.6 (the tags and their order); the note is ours.
"""

from collections.abc import Sequence

from app_server.core.realtime.transcript import Entry, lines_of

TAIL_SOURCE = "transcript_tail_flush"
TAIL_NOTE = (
    "The voice session has just ended. What was said since the last hand-off follows. Usually nothing has to be done about it; "
    "act on it only if it asks for something."
)


def task_text(words: str, entries: Sequence[Entry]) -> str | None:
    """The agent's input for a hand-off, or None if there is nothing in it."""
    lines = lines_of(entries)
    task = words or lines
    if not task:
        return None
    return wrapped(task, lines)


def tail_text(entries: Sequence[Entry]) -> str:
    """What the agent is left with at a session's end."""
    return wrapped(TAIL_NOTE, lines_of(entries), TAIL_SOURCE)


def wrapped(task: str, lines: str, source: str | None = None) -> str:
    """The task and what was said, in tags."""
    parts = [f"  <source>{source}</source>"] if source is not None else []
    parts.append(f"  <input>{escaped(task)}</input>")
    if lines:
        parts.append(f"  <transcript_delta>{escaped(lines)}</transcript_delta>")
    return "\n".join(["<realtime_delegation>", *parts, "</realtime_delegation>"])


def escaped(text: str) -> str:
    """The text with what could be taken for a tag escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
