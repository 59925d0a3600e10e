"""What follows from how a hook has ended: what clients are told of it, and what becomes of the thing that it ran for.

Exit code 0 is agreement, with whatever stands on the standard output; 2 is an objection, with its reason on the standard
error; anything else is a failure of the hook, which changes nothing. Source: the reference's answers; texts are its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app_server.core.hooks.output import (
    OUTPUTS,
    BlockOutput,
    Output,
    PermissionOutput,
    PostToolUseOutput,
    PreToolUseOutput,
    PromptOutput,
    StartOutput,
    read,
)
from app_server.core.hooks.program import Result
from protocol.hook import HookEventName, HookOutputEntry, HookOutputEntryKind, HookRunStatus

CALLED: Mapping[HookEventName, str] = {
    "preToolUse": "pre-tool-use",
    "permissionRequest": "permission-request",
    "postToolUse": "post-tool-use",
    "preCompact": "PreCompact hook",
    "postCompact": "PostCompact hook",
    "sessionStart": "session start",
    "subagentStart": "subagent start",
    "userPromptSubmit": "user prompt submit",
    "stop": "stop hook",
    "subagentStop": "subagent stop hook",
}
"""What an event's output is called when it can't be read."""
OBJECTIONS: Mapping[HookEventName, str] = {
    "preToolUse": "a blocking reason",
    "permissionRequest": "a denial reason",
    "postToolUse": "feedback",
    "userPromptSubmit": "a blocking reason",
    "stop": "a continuation prompt",
    "subagentStop": "a continuation prompt",
}
"""The events to which hooks may object, and what they then have to write."""
TELLS_PLAINLY = frozenset({"sessionStart", "subagentStart", "userPromptSubmit"})
"""Events whose hooks may write plain text, as context for the model."""
NO_PLAIN_TEXT = frozenset({"stop", "subagentStop"})
OF_REQUESTS = frozenset({"preModelRequest", "postModelRequest"})
COMPACTIONS = frozenset({"preCompact", "postCompact"})


@dataclass(slots=True)
class Verdict:
    """What follows. `reason` is why something is blocked, or what the model is told instead of an output; `answer` is the
    answer to a question to the user."""

    event: HookEventName
    status: HookRunStatus = "completed"
    entries: list[HookOutputEntry] = field(default_factory=list)
    contexts: list[str] = field(default_factory=list)
    reason: str | None = None
    updated_input: Any = None
    answer: bool | None = None

    @property
    def is_stop(self) -> bool:
        """Whether everything is to stop."""
        return self.status == "stopped"

    def say(self, kind: HookOutputEntryKind, text: str) -> None:
        """Tell clients something."""
        self.entries.append(HookOutputEntry(kind=kind, text=text))

    def fail(self, text: str) -> None:
        """The hook has failed."""
        self.status = "failed"
        self.say("error", text)

    def block(self, reason: str) -> None:
        """The hook objects."""
        self.status, self.reason = "blocked", reason
        self.say("feedback", reason)

    def add_context(self, text: str | None) -> None:
        """The model is to know something."""
        if text is not None:
            self.say("context", text)
            self.contexts.append(text)

    def stop(self, told: str | None, shown: str | None) -> None:
        """Everything is to stop."""
        self.status, self.reason = "stopped", told
        if shown is not None:
            self.say("stop", shown)


def verdict_of(event: HookEventName, result: Result) -> Verdict:
    """What follows from how a hook has ended."""
    verdict = Verdict(event)
    if result.error is not None:
        verdict.fail(result.error)
    elif result.exit_code is None:
        is_other = event in COMPACTIONS
        verdict.fail("hook process terminated without an exit code" if is_other else "hook exited without a status code")
    elif result.exit_code == 0:
        agreed(verdict, result.stdout)
    elif result.exit_code == 2 and event in OBJECTIONS:
        objected(verdict, result.stderr.strip())
    elif event in OF_REQUESTS:
        verdict.status = "failed"
        if result.stderr.strip():
            verdict.say("error", result.stderr.strip())
    else:
        plain = f"hook exited with code {result.exit_code}"
        verdict.fail((result.stderr.strip() or plain) if event in COMPACTIONS else plain)
    return verdict


def objected(verdict: Verdict, reason: str) -> None:
    """The hook has ended with an objection."""
    event = verdict.event
    if not reason:
        wanted = OBJECTIONS[event]
        verdict.fail(f"{pascal(event)} hook exited with code 2 but did not write {wanted} to stderr")
    elif event == "postToolUse":  # it is too late to block anything: the model is told
        verdict.reason = reason
        verdict.say("feedback", reason)
    else:
        verdict.block(reason)
        verdict.answer = False if event == "permissionRequest" else None


def agreed(verdict: Verdict, stdout: str) -> None:
    """The hook has ended well, and perhaps said something."""
    event, text = verdict.event, stdout.strip()
    if not text or event not in OUTPUTS:
        return
    output = read(event, text)
    if output is None:
        if text[0] in "{[" or event in NO_PLAIN_TEXT:
            verdict.fail(f"hook returned invalid {CALLED[event]} JSON output")
        elif event in TELLS_PLAINLY:
            verdict.add_context(text)
        return
    if output.system_message is not None:
        verdict.say("warning", output.system_message)
    match output:
        case PreToolUseOutput():
            before_tool(verdict, output)
        case PermissionOutput():
            before_question(verdict, output)
        case PostToolUseOutput():
            after_tool(verdict, output)
        case StartOutput():
            at_start(verdict, output)
        case BlockOutput():
            about_words(verdict, output)
        case _:
            around_compaction(verdict, output)


def before_tool(verdict: Verdict, output: PreToolUseOutput) -> None:
    """A call is to come: it may be denied, or made another one."""
    specific = output.specific
    problem = unsupported(verdict.event, output) or (
        bad_permission(output) if decides_specifically(output) else bad_decision(output)
    )
    if problem is not None:
        verdict.fail(problem)
        return
    verdict.add_context(specific.context if specific is not None else None)
    reason = output.reason if output.decision == "block" else None
    if specific is not None and decides_specifically(output):
        reason = specific.permission_reason if specific.permission == "deny" else None
        verdict.updated_input = specific.updated_input
    if reason is not None:
        verdict.block(reason.strip())


def decides_specifically(output: PreToolUseOutput) -> bool:
    """Whether it decides in the newer of two ways, which wins."""
    specific = output.specific
    return specific is not None and not (
        specific.permission is None and specific.permission_reason is None and specific.updated_input is None
    )


def bad_permission(output: PreToolUseOutput) -> str | None:
    """What is wrong with a decision in the newer way."""
    specific = output.specific
    assert specific is not None
    if specific.updated_input is not None and specific.permission != "allow":
        return "PreToolUse hook returned updatedInput without permissionDecision:allow"
    if specific.permission == "allow" and specific.updated_input is None:
        return "PreToolUse hook returned unsupported permissionDecision:allow"
    if specific.permission == "ask":
        return "PreToolUse hook returned unsupported permissionDecision:ask"
    if specific.permission == "deny" and not (specific.permission_reason or "").strip():
        return "PreToolUse hook returned permissionDecision:deny without a non-empty permissionDecisionReason"
    if specific.permission is None and specific.permission_reason is not None:
        return "PreToolUse hook returned permissionDecisionReason without permissionDecision"
    return None


def bad_decision(output: PreToolUseOutput) -> str | None:
    """What is wrong with a decision in the older way."""
    if output.decision == "approve":
        return "PreToolUse hook returned unsupported decision:approve"
    if output.decision == "block" and not (output.reason or "").strip():
        return without_reason("preToolUse")
    if output.decision is None and output.reason is not None:
        return "PreToolUse hook returned reason without decision"
    return None


def before_question(verdict: Verdict, output: PermissionOutput) -> None:
    """The user is to be asked: the hook may answer."""
    decision = output.specific.decision if output.specific is not None else None
    problem = unsupported(verdict.event, output)
    if problem is None and decision is not None:
        if decision.updated_input is not None:
            problem = "PermissionRequest hook returned unsupported updatedInput"
        elif decision.updated_permissions is not None:
            problem = "PermissionRequest hook returned unsupported updatedPermissions"
        elif decision.interrupt:
            problem = "PermissionRequest hook returned unsupported interrupt:true"
    if problem is not None:
        verdict.fail(problem)
    elif decision is not None and decision.behavior == "deny":
        verdict.block((decision.message or "").strip() or "PermissionRequest hook denied approval")
        verdict.answer = False
    elif decision is not None:
        verdict.answer = True


def after_tool(verdict: Verdict, output: PostToolUseOutput) -> None:
    """A call was carried out: the model may be told something else."""
    is_block, reason = output.decision == "block", (output.reason or "").strip()
    problem = "PostToolUse hook returned unsupported suppressOutput" if output.suppresses else None
    if problem is None and is_block and not reason:
        problem = without_reason(verdict.event)
    if problem is None and not is_block and output.goes_on and output.reason is not None:
        problem = "PostToolUse hook returned reason without decision"
    if problem is None and output.specific is not None:
        verdict.add_context(output.specific.context)
    if not output.goes_on:
        shown = output.stop_reason if output.stop_reason is not None else "PostToolUse hook stopped execution"
        verdict.stop(reason or shown, shown)
    elif problem is not None:
        verdict.fail(problem)
    elif is_block:
        verdict.block(output.reason or "")


def at_start(verdict: Verdict, output: StartOutput) -> None:
    """A session begins."""
    verdict.add_context(output.specific.context if output.specific is not None else None)
    if not output.goes_on and verdict.event == "sessionStart":
        verdict.stop(output.stop_reason, output.stop_reason)


def about_words(verdict: Verdict, output: BlockOutput) -> None:
    """The user has said something, or the model has nothing more to do."""
    is_block, reason = output.decision == "block", (output.reason or "").strip()
    is_sound = not is_block or bool(reason)
    if is_sound and isinstance(output, PromptOutput) and output.specific is not None:
        verdict.add_context(output.specific.context)
    if not output.goes_on:
        verdict.stop(output.stop_reason, output.stop_reason)
    elif not is_sound:
        verdict.fail(without_reason(verdict.event))
    elif is_block:
        verdict.block(reason)


def around_compaction(verdict: Verdict, output: Output) -> None:
    """The history is to be compacted, or was."""
    if not output.goes_on:
        default = f"{pascal(verdict.event)} hook stopped execution"
        verdict.stop(output.stop_reason, output.stop_reason if output.stop_reason is not None else default)


def unsupported(event: HookEventName, output: Output) -> str | None:
    """What hooks around tools may not say."""
    said = None
    if not output.goes_on:
        said = "continue:false"
    elif output.stop_reason is not None:
        said = "stopReason"
    elif output.suppresses:
        said = "suppressOutput"
    return f"{pascal(event)} hook returned unsupported {said}" if said is not None else None


def without_reason(event: HookEventName) -> str:
    """A block needs a reason."""
    return f"{pascal(event)} hook returned decision:block without a non-empty reason"


def pascal(event: HookEventName) -> str:
    """`preToolUse` -> `PreToolUse`."""
    return event[0].upper() + event[1:]
