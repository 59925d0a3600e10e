"""Reviews from the outside, and the words around them."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app_server.core import review
from protocol.review import BaseBranchTarget, CommitTarget, CustomTarget, UncommittedChangesTarget
from tests.core.turn.dialogue import ended, halfway, items, runs, said, says, see_through, told
from tests.core.turn_rules import check_turns
from tests.support.client import RpcError
from tests.support.deterministic import Talk, conversing
from tests.support.provider import Reply, Step

pytestmark = pytest.mark.anyio

FINDING: dict[str, Any] = {
    "title": "[P1] Off by one",
    "body": "Look\nhere",
    "confidence_score": 0.5,
    "priority": 1,
    "code_location": {"absolute_file_path": "/x/y.py", "line_range": {"start": 3, "end": 4}},
}
OUTPUT: dict[str, Any] = {
    "findings": [FINDING],
    "overall_correctness": "patch is incorrect",
    "overall_explanation": "Almost",
    "overall_confidence_score": 0.7,
}
SHOWN = "Almost\n\nReview comment:\n\n- [P1] Off by one — /x/y.py:3-4\n  Look\n  here"


def commit_all(work: Path, branch: str, other: str) -> str:
    """Commit what is there to a branch and begin another one there; gives the commit."""
    run = ["git", "-C", str(work), "-c", "user.email=a@b", "-c", "user.name=n"]
    for arguments in (["init", "-q", "-b", branch], ["add", "."], ["commit", "-qm", "first"], ["branch", other]):
        subprocess.run([*run, *arguments], check=True)
    return subprocess.run([*run, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()


async def start_review(talk: Talk, thread: str, **target: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await talk.client.request("review/start", {"threadId": thread, "target": target})
    return answer


async def test_findings_are_shown_and_told_to_the_thread(tmp_path: Path) -> None:
    async with conversing(tmp_path, [runs("echo r"), says(json.dumps(OUTPUT)), says("Thanks")]) as talk:
        thread = await talk.start_thread()
        answer = await start_review(talk, thread, type="custom", instructions="  look  ")
        turn = await ended(talk, thread)
        await see_through(talk, thread, "and now?")
    assert answer["reviewThreadId"] == thread
    assert answer["turn"]["rootTurnId"] is None
    assert answer["turn"]["items"][0]["content"][0]["text"] == "look"
    assert (turn["id"], turn["status"], turn["items"][0]["text"]) == (answer["turn"]["id"], "completed", SHOWN)
    assert [item["review"] for item in items(talk, "enteredReviewMode")] == ["look"]
    assert [item["review"] for item in items(talk, "exitedReviewMode")] == [SHOWN]
    assert items(talk, "commandExecution")[0]["aggregatedOutput"] == "r\n"
    first = talk.provider.requests[0]
    assert first.headers["x-openai-subagent"] == "review"
    assert first.headers["x-codex-parent-thread-id"] == first.headers["session-id"] != first.headers["thread-id"]
    assert said(talk, 0)[0] == review.GUIDELINES
    assert said(talk, 0)[1:] == ["<permissions instructions>", "<environment_context>", "look"]
    assert said(talk, 2)[:3] == ["base", "<user_action>", SHOWN]
    assert "x-openai-subagent" not in talk.provider.requests[2].headers


async def test_the_reviewers_own_words_are_not_shown(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says(json.dumps(OUTPUT))]) as talk:
        thread = await talk.start_thread()
        await start_review(talk, thread, type="uncommittedChanges")
        await ended(talk, thread)
    assert told(talk, "item/agentMessage/delta") == []
    assert [item["text"] for item in items(talk, "agentMessage")] == ["", SHOWN]
    assert told(talk, "thread/tokenUsage/updated") == []


@pytest.mark.parametrize("answer", [Reply(status=400, body="no"), ["created", "completed"]], ids=["failed", "silent"])
async def test_a_reviewer_without_an_answer_is_said_to_have_none(answer: Any, tmp_path: Path) -> None:
    async with conversing(tmp_path, [answer]) as talk:
        thread = await talk.start_thread()
        await start_review(talk, thread, type="uncommittedChanges")
        turn = await ended(talk, thread)
    assert turn["status"] == ("completed" if isinstance(answer, list) else "failed")
    assert [item["review"] for item in items(talk, "exitedReviewMode")] == ["Reviewer failed to output a response."]
    assert items(talk, "agentMessage")[-1]["text"] == review.UNFINISHED
    order = [message["method"] for message in talk.client.messages if "method" in message]
    errors = [index for index, method in enumerate(order) if method == "error"]
    assert len(errors) == (turn["status"] == "failed")
    assert all(order[index:] == ["error", *["item/started", "item/completed"] * 2, *order[index + 5 :]] for index in errors)
    assert check_turns(talk.client.messages) == [turn["status"]]


async def test_what_a_reviewer_changes_is_shown_after_each_of_its_answers(tmp_path: Path) -> None:
    patch: Step = {"custom": "apply_patch", "input": "*** Begin Patch\n*** Add File: z.txt\n+z\n*** End Patch\n", "call_id": "c"}
    async with conversing(tmp_path, [["created", patch, "completed"], says("fine")]) as talk:
        thread = await talk.start_thread()
        await start_review(talk, thread, type="uncommittedChanges")
        await ended(talk, thread)
    assert len(told(talk, "turn/diff/updated")) == 3


@pytest.mark.parametrize("which", ["outer", "inner"])
async def test_a_review_is_interrupted_by_either_of_its_ids(which: str, tmp_path: Path) -> None:
    async with conversing(tmp_path, [halfway()]) as talk:
        thread = await talk.start_thread()
        outer = (await start_review(talk, thread, type="uncommittedChanges"))["turn"]["id"]
        inner = (await talk.client.wait_notification("turn/started"))["turn"]
        await talk.provider.wait_requests(1)
        assert (inner["rootTurnId"], inner["id"] != outer) == (outer, True)
        turn = {"outer": outer, "inner": inner["id"]}[which]
        await talk.client.request("turn/interrupt", {"threadId": thread, "turnId": turn})
        assert (await ended(talk, thread))["status"] == "interrupted"
    assert len(told(talk, "turn/completed")) == 1
    assert len(told(talk, "item/started")) == len(told(talk, "item/completed"))


async def test_a_review_takes_no_input_and_the_place_of_the_turn_that_runs(tmp_path: Path) -> None:
    async with conversing(tmp_path, [halfway(), halfway()]) as talk:
        thread = await talk.start_thread()
        await talk.start_turn(thread)
        await talk.provider.wait_requests(1)
        turn = (await start_review(talk, thread, type="uncommittedChanges"))["turn"]["id"]
        assert (await ended(talk, thread))["status"] == "interrupted"
        await talk.provider.wait_requests(2)
        words = [{"type": "text", "text": "no"}]
        with pytest.raises(RpcError, match="cannot steer a review turn"):
            await talk.client.request("turn/steer", {"threadId": thread, "expectedTurnId": turn, "input": words})
        with pytest.raises(RpcError, match="turn_kind: Review"):
            await talk.client.request("turn/start", {"threadId": thread, "input": words})
        await talk.client.request("turn/interrupt", {"threadId": thread, "turnId": turn})
        await ended(talk, thread)


async def test_a_review_against_a_branch_names_where_the_work_has_left_it(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("fine"), says("fine")]) as talk:
        work = talk.home.work
        (work / "a").write_text("a")
        base = commit_all(work, "work", "base")
        thread = await talk.start_thread()
        for branch in ("base", "--version"):
            await start_review(talk, thread, type="baseBranch", branch=branch)
            await ended(talk, thread)
    assert f"git diff {base}" in said(talk, 0)[-1]
    assert "git merge-base" in said(talk, 1)[-1]


def test_hints_say_what_is_reviewed() -> None:
    assert review.hint(UncommittedChangesTarget()) == "current changes"
    assert review.hint(BaseBranchTarget(branch="main")) == "changes against 'main'"
    assert review.hint(CommitTarget(sha="abcdef1234", title="T")) == "commit abcdef1: T"
    assert review.hint(CommitTarget(sha="abcdef1234", title=None)) == "commit abcdef1"
    assert review.hint(CustomTarget(instructions=" x ")) == "x"


UNREADABLE = [
    '{"findings": []}',
    json.dumps({**OUTPUT, "findings": [{**FINDING, "code_location": {"absolute_file_path": "/x"}}]}),
    json.dumps({**OUTPUT, "overall_confidence_score": True}),
    "no JSON {at all}",
]


@pytest.mark.parametrize("text", UNREADABLE)
def test_an_answer_that_is_not_what_was_asked_for_is_taken_as_words(text: str) -> None:
    assert review.shown(review.findings(text)) == text


def test_an_answer_with_something_around_it_is_read_all_the_same() -> None:
    assert review.findings(f"Here:\n{json.dumps(OUTPUT)}\nDone") == OUTPUT
    assert review.findings("  ") is None
    assert review.findings(None) is None
