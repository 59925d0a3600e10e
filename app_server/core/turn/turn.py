"""One turn's identity and state: running, then ended with exactly one outcome.

The state machine is small on purpose: a turn is RUNNING until `end` is called for the first time, which fixes its
outcome; every later call changes nothing. Interrupting is asking: the loop that runs the turn ends it.
"""

from enum import Enum
from typing import Protocol

from app_server.core.usage import TokenCount
from protocol.input import UserInput
from protocol.item import AgentMessageItem, ThreadItem
from protocol.turn import Turn as WireTurn
from protocol.turn import TurnError


class Outcome(Enum):
    """How a turn stands or ended; the values are the wire's."""

    RUNNING = "inProgress"
    COMPLETED = "completed"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class Scope(Protocol):
    """What is needed of an anyio CancelScope."""

    def cancel(self) -> None:
        """Cancel what runs in it."""
        ...


class Steered:
    """Input that was added to a running turn."""

    __slots__ = ("client_id", "content", "item_id")

    def __init__(self, content: list[UserInput], client_id: str | None, item_id: str) -> None:
        self.content = content
        self.client_id = client_id
        self.item_id = item_id


class Turn:
    """A turn of one thread."""

    def __init__(
        self, turn_id: str, now_ms: int, output_schema: object = None, client_metadata: dict[str, str] | None = None
    ) -> None:
        self.id = turn_id
        self.output_schema = output_schema
        self.client_metadata = client_metadata or {}
        self.started_at_ms = now_ms
        self.ended_at_ms: int | None = None
        self.outcome = Outcome.RUNNING
        self.error: TurnError | None = None
        self.last_message: AgentMessageItem | None = None
        self.has_spoken = False
        """Whether the model has said anything whole, final or not."""
        self.usage = TokenCount()
        self.steered: list[Steered] = []
        self.is_interrupted = False
        self._scope: Scope | None = None
        self._sampling: Scope | None = None

    @property
    def is_running(self) -> bool:
        """Whether the turn has not ended yet."""
        return self.outcome is Outcome.RUNNING

    def enter(self, scope: Scope) -> None:
        """The loop runs in this scope; an interrupt that came before it takes effect now."""
        self._scope = scope
        if self.is_interrupted:
            scope.cancel()

    def interrupt(self) -> None:
        """Ask the turn to stop, at whatever point it is."""
        self.is_interrupted = True
        if self._scope is not None:
            self._scope.cancel()

    def sampling_in(self, scope: Scope | None) -> None:
        """The scope of the model request that is under way, or None."""
        self._sampling = scope

    def steer(self, steered: Steered) -> None:
        """Add input; a model answer that is being received is cut, since it does not know of it."""
        self.steered.append(steered)
        if self._sampling is not None:
            self._sampling.cancel()

    def end(self, outcome: Outcome, now_ms: int, error: TurnError | None = None) -> bool:
        """Fix the outcome. Returns False when the turn had ended already."""
        if not self.is_running:
            return False
        self.outcome, self.error, self.ended_at_ms = outcome, error, now_ms
        return True

    def wire(self, is_announced: bool = True) -> WireTurn:
        """The turn as clients see it; before it is announced it has no start time."""
        summary: list[ThreadItem] = (
            [self.last_message] if self.outcome is Outcome.COMPLETED and self.last_message is not None else []
        )
        return WireTurn(
            id=self.id,
            root_turn_id=self.id,
            items=summary,
            items_view="summary" if summary else "notLoaded",
            status=self.outcome.value,
            error=self.error,
            started_at=self.started_at_ms // 1000 if is_announced else None,
            completed_at=self.ended_at_ms // 1000 if self.ended_at_ms is not None else None,
            duration_ms=self.ended_at_ms - self.started_at_ms if self.ended_at_ms is not None else None,
        )
