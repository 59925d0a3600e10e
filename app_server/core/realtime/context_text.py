"""What a speech model is told of the thread and the machine when a session starts, within a budget for each part.

The parts' headings, order and budgets are the reference's, the sentences ours. Everything here is reading: a folder that
can't be read is an empty one. Blocks. Source: spec/realtime.md section 9.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from app_server.core import git
from app_server.core.history_item import NOTES as TOLD_FOR_USER
from app_server.core.history_item import Entry
from app_server.core.realtime.cut import cut_to, size
from app_server.core.realtime.tree import tree

THREAD_TOKENS = 1200
RECENT_TOKENS = 2200
MAP_TOKENS = 1600
NOTES_TOKENS = 300
TURN_TOKENS = 300
MOST_GROUPS = 8
MOST_OWN_ASKS = 8
MOST_ASKS = 5
ASK_CHARACTERS = 240
PUT_IN = "unknown"
"""The kind of what clients have put into the history."""

HEADER = (
    "Context for the start of the conversation.\n"
    "It comes from the coding tool and may be incomplete or out of date. Use it where it helps, and do not recite it."
)
THREAD_INTRO = "What the user and the assistant said last in this thread, the newest first."
NOTES = (
    "Made at the start of the session from this thread's history, the list of threads and a quick look at the folders. "
    "Instructions of the project and memories are not part of it."
)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a thread is about: its first request, where, and when it was last used."""

    cwd: Path
    text: str
    updated_ms: int
    branch: str | None


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """A request of the user, and what was answered to it."""

    user: str
    assistant: Sequence[str]


@dataclass(frozen=True, slots=True)
class Told:
    """What the context is made of. `turns` and `asks` have the newest first."""

    cwd: Path
    home: Path
    turns: Sequence[SpokenTurn]
    asks: Sequence[Ask]


def context_text(told: Told) -> str | None:
    """The context, or None if there is nothing to tell."""
    parts = [
        section("Current Thread", thread_part(told.turns), THREAD_TOKENS),
        section("Recent Work", recent_part(told.cwd, told.asks), RECENT_TOKENS),
        section("Machine / Workspace Map", map_part(told.cwd, told.home), MAP_TOKENS),
    ]
    known = [part for part in parts if part is not None]
    if not known:
        return None
    notes = section("Notes", NOTES, NOTES_TOKENS) or ""
    return "\n".join(["<startup_context>", "\n\n".join([HEADER, *known, notes]), "</startup_context>"])


def section(title: str, body: str | None, tokens: int) -> str | None:
    """A part with its heading, cut to its budget; None without a body."""
    return None if not body else cut_to(f"## {title}\n{body}", tokens)


def turns_of(entries: Sequence[Entry]) -> list[SpokenTurn]:
    """What was said last, the newest first; as many turns as may be needed. What the assistant said unasked is left out."""
    turns: list[SpokenTurn] = []
    answers: list[str] = []
    used = 0
    for entry in reversed(entries):
        if used > THREAD_TOKENS * 4:
            break
        words = words_of(entry) if is_spoken(entry) else ""
        if not words:
            continue
        used += min(size(words), TURN_TOKENS)
        if entry.role == "assistant":
            answers.insert(0, words)
        else:
            turns.append(SpokenTurn(words, answers))
            answers = []
    return turns


def is_spoken(entry: Entry) -> bool:
    """Whether an item is a message of the user or the assistant; what is told in the user's place is none of the user's."""
    if entry.kind != "message" or entry.role not in ("user", "assistant"):
        return False
    kinds = (entry.bookkeeping or {}).get("content_item_kinds") or ()
    return (
        entry.is_users or entry.role == "assistant" or (set(kinds) == {PUT_IN} and not words_of(entry).startswith(TOLD_FOR_USER))
    )


def words_of(entry: Entry) -> str:
    """The text of a message."""
    parts = entry.item().get("content") or []
    texts = (part.get("text") for part in parts if isinstance(part, dict))
    return "\n".join(text for text in texts if isinstance(text, str)).strip()


def thread_part(turns: Sequence[SpokenTurn]) -> str | None:
    """The turns, as many as fit."""
    blocks: list[str] = []
    left = THREAD_TOKENS - size(f"## Current Thread\n{THREAD_INTRO}")
    for number, turn in enumerate(turns):
        title = "### Latest turn" if number == 0 else f"### Previous turn {number}"
        said = [title, f"User:\n{turn.user}\n"]
        if turn.assistant:
            said.append("Assistant:\n" + "\n\n".join(turn.assistant))
        block = cut_to("\n".join(said).rstrip(), min(TURN_TOKENS, max(left, 0)))
        left -= size(block) + 1
        if left < 0 and blocks:
            break
        blocks.append(block)
    return "\n\n".join([THREAD_INTRO, *blocks]) if blocks else None


@dataclass(slots=True)
class Group:
    """The threads of one repository or folder."""

    root: Path
    is_repository: bool
    asks: list[Ask] = field(default_factory=list)


def recent_part(cwd: Path, asks: Sequence[Ask]) -> str | None:
    """What was asked for lately, by repository."""
    blocks = (group_block(group, most) for group, most in groups_of(cwd, asks))
    found = [block for block in blocks if block is not None]
    return "\n\n".join(found) if found else None


def groups_of(cwd: Path, asks: Sequence[Ask]) -> Iterator[tuple[Group, int]]:
    """The repositories and folders with how much to tell of each: this one first, then by the time of the last use."""
    groups: dict[Path, Group] = {}
    for ask in asks:
        root = repository(ask.cwd)
        place = root or ask.cwd
        groups.setdefault(place, Group(place, root is not None)).asks.append(ask)
    own = repository(cwd) or cwd
    ordered = sorted(groups.values(), key=lambda group: (group.root != own, -group.asks[0].updated_ms))
    for group in ordered[:MOST_GROUPS]:
        yield group, MOST_OWN_ASKS if group.root == own else MOST_ASKS


def group_block(group: Group, most: int) -> str | None:
    """What was asked for in one place; None if that says nothing."""
    lines = list(islice(unique(ask_line(ask) for ask in group.asks if ask.text.split()), most))
    if not lines:
        return None
    newest = group.asks[0]
    moment = datetime.fromtimestamp(newest.updated_ms / 1000, UTC).isoformat(timespec="milliseconds")
    head = [
        f"### {'Git repo' if group.is_repository else 'Directory'}: {group.root}",
        f"Recent sessions: {len(group.asks)}",
        f"Latest activity: {moment}",
    ]
    branch = newest.branch or (branch_of(group.root) if group.is_repository else None)
    if branch:
        head.append(f"Latest branch: {branch}")
    return "\n".join([*head, "", "User asks:", *lines])


def ask_line(ask: Ask) -> str:
    """One request on one line."""
    text = " ".join(ask.text.split())
    if len(text) > ASK_CHARACTERS:
        text = text[: ASK_CHARACTERS - 3] + "..."
    return f"- {ask.cwd}: {text}"


def unique(lines: Iterable[str]) -> Iterable[str]:
    """Each line once."""
    return dict.fromkeys(lines)


def map_part(cwd: Path, home: Path) -> str | None:
    """Where we are, and what is there; None in an empty folder outside of any repository."""
    root = repository(cwd)
    head = [f"Current working directory: {cwd}", f"Working directory name: {cwd.name}"]
    if root is not None:
        head += [f"Git root: {root}", f"Git project: {root.name}"]
    head.append(f"User root: {home}")
    trees = [("Working directory tree", cwd)]
    if root is not None and root != cwd:
        trees.append(("Git root tree", root))
    if home not in (cwd, root):
        trees.append(("User root tree", home))
    blocks = [f"{title}:\n" + "\n".join(lines) for title, place in trees if (lines := tree(place))]
    if not blocks and root is None:
        return None
    return "\n\n".join(["\n".join(head), *blocks])


def repository(folder: Path) -> Path | None:
    """The root of the repository that holds a folder."""
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)


def branch_of(root: Path) -> str | None:
    """The branch that is checked out."""
    facts = git.facts(root)
    return None if facts is None else facts.branch
