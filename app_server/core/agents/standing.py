"""How an agent stands: for its parent's model, and for clients. Source: spec/tools.md section 14, and the reference's answers."""

from typing import Any

from app_server.core.frozen import frozen
from app_server.core.turn.turn import Outcome, Turn
from protocol.item_agent import CollabAgentState, CollabAgentStatus

_TO_MODEL: dict[CollabAgentStatus, str] = {"pendingInit": "pending_init", "notFound": "not_found"}
_WITH_MESSAGE = frozenset({"completed", "errored"})
_UNDER_WAY = frozenset({"pendingInit", "running"})


@frozen
class Standing:
    """One state. `message` is the last message of an agent that is done, or why it has failed."""

    status: CollabAgentStatus
    message: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether there is nothing to wait for."""
        return self.status not in _UNDER_WAY

    def to_model(self) -> str | dict[str, Any]:
        """As the parent's model is told."""
        if self.status in _WITH_MESSAGE:
            return {self.status: self.message}
        return _TO_MODEL.get(self.status, self.status)

    def wire(self) -> CollabAgentState:
        """As clients are told."""
        return CollabAgentState(status=self.status, message=self.message)


PENDING = Standing("pendingInit")
RUNNING = Standing("running")
SHUTDOWN = Standing("shutdown")
NOT_FOUND = Standing("notFound")


def after(turn: Turn) -> Standing:
    """How an agent stands whose turn has ended."""
    if turn.outcome is Outcome.INTERRUPTED:
        return Standing("interrupted")
    if turn.error is not None:
        return Standing("errored", turn.error.message)
    return Standing("completed", turn.last_message.text if turn.last_message is not None else None)
