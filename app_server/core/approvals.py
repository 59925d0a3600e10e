"""THE one gate in front of every tool: may this action happen, and with whose rights?

Nothing runs that has not passed `judge`, and whatever it says holds for every tool. The gate weighs the approval policy,
the sandbox, the user's rules and what was granted before; it asks nobody itself. What is allowed without a sandbox of
this machine is never allowed in silence: it is asked for or refused.
Source: spec/approvals-sandbox.md sections 1, 2, 6 and 8; differs: see ARCHITECTURE.md.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app_server.core.config.profiles import OwnProfile
from app_server.core.exec.script import join_argv
from app_server.core.exec_policy.files import append_rule, load_rules
from app_server.core.exec_policy.judge import Nature, Weighed, canonical, weigh
from app_server.core.exec_policy.rulebook import Decision, Rulebook, Words, allow
from app_server.core.exec_policy.starlark_file import RulesError
from app_server.core.frozen import frozen, replace
from app_server.core.sandbox.rules import Rules, rules_of
from app_server.core.thread import Thread
from app_server.core.tools.base import Action, CommandAction, Denial, InputAction, McpAction, PatchAction, Permit
from app_server.core.tools.permissions import Permissions
from protocol.approval import AskForApproval, GranularApproval
from protocol.notice import WarningNotification
from protocol.sandbox import ReadOnly, SandboxPolicy

NEVER_ASKED = "approval required by policy, but AskForApproval is set to Never"
RULES_NOT_ASKED = "approval required by policy rule, but AskForApproval::Granular.rules is false"
SANDBOX_NOT_ASKED = "approval required by policy, but AskForApproval::Granular.sandbox_approval is false"
NO_ESCALATION = (
    "approval policy is {policy}; reject command — you cannot ask for escalated permissions if the approval policy is {policy}"
)
FORCED_REMOVAL = "`{command}` rejected: rm -f style commands are not permitted. Use a safer approach"
RETRY = "command failed; retry without sandbox?"
NO_SANDBOX = "this command would have to run in a sandbox, and none works on this machine"
MCP_NOT_ASKED = "MCP tool call requires approval, but approval policy is never"
PATCH_OUTSIDE = "patch rejected: writing outside of the project; rejected by user approval settings"
PATCH_READ_ONLY = "patch rejected: writing is blocked by read-only sandbox; rejected by user approval settings"
OUTSIDE_TERMINAL = (
    "Type into a terminal that is already running. It was started outside the sandbox. The folder shown is where it was "
    "started; what it is doing by now, and where, may have changed."
)


@frozen
class Rights:
    """The settings that the gate judges by, as they are at the moment of the call."""

    approval_policy: AskForApproval
    sandbox: SandboxPolicy
    roots: tuple[str, ...]
    environment: Mapping[str, str]
    turn_id: str | None = None
    profile: OwnProfile | None = None
    """The permission profile of the user's own that holds, if one does."""

    @property
    def rules(self) -> Rules | None:
        """The rules of the sandbox, or None where the policy wants none of ours."""
        rules = rules_of(self.sandbox, self.roots, self.environment)
        if rules is None or self.profile is None:
            return rules
        return rules.narrowed(self.profile.spared(self.roots), self.profile.denied(self.roots))

    @property
    def may_ask_for_more(self) -> bool:
        """Whether the user may be asked to let something happen that the sandbox would not."""
        policy = self.approval_policy
        return policy.granular.sandbox_approval if isinstance(policy, GranularApproval) else policy != "never"


@frozen
class Question:
    """What the user is to be asked. `amendment` are the words of a rule that would allow the command from now on."""

    reason: str | None = None
    amendment: Words | None = None


@frozen
class Judgement:
    """An action may happen as the permit says: at once, or after the user has agreed to the question."""

    permit: Permit
    question: Question | None = None


class Denied(Exception):
    """The action may not happen, and nobody may be asked."""

    def __init__(self, denial: Denial) -> None:
        super().__init__(denial.reason)
        self.denial = denial


class Gate:
    """Judges the actions of one thread; remembers what the user granted for the session, and the rules."""

    def __init__(self, home: Path, rulebook: Rulebook, can_confine: Callable[[], bool]) -> None:
        self._home = home
        self._rulebook = rulebook
        self._can_confine = can_confine
        self._granted: set[tuple[Any, ...]] = set()
        self._wider: list[tuple[Permissions, str | None]] = []

    def judge(self, action: Action | None, rights: Rights) -> Judgement:
        """Whether an action may happen, and what has to be asked before. Raises: Denied."""
        match action:
            case None:
                return Judgement(Permit(None))
            case CommandAction():
                return self._judge_command(action, rights)
            case InputAction():
                return self._judge_input(action, rights)
            case PatchAction():
                return self._judge_patch(action, rights)
            case McpAction():
                return self._judge_mcp(action, rights)

    def judge_again(self, action: CommandAction) -> Question | None:
        """The sandbox has refused a command: what has to be asked before it runs without, None if that was granted."""
        if grant_keys(outside(action)) <= self._granted:
            return None
        every = Nature(Decision.PROMPT, Decision.PROMPT)
        return Question(RETRY, weigh(action.argv, self._rulebook, every).amendment)

    def grant(self, action: Action) -> None:
        """The user allows the same action for the rest of the session. Input to a terminal is never the same."""
        self._granted |= grant_keys(action)

    def widen(self, permissions: Permissions, turn_id: str | None) -> None:
        """The user grants wider permissions to the commands and patches of a turn, or, without one, of the session."""
        self._wider = [(each, turn) for each, turn in self._wider if turn is None or turn == turn_id]
        self._wider.append((permissions, turn_id))

    def _rules(self, rights: Rights) -> Rules | None:
        """The rules of the sandbox with what was granted beyond them."""
        rules = rights.rules
        if rules is None:
            return None
        granted = [each for each, turn in self._wider if turn is None or turn == rights.turn_id]
        return rules.wider([path for each in granted for path in each.write], any(each.network for each in granted))

    def allow_from_now_on(self, words: Words) -> None:
        """The user allows all commands that begin so: from now on here, and for later threads in a file. Raises: OSError."""
        self._rulebook += Rulebook([allow(words)])
        append_rule(self._home, words)

    def _judge_command(self, action: CommandAction, rights: Rights) -> Judgement:
        policy, rules, more = rights.approval_policy, self._rules(rights), action.permissions
        if rules is not None and more is not None:
            rules = rules.wider(more.write, bool(more.network))
        wants_more = action.wants_escalation or more is not None
        if wants_more and not rights.may_ask_for_more:
            raise Denied(Denial(NO_ESCALATION.format(policy=shown(policy)), whole=True))
        wanted_rule = action.prefix_rule if action.wants_escalation else None
        weighed = weigh(action.argv, self._rulebook, nature(rights, wants_more), wanted_rule)
        refuse_unasked(action, weighed, policy)
        has_users_rights = rules is None or action.wants_escalation or weighed.is_allowed
        is_unconfined = not has_users_rights and not self._can_confine()
        permit = Permit(None if has_users_rights or is_unconfined else rules)
        if weighed.decision is Decision.ALLOW and not is_unconfined:
            is_retried = isinstance(policy, GranularApproval) and rights.may_ask_for_more and not permit.is_unsandboxed
            return Judgement(Permit(permit.rules, may_be_retried=is_retried))
        if grant_keys(action) <= self._granted:
            return Judgement(permit)
        if is_unconfined and not rights.may_ask_for_more:
            raise Denied(Denial(NO_SANDBOX))
        reason = weighed.reason or action.justification or (NO_SANDBOX if is_unconfined else None)
        return Judgement(permit, Question(reason, weighed.amendment if rights.may_ask_for_more else None))

    def _judge_input(self, action: InputAction, rights: Rights) -> Judgement:
        permit = Permit(None)
        if not action.is_unsandboxed or rights.rules is None:
            return Judgement(permit)
        if not rights.may_ask_for_more:
            raise Denied(Denial(NEVER_ASKED if rights.approval_policy == "never" else SANDBOX_NOT_ASKED))
        return Judgement(permit, Question(OUTSIDE_TERMINAL))

    def _judge_patch(self, action: PatchAction, rights: Rights) -> Judgement:
        permit, rules = Permit(None), self._rules(rights)
        is_inside = rules is None or all(rules.may_write(path) for path in action.paths)
        if grant_keys(action) <= self._granted or (is_inside and rights.approval_policy != "untrusted"):
            return Judgement(permit)
        if not rights.may_ask_for_more:
            raise Denied(Denial(PATCH_READ_ONLY if isinstance(rights.sandbox, ReadOnly) else PATCH_OUTSIDE, whole=True))
        return Judgement(permit, Question())

    def _judge_mcp(self, action: McpAction, rights: Rights) -> Judgement:
        """A server acts outside of the sandbox, so only what the user has allowed or the server calls harmless is not asked."""
        permit = Permit(None)
        if action.mode == "approve" or (action.mode == "auto" and action.is_harmless):
            return Judgement(permit)
        if action.mode == "auto" and grant_keys(action) <= self._granted:
            return Judgement(permit)
        if rights.approval_policy != "never":
            return Judgement(permit, Question())
        if rights.rules is None:
            return Judgement(permit)
        raise Denied(Denial(MCP_NOT_ASKED, whole=True))


def gate_of(thread: Thread) -> Gate:
    """The gate of a thread, with the rules that hold in its folder. Rules that can't be read are told, and do not hold."""
    try:
        rulebook = load_rules(thread.config)
    except RulesError as error:
        warning = error.to_warning()
        thread.publish(WarningNotification(thread_id=thread.id, message=f"{warning['summary']} {error.detail}"))
        rulebook = Rulebook()
    return Gate(thread.runtime.home, rulebook, lambda: thread.runtime.sandbox().rung is not None)


def grant_keys(action: Action) -> frozenset[tuple[Any, ...]]:
    """What a grant is about: a command in its folder, whatever its justification; or each file that a patch touches."""
    match action:
        case CommandAction():
            words = canonical(action.argv)
            facts = (words, action.cwd, action.has_terminal, action.wants_escalation, action.permissions)
            return frozenset({("command", *facts)})
        case PatchAction():
            return frozenset(("file", path) for path in action.paths)
        case InputAction():
            return frozenset({("input", action)})
        case McpAction():
            return frozenset({("mcp", action.server, action.tool)})


def outside(action: CommandAction) -> CommandAction:
    """The same command without the sandbox."""
    return replace(action, wants_escalation=True)


def nature(rights: Rights, wants_escalation: bool) -> Nature:
    """What a policy makes of commands that no rule is about."""
    policy = rights.approval_policy
    if policy == "never":
        return Nature(Decision.ALLOW, Decision.FORBIDDEN)
    is_asked = policy == "untrusted" or (wants_escalation and rights.rules is not None)
    return Nature(Decision.PROMPT if is_asked else Decision.ALLOW, Decision.PROMPT)


def refuse_unasked(action: CommandAction, weighed: Weighed, policy: AskForApproval) -> None:
    """Refuse what is forbidden, and what would have to be asked for where the policy wants no such question. Raises: Denied."""
    if weighed.decision is Decision.FORBIDDEN:
        raise Denied(Denial(weighed.reason or FORCED_REMOVAL.format(command=join_argv(action.argv))))
    if weighed.is_ruled and policy == "never":
        raise Denied(Denial(NEVER_ASKED))
    if weighed.is_ruled and isinstance(policy, GranularApproval) and not policy.granular.rules:
        raise Denied(Denial(RULES_NOT_ASKED))


def shown(policy: AskForApproval) -> str:
    """A policy as the model is told it, in the reference's notation."""
    if not isinstance(policy, GranularApproval):
        return "".join(part.capitalize() for part in policy.split("-"))
    switches = ", ".join(f"{name}: {str(value).lower()}" for name, value in dict(policy.granular).items())
    return f"Granular(GranularApprovalConfig {{ {switches} }})"
