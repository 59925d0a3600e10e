"""Questions of the model to the user."""

from typing import Any

import pytest

from app_server.core.ports import NoAnswer
from app_server.core.tools.request_user_input import RequestUserInput
from tests.core.tools.exec_support import Host, call

pytestmark = pytest.mark.anyio
OPTIONS = [{"label": "Yes", "description": "do it"}, {"label": "No", "description": "leave it"}]
QUESTION = {"id": "q1", "header": "Sure?", "question": "Shall we?", "options": OPTIONS}
ANSWER = {"answers": {"q1": {"answers": ["Yes", "user_note: soon"]}}}


def tool(is_always_available: bool = False) -> RequestUserInput:
    return RequestUserInput(lambda: is_always_available)


async def test_a_question_is_put_while_the_thread_waits_and_its_answer_is_handed_back() -> None:
    host = Host("/", mode="plan")
    host.answers.append(ANSWER)
    output = await call(tool(), host, {"questions": [QUESTION]})
    assert output == '{"answers":{"q1":{"answers":["Yes","user_note: soon"]}}}'
    assert host.flags == ["waitingOnUserInput"]
    assert host.events == [
        (
            "item/tool/requestUserInput",
            {
                "threadId": "thread",
                "turnId": "turn",
                "itemId": "call",
                "questions": [{**QUESTION, "isOther": True, "isSecret": False}],
                "isBlocking": True,
                "autoResolutionMs": None,
            },
        )
    ]


async def test_outside_of_plan_mode_nobody_is_asked_unless_that_is_switched_on() -> None:
    host = Host("/")
    assert await call(tool(), host, {"questions": [QUESTION]}) == "request_user_input is unavailable in Default mode"
    assert host.events == []
    host.answers.append(ANSWER)
    assert "user_note: soon" in await call(tool(is_always_available=True), host, {"questions": [QUESTION]})
    assert host.of("item/tool/requestUserInput")[0]["isBlocking"] is False


async def test_a_client_that_cannot_answer_has_answered_nothing() -> None:
    host = Host("/", mode="plan")
    host.answers.append(NoAnswer())
    assert await call(tool(), host, {"questions": [QUESTION]}) == '{"answers":{}}'


@pytest.mark.parametrize("options", [[], None])
async def test_every_question_has_answers_to_choose_from(options: Any) -> None:
    host = Host("/", mode="plan")
    refusal = await call(tool(), host, {"questions": [QUESTION, {**QUESTION, "id": "q2", "options": options}]})
    assert refusal == "request_user_input requires non-empty options for every question"
    assert host.events == []


async def test_a_question_without_its_words_is_malformed() -> None:
    refusal = await call(tool(), Host("/", mode="plan"), {"questions": [{"id": "q"}]})
    assert refusal.startswith("failed to parse function arguments: missing field `header`")
