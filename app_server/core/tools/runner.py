"""Runs the tool calls of one answer: prepare, the gate, run; parallel where tools allow it, outputs in call order.

A call starts as soon as it has arrived. Calls of parallel tools run side by side; any other waits for all that run
and holds back those after it, like a writer among readers. Source: spec/tools.md section 2.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

import anyio

from app_server.core.approvals import Denied, Gate, Question, Rights, outside
from app_server.core.auto_review.reviewed import shown
from app_server.core.tools.base import (
    CommandAction,
    Denial,
    McpAction,
    PatchAction,
    Permit,
    Prepared,
    SandboxDenied,
    Tool,
    ToolCall,
    ToolFailure,
    ToolHost,
    ToolOutput,
)
from app_server.core.tools.specs import HostedTool

Ask = Callable[[ToolCall, Prepared, Question], Awaitable[Denial | None]]
"""Puts a question to whoever decides; None is consent."""


class Watch(Protocol):
    """Whoever is told of every call before and after it is carried out, and may stop it, change it, or answer for the user."""

    async def before(self, call: ToolCall, prepared: Prepared) -> ToolCall | ToolOutput | None:
        """The call to carry out instead, the output of one that may not be carried out, or None: as it is."""
        ...

    async def consent(self, call: ToolCall, prepared: Prepared) -> Denial | bool:
        """A refusal, or whether the user need not be asked."""
        ...

    async def after(self, call: ToolCall, output: ToolOutput) -> ToolOutput:
        """What the model gets as the output."""
        ...


class Turnstile:
    """A reader-writer lock that is fair: whoever came first goes first."""

    def __init__(self) -> None:
        self._door = anyio.Lock()
        self._readers = 0
        self._empty = anyio.Event()
        self._empty.set()

    @asynccontextmanager
    async def enter(self, is_shared: bool) -> AsyncIterator[None]:
        """Hold the lock, together with other shared holders or alone."""
        if not is_shared:
            async with self._door:
                await self._empty.wait()
                yield
            return
        async with self._door:
            if self._readers == 0:
                self._empty = anyio.Event()
            self._readers += 1
        try:
            yield
        finally:
            self._readers -= 1
            if self._readers == 0:
                self._empty.set()


class ToolRunner:
    """The calls of one answer. Use it inside a task group: `start` each call, and read `outputs` when the group is done."""

    def __init__(
        self,
        tools: dict[tuple[str | None, str], Tool],
        gate: Gate,
        host: ToolHost,
        ask: Ask,
        watch: Watch | None = None,
        is_reviewed: Callable[[], bool] = lambda: False,
    ) -> None:
        self._tools = tools
        self._gate = gate
        self._host = host
        self._ask = ask
        self._watch = watch
        self._is_reviewed = is_reviewed
        self._turnstile = Turnstile()
        self._calls: list[ToolCall] = []
        self._outputs: dict[int, ToolOutput] = {}
        self._cut: set[str] = set()
        """The ids of calls that the user has cancelled."""
        self._odd: set[int] = set()
        """Calls of a tool of ours in a form that it does not have; they stay without an output."""

    @property
    def count(self) -> int:
        """How many calls there were."""
        return len(self._calls)

    def add(self, call: ToolCall) -> int:
        """Register a call in its order; returns its index for `run`."""
        self._calls.append(call)
        return len(self._calls) - 1

    async def run(self, index: int, rights: Rights) -> None:
        """Carry out one call. Cancel: the tool ends what it has started; the call has no output then."""
        call = self._calls[index]
        tool = self._tools.get((call.namespace, call.name))
        if tool is None or isinstance(tool, HostedTool):
            self._outputs[index] = ToolOutput(unsupported(call))
            return
        if tool.spec()["type"] != call.kind:
            self._odd.add(index)
            return
        async with self._turnstile.enter(tool.is_parallel):
            try:
                self._outputs[index] = await self._carry_out(tool, call, rights)
            except ToolFailure as failure:
                self._outputs[index] = ToolOutput(failure.content)

    async def _carry_out(self, tool: Tool, call: ToolCall, rights: Rights) -> ToolOutput:
        prepared = tool.prepare(call, self._host)
        if self._watch is not None:
            said = await self._watch.before(call, prepared)
            if isinstance(said, ToolOutput):
                return said
            if said is not None:
                call, prepared = said, tool.prepare(said, self._host)
        try:
            judgement = self._gate.judge(prepared.action, rights)
        except Denied as denied:
            return tool.declined(call, prepared, denied.denial, self._host)
        if judgement.question is not None:
            denial = await self._agree(tool, call, prepared, judgement.question)
            if denial is not None:
                return denial
        try:
            output = await tool.run(call, prepared, judgement.permit, self._host)
        except SandboxDenied:
            output = await self._retry(tool, call, prepared)
        return await self._watch.after(call, output) if self._watch is not None else output

    def _declined(self, tool: Tool, call: ToolCall, prepared: Prepared, denial: Denial) -> ToolOutput:
        """The call may not be carried out. One that the user has cancelled ends as if the turn had been interrupted in it."""
        if denial.ends_turn:
            self._cut.add(call.call_id)
        return tool.declined(call, prepared, denial, self._host)

    async def _retry(self, tool: Tool, call: ToolCall, prepared: Prepared) -> ToolOutput:
        """The sandbox has refused a command, and the policy wants to be asked whether it may run without."""
        assert isinstance(prepared.action, CommandAction)
        question = self._gate.judge_again(prepared.action)
        if question is not None:
            prepared = Prepared(prepared.arguments, outside(prepared.action), prepared.item)
            denied = await self._agree(tool, call, prepared, question)
            if denied is not None:
                return denied
        return await tool.run(call, prepared, Permit(None, was_asked=question is not None), self._host)

    async def _agree(self, tool: Tool, call: ToolCall, prepared: Prepared, question: Question) -> ToolOutput | None:
        """Ask, while clients see what is asked about; the output of a refused call, or None for consent.

        The order of item and status is the reference's: a file change and a call of a server are shown before the waiting
        and closed after it.
        """
        if self._watch is not None:
            answer = await self._watch.consent(call, prepared)
            if isinstance(answer, Denial):
                return self._declined(tool, call, prepared, answer)
            if answer:
                return None
        if self._is_reviewed():
            prepared = shown(prepared)
            if prepared.item is not None:
                self._host.open_item(prepared.item)
            denial = await self._ask(call, prepared, question)
            return self._declined(tool, call, prepared, denial) if denial is not None else None
        is_outside = isinstance(prepared.action, PatchAction | McpAction)
        if is_outside and prepared.item is not None:
            self._host.open_item(prepared.item)
        with self._host.waiting("waitingOnApproval"):
            if prepared.item is not None:
                self._host.open_item(prepared.item)
            denial = await self._ask(call, prepared, question)
            if denial is not None and not is_outside:
                return self._declined(tool, call, prepared, denial)
        return self._declined(tool, call, prepared, denial) if denial is not None else None

    def outputs(self, aborted: Callable[[ToolCall], str]) -> list[tuple[ToolCall, ToolOutput]]:
        """All calls with their outputs, in call order; `aborted` words the output of a call that did not finish."""
        return [
            (call, (call.call_id not in self._cut and self._outputs.get(index)) or ToolOutput(aborted(call)))
            for index, call in enumerate(self._calls)
            if index not in self._odd
        ]


def unsupported(call: ToolCall) -> str:
    """What the model is told about a tool that there is not."""
    name = f"{call.namespace or ''}{call.name}"
    return f"unsupported custom tool call: {name}" if call.is_custom else f"unsupported call: {name}"


def output_item(new_id: Callable[[str], str], call: ToolCall, output: ToolOutput) -> dict[str, Any]:
    """The item that answers a call; `new_id` makes an id with a prefix."""
    if call.is_search:
        found = output.content if isinstance(output.content, list) else []
        facts = {"status": "completed", "execution": "client", "tools": found}
        return {"type": "tool_search_output", "id": new_id("tso"), "call_id": call.call_id, **facts}
    kind, prefix = ("custom_tool_call_output", "ctco") if call.is_custom else ("function_call_output", "fco")
    return {"type": kind, "id": new_id(prefix), "call_id": call.call_id, "output": output.content}
