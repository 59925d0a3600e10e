"""What follows from how a hook has ended."""

import json
from typing import Any

import pytest

from app_server.core.hooks.program import Result
from app_server.core.hooks.verdict import Verdict, verdict_of
from protocol.hook import HookEventName


def said(event: HookEventName, output: Any = "", *, code: int | None = 0, stderr: str = "") -> Verdict:
    """The verdict on a hook that has said something; what is no text is said as JSON."""
    text = output if isinstance(output, str) else json.dumps(output)
    return verdict_of(event, Result(exit_code=code, stdout=text, stderr=stderr))


def shown(verdict: Verdict) -> tuple[str, list[tuple[str, str]]]:
    """What clients see."""
    return verdict.status, [(entry.kind, entry.text) for entry in verdict.entries]


def specific(event: str, **members: Any) -> dict[str, Any]:
    """An output for one event."""
    return {"hookSpecificOutput": {"hookEventName": event, **members}}


@pytest.mark.parametrize("event", ["preToolUse", "permissionRequest", "userPromptSubmit", "stop"])
def test_exit_code_two_objects_with_what_stands_on_the_standard_error(event: HookEventName) -> None:
    verdict = said(event, code=2, stderr=" not that \n")
    assert (shown(verdict), verdict.reason) == (("blocked", [("feedback", "not that")]), "not that")
    assert verdict.answer is (False if event == "permissionRequest" else None)
    mute = said(event, code=2)
    assert (mute.status, mute.reason) == ("failed", None)
    assert "exited with code 2 but did not write" in mute.entries[0].text


def test_after_a_tool_an_objection_is_feedback_and_blocks_nothing() -> None:
    verdict = said("postToolUse", code=2, stderr="look again")
    assert (shown(verdict), verdict.reason) == (("completed", [("feedback", "look again")]), "look again")


@pytest.mark.parametrize("event", ["preToolUse", "sessionStart", "stop", "interrupt", "sessionEnd"])
def test_any_other_end_is_a_failure_of_the_hook_and_changes_nothing(event: HookEventName) -> None:
    failed = said(event, specific("PreToolUse", permissionDecision="deny", permissionDecisionReason="x"), code=1)
    assert (shown(failed), failed.reason) == (("failed", [("error", "hook exited with code 1")]), None)
    killed = said(event, code=None)
    assert shown(killed) == ("failed", [("error", "hook exited without a status code")])
    late = verdict_of(event, Result(error="hook timed out after 5s"))
    assert shown(late) == ("failed", [("error", "hook timed out after 5s")])


def test_hooks_around_requests_and_compactions_fail_in_their_own_words() -> None:
    assert shown(said("preModelRequest", code=1)) == ("failed", [])
    assert shown(said("postModelRequest", code=2, stderr="x\n")) == ("failed", [("error", "x")])
    assert shown(said("preCompact", code=2, stderr="x\n")) == ("failed", [("error", "x")])
    assert shown(said("postCompact", code=3)) == ("failed", [("error", "hook exited with code 3")])
    killed = ("failed", [("error", "hook process terminated without an exit code")])
    assert shown(said("preCompact", code=None)) == killed


def test_a_call_is_denied_rewritten_or_commented() -> None:
    denied = said("preToolUse", specific("PreToolUse", permissionDecision="deny", permissionDecisionReason=" no "))
    assert (denied.status, denied.reason) == ("blocked", "no")
    older = said("preToolUse", {"decision": "block", "reason": "no", "systemMessage": "look"})
    assert shown(older) == ("blocked", [("warning", "look"), ("feedback", "no")])
    changed = said(
        "preToolUse", specific("PreToolUse", permissionDecision="allow", updatedInput={"command": "b"}, additionalContext="c")
    )
    assert (changed.status, changed.updated_input, changed.contexts) == ("completed", {"command": "b"}, ["c"])
    assert shown(changed)[1] == [("context", "c")]


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ({"continue": False}, "continue:false"),
        ({"stopReason": "x"}, "stopReason"),
        ({"suppressOutput": True}, "suppressOutput"),
        ({"decision": "approve"}, "decision:approve"),
        ({"decision": "block"}, "decision:block without a non-empty reason"),
        ({"reason": "x"}, "reason without decision"),
        (specific("PreToolUse", permissionDecision="allow"), "permissionDecision:allow"),
        (specific("PreToolUse", permissionDecision="ask"), "permissionDecision:ask"),
        (specific("PreToolUse", permissionDecision="deny"), "without a non-empty permissionDecisionReason"),
        (specific("PreToolUse", permissionDecisionReason="x"), "permissionDecisionReason without permissionDecision"),
        (specific("PreToolUse", updatedInput={}), "updatedInput without permissionDecision:allow"),
    ],
)
def test_what_a_hook_before_a_tool_may_not_say_is_its_failure(output: dict[str, Any], text: str) -> None:
    verdict = said("preToolUse", output)
    assert (verdict.status, verdict.reason, verdict.updated_input) == ("failed", None, None)
    assert verdict.entries[-1].text.startswith("PreToolUse hook returned ")
    assert verdict.entries[-1].text.endswith(text)


def test_a_question_to_the_user_is_answered() -> None:
    def decided(**members: Any) -> Verdict:
        return said("permissionRequest", specific("PermissionRequest", decision=members))

    assert decided(behavior="allow").answer is True
    denied = decided(behavior="deny", message="hook says no")
    assert (denied.answer, shown(denied)) == (False, ("blocked", [("feedback", "hook says no")]))
    assert decided(behavior="deny").reason == "PermissionRequest hook denied approval"
    odd: dict[str, Any]
    for odd in ({"updatedInput": {}}, {"updatedPermissions": {}}, {"interrupt": True}):
        verdict = decided(behavior="allow", **odd)
        assert (verdict.answer, verdict.status) == (None, "failed")


def test_after_a_tool_the_model_is_told_something_else() -> None:
    blocked = said("postToolUse", {"decision": "block", "reason": "bad result"})
    assert (blocked.status, blocked.reason) == ("blocked", "bad result")
    stopped = said("postToolUse", {"continue": False, "stopReason": "enough"})
    assert (shown(stopped), stopped.reason) == (("stopped", [("stop", "enough")]), "enough")
    told = said("postToolUse", {"continue": False, "decision": "block", "reason": "for the model"})
    assert (told.reason, told.entries[-1].text) == ("for the model", "PostToolUse hook stopped execution")
    assert said("postToolUse", {"reason": "x"}).status == "failed"
    assert said("postToolUse", {"suppressOutput": True}).status == "failed"


def test_only_some_hooks_may_write_plain_text() -> None:
    for event in ("sessionStart", "userPromptSubmit"):
        verdict = said(event, "hello\n")
        assert (shown(verdict), verdict.contexts) == (("completed", [("context", "hello")]), ["hello"])
    assert shown(said("preToolUse", "hello")) == ("completed", [])
    assert shown(said("stop", "hello")) == ("failed", [("error", "hook returned invalid stop hook JSON output")])


@pytest.mark.parametrize("text", ["{bad", "[1]", '{"unknown":1}', '{"continue":"yes"}', '{"hookSpecificOutput":{}}'])
def test_json_that_is_not_what_the_event_knows_is_a_failure(text: str) -> None:
    verdict = said("userPromptSubmit", text)
    assert shown(verdict) == ("failed", [("error", "hook returned invalid user prompt submit JSON output")])
    assert shown(said("sessionEnd", text)) == ("completed", [])


def test_words_are_blocked_and_sessions_stopped_but_what_hooks_add_is_kept() -> None:
    blocked = said(
        "userPromptSubmit", {"decision": "block", "reason": "slow", **specific("UserPromptSubmit", additionalContext="c")}
    )
    assert (blocked.status, blocked.reason, blocked.contexts) == ("blocked", "slow", ["c"])
    stopped = said("sessionStart", {"continue": False, "stopReason": "pause"})
    assert (stopped.is_stop, shown(stopped)) == (True, ("stopped", [("stop", "pause")]))
    assert said("stop", {"decision": "block", "reason": " "}).status == "failed"
    compaction = said("preCompact", {"continue": False})
    assert (compaction.is_stop, compaction.entries[0].text) == (True, "PreCompact hook stopped execution")
