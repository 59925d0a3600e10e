"""What a tool is: a description for the model, a look at what one call wants, and the doing.

A call goes through three steps, always in this order, and only `core.tools.runner` takes them:
`prepare` parses the arguments and says what the call wants to do (no effects yet); the one approval gate decides
(`core.approvals`); `run` does it. So no tool can act before it was allowed to, by construction.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol, TypeVar

from app_server.core.clock import Clock
from app_server.core.frozen import frozen
from app_server.core.patch.plan import Change
from app_server.core.patience import Patience
from app_server.core.sandbox.rules import Rules
from app_server.core.tools.permissions import Permissions
from protocol.base import Method, Notification, Record
from protocol.mode import ModeKind

R = TypeVar("R", bound=Record)


@frozen
class ToolCall:
    """A call as the model made it. `arguments` is JSON text of a function call, or the free text of a custom tool's.

    `is_search`: the model looks for tools, by an item of a kind of its own.
    """

    call_id: str
    name: str
    arguments: str
    namespace: str | None = None
    is_custom: bool = False
    is_search: bool = False

    @property
    def kind(self) -> str:
        """The type of the tool that is called."""
        return "custom" if self.is_custom else "tool_search" if self.is_search else "function"


@frozen
class CommandAction:
    """Wants to run a command. `argv` is what is executed, `script` what the model wrote."""

    argv: tuple[str, ...]
    script: str
    cwd: str
    has_terminal: bool = False
    wants_escalation: bool = False
    justification: str | None = None
    prefix_rule: tuple[str, ...] | None = None
    permissions: Permissions | None = None
    """What it needs beyond the sandbox, in which it stays."""


@frozen
class InputAction:
    """Wants to type into a running command, which was started outside of the sandbox if `is_unsandboxed`."""

    session_id: int
    chars: str
    cwd: str
    item_id: str
    is_unsandboxed: bool


@frozen
class PatchAction:
    """Wants to change files; paths are absolute."""

    paths: tuple[str, ...]


@frozen
class McpAction:
    """Wants to call a tool of an MCP server.

    `mode` is what the configuration says of the tool; `is_harmless`, what the server claims: that a call changes nothing, or
    nothing that would be missed. `described` is how clients are told of the tool.
    """

    server: str
    tool: str
    mode: Literal["auto", "prompt", "approve"]
    is_harmless: bool
    arguments: Any
    described: Mapping[str, Any]


Action = CommandAction | InputAction | PatchAction | McpAction


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
    """The gate's consent to one action. `rules` are the sandbox's; None: the action has the user's own rights."""

    rules: Rules | None
    was_asked: bool = False
    may_be_retried: bool = False
    """What the sandbox refuses is asked about once more: the tool may end with SandboxDenied."""

    @property
    def is_unsandboxed(self) -> bool:
        """Whether the action has the user's own rights."""
        return self.rules is None


@frozen
class Denial:
    """Why an action may not happen, in words for the model; a tool frames them as it does, unless they are `whole`.

    `has_failed`: nobody has given an answer that could be understood, which counts as a refusal.
    """

    reason: str
    has_failed: bool = False
    whole: bool = False
    ends_turn: bool = False
    """The user has cancelled; the call ends like one that an interruption has cut."""


BY_USER = Denial("rejected by user")
CANCELLED = Denial("rejected by user", ends_turn=True)
UNANSWERED = Denial("approval request failed", has_failed=True)


@frozen
class ToolOutput:
    """What the model gets back: a text, or content parts of the Responses API.

    For those who watch tools: `response` is the bare outcome where that is something else; `is_over` says whether there is
    one yet; `about` is the call, with its script, whose outcome it is, if that is an earlier one.
    """

    content: str | list[dict[str, Any]]
    response: Any = None
    is_over: bool = True
    about: tuple[str, str] | None = None


class ToolFailure(Exception):
    """The call can't be carried out; its text, or its content parts, go to the model as the call's output."""

    def __init__(self, text: str | list[dict[str, Any]]) -> None:
        super().__init__(text)
        self.content = text

    @property
    def text(self) -> str:
        """What it says."""
        return self.content if isinstance(self.content, str) else "\n".join(str(part.get("text", "")) for part in self.content)


class SandboxDenied(Exception):
    """The sandbox has refused what the call wanted; nothing of it was shown yet."""


class ToolHost(Protocol):
    """What a tool may use of the turn that it runs in."""

    thread_id: str
    turn_id: str
    cwd: str
    mode: ModeKind
    clock: Clock
    patience: Patience

    def publish(self, notification: Notification) -> None:
        """Announce something to the thread's clients."""
        ...

    def open_item(self, item: Record) -> None:
        """Announce `item/started`. One that is open already, since the user was asked, is not announced again."""
        ...

    def keep_open(self, item_id: str) -> None:
        """The item is closed by what the tool has started, even if that outlives the turn."""
        ...

    def note_changes(self, changes: Sequence[Change]) -> None:
        """A patch was carried out: the turn's files differ from its beginning."""
        ...

    async def ask(self, method: Method[Any, R], params: Record) -> R:
        """Ask the thread's clients. Raises: NoAnswer. Cancel: withdraws the question."""
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

    def declined(self, call: ToolCall, prepared: Prepared, denial: Denial, host: ToolHost) -> ToolOutput:
        """Close the item as declined and say so to the model; called instead of `run` when the action may not happen."""
        ...
