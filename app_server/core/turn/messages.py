"""How the model's messages become items: as they are, with the plan taken out of them, or not shown at all.

An answer tells one of these when a message begins, grows and ends, or is cut. Source: spec/turns.md sections 2.1, 2.4, 2.8.
"""

from typing import Protocol

from app_server.core.ports import Outside
from app_server.core.turn.item_log import ItemLog
from app_server.core.turn.plan_text import PlanText, Where, split_plan
from protocol.item import AgentMessageItem, PlanItem
from protocol.item_events import AgentMessageDeltaNotification, PlanDeltaNotification


class Messages(Protocol):
    """Shows the messages of one answer."""

    def begin(self, message: AgentMessageItem) -> None:
        """The model begins a message."""
        ...

    def grow(self, delta: str) -> None:
        """It goes on; without a message that has begun it is passed over."""
        ...

    def end(self, message: AgentMessageItem, /) -> AgentMessageItem | None:
        """The message is whole. Returns it as it was shown, or None if it was not."""
        ...

    def abandon(self) -> None:
        """The answer was cut: what has begun is closed with what had come so far."""
        ...


class PlainMessages:
    """Messages as they are."""

    def __init__(self, thread_id: str, turn_id: str, outside: Outside, log: ItemLog) -> None:
        self._thread_id = thread_id
        self._turn_id = turn_id
        self._outside = outside
        self._log = log
        self._message: AgentMessageItem | None = None
        self._pieces: list[str] = []

    def begin(self, message: AgentMessageItem) -> None:
        """The model begins a message."""
        self._message = message
        self._pieces = []
        self._log.open(message)

    def grow(self, delta: str) -> None:
        """It goes on."""
        if self._message is not None:
            self._show(delta, self._message.id)

    def end(self, message: AgentMessageItem, /) -> AgentMessageItem | None:
        """The message is whole."""
        self._message = None
        closed: AgentMessageItem = self._log.close(message)
        return closed

    def abandon(self) -> None:
        """The answer was cut."""
        if self._message is not None:
            self._log.close(self._message.model_copy(update={"text": "".join(self._pieces)}), is_recorded=False)
            self._message = None

    def _show(self, delta: str, item_id: str) -> None:
        self._pieces.append(delta)
        self._outside.publish(
            self._thread_id,
            AgentMessageDeltaNotification(thread_id=self._thread_id, turn_id=self._turn_id, item_id=item_id, delta=delta),
        )


class PlanMessages(PlainMessages):
    """Messages of plan mode: the plan is an item of its own, and a message that is nothing but a plan is not shown."""

    def __init__(self, thread_id: str, turn_id: str, outside: Outside, log: ItemLog) -> None:
        super().__init__(thread_id, turn_id, outside, log)
        self._plan = PlanItem(id=f"{turn_id}-plan", text="")
        self._plan_pieces: list[str] = []
        self._text = PlanText()
        self._is_shown = False
        self._blank = ""

    def begin(self, message: AgentMessageItem) -> None:
        """The model begins a message; it is shown when there is something besides a plan."""
        self._message = message
        self._pieces = []
        self._text = PlanText()
        self._is_shown = False
        self._blank = ""

    def grow(self, delta: str) -> None:
        """It goes on."""
        message = self._message
        if message is None:
            return
        for where, piece in self._text.feed(delta):
            if where is Where.TEXT:
                self._show_text(message, piece)
            elif where is Where.BEGINS:
                self._plan_pieces = []
                self._log.open(self._plan)
            else:
                self._grow_plan(piece)

    def end(self, message: AgentMessageItem, /) -> AgentMessageItem | None:
        """The message is whole. The plan's item ends before it."""
        text, plan = split_plan(message.text)
        self._message = None
        if plan is not None:
            self._log.close(self._plan.model_copy(update={"text": plan}))
        if not self._is_shown and plan is not None and not text.strip():
            return None
        closed: AgentMessageItem = self._log.close(message.model_copy(update={"text": text}))
        return closed

    def abandon(self) -> None:
        """The answer was cut."""
        if self._log.is_open(self._plan.id):
            plan = "".join(self._plan_pieces)
            self._log.close(self._plan.model_copy(update={"text": plan}), is_recorded=False)
        if self._is_shown:
            super().abandon()
        self._message = None

    def _show_text(self, message: AgentMessageItem, text: str) -> None:
        if not self._is_shown:
            self._blank += text
            if not self._blank.strip():
                return
            self._is_shown = True
            self._log.open(message)
            text = self._blank
        self._show(text, message.id)

    def _grow_plan(self, text: str) -> None:
        self._plan_pieces.append(text)
        self._outside.publish(
            self._thread_id,
            PlanDeltaNotification(thread_id=self._thread_id, turn_id=self._turn_id, item_id=self._plan.id, delta=text),
        )


class HiddenMessages:
    """Messages that are read by us and not by the user: a reviewer's. Clients only see that there are some."""

    def __init__(self, log: ItemLog) -> None:
        self._log = log
        self._message: AgentMessageItem | None = None

    def begin(self, message: AgentMessageItem) -> None:
        """The model begins a message."""
        self._message = message
        self._log.open(message)

    def grow(self, delta: str) -> None:
        """It goes on, unseen."""

    def end(self, _message: AgentMessageItem, /) -> AgentMessageItem | None:
        """The message is whole; its item, if clients know of it, ends empty."""
        self.abandon()
        return None

    def abandon(self) -> None:
        """The answer was cut."""
        if self._message is not None:
            self._log.close(self._message, is_recorded=False)
            self._message = None
