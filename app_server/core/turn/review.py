"""The work of a review's turn: a reviewer with a history of its own, and what becomes of its answer.

The reviewer's words are hidden from clients; what it does is shown as items of the turn. Source: spec/turns.md section 2.8;
differs: the thread's file holds the turn, and not the reviewer's own conversation; an interrupt may name either id.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import anyio

from app_server.core import review
from app_server.core.exec import process
from app_server.core.exec.launch import Wiring
from app_server.core.exec.output import BoundedBuffer
from app_server.core.frozen import replace as changed
from app_server.core.history import History
from app_server.core.history_item import message
from app_server.core.launch import Launch
from app_server.core.model_settings import ModelSettings
from app_server.core.provider.base import ModelRequest
from app_server.core.thread import Thread
from app_server.core.turn.answer import Completed
from app_server.core.turn.conversation import Conversation, say_last
from app_server.core.turn.item_log import ItemLog
from app_server.core.turn.messages import HiddenMessages, Messages
from app_server.core.turn.talk import Tools
from app_server.core.turn.turn import Outcome, Turn
from protocol.input import TextInput
from protocol.item import AgentMessageItem, ExitedReviewModeItem, UserMessageItem
from protocol.review import BaseBranchTarget

SUBAGENT = {"x-openai-subagent": "review"}
GIT_S = 5.0


class ReviewTalk:
    """The talk with the reviewer. It can't ask the user for approvals."""

    approval_policy = "never"

    def __init__(self, thread: Thread) -> None:
        self._thread = thread
        self._id = thread.runtime.clock.uuid7()
        self.history = History()

    def ask(self, text: str) -> None:
        """Begin the history: guidelines, situation, request."""
        thread = self._thread
        self.keep(message(thread.new_item_id("msg"), "developer", [review.GUIDELINES]))
        for item in thread.briefing.situation_for_reviewer(self.model(), self.approval_policy):
            self.keep(item)
        self.keep(message(thread.new_item_id("msg"), "user", [text]))

    def model(self) -> ModelSettings:
        """The model that the configuration has for reviews, or the thread's."""
        thread = self._thread
        model = thread.config.review_model
        return thread.model(thread.settings if model is None else changed(thread.settings, model=model))

    def tools(self, model: ModelSettings) -> Tools:
        """The few tools of a reviewer."""
        return {name: tool for name, tool in self._thread.toolbox.tools(model).items() if name[1] in review.TOOLS}

    def begin(self) -> None:
        """Everything is said by `ask`."""

    def keep(self, item: dict[str, Any]) -> None:
        """Add an item to the reviewer's history."""
        self.history.append(item)

    def note(self, item: dict[str, Any]) -> None:
        """Add an item to the reviewer's history."""
        self.history.append(item)

    def keep_added(self) -> None:
        """A reviewer's tools leave nothing to be said."""

    def models_without_room(self) -> Iterator[ModelSettings]:
        """A reviewer's history is never compacted."""
        return iter(())

    def marked(self, request: ModelRequest) -> ModelRequest:
        """The provider is told that this is a review."""
        marks = {**SUBAGENT, "x-codex-parent-thread-id": self._thread.id}
        return replace(
            request,
            headers={**request.headers, "thread-id": self._id, **marks},
            client_metadata={**request.client_metadata, "thread_id": self._id, **marks},
        )

    def messages(self, log: ItemLog) -> Messages | None:
        """Hidden."""
        return HiddenMessages(log)

    def count(self, completed: Completed) -> None:
        """A review is not part of the thread's context."""

    def publish_usage(self) -> bool:
        """Nothing to tell."""
        return False


class ReviewWork(Conversation):
    """Asks the reviewer, and puts its findings into the thread."""

    def __init__(self, thread: Thread, turn: Turn) -> None:
        self._reviewer = ReviewTalk(thread)
        self._output: Any = None
        super().__init__(thread, turn, self._reviewer)

    async def run(self) -> None:
        """Have the work reviewed. Raises: ProviderError, StoreError."""
        target = self._turn.work.target
        base = await merge_base(self._thread, target.branch) if isinstance(target, BaseBranchTarget) else None
        text = review.request(target, base)
        item = UserMessageItem(id=self._thread.runtime.clock.uuid7(), client_id=None, content=[TextInput(text=text)])
        if self.hooks is not None and not await self.hooks.may_say(text):
            return
        self._log.close(item)
        self._reviewer.ask(text)
        if self.hooks is not None:
            self.hooks.tell_heard()
        await super().run()
        self._output = review.findings(self.last_text)

    def close(self, outcome: Outcome) -> None:
        """Show the findings, or that there are none, and let the thread's model know."""
        try:
            self._record_outputs()
        finally:
            self._log.close_all()
        thread, turn = self._thread, self._turn
        text = review.shown(self._output)
        thread.record_note(review.told(self._output), "review.user_action")
        self._log.close(ExitedReviewModeItem(id=thread.runtime.clock.uuid7(), review=text))
        said = text if self._output is not None else review.UNFINISHED
        answer_id = thread.new_item_id("msg")
        part = {"type": "output_text", "text": said}
        thread.record_item_for_model({"type": "message", "id": answer_id, "role": "assistant", "content": [part]})
        turn.last_message = self._log.close(AgentMessageItem(id=answer_id, text=said, phase=None))
        say_last(thread, turn, outcome)


async def merge_base(thread: Thread, branch: str) -> str | None:
    """The commit at which the work has left a branch; None if git can't tell."""
    if branch.startswith("-"):
        return None
    output = BoundedBuffer()
    launch = Launch(("git", "merge-base", "HEAD", branch), thread.settings.cwd, thread.toolbox.environment)
    try:
        running = process.start(launch, Wiring(on_output=output.append, on_errors=lambda _: None))
    except (OSError, ValueError):
        return None
    code = None
    with anyio.move_on_after(GIT_S):
        code = await running.supervise()
    return output.read().text.strip() or None if code == 0 else None
