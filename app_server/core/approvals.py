"""THE one gate in front of every tool: may this action happen, and with whose rights?

Nothing runs that has not passed `judge`, and whatever it says holds for every tool. Until the sandbox is there, a command
runs unasked only under full access with the policy `never`; everything else is put to the user.
Source: spec/approvals-sandbox.md; differs: see ARCHITECTURE.md.
"""

from enum import Enum, auto
from typing import Any

from app_server.core.frozen import frozen
from app_server.core.tools.base import Action, CommandAction, PatchAction, Permit, ToolFailure

NEVER_ESCALATES = (
    "approval policy is Never; reject command — you cannot ask for escalated permissions if the approval policy is Never"
)
NO_SANDBOX = (
    "exec_command failed: this command would have to run in a sandbox, which is not available here, and the approval policy "
    "`never` forbids asking the user"
)
PATCH_BLOCKED = "patch rejected: writing is blocked by read-only sandbox; rejected by user approval settings"


class Verdict(Enum):
    """What the gate says before anybody is asked."""

    ALLOWED = auto()
    ASK = auto()


class Answer(Enum):
    """What the user said."""

    ACCEPTED = auto()
    DECLINED = auto()
    CANCELLED = auto()
    FAILED = auto()


@frozen
class Rights:
    """The settings that the gate judges by, as they are at the moment of the call."""

    approval_policy: Any
    sandbox_kind: str


class Gate:
    """Judges the actions of one thread and remembers what the user granted for the session."""

    def __init__(self) -> None:
        self._granted: set[tuple[Any, ...]] = set()

    def judge(self, action: Action | None, rights: Rights) -> Verdict:
        """Whether an action may happen at once or has to be asked for.

        Raises: ToolFailure (it may not happen and nobody may be asked).
        """
        if action is None or grant_keys(action) <= self._granted:
            return Verdict.ALLOWED
        has_full_access = rights.sandbox_kind == "dangerFullAccess"
        if rights.approval_policy == "never":
            if isinstance(action, CommandAction) and action.wants_escalation:
                raise ToolFailure(NEVER_ESCALATES)
            if has_full_access:
                return Verdict.ALLOWED
            raise ToolFailure(PATCH_BLOCKED if isinstance(action, PatchAction) else NO_SANDBOX)
        return Verdict.ASK

    def grant(self, action: Action) -> None:
        """The user allows the same action for the rest of the session."""
        self._granted |= grant_keys(action)

    def permit(self, was_asked: bool) -> Permit:
        """The permit of an allowed action. There is no sandbox yet, so an allowed action has the user's rights."""
        return Permit(is_unsandboxed=True, was_asked=was_asked)


def grant_keys(action: Action) -> frozenset[tuple[Any, ...]]:
    """What a grant is about: a command in its folder, whatever its justification; or each file that a patch touches."""
    if isinstance(action, CommandAction):
        return frozenset({("command", action.argv, action.cwd, action.wants_escalation)})
    return frozenset(("file", path) for path in action.paths)
