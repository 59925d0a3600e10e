"""The lines that a thread's file is made of, from our values: each function gives a line's type and payload.

They go into `Rollout.append(*line)` or, several at once, into `Rollout.append_many`. The order of lines in a turn is the
caller's: see spec/threads.md section 9. Members stand in the reference's order, empty ones are left out as there.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from app_server.core.store.encoding import Payload
from app_server.core.store.head import Head
from app_server.core.store.items import stored_item
from app_server.core.store.settings import Settings, stored_context, stored_settings
from app_server.core.store.words import error_info, present, snake, snake_keys
from protocol.base import Record, to_wire
from protocol.goal import ThreadGoal
from protocol.turn import TurnError
from protocol.turn_events import ThreadTokenUsage, TokenUsageBreakdown

Line = tuple[str, Payload]

NO_RATE_LIMITS: Mapping[str, Any] = {
    "limit_id": "codex",
    "limit_name": None,
    "primary": None,
    "secondary": None,
    "credits": None,
    "individual_limit": None,
    "spend_control_reached": None,
    "plan_type": None,
    "rate_limit_reached_type": None,
}


def event(name: str, /, **members: Any) -> Line:
    """An `event_msg`. Members that are None are written as null."""
    return "event_msg", {"type": name, **members}


def session_meta(head: Head) -> Line:
    """The first line of a file; `Rollout.materialize` takes its payload."""
    return "session_meta", head.payload()


# A turn: how it begins, what it runs with, how it ends.


def task_started(
    turn_id: str,
    *,
    started_at: int,
    window: int | None,
    root_turn_id: str | None = None,
    parent_turn_id: str | None = None,
    mode: str = "default",
) -> Line:
    """A turn begins. `started_at` in seconds; a turn within another one (a review's) has that as its root and parent."""
    root = root_turn_id or turn_id
    attribution = {
        "turn_id": turn_id,
        "turn_trigger": None,
        "parent_turn_id": parent_turn_id,
        "initiating_agent_path": None,
        "root_turn_id": root,
    }
    return event(
        "task_started",
        turn_attribution=attribution,
        turn_id=turn_id,
        root_turn_id=root,
        started_at=started_at,
        model_context_window=window,
        collaboration_mode_kind=mode,
    )


def turn_context(
    turn_id: str,
    settings: Settings,
    *,
    effort: str | None,
    summary: str = "none",
    root_turn_id: str | None = None,
    multi_agent_version: str = "v1",
    is_realtime: bool = False,
) -> Line:
    """What a turn runs with; effort and summary as the model is really asked."""
    ids = {"turn_id": turn_id, "root_turn_id": root_turn_id or turn_id}
    return "turn_context", {**ids, **stored_context(settings, effort, summary, multi_agent_version, is_realtime=is_realtime)}


def thread_settings_applied(thread_id: str, settings: Settings) -> Line:
    """The thread's settings: at its first turn, and whenever they were changed."""
    return event("thread_settings_applied", thread_id=thread_id, thread_settings=stored_settings(settings))


def world_state(state: Mapping[str, Any], *, is_full: bool) -> Line:
    """What the model has been told of its surroundings: all of it, or what has changed."""
    return "world_state", {"full": is_full, "state": dict(state)}


def task_complete(
    turn_id: str,
    *,
    last_agent_message: str | None,
    started_at: int,
    completed_at: int,
    duration_ms: int,
    time_to_first_token_ms: int | None = None,
    error: TurnError | None = None,
    root_turn_id: str | None = None,
) -> Line:
    """A turn has ended by itself, with an error if it failed. Times in seconds."""
    members: dict[str, Any] = {
        "root_turn_id": root_turn_id or turn_id,
        "turn_id": turn_id,
        "last_agent_message": last_agent_message,
    }
    if error is not None:
        members["error"] = stored_error(error)
    members |= {"started_at": started_at, "completed_at": completed_at, "duration_ms": duration_ms}
    return event("task_complete", **members, **present(time_to_first_token_ms=time_to_first_token_ms))


def turn_aborted(
    turn_id: str,
    *,
    started_at: int | None,
    completed_at: int | None = None,
    duration_ms: int | None = None,
    reason: str = "interrupted",
    root_turn_id: str | None = None,
) -> Line:
    """A turn was interrupted. Times in seconds; left out if nobody knows them."""
    return event(
        "turn_aborted",
        root_turn_id=root_turn_id or turn_id,
        turn_id=turn_id,
        reason=reason,
        **present(started_at=started_at, completed_at=completed_at, duration_ms=duration_ms),
    )


def stored_error(error: TurnError) -> dict[str, Any]:
    """An error as the end of a turn has it."""
    return present(
        message=error.message,
        codex_error_info=error_info(to_wire(error.codex_error_info)),
        additional_details=error.additional_details,
        misalignment=snake_keys(to_wire(error.misalignment)),
    )


def error_event(error: TurnError) -> Line:
    """An error as files of the older kind tell it, in a line of its own."""
    return event("error", message=error.message, codex_error_info=error_info(to_wire(error.codex_error_info)))


# What happens in a turn.


def response_item(item: Payload) -> Line:
    """An item of the model's input or output, verbatim."""
    return "response_item", item


def item_completed(thread_id: str, turn_id: str, item: Record) -> Line:
    """An item of the wire is complete; its times are the item's own."""
    return event(
        "item_completed",
        thread_id=thread_id,
        turn_id=turn_id,
        item=stored_item(item),
        **present(started_at_ms=getattr(item, "started_at_ms", None), completed_at_ms=getattr(item, "completed_at_ms", None)),
    )


def input_accepted(turn_id: str, item: Record, message: Payload) -> Line:
    """Words of the user for a turn that runs, as clients will see them and as the model gets them with its next request.

    Ours: the reference tells only what the model has got, and passes this line over.
    """
    return event("input_accepted", turn_id=turn_id, item=stored_item(item), message=message)


def token_usage_record(
    thread_id: str,
    turn_id: str,
    response_id: str | None,
    *,
    usage: TokenUsageBreakdown,
    turn_usage: TokenUsageBreakdown,
    thread_usage: TokenUsageBreakdown,
    session_id: str | None = None,
    root_turn_id: str | None = None,
) -> Line:
    """The tokens of one answer of the model, with the sums of its turn and its thread."""
    return "token_usage_record", {
        "thread_id": thread_id,
        "turn_id": turn_id,
        "session_id": session_id or thread_id,
        "root_turn_id": root_turn_id or turn_id,
        "response_id": response_id,
        "usage": stored_usage(usage),
        "turn_token_usage": stored_usage(turn_usage),
        "thread_token_usage": stored_usage(thread_usage),
    }


def token_count(
    usage: ThreadTokenUsage | None, rate_limits: Mapping[str, Any] | None = None, *, includes_reasoning: bool = False
) -> Line:
    """The thread's tokens so far; None where no provider has told any. An estimate, as after a compaction, includes reasoning."""
    info = None
    if usage is not None:
        info = {
            "total_token_usage": stored_usage(usage.total),
            "last_token_usage": stored_usage(usage.last),
            "last_usage_includes_reasoning": includes_reasoning,
            "model_context_window": usage.model_context_window,
        }
    return event("token_count", info=info, rate_limits=dict(rate_limits or NO_RATE_LIMITS))


def stored_usage(usage: TokenUsageBreakdown) -> dict[str, int]:
    """A count of tokens, in the files' order."""
    return {
        "input_tokens": usage.input_tokens,
        "cached_input_tokens": usage.cached_input_tokens,
        "cache_write_input_tokens": usage.cache_write_input_tokens,
        "output_tokens": usage.output_tokens,
        "reasoning_output_tokens": usage.reasoning_output_tokens,
        "total_tokens": usage.total_tokens,
    }


def compacted(
    message: str,
    replacement_history: Sequence[Mapping[str, Any]],
    *,
    window_number: int,
    window_id: str,
    previous_window_id: str,
    first_window_id: str,
    response_id: str | None = None,
) -> Line:
    """From here on the model sees these items instead of all before. Windows are counted from 0, before any compaction."""
    return "compacted", {
        "message": message,
        "replacement_history": list(replacement_history),
        "window_number": window_number,
        "first_window_id": first_window_id,
        "previous_window_id": previous_window_id,
        "window_id": window_id,
        **present(compaction_response_id=response_id),
    }


# What happens between turns.


def thread_goal_updated(goal: ThreadGoal) -> Line:
    """The thread's goal, which keeps the wire's spelling in files."""
    members = {name: value for name, value in to_wire(goal).items() if value is not None}
    return event("thread_goal_updated", threadId=goal.thread_id, goal=members)


def thread_goal_cleared(thread_id: str) -> Line:
    """The thread has no goal any more. Ours: the reference keeps goals elsewhere, and passes this line over."""
    return event("thread_goal_cleared", threadId=thread_id)


def thread_rolled_back(turn_count: int) -> Line:
    """The last turns no longer count; their lines stay."""
    return event("thread_rolled_back", num_turns=turn_count)


def realtime_item(item: Record) -> Line:
    """An item of a spoken conversation."""
    data = snake_keys(to_wire(item))
    return "realtime_item", {**data, "type": snake(data["type"])}
