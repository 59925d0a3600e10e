"""The agents of this process: threads that other threads have started, how they stand, and who is told when one is done.

An agent is a thread like any other, with a file, items and clients of its own; what makes it an agent is its parent. When
one of its turns ends, its parent always learns of it: whoever waits for it goes on, a turn of the parent's that runs gets a
note, and an idle parent begins a turn with that note, unless somebody has interrupted the agent or the parent.
Source: spec/tools.md section 14; differs: the reference tells of an agent's first end only, and leaves an idle parent idle.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import anyio

from app_server.core import frozen
from app_server.core.agents.lineage import depth_of, nickname, spawn_source
from app_server.core.agents.standing import NOT_FOUND, PENDING, RUNNING, SHUTDOWN, Standing, after
from app_server.core.errors import CallerError
from app_server.core.history_item import message
from app_server.core.recorder import Recorder
from app_server.core.resume import Request, resume
from app_server.core.settings import Wishes
from app_server.core.store.errors import StoreError
from app_server.core.thread import Thread
from app_server.core.threads import Threads, new_head
from app_server.core.turn import user_input
from app_server.core.turn.said import Said
from app_server.core.turn.turn import Outcome, Turn
from app_server.core.unload import stop, unload
from protocol.input import UserInput
from protocol.thread_state import ThreadStatusChangedNotification

DEFAULT_MOST_AGENTS = 6
DEFAULT_DEEPEST = 1
_TELLING_S = 0.1
"""How long an agent waits for its parent's model to learn of it, whatever else is done there at the same time."""
NOTE_KIND = "multi_agent.subagent_notification"
_NOTE = "<subagent_notification>\n{text}\n</subagent_notification>"
_KEPT_ROLES = frozenset({"developer", "system", "user", "assistant"})

log = logging.getLogger(__name__)


@frozen.frozen
class Wish:
    """What a new agent should be like. `effort` None means what its model does by default."""

    model: str
    effort: str | None
    is_forked: bool


@dataclass(eq=False, slots=True)
class Agent:
    """One agent that is loaded. `standing` is how it stood when its last turn ended."""

    thread: Thread
    parent_id: str
    root_turn_id: str
    standing: Standing = PENDING
    ended: anyio.Event = field(default_factory=anyio.Event)
    """Set when the turn that runs or comes next ends, or the agent is closed; then there is a new one."""
    waiters: int = 0
    has_ended: bool = False
    spare_note: Said | None = None
    """A note for the parent that it need not be given, should it ask by itself before."""


class AgentLimit(Exception):
    """There are as many agents as there may be."""


class AgentNotFound(Exception):
    """No open agent has this id."""


class Agents:
    """All open agents, by the ids of their threads."""

    def __init__(self, threads: Callable[[], Threads]) -> None:
        self._find_threads = threads
        self._agents: dict[str, Agent] = {}

    def may_spawn(self, thread: Thread) -> bool:
        """Whether a thread may have agents of its own: they are not switched off, and it is high enough."""
        is_off = table_of(thread).get("enabled") is False
        return not is_off and depth_of(thread.recorder.head) < limit(thread, "max_depth", DEFAULT_DEEPEST)

    def spawn(self, parent: Thread, turn: Turn, content: list[UserInput], wish: Wish) -> Agent:
        """Start an agent with its task. Raises: AgentLimit, StoreError (the home can't be written)."""
        family = [agent for agent in self._agents.values() if agent.thread.session_id == parent.session_id]
        if len(family) >= limit(parent, "max_threads", DEFAULT_MOST_AGENTS):
            raise AgentLimit
        name = nickname([each.thread.recorder.head.agent_nickname or "" for each in family])
        agent = self._open(self._new_thread(parent, wish, name), parent.id, turn.root_id)
        if wish.is_forked:
            share_past(parent, agent.thread)
        self._say_soon(agent, turn, content)
        return agent

    def _new_thread(self, parent: Thread, wish: Wish, name: str) -> Thread:
        runtime = parent.runtime
        settings = frozen.replace(parent.settings, model=wish.model, effort=wish.effort)
        options = frozen.replace(parent.options, thread_source="subagent", dynamic_tools=())
        is_same = wish.model == parent.settings.model
        base = parent.base_instructions if is_same else parent.model(settings).base_instructions
        head = replace(
            new_head(runtime, settings, base, options),
            session_id=parent.session_id,
            parent_thread_id=parent.id,
            originator=parent.recorder.head.originator,
            source=spawn_source(parent.id, depth_of(parent.recorder.head) + 1, name),
            agent_nickname=name,
            multi_agent_version="v1",
        )
        return Thread(runtime, parent.config, settings, options, Recorder.for_new_thread(runtime, head, options.is_ephemeral))

    def _open(self, thread: Thread, parent_id: str, root_turn_id: str) -> Agent:
        """The thread is an agent from now on; the clients of its parent are its clients."""
        self._find_threads().add(thread)
        agent = self._agents[thread.id] = Agent(thread, parent_id, root_turn_id)
        thread.runtime.outside.share(parent_id, thread.id)
        thread.publish(ThreadStatusChangedNotification(thread_id=thread.id, status=thread.status))
        thread.on_turn_end = lambda turn: self._turn_ended(agent, turn)
        return agent

    def _say_soon(self, agent: Agent, turn: Turn, content: list[UserInput]) -> str:
        """Say something to an agent, in a turn that begins when the one that says it has learned of it. Returns its id."""
        agent.standing, agent.root_turn_id = PENDING, turn.root_id
        is_told, turn_id = anyio.Event(), agent.thread.runtime.clock.uuid7()
        turn.when_sampling.append(is_told.set)

        async def say() -> None:
            with anyio.move_on_after(_TELLING_S):
                await is_told.wait()
            await self._say(agent, content, turn_id)

        agent.thread.runtime.spawn(say)
        return turn_id

    async def _say(self, agent: Agent, content: list[UserInput], turn_id: str) -> None:
        """Say something to an agent: to the turn that runs, or in a new one of this id."""
        thread, clock = agent.thread, agent.thread.runtime.clock
        media = await thread.read_media(content)
        said = user_input.words(content, None, clock.uuid7(), thread.new_item_id, media)
        if self._agents.get(thread.id) is not agent:
            return  # it was closed meanwhile
        try:
            if thread.turn is not None and thread.turn.kind.takes_input:
                thread.accept_input(thread.turn, said)
            else:
                thread.begin_turn(Turn(turn_id, clock.now_ms(), root_id=agent.root_turn_id), lambda: None, said)
        except StoreError as error:
            self._is_over(agent, Standing("errored", error.message))

    def standing(self, agent_id: str) -> Standing:
        """How an agent stands."""
        agent = self._agents.get(agent_id)
        if agent is None or self._find_threads().find(agent_id) is not agent.thread:
            return NOT_FOUND
        return RUNNING if agent.thread.turn is not None else agent.standing

    async def send(self, agent_id: str, content: list[UserInput], turn: Turn, *, is_urgent: bool) -> str:
        """Say something to an agent; an urgent word interrupts it first. Returns the id of its turn. Raises: AgentNotFound."""
        agent = self._find(agent_id)
        if is_urgent and agent.thread.turn is not None:
            agent.thread.on_turn_end = None  # its parent has ended this turn itself
            try:
                await stop(agent.thread)
            finally:
                agent.thread.on_turn_end = lambda ended: self._turn_ended(agent, ended)
        if agent.thread.turn is None:
            return self._say_soon(agent, turn, content)
        running_id = agent.thread.turn.id
        await self._say(agent, content, running_id)
        return running_id

    async def wait(self, agent_ids: Sequence[str], timeout_s: float) -> dict[str, Standing]:
        """Wait until one of the agents has nothing more to do; those that have not, and how they stand. Empty: in vain."""
        over: dict[str, Standing] = {}
        with anyio.move_on_after(timeout_s):
            while not (over := self._over(agent_ids)):
                await _first([self._agents[each] for each in agent_ids])
        for agent in [self._agents[each] for each in over if each in self._agents]:
            forget_note(self._find_threads().find(agent.parent_id), agent)
        return over

    def _over(self, agent_ids: Sequence[str]) -> dict[str, Standing]:
        standings = {each: self.standing(each) for each in agent_ids}
        return {each: standing for each, standing in standings.items() if standing.is_over}

    async def close(self, agent_id: str) -> None:
        """End an agent and the agents that it has started. Raises: AgentNotFound."""
        agent = self._find(agent_id)
        agent.thread.on_turn_end = None
        for child_id in [each for each, other in self._agents.items() if other.parent_id == agent_id]:
            await self.close(child_id)
        self._agents.pop(agent_id, None)
        is_cut = agent.thread.turn is not None and not agent.has_ended
        await unload(self._find_threads(), agent.thread)
        agent.ended.set()
        parent = self._find_threads().find(agent.parent_id)
        if is_cut and parent is not None:
            agent.standing = SHUTDOWN
            tell(parent, agent)

    async def resume(self, parent: Thread, agent_id: str, turn: Turn) -> Standing:
        """Open an agent again that was closed, or find it open. Raises: AgentNotFound, StoreError."""
        if self.standing(agent_id) is NOT_FOUND:
            request = Request(agent_id, None, None, Wishes(), parent.options, has_turns=False)
            try:
                opened = await resume(self._find_threads(), request)
            except CallerError:
                raise AgentNotFound from None
            self._open(opened.thread, parent.id, turn.root_id)
        return self.standing(agent_id)

    def _find(self, agent_id: str) -> Agent:
        if self.standing(agent_id) is NOT_FOUND:
            raise AgentNotFound
        return self._agents[agent_id]

    def _turn_ended(self, agent: Agent, turn: Turn) -> None:
        """An agent is done with what it was told."""
        self._is_over(agent, after(turn))

    def _is_over(self, agent: Agent, standing: Standing) -> None:
        """Its parent learns of it."""
        agent.standing = standing
        ended, agent.ended = agent.ended, anyio.Event()
        ended.set()
        parent = self._find_threads().find(agent.parent_id)
        # Whoever waits for it knows by that; the first time the reference leaves a note all the same.
        is_first, agent.has_ended = not agent.has_ended, True
        if parent is not None and (is_first or not agent.waiters):
            tell(parent, agent, is_spare=not is_first)


def limit(thread: Thread, name: str, otherwise: int) -> int:
    """A limit that the configuration sets for agents."""
    value = table_of(thread).get(name)
    return value if isinstance(value, int) else otherwise


def table_of(thread: Thread) -> Mapping[str, Any]:
    """The configuration's table of agents."""
    table: Mapping[str, Any] = thread.config.raw.get("agents", {})
    return table


def share_past(parent: Thread, child: Thread) -> None:
    """Give a new agent what was said in its parent's thread so far, without what tools did there."""
    child.recorder.materialize()
    for item in parent.history.items()[1:]:
        if item.get("role") in _KEPT_ROLES:
            child.record_item_for_model(item)
    child.briefing.inherit(parent.briefing)


def tell(parent: Thread, agent: Agent, *, is_spare: bool = False) -> None:
    """Let an agent's parent know how it stands, at once or when it can take it."""
    if parent.turn is not None and not parent.turn.kind.takes_input:
        parent.when_idle(lambda: tell(parent, agent))
        return
    facts = {"agent_path": agent.thread.id, "status": agent.standing.to_model()}
    text = _NOTE.format(text=json.dumps(facts, ensure_ascii=False, separators=(",", ":")))
    note = message(parent.new_message_id(), "user", [text], NOTE_KIND)
    if parent.turn is not None:
        said = Said(before=(note,), is_urgent=False)
        agent.spare_note = said if is_spare else None
        parent.turn.add(said)
    elif agent.standing.status == "interrupted" or parent.last_outcome is Outcome.INTERRUPTED:
        parent.record_item_for_model(note)
    else:
        begin_with(parent, note)


def forget_note(parent: Thread | None, agent: Agent) -> None:
    """The parent has learned by itself how an agent stands."""
    note, agent.spare_note = agent.spare_note, None
    if note is not None and parent is not None and parent.turn is not None and note in parent.turn.waiting:
        parent.turn.waiting.remove(note)


def begin_with(parent: Thread, note: dict[str, Any]) -> None:
    """The parent is idle: it goes on by itself."""
    clock = parent.runtime.clock
    try:
        parent.begin_turn(Turn(clock.uuid7(), clock.now_ms()), lambda: None, Said(before=(note,)))
    except StoreError as error:
        log.error("thread %s could not be woken by its agent: %s", parent.id, error)


async def _first(agents: Sequence[Agent]) -> None:
    """Until one of these agents is over."""

    async def wait(agent: Agent, scope: anyio.CancelScope) -> None:
        agent.waiters += 1
        try:
            await agent.ended.wait()
        finally:
            agent.waiters -= 1
        scope.cancel()

    async with anyio.create_task_group() as group:
        for agent in agents:
            group.start_soon(wait, agent, group.cancel_scope)
