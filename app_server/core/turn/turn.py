"""One turn's identity and state: what phase it is in, what waits to be said in it, and its one outcome.

The state machine is written as states. A turn is NEW when it is registered; its task moves it between SAMPLING (the
model answers), ACTING (tools run), WAITING (between two attempts), COMPACTING and RUNNING_COMMAND; ENDED is final, and
`end` moves there once. `MOVES` lists every move that there is; any other is a bug of ours and raises. Interrupting is
asking: it is heard in every phase, and the task that runs the turn ends it.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any, Protocol

from app_server.core.turn.said import Said
from app_server.core.usage import TokenCount
from protocol.item import AgentMessageItem, ThreadItem
from protocol.turn import Turn as WireTurn
from protocol.turn import TurnError


class Outcome(Enum):
    """How a turn stands or ended; the values are the wire's."""

    RUNNING = "inProgress"
    COMPLETED = "completed"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class Kind(Enum):
    """What a turn is for. Input may be added to those that talk with the model about the thread."""

    REGULAR = "regular"
    COMPACT = "compact"
    REVIEW = "review"
    COMMAND = "command"

    @property
    def takes_input(self) -> bool:
        """Whether it can be steered."""
        return self in (Kind.REGULAR, Kind.COMMAND)


class Phase(Enum):
    """What a turn is doing."""

    NEW = "new"
    COMPACTING = "compacting"
    SAMPLING = "sampling"
    ACTING = "acting"
    WAITING = "waiting"
    RUNNING_COMMAND = "running command"
    ENDED = "ended"


WORKING = frozenset({Phase.COMPACTING, Phase.SAMPLING, Phase.ACTING, Phase.WAITING, Phase.RUNNING_COMMAND})
MOVES: dict[Phase, frozenset[Phase]] = {
    Phase.NEW: frozenset({Phase.COMPACTING, Phase.SAMPLING, Phase.RUNNING_COMMAND, Phase.ENDED}),
    Phase.COMPACTING: frozenset({Phase.COMPACTING, Phase.SAMPLING, Phase.WAITING, Phase.ENDED}),
    Phase.SAMPLING: frozenset({Phase.ACTING, Phase.ENDED}),
    Phase.ACTING: frozenset({Phase.SAMPLING, Phase.WAITING, Phase.COMPACTING, Phase.ENDED}),
    Phase.WAITING: frozenset({Phase.SAMPLING, Phase.COMPACTING, Phase.ENDED}),
    Phase.RUNNING_COMMAND: frozenset({Phase.SAMPLING, Phase.COMPACTING, Phase.ENDED}),
    Phase.ENDED: frozenset(),
}


class IllegalMove(AssertionError):
    """A phase can't follow the one that a turn is in."""


class Scope(Protocol):
    """What is needed of an anyio CancelScope."""

    def cancel(self) -> None:
        """Cancel what runs in it."""
        ...


class Beside(Scope, Protocol):
    """Something that runs beside a turn."""

    async def wait(self) -> None:
        """Until it has ended."""
        ...


class Turn:
    """A turn of one thread.

    `inner_id` is the id under which it is announced: a review's turn has another one for the reviewer. `waiting` is
    what was added to it and the model has not been shown yet, in order: what a client has said, or notes of ours.
    """

    def __init__(
        self,
        turn_id: str,
        now_ms: int,
        kind: Kind = Kind.REGULAR,
        *,
        output_schema: object = None,
        service_tier: str | None = None,
        inner_id: str | None = None,
        root_id: str | None = None,
    ) -> None:
        self.id = turn_id
        self.root_id = root_id or turn_id
        """The turn of the user's that this one belongs to, in an agent's thread; else itself."""
        self.inner_id = inner_id or turn_id
        self.kind = kind
        self.output_schema = output_schema
        self.is_schema_strict = True
        self.service_tier = service_tier
        self.started_at_ms = now_ms
        self.ended_at_ms: int | None = None
        self.phase = Phase.NEW
        self.outcome = Outcome.RUNNING
        self.error: TurnError | None = None
        self.last_message: AgentMessageItem | None = None
        self.has_spoken = False
        """Whether the model has said anything whole, final or not."""
        self.has_output = False
        """Whether the model has said or done anything."""
        self.usage = TokenCount()
        self.waiting: list[Said] = []
        self.is_told = False
        """Whether the model has been told its situation for this turn."""
        self.notes: list[dict[str, Any]] = []
        """Items that tools want to stand behind their outputs."""
        self.work: Any = None
        """What the turn is to do, unless it is a regular one: a command, a review."""
        self.is_interrupted = False
        self.is_failure_told = False
        """Whether clients know that it has failed, before it is over."""
        self.is_replaced = False
        """It was interrupted by something that takes its place, and not by the user."""
        self.beside: list[Beside] = []
        """What runs beside the turn, begun while it ran."""
        self.when_sampling: list[Callable[[], None]] = []
        """What waits for the next model request to begin."""
        self._scope: Scope | None = None
        self._sampling: Scope | None = None

    @property
    def is_running(self) -> bool:
        """Whether the turn has not ended yet."""
        return self.phase is not Phase.ENDED

    def move(self, phase: Phase) -> None:
        """Go on to the next phase. Raises: IllegalMove (a bug of ours)."""
        if phase not in MOVES[self.phase]:
            raise IllegalMove(f"turn {self.id}: {self.phase.value} -> {phase.value}")
        self.phase = phase
        self._sampling = None

    def enter(self, scope: Scope) -> None:
        """The turn's task runs in this scope; an interrupt that came before it takes effect now."""
        self._scope = scope
        if self.is_interrupted:
            scope.cancel()

    def interrupt(self, is_replaced: bool = False) -> None:
        """Ask the turn to stop, at whatever point it is, and what runs beside it with it."""
        self.is_replaced = is_replaced and not self.is_interrupted
        self.is_interrupted = True
        if self._scope is not None:
            self._scope.cancel()
        for each in self.beside:
            each.cancel()

    def sample_in(self, scope: Scope) -> None:
        """The model request that begins now runs in this scope, in which new input cuts it."""
        self.move(Phase.SAMPLING)
        self._sampling = scope
        told, self.when_sampling = self.when_sampling, []
        for call in told:
            call()
        if self.waiting:
            scope.cancel()

    def add(self, said: Said) -> None:
        """Add input; a model answer that is being received is cut, since it does not know of it."""
        self.waiting.append(said)
        if self._sampling is not None and said.is_urgent:
            self._sampling.cancel()

    def end(self, outcome: Outcome, now_ms: int, error: TurnError | None = None) -> bool:
        """Fix the outcome. Returns False when the turn had ended already."""
        if not self.is_running:
            return False
        self.move(Phase.ENDED)
        self.outcome, self.error, self.ended_at_ms = outcome, error, now_ms
        return True

    def wire_started(self) -> WireTurn:
        """The turn as its beginning is announced."""
        return self.wire().model_copy(update={"id": self.inner_id})

    def wire(self, is_announced: bool = True) -> WireTurn:
        """The turn as clients see it; before it is announced it has no start time."""
        summary: list[ThreadItem] = (
            [self.last_message] if self.outcome is Outcome.COMPLETED and self.last_message is not None else []
        )
        return WireTurn(
            id=self.id,
            root_turn_id=self.root_id,
            items=summary,
            items_view="summary" if summary else "notLoaded",
            status=self.outcome.value,
            error=self.error,
            started_at=self.started_at_ms // 1000 if is_announced else None,
            completed_at=self.ended_at_ms // 1000 if self.ended_at_ms is not None else None,
            duration_ms=self.ended_at_ms - self.started_at_ms if self.ended_at_ms is not None else None,
        )
