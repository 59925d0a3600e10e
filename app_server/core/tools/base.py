"""What a tool is: a description for the model, a look at what one call wants, and the doing.

A call goes through three steps, always in this order, and only `core.tools.runner` takes them:
`prepare` parses the arguments and says what the call wants to do (no effects yet); the one approval gate decides
(`core.approvals`); `run` does it. So no tool can act before it was allowed to, by construction.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol

from app_server.core.clock import Clock
from app_server.core.frozen import frozen
from protocol.base import Notification, Record


@frozen
class ToolCall:
    """A call as the model made it. `arguments` is JSON text of a function call, or the free text of a custom tool's."""

    call_id: str
    name: str
    arguments: str
    namespace: str | None = None
    is_custom: bool = False


@frozen
class CommandAction:
    """Wants to run a command. `argv` is what is executed, `script` what the model wrote."""

    argv: tuple[str, ...]
    script: str
    cwd: str
    wants_escalation: bool = False
    justification: str | None = None
    prefix_rule: tuple[str, ...] | None = None


@frozen
class PatchAction:
    """Wants to change files; paths are absolute."""

    paths: tuple[str, ...]
    changes: dict[str, Any]


Action = CommandAction | PatchAction


@frozen
class Prepared:
    """A parsed call. `action` None means it harms nothing and needs nobody's consent.

    `item` is what the user sees while being asked, in its state "inProgress"; `arguments` is the tool's own.
    """

    arguments: Any
    action: Action | None = None
    item: Record | None = None


@frozen
class Permit:
    """The gate's consent to one action. `is_unsandboxed`: it may run with the user's own rights."""

    is_unsandboxed: bool
    was_asked: bool = False


@frozen
class ToolOutput:
    """What the model gets back: a text, or content parts of the Responses API."""

    content: str | list[dict[str, Any]]


class ToolFailure(Exception):
    """The call can't be carried out; its text goes to the model as the call's output."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class ToolHost(Protocol):
    """What a tool may use of the turn that it runs in."""

    thread_id: str
    turn_id: str
    cwd: str
    clock: Clock

    def publish(self, notification: Notification) -> None:
        """Announce something to the thread's clients."""
        ...

    def open_item(self, item: Record) -> None:
        """Announce `item/started`. One that is open already, since the user was asked, is not announced again."""
        ...

    def keep_open(self, item_id: str) -> None:
        """The item is closed by what the tool has started, even if that outlives the turn."""
        ...

    def waiting(self, flag: Literal["waitingOnApproval", "waitingOnUserInput"]) -> AbstractContextManager[None]:
        """While inside, the thread's status says what it waits for."""
        ...

    def close_item(self, item: Record) -> None:
        """Announce `item/completed` and record the item; ours closes every item that it opened."""
        ...


class Tool(Protocol):
    """One tool. `is_parallel`: its calls may run beside other calls of the same answer."""

    name: str
    is_parallel: bool

    def spec(self) -> dict[str, Any]:
        """The tool as it is described to the model (Responses API)."""
        ...

    def prepare(self, call: ToolCall, host: ToolHost) -> Prepared:
        """Parse the call and say what it wants. Raises: ToolFailure."""
        ...

    async def run(self, call: ToolCall, prepared: Prepared, permit: Permit, host: ToolHost) -> ToolOutput:
        """Carry the call out. Raises: ToolFailure. Cancel: the turn was interrupted; ends what it started."""
        ...

    def declined(self, call: ToolCall, prepared: Prepared, host: ToolHost, *, has_failed: bool = False) -> ToolOutput:
        """Close the item as declined and say so to the model; called instead of `run` when the user refuses.

        `has_failed`: there is no answer that could be understood, which counts as a refusal.
        """
        ...


Factory = Callable[[], Tool]
