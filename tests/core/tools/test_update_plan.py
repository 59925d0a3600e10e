"""Plans that the model writes down."""

import pytest

from app_server.core.tools.update_plan import UpdatePlan
from tests.core.tools.exec_support import Host, call

pytestmark = pytest.mark.anyio
STEPS = [
    {"step": "look", "status": "completed"},
    {"step": "mend", "status": "in_progress"},
    {"step": "rest", "status": "pending"},
]


async def test_a_plan_is_shown_whole_with_why_it_changed() -> None:
    host = Host("/")
    assert await call(UpdatePlan(), host, {"explanation": "why", "plan": STEPS}) == "Plan updated"
    assert host.events == [
        (
            "turn/plan/updated",
            {
                "threadId": "thread",
                "turnId": "turn",
                "explanation": "why",
                "plan": [
                    {"step": "look", "status": "completed"},
                    {"step": "mend", "status": "inProgress"},
                    {"step": "rest", "status": "pending"},
                ],
            },
        )
    ]


async def test_an_empty_plan_without_a_word_is_a_plan() -> None:
    host = Host("/")
    assert await call(UpdatePlan(), host, {"plan": []}) == "Plan updated"
    assert host.of("turn/plan/updated") == [{"threadId": "thread", "turnId": "turn", "explanation": None, "plan": []}]


async def test_in_plan_mode_there_is_no_checklist() -> None:
    host = Host("/", mode="plan")
    refusal = await call(UpdatePlan(), host, {"plan": STEPS})
    assert refusal == "update_plan is a TODO/checklist tool and is not allowed in Plan mode"
    assert host.events == []


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({}, "missing field `plan`"),
        ({"plan": [{"step": "x"}]}, "missing field `status`"),
        ({"plan": [{"step": "x", "status": "done"}]}, "unknown variant `done`"),
        ({"plan": [{"step": "x", "status": "pending", "note": 1}]}, "unknown field `note`"),
        ({"plan": [], "note": 1}, "unknown field `note`"),
        ("{", "EOF while parsing an object"),
    ],
)
async def test_a_malformed_plan_is_refused_and_not_shown(arguments: object, why: str) -> None:
    host = Host("/")
    refusal = await call(UpdatePlan(), host, arguments)
    assert refusal.startswith(f"failed to parse function arguments: {why}")
    assert host.events == []
