"""The tools by which the model works with agents of its own: it starts them, talks to them, waits for them, ends them.

What agents are and who is told of their ends is the affair of `core.agents`. Source: spec/tools.md section 14, and the
reference's answers.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from app_server.core.agents.agents import AgentLimit, AgentNotFound, Agents, Wish
from app_server.core.agents.standing import NOT_FOUND, PENDING, Standing
from app_server.core.models.metadata import ModelInfo
from app_server.core.store.errors import StoreError
from app_server.core.thread import Thread
from app_server.core.tools.agent_words import MEMBERS, PARAMETERS, agent_id, shown, words_of
from app_server.core.tools.arguments import BOOL, I64, TEXT, Many, Maybe, Member, Struct, parse_arguments
from app_server.core.tools.base import Denial, Permit, Prepared, ToolCall, ToolFailure, ToolHost, ToolOutput
from app_server.core.tools.specs import Group, GroupedTool, function_spec
from app_server.core.turn.turn import Turn
from protocol.input import UserInput
from protocol.item import CollabAgentToolCallItem
from protocol.item_agent import CollabAgentTool

GROUP = Group("multi_agent_v1", "Start other agents that work beside you, talk to them and wait for them.")
DEFAULT_WAIT_MS, LEAST_WAIT_MS, LONGEST_WAIT_MS = 30_000, 10_000, 3_600_000
DEFAULT_ROLE = "default"
_LIMIT = "collab spawn failed: agent thread limit reached"


@dataclass(slots=True)
class OpenItem:
    """What clients see of a call, while it is carried out."""

    host: ToolHost
    item: CollabAgentToolCallItem

    def open(self) -> None:
        """Show that the call is carried out."""
        self.host.open_item(self.item)

    def close(self, standings: Mapping[str, Standing], *, has_failed: bool = False, **changes: Any) -> None:
        """Show how it went, and how the agents stand."""
        states = {each: standing.wire() for each, standing in standings.items()}
        status = "failed" if has_failed else "completed"
        self.host.close_item(self.item.model_copy(update={"status": status, "agents_states": states, **changes}))


class AgentTool(GroupedTool):
    """One of the tools. A subclass says what it takes, what clients see at first, and what it does."""

    group = GROUP
    is_parallel = False
    name: str
    kind: CollabAgentTool
    description: str
    parameters: ClassVar[Mapping[str, Any]]
    required: tuple[str, ...] = ()
    arguments: Struct

    def __init__(self, thread: Thread, *, is_deferred: bool) -> None:
        self.thread = thread
        self.is_deferred = is_deferred

    @property
    def agents(self) -> Agents:
        """All agents of the process."""
        agents: Agents = self.thread.runtime.agents()
        return agents

    def spec(self) -> dict[str, Any]:
        """The tool as the model sees it."""
        spec = function_spec(self.name, self.description, self.parameters, self.required)
        if not self.required:
            del spec["parameters"]["required"]
        return spec

    def prepare(self, call: ToolCall, host: ToolHost) -> Prepared:  # noqa: ARG002  # part of the interface
        """Parse the call. Raises: ToolFailure."""
        return Prepared(self.checked(parse_arguments(call.arguments, self.arguments)))

    def checked(self, given: dict[str, Any]) -> dict[str, Any]:
        """The arguments, with their ids in the usual form. Raises: ToolFailure."""
        for name in ("target", "id"):
            if name in given:
                given[name] = agent_id(given[name])
        return given

    async def run(self, call: ToolCall, prepared: Prepared, permit: Permit, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Carry the call out. Raises: ToolFailure. Cancel: what it has begun goes on."""
        given: dict[str, Any] = prepared.arguments
        turn = self.thread.turn
        assert turn is not None
        facts: dict[str, Any] = {
            "tool": self.kind,
            "status": "inProgress",
            "sender_thread_id": self.thread.id,
            "agents_states": {},
        }
        item = OpenItem(host, CollabAgentToolCallItem.model_construct(**{**facts, "id": call.call_id, **self.first_seen(given)}))
        item.open()
        target = given.get("target") or given.get("id")
        try:
            output = await self.act(given, turn, item)
        except AgentNotFound:
            item.close({target: NOT_FOUND} if target else {}, has_failed=True)
            raise ToolFailure(f"agent with id {target} not found") from None
        except ToolFailure:
            item.close({}, has_failed=True)
            raise
        return ToolOutput(json.dumps(output, ensure_ascii=False, separators=(",", ":")))

    def first_seen(self, given: dict[str, Any]) -> dict[str, Any]:
        """What clients see of the call before it is carried out."""
        return {"receiver_thread_ids": [given.get("target") or given.get("id")]}

    async def act(self, given: dict[str, Any], turn: Turn, item: OpenItem) -> Any:
        """Do it, close the item, and say what the model gets. Raises: ToolFailure, AgentNotFound."""
        raise NotImplementedError

    def declined(self, call: ToolCall, prepared: Prepared, denial: Denial, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Never asked for; what an agent does is judged by itself."""
        return ToolOutput(denial.reason)


class SpawnAgent(AgentTool):
    """Starts an agent."""

    name, kind = "spawn_agent", "spawnAgent"
    description = (
        "Start another agent with a task of its own. It works in the same folder beside you and cannot see what you do; give it "
        "everything that it has to know. You are told when it is done."
    )
    parameters: ClassVar[Mapping[str, Any]] = {
        **PARAMETERS,
        "fork_context": {"type": "boolean", "description": "Let it know what was said here so far. Default: false."},
        "model": {"type": "string", "description": "Another model than yours."},
        "reasoning_effort": {"type": "string", "description": "How hard it thinks, if not like its model does by default."},
    }
    arguments = Struct(
        "SpawnAgentArgs",
        *MEMBERS,
        Member("fork_context", Maybe(BOOL)),
        Member("model", Maybe(TEXT)),
        Member("reasoning_effort", Maybe(TEXT)),
        Member("agent_type", Maybe(TEXT)),
    )

    def checked(self, given: dict[str, Any]) -> dict[str, Any]:
        """The arguments, with the task as input."""
        return {**given, "content": words_of(given)}

    def first_seen(self, given: dict[str, Any]) -> dict[str, Any]:
        """What is asked for; whatever else the agent will be like is known when it is there."""
        effort = given.get("reasoning_effort") or self.thread.model().asked.effort
        members = {"prompt": shown(given["content"]), "model": given.get("model") or "", "reasoning_effort": effort}
        return {"receiver_thread_ids": [], **members}

    async def act(self, given: dict[str, Any], turn: Turn, item: OpenItem) -> Any:
        """Start it."""
        if (role := given.get("agent_type")) not in (None, DEFAULT_ROLE):
            raise ToolFailure(f"unknown agent_type '{role}'")
        wish = self._wish(given)
        content: list[UserInput] = given["content"]
        try:
            child = self.agents.spawn(self.thread, turn, content, wish).thread
        except AgentLimit:
            raise ToolFailure(_LIMIT) from None
        except StoreError as error:
            raise ToolFailure(f"collab spawn failed: {error.message}") from error
        effort = child.model().asked.effort
        item.close({child.id: PENDING}, receiver_thread_ids=[child.id], model=wish.model, reasoning_effort=effort)
        return {"agent_id": child.id, "nickname": child.recorder.head.agent_nickname}

    def _wish(self, given: dict[str, Any]) -> Wish:
        """What the agent should be like. Raises: ToolFailure (no such model, or it can't think so)."""
        thread, model, effort = self.thread, given.get("model"), given.get("reasoning_effort")
        info = thread.model().info if model is None else self._offered(model)
        levels = [level.effort for level in info.supported_reasoning_levels]
        if effort is not None and effort not in levels:
            raise ToolFailure(
                f"Reasoning effort `{effort}` is not supported for model `{info.slug}`. "
                f"Supported reasoning efforts: {', '.join(levels)}"
            )
        own = thread.model().asked.effort if model is None else info.default_reasoning_level
        return Wish(model or thread.settings.model, effort or own, bool(given.get("fork_context")))

    def _offered(self, model: str) -> ModelInfo:
        thread = self.thread
        offered = [info for info in thread.runtime.models.models(thread.config) if info.visibility == "list"]
        found = next((info for info in offered if info.slug == model), None)
        if found is None:
            names = ", ".join(info.slug for info in offered)
            raise ToolFailure(f"Unknown model `{model}` for spawn_agent. Available models: {names}")
        return found


class SendInput(AgentTool):
    """Says something to an agent."""

    name, kind = "send_input", "sendInput"
    description = "Say something to an agent that you have started: it goes on with it when it can, or at once with `interrupt`."
    parameters: ClassVar[Mapping[str, Any]] = {
        **PARAMETERS,
        "interrupt": {"type": "boolean", "description": "Stop what it is doing first. Default: false."},
        "target": {"type": "string", "description": "The id of the agent."},
    }
    required = ("target",)
    arguments = Struct("SendInputArgs", Member("target", TEXT, is_required=True), *MEMBERS, Member("interrupt", Maybe(BOOL)))

    def checked(self, given: dict[str, Any]) -> dict[str, Any]:
        """The arguments, with the words as input."""
        given = super().checked(given)
        return {**given, "content": words_of(given)}

    def first_seen(self, given: dict[str, Any]) -> dict[str, Any]:
        """What is said to whom."""
        return {"receiver_thread_ids": [given["target"]], "prompt": shown(given["content"])}

    async def act(self, given: dict[str, Any], turn: Turn, item: OpenItem) -> Any:
        """Say it."""
        target = given["target"]
        before = self.agents.standing(target)
        submission = await self.agents.send(target, given["content"], turn, is_urgent=bool(given.get("interrupt")))
        item.close({target: before})
        return {"submission_id": submission}


class WaitAgent(AgentTool):
    """Waits for agents."""

    name, kind = "wait_agent", "wait"
    description = (
        "Wait until one of these agents is done, and see what it says. Wait only when you cannot go on without it: you are told "
        "of its end anyway."
    )
    parameters: ClassVar[Mapping[str, Any]] = {
        "targets": {
            "type": "array",
            "items": {"type": "string"},
            "description": "The ids of the agents; the first to end counts.",
        },
        "timeout_ms": {
            "type": "number",
            "description": f"How long to wait: {LEAST_WAIT_MS} to {LONGEST_WAIT_MS}. Default: {DEFAULT_WAIT_MS}.",
        },
    }
    required = ("targets",)
    arguments = Struct("WaitArgs", Member("targets", Many(TEXT), is_required=True), Member("timeout_ms", Maybe(I64)))

    def checked(self, given: dict[str, Any]) -> dict[str, Any]:
        """The arguments within their limits."""
        if not given["targets"]:
            raise ToolFailure("agent ids must be non-empty")
        targets = [agent_id(each) for each in given["targets"]]
        wanted_ms = given.get("timeout_ms")
        if wanted_ms is not None and wanted_ms <= 0:
            raise ToolFailure("timeout_ms must be greater than zero")
        timeout_ms = DEFAULT_WAIT_MS if wanted_ms is None else min(max(wanted_ms, LEAST_WAIT_MS), LONGEST_WAIT_MS)
        return {"targets": list(dict.fromkeys(targets)), "timeout_s": timeout_ms / 1000}

    def first_seen(self, given: dict[str, Any]) -> dict[str, Any]:
        """Who is waited for."""
        return {"receiver_thread_ids": given["targets"]}

    async def act(self, given: dict[str, Any], turn: Turn, item: OpenItem) -> Any:  # noqa: ARG002  # part of the interface
        """Wait."""
        over = await self.agents.wait(given["targets"], given["timeout_s"])
        has_failed = any(standing.status in ("notFound", "errored") for standing in over.values())
        item.close(over, has_failed=has_failed, receiver_thread_ids=list(over))
        return {"status": {each: standing.to_model() for each, standing in over.items()}, "timed_out": not over}


class CloseAgent(AgentTool):
    """Ends an agent."""

    name, kind = "close_agent", "closeAgent"
    description = "End an agent that you do not need any more, with the agents that it has started."
    parameters: ClassVar[Mapping[str, Any]] = {"target": {"type": "string", "description": "The id of the agent."}}
    required = ("target",)
    arguments = Struct("CloseAgentArgs", Member("target", TEXT, is_required=True))

    async def act(self, given: dict[str, Any], turn: Turn, item: OpenItem) -> Any:  # noqa: ARG002  # part of the interface
        """End it."""
        target = given["target"]
        before = self.agents.standing(target)
        await self.agents.close(target)
        item.close({target: before})
        return {"previous_status": before.to_model()}


class ResumeAgent(AgentTool):
    """Opens a closed agent again."""

    name, kind = "resume_agent", "resumeAgent"
    description = "Open an agent again that was closed, to say more to it."
    parameters: ClassVar[Mapping[str, Any]] = {"id": {"type": "string", "description": "The id of the agent."}}
    required = ("id",)
    arguments = Struct("ResumeAgentArgs", Member("id", TEXT, is_required=True))

    async def act(self, given: dict[str, Any], turn: Turn, item: OpenItem) -> Any:
        """Open it."""
        target = given["id"]
        standing = await self.agents.resume(self.thread, target, turn)
        item.close({target: standing})
        return {"status": standing.to_model()}


def agent_tools(thread: Thread, model: ModelInfo) -> list[AgentTool]:
    """The tools for a model; none where it may have no agents."""
    if model.multi_agent_version == "disabled" or not thread.runtime.agents().may_spawn(thread):
        return []
    kinds = (CloseAgent, ResumeAgent, SendInput, SpawnAgent, WaitAgent)
    return [kind(thread, is_deferred=model.supports_search_tool) for kind in kinds]
