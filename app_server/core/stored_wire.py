"""A stored thread as clients see it. Source: spec/threads.md sections 1 and 6."""

from app_server.core.agents.lineage import spawned
from app_server.core.listing import Row
from app_server.core.store.facts import Facts
from app_server.core.store.places import NOWHERE, Place
from app_server.core.store.user_state import Corrections
from app_server.core.thread import Thread
from app_server.core.thread_wire import environments, git_info, wire_section, wire_source
from protocol.thread import NotLoadedStatus
from protocol.thread import Thread as WireThread


def wire_stored(facts: Facts, name: str | None, corrections: Corrections, place: Place = NOWHERE) -> WireThread:
    """A thread that is not loaded."""
    head = facts.head
    return WireThread(
        id=head.thread_id,
        environments=None,
        extra=None,
        session_id=head.session_id,
        forked_from_id=head.forked_from_id,
        attached_to_thread_id=head.forked_from_id if head.is_attached else None,
        parent_thread_id=head.parent_thread_id,
        preview=facts.preview,
        ephemeral=False,
        section=wire_section(place.section),
        section_entered_at=place.entered_at,
        project_id=place.project_id,
        history_mode=head.history_mode,
        model_provider=facts.model_provider or "",
        model=facts.model,
        reasoning_effort=facts.effort,
        created_at=facts.created_ms // 1000,
        updated_at=facts.updated_ms // 1000,
        recency_at=facts.recency_ms // 1000,
        status=NotLoadedStatus(),
        path=str(facts.path),
        cwd=facts.cwd,
        cli_version=head.cli_version,
        originator=head.originator or None,
        source=wire_source(head.source),
        can_accept_direct_input=None,
        thread_source=head.thread_source,
        agent_nickname=head.agent_nickname,
        agent_role=head.agent_role,
        git_info=git_info(head.git, corrections),
        name=name,
        daybreak_enabled=corrections.is_daybreak_enabled,
        turns=[],
    )


def wire_listed(row: Row, loaded: Thread | None) -> WireThread:
    """A thread of a list: what its file says, with what it is doing now.

    As with the reference, lists show the folder that a thread was begun in, and neither what it was forked from nor the
    client's word for what started it; an agent counts as a session of its own there.
    """
    stored = wire_stored(row.facts, row.name, row.corrections, row.place)
    changes: dict[str, object] = {"forked_from_id": None, "thread_source": None, "cwd": row.facts.head.cwd}
    if spawned(row.facts.head) is not None:
        changes |= {"session_id": row.facts.head.thread_id, "can_accept_direct_input": True}
    if loaded is not None:
        changes |= {
            "status": loaded.status,
            "environments": environments(loaded.settings),
            "updated_at": loaded.recorder.updated_ms // 1000,
            "model": loaded.settings.model,
            "reasoning_effort": loaded.settings.effort,
        }
    return stored.model_copy(update=changes)
