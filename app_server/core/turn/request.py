"""The model request of a turn. Source: spec/upstream.md section 1."""

from collections.abc import Sequence
from typing import Any

from pydantic_core import to_json

from app_server.core.agents import lineage
from app_server.core.config.features import beta_names
from app_server.core.model_settings import ModelSettings
from app_server.core.provider.base import ModelRequest, TurnState
from app_server.core.thread import Thread
from app_server.core.tools.base import Tool
from app_server.core.tools.specs import tool_specs
from app_server.core.turn.turn import Turn


def make_request(
    thread: Thread,
    turn: Turn,
    model: ModelSettings,
    tools: Sequence[Tool],
    state: TurnState,
    kind: str = "turn",
    items: Sequence[bytes] | None = None,
    compaction: dict[str, Any] | None = None,
) -> ModelRequest:
    """The request for the next answer of the turn, from the thread's history as it is now, or from `items`."""
    metadata = to_json({**turn_metadata(thread, turn, model, compaction), "request_kind": kind}).decode()
    window_id = f"{thread.id}:{thread.window_number}"
    marks = lineage.marks(thread.recorder.head)
    return ModelRequest(
        thread_id=thread.id,
        session_id=thread.session_id,
        turn_id=turn.id,
        model=model.name,
        input=thread.history.for_request(model.reads) if items is None else items,
        tools=tool_specs(tools),
        prompt_cache_key=thread.session_id,
        reasoning=model.asked.reasoning(),
        text=text_options(model, turn),
        service_tier=model.asked.service_tier,
        is_lite=model.info.use_responses_lite,
        client_metadata={
            "session_id": thread.session_id,
            "thread_id": thread.id,
            "turn_id": turn.id,
            "root_turn_id": turn.root_id,
            "x-codex-installation-id": thread.runtime.installation_id(),
            "x-codex-window-id": window_id,
            "x-codex-turn-metadata": metadata,
            **marks,
        },
        headers={
            "x-codex-beta-features": beta_names(thread.config.features),
            "x-codex-window-id": window_id,
            "x-codex-turn-metadata": metadata,
            "x-client-request-id": thread.id,
            "session-id": thread.session_id,
            "thread-id": thread.id,
            **marks,
        },
        turn_state=state,
        started_at_ms=thread.runtime.clock.now_ms(),
    )


def text_options(model: ModelSettings, turn: Turn) -> dict[str, Any] | None:
    """Verbosity, and the schema that this turn's answer has to follow."""
    options: dict[str, Any] = {}
    if model.asked.verbosity is not None:
        options["verbosity"] = model.asked.verbosity
    if turn.output_schema is not None:
        form = {"type": "json_schema", "strict": turn.is_schema_strict, "schema": turn.output_schema}
        options["format"] = {**form, "name": "codex_output_schema"}
    return options or None


def turn_metadata(thread: Thread, turn: Turn, model: ModelSettings, compaction: dict[str, Any] | None = None) -> dict[str, Any]:
    """What providers may log about a turn; the client's own entries stand before the model."""
    settings = thread.settings
    kind, source = settings.sandbox.type, thread.recorder.head.thread_source
    metadata: dict[str, Any] = {
        "installation_id": thread.runtime.installation_id(),
        "session_id": thread.session_id,
        "thread_id": thread.id,
        "agent_name": "/root",
        "turn_id": turn.id,
        "window_id": f"{thread.id}:{thread.window_number}",
        "window_number": thread.window_number,
        "context_window_id": thread.window_id,
        "request_kind": "turn",
        "history_initialization": "new",
        "root_turn_id": turn.root_id,
        **({} if source is None else {"thread_source": source}),
        "sandbox": "none" if kind == "dangerFullAccess" else "seccomp",
        "sandbox_mode": SANDBOX_MODES.get(kind, kind),
        "auto_review_enabled": settings.approvals_reviewer == "auto_review",
        "node_repl_auto_review_required": False,
        "node_repl_disabled": False,
        "turn_started_at_unix_ms": turn.started_at_ms,
        "analytics_enabled": False,
    }
    if (kind_of_helper := lineage.kind(thread.recorder.head)) is not None:
        metadata |= {"parent_thread_id": thread.recorder.head.parent_thread_id, "subagent_kind": kind_of_helper}
    for key, value in thread.client_metadata.items():
        metadata.setdefault(key, value)
    metadata["model"] = model.name
    if model.asked.effort is not None:
        metadata["reasoning_effort"] = model.asked.effort
    if compaction is not None:
        metadata["compaction"] = compaction
    return metadata


SANDBOX_MODES = {"dangerFullAccess": "danger-full-access", "readOnly": "read-only", "workspaceWrite": "workspace-write"}
