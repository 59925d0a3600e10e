"""The task of one turn, and its boundary: whatever happens inside, exactly one terminal event is published, every item
that was opened is closed, and the thread is idle again. What is done inside is the affair of the turn's kind (`WORKS`).

Source: spec/turns.md.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import anyio

from app_server.core.errors import CallerError
from app_server.core.provider.base import ProviderError
from app_server.core.store.errors import StoreError
from app_server.core.thread import Thread
from app_server.core.turn.compaction_work import CompactionWork
from app_server.core.turn.conversation import Conversation
from app_server.core.turn.review import ReviewWork
from app_server.core.turn.shell import CommandWork
from app_server.core.turn.turn import Kind, Outcome, Turn
from protocol.turn import TurnError

log = logging.getLogger(__name__)


class Work(Protocol):
    """What a turn does."""

    hooks: Any
    """What is asked of hooks (`core.turn.turn_hooks.TurnHooks`), or None."""

    async def run(self) -> None:
        """Do it. Raises: ProviderError, StoreError. Cancel: the turn was interrupted."""
        ...

    def close(self, outcome: Outcome) -> None:
        """The turn is over, however: leave nothing open. Raises: StoreError."""
        ...


WORKS: Mapping[Kind, Callable[[Thread, Turn], Work]] = {
    Kind.REGULAR: Conversation,
    Kind.COMPACT: CompactionWork,
    Kind.REVIEW: ReviewWork,
    Kind.COMMAND: CommandWork,
}


async def run_turn(thread: Thread, turn: Turn) -> None:
    """Run a turn to its end. Never raises; cancelling it from outside (shutdown) ends the turn as interrupted."""
    work: Work | None = None
    outcome, error = Outcome.INTERRUPTED, None
    try:
        work = WORKS[turn.kind](thread, turn)
        with anyio.CancelScope() as scope:
            turn.enter(scope)
            await work.run()
            outcome = Outcome.COMPLETED
        if outcome is Outcome.INTERRUPTED:
            if work.hooks is not None and not turn.is_replaced:
                await work.hooks.interrupted()
            for each in turn.beside:  # it was ended as well, and its item belongs to this turn
                await each.wait()
    except Exception as failure:  # the turn's boundary: whatever has gone wrong ends this turn, never the server
        outcome, error = Outcome.FAILED, turn_error(turn, failure)
        if turn.kind is Kind.REVIEW:  # what there is of it is shown behind the error
            thread.tell_failure(turn, error)
    finally:
        try:
            if work is not None:
                work.close(outcome)
        except StoreError as failure:
            outcome, error = Outcome.FAILED, turn_error(turn, failure)
        thread.end_turn(turn, outcome, error)


def turn_error(turn: Turn, failure: Exception) -> TurnError:
    """Why a turn has failed, as its clients are told. Our own bugs are told by an id that the log has too."""
    while isinstance(failure, ExceptionGroup) and len(failure.exceptions) == 1:
        failure = failure.exceptions[0]
    info: Any = "other"
    if isinstance(failure, ProviderError):
        message, info = failure.message, failure.info
    elif isinstance(failure, StoreError):
        message = failure.message
    elif isinstance(failure, CallerError):
        message, info = failure.message, "badRequest"
    else:
        mark = secrets.token_hex(4)
        log.error("internal error %s in turn %s", mark, turn.id, exc_info=failure)
        message = f"internal error {mark}; the server's log has the details"
    return TurnError(message=message, codex_error_info=info, additional_details=None)
