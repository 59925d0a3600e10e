"""With what history, model and tools a turn talks with the model: the thread's own, or a reviewer's of its own."""

from collections.abc import Iterator
from typing import Any, Protocol

from app_server.core.history import History
from app_server.core.model_settings import ModelSettings
from app_server.core.provider.base import ModelRequest
from app_server.core.thread import Thread
from app_server.core.tools.base import Tool
from app_server.core.turn.answer import Completed
from app_server.core.turn.item_log import ItemLog
from app_server.core.turn.messages import Messages
from app_server.core.turn.turn import Turn

Tools = dict[tuple[str | None, str], Tool]


class Talk(Protocol):
    """What a conversation needs to know of whom it is held with."""

    history: History

    @property
    def approval_policy(self) -> Any:
        """When the user is asked before a tool acts."""
        ...

    def model(self) -> ModelSettings:
        """What is asked of the model, resolved once per turn."""
        ...

    def tools(self, model: ModelSettings) -> Tools:
        """What the model is offered."""
        ...

    def begin(self) -> None:
        """The first request is next: the model has to know its situation."""
        ...

    def keep(self, item: dict[str, Any]) -> None:
        """Add an item to the history."""
        ...

    def note(self, item: dict[str, Any]) -> None:
        """Add something to the history that neither the model nor the user has said."""
        ...

    def keep_added(self) -> None:
        """The outputs of an answer's tools are kept: add what the tools want to be said behind them."""
        ...

    def models_without_room(self) -> Iterator[ModelSettings]:
        """The models with which the history has to be compacted before the next request; each is asked for in its turn."""
        ...

    def marked(self, request: ModelRequest) -> ModelRequest:
        """The request with what tells the provider whose it is."""
        ...

    def messages(self, log: ItemLog) -> Messages | None:
        """How messages are shown; None: as the thread's mode says."""
        ...

    def count(self, completed: Completed) -> None:
        """An answer has ended."""
        ...

    def publish_usage(self) -> bool:
        """Tell clients what is used; False if that is not told here."""
        ...


class ThreadTalk:
    """The thread's own conversation."""

    def __init__(self, thread: Thread, turn: Turn) -> None:
        self._thread = thread
        self._turn = turn
        self.history = thread.history

    @property
    def approval_policy(self) -> Any:
        """As the thread's settings say at this moment."""
        return self._thread.settings.approval_policy

    def model(self) -> ModelSettings:
        """What is asked of the model."""
        return self._thread.turn_model(self._turn)

    def tools(self, model: ModelSettings) -> Tools:
        """The thread's tools."""
        found: Tools = self._thread.toolbox.tools(model)
        return found

    def begin(self) -> None:
        """Tell the model its situation, unless it was told when the turn began."""
        if not self._turn.is_told:
            self._thread.briefing.tell_turn(self._turn)
            self._thread.publish_warnings()

    def keep(self, item: dict[str, Any]) -> None:
        """Add an item to the history and the file."""
        self._turn.has_output = True
        self._thread.record_item_for_model(item)

    def note(self, item: dict[str, Any]) -> None:
        """Add an item to the history and the file."""
        self._thread.record_item_for_model(item)

    def keep_added(self) -> None:
        """What tools have left to be said."""
        added, self._turn.notes = self._turn.notes, []
        for item in added:
            self._thread.record_item_for_model(item)

    def models_without_room(self) -> Iterator[ModelSettings]:
        """The model before, if it could take more than this one and this one's limit is reached; then this one."""
        thread = self._thread
        now = thread.turn_model(self._turn)
        before = thread.briefing.model_before()
        if before is not None and (before.effective_window or 0) > (now.effective_window or 0) and thread.window.needs_room(now):
            yield before
        if thread.window.needs_room(now):
            yield now

    def marked(self, request: ModelRequest) -> ModelRequest:
        """As it is."""
        return request

    def messages(self, log: ItemLog) -> Messages | None:
        """As the mode says."""

    def count(self, completed: Completed) -> None:
        """Add the tokens to the thread's."""
        self._thread.window.count(self._turn, completed.response_id, completed.usage)

    def publish_usage(self) -> bool:
        """Tell clients."""
        self._thread.window.publish(self._turn)
        return True
