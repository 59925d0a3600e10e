"""The tool by which the model asks the user questions with answers to choose from. Source: spec/tools.md section 9."""

import json
from collections.abc import Callable
from typing import Any

from app_server.core.ports import NoAnswer
from app_server.core.tools.arguments import TEXT, Many, Maybe, Member, Struct, parse_arguments
from app_server.core.tools.base import Denial, Permit, Prepared, ToolCall, ToolFailure, ToolHost, ToolOutput
from app_server.core.tools.specs import function_spec
from protocol.approval_request import (
    ITEM_TOOL_REQUEST_USER_INPUT,
    ToolRequestUserInputOption,
    ToolRequestUserInputParams,
    ToolRequestUserInputQuestion,
)
from protocol.base import to_wire

_OPTION = Struct(
    "RequestUserInputQuestionOption",
    Member("label", TEXT, is_required=True),
    Member("description", TEXT, is_required=True),
)
_QUESTION = Struct(
    "RequestUserInputQuestion",
    Member("id", TEXT, is_required=True),
    Member("header", TEXT, is_required=True),
    Member("question", TEXT, is_required=True),
    Member("options", Maybe(Many(_OPTION))),
)
_ARGUMENTS = Struct("RequestUserInputArgs", Member("questions", Many(_QUESTION), is_required=True))
_NO_OPTIONS = "request_user_input requires non-empty options for every question"
_UNAVAILABLE = "request_user_input is unavailable in Default mode"


class RequestUserInput:
    """The tool `request_user_input`."""

    name = "request_user_input"
    is_parallel = False

    def __init__(self, is_always_available: Callable[[], bool]) -> None:
        """`is_always_available`: whether it may be used outside of the plan mode."""
        self._is_always_available = is_always_available

    def spec(self) -> dict[str, Any]:
        """The tool as the model sees it."""
        return function_spec(self.name, _DESCRIPTION, _PARAMETERS, ["questions"])

    def prepare(self, call: ToolCall, host: ToolHost) -> Prepared:
        """Parse the questions. Raises: ToolFailure (malformed, or the wrong mode)."""
        if host.mode != "plan" and not self._is_always_available():
            raise ToolFailure(_UNAVAILABLE)
        questions = parse_arguments(call.arguments, _ARGUMENTS)["questions"]
        if not all(question.get("options") for question in questions):
            raise ToolFailure(_NO_OPTIONS)
        return Prepared([_question(each) for each in questions])

    async def run(self, call: ToolCall, prepared: Prepared, permit: Permit, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Ask, and hand back the answers; a client that can't answer has answered nothing."""
        params = ToolRequestUserInputParams(
            thread_id=host.thread_id,
            turn_id=host.turn_id,
            item_id=call.call_id,
            questions=prepared.arguments,
            is_blocking=host.mode == "plan",
        )
        answers: dict[str, Any] = {}
        with host.waiting("waitingOnUserInput"):
            try:
                answers = to_wire(await host.ask(ITEM_TOOL_REQUEST_USER_INPUT, params))["answers"]
            except NoAnswer:
                answers = {}
        return ToolOutput(json.dumps({"answers": answers}, ensure_ascii=False, separators=(",", ":")))

    def declined(self, call: ToolCall, prepared: Prepared, denial: Denial, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Never asked for; it is a question itself."""
        return ToolOutput(denial.reason)


def _question(given: dict[str, Any]) -> ToolRequestUserInputQuestion:
    options = [ToolRequestUserInputOption(label=each["label"], description=each["description"]) for each in given["options"]]
    return ToolRequestUserInputQuestion(
        id=given["id"], header=given["header"], question=given["question"], is_other=True, is_secret=False, options=options
    )


_DESCRIPTION = (
    "Ask the user one to three short questions, each with answers to choose from, and wait for what they say. Only where "
    "the plan mode is on. The user can always answer in other words."
)
_PARAMETERS: dict[str, dict[str, Any]] = {
    "questions": {
        "type": "array",
        "description": "The questions, better one than three.",
        "items": {
            "type": "object",
            "properties": {
                "header": {"type": "string", "description": "A word or two to stand above it."},
                "id": {"type": "string", "description": "A name in snake_case by which the answer is given."},
                "options": {
                    "type": "array",
                    "description": "Two or three answers that exclude each other, the best one first.",
                    "items": {
                        "type": "object",
                        "properties": {
                            "description": {"type": "string", "description": "What choosing it means, in one sentence."},
                            "label": {"type": "string", "description": "The answer in one to five words."},
                        },
                        "required": ["label", "description"],
                        "additionalProperties": False,
                    },
                },
                "question": {"type": "string", "description": "The question in one sentence."},
            },
            "required": ["id", "header", "question", "options"],
            "additionalProperties": False,
        },
    }
}
