"""The model's tools for the thread's goal: `get_goal`, `create_goal`, `update_goal`. Source: spec/tools.md section 13."""

import json
from collections.abc import Callable
from typing import Any

from app_server.core import goals
from app_server.core.errors import CallerError
from app_server.core.thread import Thread
from app_server.core.tools.arguments import I64, TEXT, Choice, Maybe, Member, Struct, parse_arguments
from app_server.core.tools.base import Denial, Permit, Prepared, ToolCall, ToolFailure, ToolHost, ToolOutput

STATUSES = ("complete", "blocked", "paused")
UNFINISHED = "cannot create a new goal because this thread has an unfinished goal; complete the existing goal first"

Act = Callable[[Thread, dict[str, Any]], None]


class GoalTool:
    """One of the tools. It acts on the thread alone, which needs nobody's consent, and shows how the goal stands then."""

    is_parallel = False

    def __init__(
        self,
        thread: Thread,
        name: str,
        description: str,
        struct: Struct,
        properties: dict[str, Any],
        required: list[str],
        act: Act,
    ) -> None:
        self.name = name
        self._thread = thread
        self._description = description
        self._struct = struct
        self._parameters = {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }
        self._act = act

    def spec(self) -> dict[str, Any]:
        """The tool as the model sees it."""
        return {
            "type": "function",
            "name": self.name,
            "description": self._description,
            "strict": False,
            "parameters": self._parameters,
        }

    def prepare(self, call: ToolCall, host: ToolHost) -> Prepared:  # noqa: ARG002  # part of the interface
        """Parse the arguments. Raises: ToolFailure."""
        return Prepared(parse_arguments(call.arguments, self._struct))

    async def run(self, call: ToolCall, prepared: Prepared, permit: Permit, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Act. Raises: ToolFailure."""
        self._act(self._thread, prepared.arguments)
        return ToolOutput(json.dumps(goals.summary(self._thread.goal), ensure_ascii=False, separators=(",", ":")))

    def declined(self, call: ToolCall, prepared: Prepared, denial: Denial, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Nothing is asked, so nothing is declined."""
        return ToolOutput(denial.reason)


def goal_tools(thread: Thread) -> list[GoalTool]:
    """The tools of one thread, in the order in which they are offered."""
    get = GoalTool(
        thread,
        "get_goal",
        "Show the goal of this thread: what it is, how it stands, what it has used, and what is left of its budget.",
        Struct("GetGoalArgs"),
        {},
        [],
        lambda *_: None,
    )
    create = GoalTool(
        thread,
        "create_goal",
        "Give this thread a goal that it then works towards by itself, turn after turn. Only when the user asks for that; a "
        "usual task needs no goal. There can be one unfinished goal at a time.",
        Struct("CreateGoalArgs", Member("objective", TEXT, is_required=True), Member("token_budget", Maybe(I64))),
        {
            "objective": {"type": "string", "description": "What has to be reached, as the user has put it."},
            "token_budget": {"type": "integer", "description": "The most tokens to use, if the user has set a limit."},
        },
        ["objective"],
        create_goal,
    )
    update = GoalTool(
        thread,
        "update_goal",
        "Say how the goal of this thread stands: complete only when everything it asks for is there and checked, blocked when "
        "nothing that you can do helps without the user, paused when the user wants it to rest.",
        Struct("UpdateGoalArgs", Member("status", Choice(*STATUSES), is_required=True)),
        {"status": {"type": "string", "enum": list(STATUSES)}},
        ["status"],
        update_goal,
    )
    return [get, create, update]


def create_goal(thread: Thread, arguments: dict[str, Any]) -> None:
    """Set a goal. Raises: ToolFailure (one is unfinished, or the new one makes no sense)."""
    if thread.goal is not None and thread.goal.status != "complete":
        raise ToolFailure(UNFINISHED)
    try:
        objective = goals.checked_objective(arguments["objective"])
        goals.check_budget(budget := arguments.get("token_budget"))
    except CallerError as error:
        raise ToolFailure(error.message) from None
    made = goals.new_goal(thread.id, objective, thread.runtime.clock.now_s(), budget)
    goals.put(thread, made)
    goals.publish(thread, thread.turn)
    if thread.turn is not None:
        thread.turn.notes.append(goals.objective_item(thread, made))
        thread.goal_state.told_objective = made.objective


def update_goal(thread: Thread, arguments: dict[str, Any]) -> None:
    """Change how the goal stands. Raises: ToolFailure (there is none)."""
    if thread.goal is None:
        raise ToolFailure("cannot update goal because this thread has no goal")
    goals.count_time(thread)
    if thread.goal_state.is_untold:
        goals.publish(thread, thread.turn)
    goals.put(thread, goals.changed(thread, None, arguments["status"], None, has_budget=False))
    goals.publish(thread, thread.turn)
