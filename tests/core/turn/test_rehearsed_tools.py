"""The rehearsal provider's tools in a whole turn: what a client sees of each, and what each really does."""

from pathlib import Path

import pytest

from tests.core.turn.dialogue import ended, items, see_through, told
from tests.core.turn_rules import check_turns
from tests.support.deterministic import Talk, conversing

pytestmark = pytest.mark.anyio

REHEARSAL = {"modelProvider": "rehearsal"}


@pytest.mark.parametrize("model", ["lab-full", "unheard-of"])
async def test_a_rehearsed_patch_changes_files_and_is_shown(model: str, tmp_path: Path) -> None:
    async with conversing(tmp_path) as talk:
        thread = await talk.start_thread(**REHEARSAL, model=model)
        turn = await see_through(talk, thread, "/patch\n*** Add File: a.txt\n+hi")
        assert (talk.home.work / "a.txt").read_text() == "hi\n"
    (change,) = items(talk, "fileChange")
    assert (change["status"], change["changes"][0]["diff"]) == ("completed", "hi\n")
    assert told(talk, "turn/diff/updated") != []
    assert turn["items"][0]["text"].startswith("The script is played. `apply_patch` answered:")
    assert check_turns(talk.client.messages) == ["completed"]


async def test_a_rehearsed_plan_is_shown(tmp_path: Path) -> None:
    async with conversing(tmp_path, tables="[tools.update_plan]\nenabled = true") as talk:
        thread = await talk.start_thread(**REHEARSAL)
        await see_through(talk, thread, "/plan\n[>] look\nact")
    (plan,) = told(talk, "turn/plan/updated")
    assert plan["plan"] == [{"step": "look", "status": "inProgress"}, {"step": "act", "status": "pending"}]


async def answer_question(talk: Talk, thread: str) -> None:
    await talk.start_turn(thread, "/ask Which?\nRed\nBlue")
    request = await talk.client.wait_request("item/tool/requestUserInput")
    (question,) = request["params"]["questions"]
    assert (question["question"], [option["label"] for option in question["options"]]) == ("Which?", ["Red", "Blue"])
    await talk.client.answer(request, {"answers": {question["id"]: {"answers": ["Blue"]}}})


async def test_a_rehearsed_question_reaches_the_user_and_its_answer_comes_back(tmp_path: Path) -> None:
    async with conversing(tmp_path, features="default_mode_request_user_input = true") as talk:
        thread = await talk.start_thread(**REHEARSAL)
        await answer_question(talk, thread)
        turn = await ended(talk, thread)
    assert '{"answers":{"answer":{"answers":["Blue"]}}}' in turn["items"][0]["text"]
