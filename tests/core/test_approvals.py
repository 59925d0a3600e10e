"""The gate: what may run at once, what is asked for, what is refused, and what a grant is about."""

from typing import Any

import pytest

from app_server.core.approvals import Gate, Rights, Verdict
from app_server.core.tools.base import Action, CommandAction, PatchAction, ToolFailure

LIST = CommandAction(argv=("bash", "-lc", "ls"), script="ls", cwd="/work")
ESCALATED = CommandAction(argv=("bash", "-lc", "ls"), script="ls", cwd="/work", wants_escalation=True, justification="why not")
PATCH = PatchAction(paths=("/work/a", "/work/b"), changes={})
SANDBOXES = ["readOnly", "workspaceWrite", "externalSandbox", "dangerFullAccess"]
ASKING: list[Any] = ["on-request", "untrusted", {"granular": {}}]


def verdict(action: Action | None, policy: Any, sandbox: str, gate: Gate | None = None) -> Verdict | str:
    """What the gate says, or `refused`."""
    try:
        return (gate or Gate()).judge(action, Rights(policy, sandbox))
    except ToolFailure:
        return "refused"


@pytest.mark.parametrize("policy", ["never", *ASKING])
@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_what_harms_nothing_needs_nobody(policy: Any, sandbox: str) -> None:
    assert verdict(None, policy, sandbox) is Verdict.ALLOWED


@pytest.mark.parametrize("action", [LIST, PATCH])
def test_full_access_with_the_policy_never_runs_everything_unasked(action: Action) -> None:
    assert verdict(action, "never", "dangerFullAccess") is Verdict.ALLOWED


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_nobody_may_be_asked_to_escalate_under_never(sandbox: str) -> None:
    assert verdict(ESCALATED, "never", sandbox) == "refused"


@pytest.mark.parametrize("action", [ESCALATED])
@pytest.mark.parametrize("policy", ["on-request", "untrusted"])
@pytest.mark.parametrize("sandbox", ["readOnly", "workspaceWrite"])
def test_more_rights_than_the_sandbox_gives_are_asked_for(action: Action, policy: Any, sandbox: str) -> None:
    assert verdict(action, policy, sandbox) is Verdict.ASK


def test_a_grant_is_about_the_same_command_in_the_same_folder_with_the_same_rights() -> None:
    gate = Gate()
    assert verdict(ESCALATED, "on-request", "readOnly", gate) is Verdict.ASK
    gate.grant(ESCALATED)
    again = CommandAction(argv=ESCALATED.argv, script="ls", cwd="/work", wants_escalation=True, justification="another reason")
    assert verdict(again, "on-request", "readOnly", gate) is Verdict.ALLOWED
    for other in (
        CommandAction(argv=("bash", "-lc", "ls -a"), script="ls -a", cwd="/work", wants_escalation=True),
        CommandAction(argv=ESCALATED.argv, script="ls", cwd="/elsewhere", wants_escalation=True),
    ):
        assert verdict(other, "on-request", "readOnly", gate) is Verdict.ASK


def test_a_grant_of_one_thread_is_not_one_of_another() -> None:
    first, second = Gate(), Gate()
    first.grant(ESCALATED)
    assert verdict(ESCALATED, "on-request", "readOnly", second) is Verdict.ASK


def test_a_patch_is_granted_when_each_of_its_files_is() -> None:
    gate = Gate()
    gate.grant(PatchAction(paths=("/work/a",), changes={}))
    assert verdict(PATCH, "untrusted", "readOnly", gate) is Verdict.ASK
    gate.grant(PatchAction(paths=("/work/b", "/work/c"), changes={}))
    assert verdict(PATCH, "untrusted", "readOnly", gate) is Verdict.ALLOWED
    assert verdict(PatchAction(paths=("/work/d",), changes={}), "untrusted", "readOnly", gate) is Verdict.ASK
