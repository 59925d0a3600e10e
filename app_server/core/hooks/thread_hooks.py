"""The hooks of one thread: found when it is loaded, and run for what happens in it.

Those of one event run side by side; clients see each begin and end. A hook that is `async` runs on its own, and what it
has to say is told to the model when there is an occasion. Source: spec/config-auth.md section 8; differs: see ARCHITECTURE.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
from pydantic_core import to_json

from app_server.core.agents.lineage import spawned
from app_server.core.config.trust import TRUSTED, between
from app_server.core.hooks.found import Hook, find, snake
from app_server.core.hooks.matching import matches
from app_server.core.hooks.program import Result, run_program
from app_server.core.hooks.spill import shortened
from app_server.core.hooks.tool_use import ToolUse, use_tool
from app_server.core.hooks.verdict import Verdict, pascal, verdict_of
from app_server.core.plugins.installed import enabled
from app_server.core.thread import Thread
from protocol.hook import (
    HookCompletedNotification,
    HookEventName,
    HookRunSummary,
    HookStartedNotification,
)

OF_THREADS = frozenset({"sessionStart", "sessionEnd", "subagentStart"})
"""Events that are about the thread and not about a turn."""

WITHOUT_TURN = frozenset({"sessionStart", "sessionEnd"})
WITHOUT_MODE = frozenset({"sessionEnd", "preCompact", "postCompact", "preModelRequest", "postModelRequest"})
"""Events whose hooks are not told how approvals stand."""


@dataclass(slots=True)
class Ended:
    """A hook that has run."""

    hook: Hook
    run_id: str
    verdict: Verdict


class ThreadHooks:
    """The hooks of one thread that may run."""

    def __init__(self, thread: Thread, hooks: Sequence[Hook], warnings: Sequence[str]) -> None:
        self._thread = thread
        self._hooks = [(place, hook) for place, hook in enumerate(hooks) if hook.runs]
        self.warnings = tuple(warnings)
        self.start_source: str | None = "startup"
        """How the session begins, as long as its hooks have not run."""
        self._late: list[str] = []
        head = thread.recorder.head
        self.agent_type = (head.agent_role or "default") if spawned(head) is not None else None
        """What kind of agent of another thread this one is; None for a thread of its own."""

    def are_for(self, event: HookEventName) -> bool:
        """Whether there are any for an event, whatever it is about."""
        return any(hook.event == event for _, hook in self._hooks)

    @property
    def await_words(self) -> bool:
        """Whether the user's words can't be said before hooks have run."""
        beginning: HookEventName = "sessionStart" if self.agent_type is None else "subagentStart"
        return self.are_for("userPromptSubmit") or (self.start_source is not None and self.are_for(beginning))

    @property
    def has_late(self) -> bool:
        """Whether hooks on their own have something to say."""
        return bool(self._late)

    def take_late(self) -> list[str]:
        """What hooks on their own have had to say since this was asked last."""
        late, self._late = self._late, []
        return late

    async def run(
        self,
        event: HookEventName,
        turn_id: str | None,
        facts: Mapping[str, Any],
        names: Sequence[str] = (),
        suffix: str = "",
    ) -> list[Ended]:
        """Run the hooks of an event to their ends. `names` is what it is about, `suffix` tells its runs from others.

        Cancel: at any time; the hooks that run are killed, and their ends are told.
        """
        chosen = [(place, hook) for place, hook in self._hooks if hook.event == event and matches(event, hook.matcher, names)]
        told = self._told(event, turn_id, facts) if chosen else {}
        waited = [(place, hook) for place, hook in chosen if not hook.is_async]
        for _, hook in chosen:
            if hook.is_async:
                self._thread.runtime.spawn(self._run_alone, hook, told)
        began_ms = self._thread.runtime.clock.now_ms()
        runs = [self._summary(place, hook, suffix, began_ms) for place, hook in waited]
        for run in runs:
            self._thread.publish(HookStartedNotification(thread_id=self._thread.id, turn_id=turn_id, run=run))
        results: dict[int, Result] = {}

        async def carry_out(index: int, hook: Hook) -> None:
            results[index] = await self._run(hook, told)

        try:
            async with anyio.create_task_group() as group:
                for index, (_, hook) in enumerate(waited):
                    group.start_soon(carry_out, index, hook)
        finally:
            ended = [
                Ended(hook, runs[index].id, verdict_of(event, results.get(index) or Result(error="hook was interrupted")))
                for index, (_, hook) in enumerate(waited)
            ]
            for index, each in enumerate(ended):
                self._tell_end(turn_id, runs[index], each.verdict, results.get(index))
        return ended

    async def shorten(self, hook: Hook, text: str) -> str:
        """A text for the model, no longer than the hook's limit."""
        runtime = self._thread.runtime
        keep = partial(shortened, text, hook.context_limit, runtime.home, self._thread.id, runtime.clock.uuid4())
        return await anyio.to_thread.run_sync(keep)

    async def _run(self, hook: Hook, told: Mapping[str, Any]) -> Result:
        if isinstance(hook.does, ToolUse):
            return await use_tool(hook.does, told, self._thread.servers, hook.timeout_s)
        environment = dict(self._thread.runtime.environment)
        if hook.root is not None:
            environment |= {"PLUGIN_ROOT": str(hook.root), "CLAUDE_PLUGIN_ROOT": str(hook.root)}
        return await run_program(hook.does, to_json(told), self._thread.settings.cwd, environment, hook.timeout_s)

    async def _run_alone(self, hook: Hook, told: Mapping[str, Any]) -> None:
        verdict = verdict_of(hook.event, await self._run(hook, told))
        self._late += [await self.shorten(hook, text) for text in verdict.contexts]

    def _told(self, event: HookEventName, turn_id: str | None, facts: Mapping[str, Any]) -> dict[str, Any]:
        thread = self._thread
        told: dict[str, Any] = {
            "session_id": thread.session_id,
            "transcript_path": thread.recorder.path,
            "cwd": thread.settings.cwd,
            "hook_event_name": pascal(event),
        }
        if event != "sessionEnd":
            told["model"] = thread.settings.model
        if event not in WITHOUT_MODE:
            told["permission_mode"] = "bypassPermissions" if thread.settings.approval_policy == "never" else "default"
        if turn_id is not None and event not in WITHOUT_TURN:
            told["turn_id"] = turn_id
        if self.agent_type is not None:
            told |= {"agent_id": thread.id, "agent_type": self.agent_type}
        return {**told, **facts}

    def _summary(self, place: int, hook: Hook, suffix: str, began_ms: int) -> HookRunSummary:
        name = snake(hook.event).replace("_", "-")
        return HookRunSummary(
            id=f"{name}:{place}:{hook.path}{suffix}",
            event_name=hook.event,
            handler_type="mcpTool" if isinstance(hook.does, ToolUse) else "command",
            execution_mode="sync",
            scope="thread" if hook.event in OF_THREADS else "turn",
            source_path=str(hook.path),
            source=hook.source,
            display_order=place,
            status="running",
            status_message=hook.status_message,
            started_at=began_ms // 1000,
            completed_at=None,
            duration_ms=None,
            entries=[],
        )

    def _tell_end(self, turn_id: str | None, run: HookRunSummary, verdict: Verdict, result: Result | None) -> None:
        changes = {
            "status": verdict.status,
            "completed_at": self._thread.runtime.clock.now_s(),
            "duration_ms": result.duration_ms if result is not None else 0,
            "entries": verdict.entries,
        }
        over = run.model_copy(update=changes)
        self._thread.publish(HookCompletedNotification(thread_id=self._thread.id, turn_id=turn_id, run=over))


def hooks_of(thread: Thread) -> ThreadHooks:
    """The hooks that are set for a thread, as the files are now. Blocks."""
    config = thread.config
    folders = between(config.project_root, config.cwd) if config.trust_level == TRUSTED else []
    layers = [layer for layer in config.stack.layers if layer.disabled_reason is None]
    hooks, odd = find(layers, [folder / ".codex" for folder in folders], enabled(config))
    return ThreadHooks(thread, hooks, odd)
