"""A rollout's first line, `session_meta`: what a thread was created as, and what it continues.

Source: spec/threads.md section 9.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from app_server.core.store.encoding import milliseconds, timestamp
from app_server.core.store.errors import StoreError
from app_server.core.store.fields import text, texts
from app_server.core.store.reader import Line, read_forward

HEAD_LINES = 8
"""Among how many lines a head is looked for, should the first one be damaged."""


@dataclass(frozen=True, slots=True)
class HistoryBase:
    """What a file continues: the lines of another segment, and of what that one continues, up to an ordinal."""

    segment_id: str
    end_ordinal: int
    end_offset: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the first line says. Members that other programs added are not kept: nobody rewrites a head."""

    thread_id: str
    session_id: str
    created_ms: int
    cwd: str
    originator: str = ""
    cli_version: str = ""
    source: str | Mapping[str, Any] = "vscode"
    """Where the thread comes from: a word, or `{"subagent": …}`."""
    model_provider: str | None = None
    workspace_roots: tuple[str, ...] = ()
    base_instructions: str | None = None
    history_mode: Literal["paginated", "legacy"] = "paginated"
    base: HistoryBase | None = None
    forked_from_id: str | None = None
    parent_thread_id: str | None = None
    is_attached: bool = False
    thread_source: str | None = None
    agent_nickname: str | None = None
    agent_role: str | None = None
    git: Mapping[str, Any] | None = None
    """`commit_hash`, `branch`, `repository_url`, each if known."""
    dynamic_tools: tuple[Any, ...] = ()
    window_id: str | None = None
    multi_agent_version: str | None = None

    def payload(self) -> dict[str, Any]:
        """The line's payload, in the reference's order of members."""
        is_fork = self.forked_from_id is not None and self.base is not None
        members = {
            "account_scoped": True,
            "session_id": self.session_id,
            "id": self.thread_id,
            "forked_from_id": self.forked_from_id,
            "forked_from_ordinal_exclusive": self.base.end_ordinal if is_fork and self.base else None,
            "parent_thread_id": self.parent_thread_id,
            "timestamp": timestamp(self.created_ms),
            "cwd": self.cwd,
            "runtime_workspace_roots": list(self.workspace_roots),
            "originator": self.originator,
            "cli_version": self.cli_version,
            "source": self.source,
            "thread_source": self.thread_source,
            "agent_nickname": self.agent_nickname,
            "agent_role": self.agent_role,
            "model_provider": self.model_provider,
            "base_instructions": {"text": self.base_instructions} if self.base_instructions is not None else None,
            "dynamic_tools": list(self.dynamic_tools) or None,
            "history_mode": self.history_mode,
            "history_base": _base_payload(self.base),
            "attached_thread": True if self.is_attached else None,
            "multi_agent_version": self.multi_agent_version,
            "context_window": {"window_id": self.window_id} if self.window_id is not None else None,
            "git": dict(self.git) if self.git is not None else None,
        }
        return {name: value for name, value in members.items() if value is not None}


def read_head(path: Path) -> Head:
    """The head of a file. Raises: StoreError (no file, or no thread in it)."""
    return head_of(read_head_line(path))


def read_head_line(path: Path) -> Line:
    """The line of the head. Raises: StoreError."""
    for line in islice(read_forward(path), HEAD_LINES):
        if line.name == "session_meta" and isinstance(line.payload.get("id"), str):
            return line
    raise StoreError(f"{path} holds no thread")


def head_of(line: Line, *, has_bulk: bool = True) -> Head:
    """What a `session_meta` line says; whatever is missing or of an unexpected shape counts as unknown.

    Base instructions and tools can be big; without them one head takes a thousandth of the memory.
    """
    payload = line.payload
    thread_id = payload["id"]
    created = milliseconds(payload.get("timestamp"))
    source = payload.get("source")
    git = payload.get("git")
    return Head(
        thread_id=thread_id,
        session_id=text(payload, "session_id") or thread_id,
        created_ms=created if created is not None else line.time_ms or 0,
        cwd=text(payload, "cwd") or "/",
        originator=text(payload, "originator") or "",
        cli_version=text(payload, "cli_version") or "",
        source=source if isinstance(source, str | dict) else "unknown",
        model_provider=text(payload, "model_provider"),
        workspace_roots=texts(payload.get("runtime_workspace_roots")),
        base_instructions=_base_instructions(payload.get("base_instructions")) if has_bulk else None,
        history_mode="paginated" if payload.get("history_mode") == "paginated" else "legacy",
        base=_base_of(payload.get("history_base")),
        forked_from_id=text(payload, "forked_from_id"),
        parent_thread_id=text(payload, "parent_thread_id"),
        is_attached=payload.get("attached_thread") is True,
        thread_source=text(payload, "thread_source"),
        agent_nickname=text(payload, "agent_nickname"),
        agent_role=text(payload, "agent_role"),
        git=git if isinstance(git, dict) else None,
        dynamic_tools=tuple(tools) if has_bulk and isinstance(tools := payload.get("dynamic_tools"), list) else (),
        window_id=text(window, "window_id") if isinstance(window := payload.get("context_window"), dict) else None,
        multi_agent_version=text(payload, "multi_agent_version"),
    )


def _base_payload(base: HistoryBase | None) -> dict[str, Any] | None:
    if base is None:
        return None
    payload: dict[str, Any] = {"thread_id": base.segment_id, "end_ordinal_exclusive": base.end_ordinal}
    if base.end_offset is not None:
        payload["end_byte_offset"] = base.end_offset
    return payload


def _base_of(payload: object) -> HistoryBase | None:
    if not isinstance(payload, dict):
        return None
    segment_id, end, offset = (payload.get(key) for key in ("thread_id", "end_ordinal_exclusive", "end_byte_offset"))
    if not isinstance(segment_id, str) or not isinstance(end, int):
        return None
    return HistoryBase(segment_id, end, offset if isinstance(offset, int) else None)


def _base_instructions(value: object) -> str | None:
    if isinstance(value, dict):
        return text(value, "text")
    return value if isinstance(value, str) else None
