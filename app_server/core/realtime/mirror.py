"""What a session takes note of in its thread: messages and thoughts, typed words, questions to the user, the turns' ends.

Complete messages are seen just before they are put into the file, everything else just before clients are told.
Source: spec/realtime.md sections 8.3 and 11.
"""

from typing import Any

from app_server.core.realtime.promotions import Promotions
from app_server.core.realtime.session import Session, State
from app_server.core.realtime.wire import dump
from protocol.approval_request import (
    CommandExecutionRequestApprovalParams,
    FileChangeRequestApprovalParams,
    PermissionsRequestApprovalParams,
    ToolRequestUserInputParams,
)
from protocol.base import Record, to_wire
from protocol.elicitation import FormElicitation, OpenaiFormElicitation, OpenaiUserVerificationElicitation, UrlElicitation
from protocol.input import TextInput
from protocol.item_events import AgentMessageDeltaNotification, ItemCompletedNotification, ItemStartedNotification
from protocol.turn_events import TurnCompletedNotification

DELEGATION = "<realtime_delegation>"
INTERRUPTED = "The task was stopped before it was done."
FAILED = "The task has failed: "
APPROVAL_WANTED = "The user's approval is needed to go on. The request is shown on their screen."
ANSWER_WANTED = "The user is asked something and has to answer on their screen to go on."
UNTOLD = frozenset({"threadId", "turnId", "itemId", "startedAtMs"})
"""What of a question says nothing to anybody who listens."""


class Mirror:
    """The eyes of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._promotions = Promotions(session.items.promote)
        self._open: set[str] = set()

    def see(self, told: Record) -> None:
        """Clients are about to be told something of the thread, or asked something in it."""
        see = SEEN.get(type(told))
        if see is not None and self._session.state is not State.OVER:
            see(self, told)

    def recording(self, turn_id: str, item: Any) -> None:
        """An item is about to be put into the thread's file."""
        session = self._session
        is_running = session.state is State.RUNNING
        if item.type == "userMessage":
            if is_running and not is_delegation(item):
                session.items.seal()
            return
        if item.type == "agentMessage":
            if is_running:
                self._promotions.closed(turn_id, item)
            self._open.discard(item.id)
            session.relay.message(item.id, item.text, item.phase)
        elif item.type == "reasoning":
            session.relay.reasoning(item.summary)

    def _started(self, notification: ItemStartedNotification) -> None:
        item: Any = notification.item
        if item.type == "userMessage":
            self._session.items.tell()
        elif item.type == "agentMessage":
            self._open.add(item.id)
            self._promotions.opened(item.id)
            self._session.relay.message_opened(item.id)

    def _delta(self, notification: AgentMessageDeltaNotification) -> None:
        if self._session.state is State.RUNNING:
            self._promotions.add_delta(notification.turn_id, notification.item_id, notification.delta)
        self._session.relay.message_delta(notification.item_id, notification.delta)

    def _completed(self, notification: ItemCompletedNotification) -> None:
        item: Any = notification.item
        if self._session.state is State.RUNNING and item.type != "agentMessage":
            self._promotions.closed(notification.turn_id, item)
        if item.id in self._open:  # it is complete for clients only: it was cut, and was not put into the file
            self._open.discard(item.id)
            self._promotions.dropped(item.id)
            self._session.relay.message_dropped(item.id)

    def _approval_asked(self, question: Record) -> None:
        self._asked(APPROVAL_WANTED, question)

    def _answer_asked(self, question: Record) -> None:
        self._asked(ANSWER_WANTED, question)

    def _asked(self, text: str, question: Record) -> None:
        """The voice is told what the user is asked, since it may be all that the user is listening to."""
        about = {name: value for name, value in to_wire(question).items() if value is not None and name not in UNTOLD}
        self._session.relay.message("", f"{text}\n\n{dump(about)}" if about else text, None)

    def _turn_completed(self, notification: TurnCompletedNotification) -> None:
        turn = notification.turn
        failure = None
        if turn.status == "interrupted":
            failure = INTERRUPTED
        elif turn.status == "failed":
            failure = FAILED + (turn.error.message if turn.error is not None else "nobody knows why")
        self._session.relay.turn_ended(failure)


SEEN: dict[type[Record], Any] = {
    ItemStartedNotification: Mirror._started,
    AgentMessageDeltaNotification: Mirror._delta,
    ItemCompletedNotification: Mirror._completed,
    TurnCompletedNotification: Mirror._turn_completed,
    CommandExecutionRequestApprovalParams: Mirror._approval_asked,
    FileChangeRequestApprovalParams: Mirror._approval_asked,
    PermissionsRequestApprovalParams: Mirror._approval_asked,
    ToolRequestUserInputParams: Mirror._answer_asked,
    FormElicitation: Mirror._answer_asked,
    OpenaiFormElicitation: Mirror._answer_asked,
    OpenaiUserVerificationElicitation: Mirror._answer_asked,
    UrlElicitation: Mirror._answer_asked,
}


def is_delegation(item: Any) -> bool:
    """Whether a user message is what was asked by voice, and not typed."""
    first = item.content[0] if item.content else None
    return isinstance(first, TextInput) and first.text.startswith(DELEGATION)
