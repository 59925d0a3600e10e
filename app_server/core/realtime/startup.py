"""A session's instructions, made when it starts: the prompt, and what the model should know about the thread.

The thread is looked at when the start is asked for; files are looked at in a worker thread, when the start is under way.
Source: spec/realtime.md section 9.
"""

from collections.abc import Callable
from pathlib import Path

from app_server.core.catalogue import catalogue_of, user_state_of
from app_server.core.list_query import Query
from app_server.core.listing import list_threads
from app_server.core.realtime.context_text import Ask, Told, context_text, turns_of
from app_server.core.realtime.instructions import instructions
from app_server.core.realtime.plan import Plan
from app_server.core.runtime import Runtime
from app_server.core.thread import Thread

RECENT_THREADS = 40


def instructions_for(thread: Thread, plan: Plan) -> Callable[[], str]:
    """Makes the instructions of a session. What it returns blocks."""
    if not plan.has_context or plan.configured_context is not None:
        given = plan.configured_context if plan.has_context else None
        return lambda: instructions(plan.prompt, plan.configured_prompt, given)
    turns = turns_of(list(thread.history))
    runtime, cwd = thread.runtime, Path(thread.settings.cwd)
    home = Path(runtime.environment.get("HOME") or "/")

    def make() -> str:
        told = Told(cwd=cwd, home=home, turns=turns, asks=recent_asks(runtime))
        return instructions(plan.prompt, plan.configured_prompt, context_text(told))

    return make


def recent_asks(runtime: Runtime) -> list[Ask]:
    """What the user has asked for lately, in any thread, the newest first."""
    query = Query(sort_key="updated_at", limit=RECENT_THREADS)
    listed = [row.facts for row in list_threads(catalogue_of(runtime), user_state_of(runtime), query).rows]
    return [Ask(Path(each.head.cwd), each.preview, each.updated_ms, (each.head.git or {}).get("branch")) for each in listed]
