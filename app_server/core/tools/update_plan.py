"""The tool by which the model writes down its plan for a task, for clients to show. Source: spec/tools.md section 6."""

from typing import Any

from app_server.core.tools.arguments import TEXT, Choice, Many, Maybe, Member, Struct, parse_arguments
from app_server.core.tools.base import Denial, Permit, Prepared, ToolCall, ToolFailure, ToolHost, ToolOutput
from app_server.core.tools.specs import function_spec
from protocol.turn_events import TurnPlanStep, TurnPlanStepStatus, TurnPlanUpdatedNotification

_STATUSES: dict[str, TurnPlanStepStatus] = {"pending": "pending", "in_progress": "inProgress", "completed": "completed"}
_STEP = Struct(
    "PlanItemArg",
    Member("step", TEXT, is_required=True),
    Member("status", Choice(*_STATUSES), is_required=True),
    is_closed=True,
)
_ARGUMENTS = Struct(
    "UpdatePlanArgs",
    Member("explanation", Maybe(TEXT)),
    Member("plan", Many(_STEP), is_required=True),
    is_closed=True,
)
_NOT_IN_PLAN_MODE = "update_plan is a TODO/checklist tool and is not allowed in Plan mode"


class UpdatePlan:
    """The tool `update_plan`."""

    name = "update_plan"
    is_parallel = False

    def spec(self) -> dict[str, Any]:
        """The tool as the model sees it."""
        return function_spec(self.name, _DESCRIPTION, _PARAMETERS, ["plan"])

    def prepare(self, call: ToolCall, host: ToolHost) -> Prepared:
        """Parse the plan. Raises: ToolFailure (malformed, or the wrong mode)."""
        if host.mode == "plan":
            raise ToolFailure(_NOT_IN_PLAN_MODE)
        return Prepared(parse_arguments(call.arguments, _ARGUMENTS))

    async def run(self, call: ToolCall, prepared: Prepared, permit: Permit, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Show the plan."""
        given: dict[str, Any] = prepared.arguments
        steps = [TurnPlanStep(step=each["step"], status=_STATUSES[each["status"]]) for each in given["plan"]]
        host.publish(
            TurnPlanUpdatedNotification(
                thread_id=host.thread_id, turn_id=host.turn_id, explanation=given.get("explanation"), plan=steps
            )
        )
        return ToolOutput("Plan updated")

    def declined(self, call: ToolCall, prepared: Prepared, denial: Denial, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Never asked for; nothing is touched."""
        return ToolOutput(denial.reason)


_DESCRIPTION = (
    "Write down the plan for the task, or what has changed in it; the user sees it. Give all steps each time, with at most "
    "one of them in progress."
)
_PARAMETERS: dict[str, dict[str, Any]] = {
    "explanation": {"type": "string", "description": "Why the plan is as it is now, if that needs a word."},
    "plan": {
        "type": "array",
        "description": "All steps in their order.",
        "items": {
            "type": "object",
            "properties": {
                "status": {"type": "string", "enum": list(_STATUSES), "description": "How the step stands."},
                "step": {"type": "string", "description": "What is to be done, in a few words."},
            },
            "required": ["step", "status"],
            "additionalProperties": False,
        },
    },
}
