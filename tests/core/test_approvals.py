"""The gate: what may run at once and with whose rights, what is asked for, what is refused, and what a grant is about."""

import os
from pathlib import Path
from typing import Any

import pytest

from app_server.core.approvals import Denied, Gate, Question, Rights
from app_server.core.exec_policy.rulebook import Rulebook
from app_server.core.exec_policy.starlark_file import read_rules
from app_server.core.tools.base import Action, CommandAction, Denial, InputAction, PatchAction
from app_server.core.tools.permissions import Permissions
from protocol.approval import GranularApproval
from protocol.sandbox import DangerFullAccess, ExternalSandbox, ReadOnly, WorkspaceWrite

READ_ONLY, WORKSPACE, FULL, EXTERNAL = ReadOnly(), WorkspaceWrite(exclude_slash_tmp=True), DangerFullAccess(), ExternalSandbox()
RESTRICTED: list[Any] = [READ_ONLY, WORKSPACE]
OPEN: list[Any] = [FULL, EXTERNAL]
BOOK = read_rules(Path("/r"), "prefix_rule(['ls'])\nprefix_rule(['mkdir'], 'prompt')\nprefix_rule(['unlink'], 'forbidden')")
ASKED, IN_SANDBOX, UNSANDBOXED = "asked", "in sandbox", "unsandboxed"


def granular(**switches: bool) -> GranularApproval:
    """A policy by kinds of questions; those that are not named are not asked."""
    rules = {"sandbox_approval": False, "rules": False, "mcp_elicitations": False, **switches}
    return GranularApproval.model_validate({"granular": rules})


def command(script: str, **facts: Any) -> CommandAction:
    """A shell command."""
    return CommandAction(argv=("/bin/bash", "-lc", script), script=script, **{"cwd": "/work", **facts})


def gate(book: Rulebook = BOOK, *, has_sandbox: bool = True, home: Path = Path("/nowhere")) -> Gate:
    """A gate with rules."""
    return Gate(home, book, lambda: has_sandbox)


def outcome(action: Action | None, policy: Any, sandbox: Any, by: Gate | None = None, roots: tuple[str, ...] = ("/work",)) -> str:
    """What the gate says in a word, or why it refuses."""
    try:
        judgement = (by or gate()).judge(action, Rights(policy, sandbox, roots, {}))
    except Denied as denied:
        return denied.denial.reason
    if judgement.question is not None:
        return ASKED
    return UNSANDBOXED if judgement.permit.is_unsandboxed else IN_SANDBOX


def question(action: Action, policy: Any, sandbox: Any, by: Gate | None = None) -> Question:
    """What the user is to be asked."""
    asked = (by or gate()).judge(action, Rights(policy, sandbox, ("/work",), {})).question
    assert asked is not None
    return asked


ESCALATED = command("touch x", wants_escalation=True, justification="why not")
NEVER_ASKED = "approval required by policy, but AskForApproval is set to Never"
NO_RULES = "approval required by policy rule, but AskForApproval::Granular.rules is false"
FORCED = "`/bin/bash -lc 'rm -rf x'` rejected: rm -f style commands are not permitted. Use a safer approach"
FORBIDDEN = "`/bin/bash -lc 'unlink x'` rejected: policy forbids commands starting with `unlink`"
EVERYTHING, NOTHING = granular(sandbox_approval=True, rules=True), granular()
TABLE: list[tuple[Any, dict[str, str], dict[str, str]]] = [
    # The policy, and what happens under a restricted sandbox and under an open one.
    (
        "untrusted",
        {"touch x": ASKED, "ls": UNSANDBOXED, "mkdir x": ASKED, "rm -rf x": ASKED, "unlink x": FORBIDDEN},
        {"touch x": ASKED, "ls": UNSANDBOXED, "mkdir x": ASKED, "rm -rf x": ASKED, "unlink x": FORBIDDEN},
    ),
    (
        "on-request",
        {"touch x": IN_SANDBOX, "ls": UNSANDBOXED, "ls && touch x": IN_SANDBOX, "mkdir x": ASKED, "rm -rf x": ASKED},
        {"touch x": UNSANDBOXED, "mkdir x": ASKED, "rm -rf x": ASKED, "unlink x": FORBIDDEN},
    ),
    (
        "never",
        {"touch x": IN_SANDBOX, "ls": UNSANDBOXED, "mkdir x": NEVER_ASKED, "rm -rf x": FORCED, "unlink x": FORBIDDEN},
        {"touch x": UNSANDBOXED, "mkdir x": NEVER_ASKED, "rm -rf x": FORCED, "unlink x": FORBIDDEN},
    ),
    (EVERYTHING, {"touch x": IN_SANDBOX, "mkdir x": ASKED, "rm -rf x": ASKED}, {"touch x": UNSANDBOXED, "mkdir x": ASKED}),
    (NOTHING, {"touch x": IN_SANDBOX, "mkdir x": NO_RULES, "rm -rf x": ASKED}, {"touch x": UNSANDBOXED, "mkdir x": NO_RULES}),
]


@pytest.mark.parametrize(("policy", "restricted", "unrestricted"), TABLE)
def test_commands_under_each_policy_and_sandbox(policy: Any, restricted: dict[str, str], unrestricted: dict[str, str]) -> None:
    for sandboxes, expected in ((RESTRICTED, restricted), (OPEN, unrestricted)):
        for sandbox in sandboxes:
            assert {script: outcome(command(script), policy, sandbox) for script in expected} == expected


@pytest.mark.parametrize("sandbox", RESTRICTED)
def test_more_rights_than_the_sandbox_gives_are_asked_for_with_the_models_reason(sandbox: Any) -> None:
    for policy in ("on-request", "untrusted", EVERYTHING):
        assert outcome(ESCALATED, policy, sandbox) == ASKED
        assert question(ESCALATED, policy, sandbox) == Question("why not", ("touch", "x"))
    assert gate().judge(ESCALATED, Rights("on-request", sandbox, (), {})).permit.is_unsandboxed
    assert outcome(ESCALATED, "on-request", FULL) == UNSANDBOXED


@pytest.mark.parametrize("sandbox", RESTRICTED)
def test_more_permissions_widen_the_sandbox_once_they_are_allowed(sandbox: Any, tmp_path: Path) -> None:
    wanted = Permissions(write=(str(tmp_path),), network=True)
    judgement = gate().judge(command("touch x", permissions=wanted), Rights("on-request", sandbox, (), {}))
    assert judgement.question is not None
    rules = judgement.permit.rules
    assert rules is not None
    assert rules.may_write(str(tmp_path / "x"))
    assert rules.has_network
    assert outcome(command("touch x", permissions=wanted), "never", sandbox).startswith("approval policy is Never")


def test_a_grant_of_more_permissions_is_about_just_these() -> None:
    wanted, by = command("touch x", permissions=Permissions(write=("/a",))), gate()
    by.grant(wanted)
    assert outcome(wanted, "on-request", READ_ONLY, by) == IN_SANDBOX
    assert outcome(command("touch x", permissions=Permissions(write=("/b",))), "on-request", READ_ONLY, by) == ASKED


def test_where_nobody_may_be_asked_escalation_is_refused_with_the_policys_name() -> None:
    for sandbox in (*RESTRICTED, *OPEN):
        with pytest.raises(Denied) as denied:
            gate().judge(ESCALATED, Rights("never", sandbox, (), {}))
        text = (
            "approval policy is Never; reject command — you cannot ask for escalated permissions if the approval policy is Never"
        )
        assert denied.value.denial == Denial(text, whole=True)
    shown = (
        "Granular(GranularApprovalConfig { sandbox_approval: false, rules: false, skill_approval: false, "
        "request_permissions: false, mcp_elicitations: false })"
    )
    assert outcome(ESCALATED, NOTHING, FULL).startswith(f"approval policy is {shown}; reject command")


def test_a_command_approved_under_untrusted_still_runs_in_the_sandbox() -> None:
    assert not gate().judge(command("touch x"), Rights("untrusted", WORKSPACE, (), {})).permit.is_unsandboxed


def test_no_rule_is_offered_where_the_policy_wants_no_questions_about_the_sandbox() -> None:
    assert question(command("rm -rf x"), EVERYTHING, FULL).amendment == ("rm", "-rf", "x")
    assert question(command("rm -rf x"), NOTHING, FULL).amendment is None
    assert question(command("mkdir x"), EVERYTHING, FULL) == Question("`/bin/bash -lc 'mkdir x'` requires approval by policy")


def test_without_a_sandbox_commands_that_need_one_are_asked_for_or_refused() -> None:
    bare = gate(has_sandbox=False)
    for policy in ("on-request", "untrusted", EVERYTHING):
        assert outcome(command("touch x"), policy, WORKSPACE, bare) == ASKED
        assert "sandbox" in str(question(command("touch x"), policy, WORKSPACE, bare).reason)
    for refusing in ("never", NOTHING):
        assert "sandbox" in outcome(command("touch x"), refusing, READ_ONLY, bare)
    assert outcome(command("ls"), "never", READ_ONLY, bare) == UNSANDBOXED
    assert outcome(command("touch x"), "never", FULL, bare) == UNSANDBOXED


def test_what_harms_nothing_needs_nobody() -> None:
    for policy in ("never", "untrusted", NOTHING):
        assert outcome(None, policy, READ_ONLY, gate(has_sandbox=False)) == UNSANDBOXED


def test_a_grant_is_about_the_same_command_in_the_same_folder_with_the_same_rights() -> None:
    this = gate()
    this.grant(ESCALATED)
    again = command("touch  'x'", wants_escalation=True, justification="another reason")
    assert outcome(again, "on-request", READ_ONLY, this) == UNSANDBOXED
    for other in (
        command("touch y", wants_escalation=True),
        command("touch x && touch y", wants_escalation=True),
        command("touch x", wants_escalation=True, cwd="/elsewhere"),
        command("touch x", wants_escalation=True, has_terminal=True),
    ):
        assert outcome(other, "on-request", READ_ONLY, this) == ASKED
    assert outcome(command("touch x"), "untrusted", READ_ONLY, this) == ASKED
    assert outcome(ESCALATED, "on-request", READ_ONLY, gate()) == ASKED


def test_a_grant_does_not_outweigh_a_rule_that_forbids() -> None:
    this = gate()
    this.grant(command("unlink x"))
    assert outcome(command("unlink x"), "on-request", FULL, this) == FORBIDDEN


def test_a_rule_that_was_added_holds_at_once_and_is_kept(tmp_path: Path) -> None:
    this = gate(home=tmp_path)
    this.allow_from_now_on(("touch", "x"))
    assert outcome(command("touch x y"), "untrusted", READ_ONLY, this) == UNSANDBOXED
    assert outcome(command("touch y"), "untrusted", READ_ONLY, this) == ASKED
    assert (tmp_path / "rules" / "default.rules").read_text() == 'prefix_rule(pattern=["touch", "x"], decision="allow")\n'


def test_input_to_a_terminal_outside_the_sandbox_is_asked_for_each_time() -> None:
    typed = InputAction(7, "yes\n", "/work", "item", is_unsandboxed=True)
    inside = InputAction(7, "yes\n", "/work", "item", is_unsandboxed=False)
    this = gate()
    this.grant(typed)
    for policy in ("on-request", "untrusted", EVERYTHING):
        assert outcome(inside, policy, READ_ONLY) == UNSANDBOXED
        assert outcome(typed, policy, FULL) == UNSANDBOXED
        assert outcome(typed, policy, READ_ONLY, this) == ASKED
    assert outcome(typed, "never", READ_ONLY) == NEVER_ASKED
    assert outcome(typed, NOTHING, READ_ONLY).endswith("Granular.sandbox_approval is false")


READ_ONLY_TEXT = "patch rejected: writing is blocked by read-only sandbox; rejected by user approval settings"
OUTSIDE_TEXT = "patch rejected: writing outside of the project; rejected by user approval settings"


def patch(*paths: object) -> PatchAction:
    """Changes of these files."""
    return PatchAction(paths=tuple(str(path) for path in paths))


def test_patches_are_judged_by_the_writable_folders(tmp_path: Path) -> None:
    work, outside = tmp_path / "work", tmp_path / "outside"
    (work / "sub").mkdir(parents=True)
    outside.mkdir()
    (work / "link").symlink_to(outside)
    roots = (str(work),)
    inside = [patch(work / "a"), patch(work / "new" / "b"), patch(work / "sub" / ".git" / "c")]
    beyond = [
        patch(outside / "a"),
        patch(work / "a", outside / "b"),
        patch(work / ".git" / "config"),
        patch(work / ".codex"),
        patch(work / "link" / "a"),
        patch(work / ".." / "outside" / "a"),
        patch(f"{work}x"),
    ]
    for each in inside:
        assert outcome(each, "on-request", WORKSPACE, roots=roots) == UNSANDBOXED
        assert outcome(each, "never", WORKSPACE, roots=roots) == UNSANDBOXED
        assert outcome(each, "untrusted", WORKSPACE, roots=roots) == ASKED
        assert outcome(each, "never", READ_ONLY, roots=roots) == READ_ONLY_TEXT
    for each in beyond:
        assert outcome(each, "on-request", WORKSPACE, roots=roots) == ASKED
        assert outcome(each, "never", WORKSPACE, roots=roots) == OUTSIDE_TEXT
        assert outcome(each, NOTHING, WORKSPACE, roots=roots) == OUTSIDE_TEXT
        assert outcome(each, "on-request", FULL, roots=roots) == UNSANDBOXED
        assert outcome(each, "untrusted", FULL, roots=roots) == ASKED


def test_a_folder_of_temporary_files_is_writable_by_its_variable(tmp_path: Path) -> None:
    rights = Rights("never", WORKSPACE, (), {"TMPDIR": os.fspath(tmp_path)})
    assert gate().judge(patch(tmp_path / "a"), rights).question is None


def test_a_patch_is_granted_when_each_of_its_files_is() -> None:
    this = gate()
    this.grant(patch("/work/a"))
    assert outcome(patch("/work/a", "/work/b"), "untrusted", READ_ONLY, this) == ASKED
    this.grant(patch("/work/b", "/work/c"))
    assert outcome(patch("/work/a", "/work/b"), "untrusted", READ_ONLY, this) == UNSANDBOXED
    assert outcome(patch("/work/d"), "untrusted", READ_ONLY, this) == ASKED
