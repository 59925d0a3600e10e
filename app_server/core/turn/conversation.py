"""The turn loop: ask the model, do what it asks for, tell it the outcome, until it has nothing more to ask.

Between two requests, and before the first, the history is compacted when it has reached the model's limit, and what
was added to the turn is said. Source: spec/turns.md sections 2, 5, 7 and 8.
"""

import logging
import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Any

import anyio
import anyio.lowlevel

from app_server.core.approvals import Question, Rights
from app_server.core.history import INTERRUPTED_NOTE
from app_server.core.history_item import message
from app_server.core.model_settings import ModelSettings
from app_server.core.provider.base import Fallible, ProviderError, TurnState
from app_server.core.settings import active_profile
from app_server.core.thread import Thread
from app_server.core.tools.base import Denial, Prepared, ToolCall
from app_server.core.tools.runner import ToolRunner, output_item
from app_server.core.turn.answer import Answer, Completed, Hearers
from app_server.core.turn.ask_user import ask_user
from app_server.core.turn.compact import Compaction, Way, When
from app_server.core.turn.diff_news import DiffNews
from app_server.core.turn.item_log import ItemLog
from app_server.core.turn.messages import Messages, PlainMessages, PlanMessages
from app_server.core.turn.provider_news import ProviderNews
from app_server.core.turn.request import make_request
from app_server.core.turn.sampling import Patience, attempt
from app_server.core.turn.talk import Talk, ThreadTalk
from app_server.core.turn.tool_host import TurnToolHost
from app_server.core.turn.turn import Kind, Outcome, Phase, Turn

FILTERED_NOTE = (
    "<content_filter_guidance>\nThe provider's content filter cut your last answer. Asking for the same content again will not "
    "help, whatever the wording, format, encoding or tool: leave it out, now and later in this conversation. Say in a sentence "
    "what you can't provide, offer what you can, and go on with the rest of the task.\n</content_filter_guidance>"
)

log = logging.getLogger(__name__)


class Step(Enum):
    """How a request went: the model is done, it has to be asked on, or it has to be asked once more, since it could not end."""

    DONE = auto()
    MORE = auto()
    AGAIN = auto()


class Conversation:
    """The work of one turn: a talk with the model, by default the thread's own."""

    def __init__(self, thread: Thread, turn: Turn, talk: Talk | None = None) -> None:
        self._thread = thread
        self._turn = turn
        self._talk = talk or ThreadTalk(thread, turn)
        self._state = TurnState()
        runtime = thread.runtime
        self._log = ItemLog(thread.id, turn.id, runtime.outside, runtime.clock, thread.closed_item)
        self._diff = DiffNews(thread, turn)
        self._host = TurnToolHost(thread, turn, self._log, self._diff)
        self.hooks: Any = None
        """What is asked of hooks (`core.turn.turn_hooks.TurnHooks`), if there are any."""
        if thread.hooks is not None:
            self.hooks = runtime.make_turn_hooks(thread.hooks, thread, turn, self._talk.note)
        self._runner: ToolRunner | None = None
        self._answer: Answer | None = None
        self._uncounted: Completed | None = None
        self._tools_since = 0.0
        self._settings = runtime.providers.settings(thread.settings.model_provider, thread.config)
        self._model = self._talk.model()
        self._news = ProviderNews(thread, turn, self._model.name, self._note_etag)
        self.last_text: str | None = None
        """The last message as the model wrote it."""

    async def run(self) -> None:
        """Ask until there is nothing more to ask. Raises: ProviderError, StoreError."""
        runtime, config = self._thread.runtime, self._thread.config
        if runtime.models.is_refresh_due(config):  # for the next turn; this one does not wait
            runtime.spawn(runtime.models_refresher().refresh, config)
        if self._model.warning is not None:
            log.warning("%s", self._model.warning)
        if config.mcp_servers:
            await self._settle_servers()
        way = await self._open()
        await self._make_room(way, "pre_turn")
        self._talk.begin()
        if await self._is_refused():
            return
        while True:
            while (step := await self._step(way)) is not Step.DONE:
                if step is Step.MORE:
                    await self._make_room(way, "mid_turn")
                await self._say_waiting()
            if not await self._wants_more():
                return

    async def _settle_servers(self) -> None:
        """Have the thread's MCP servers ready, if that does not take too long."""
        if self._thread.servers is None:
            await self._thread.runtime.attach_servers(self._thread)
        await self._thread.servers.settle()

    async def _open(self) -> Way:
        """The thread's way to its provider, with the patience for it."""
        thread, settings = self._thread, self._settings
        provider = await thread.runtime.providers.for_thread(thread.id, settings, self._model.info.prefer_websockets)
        fallible = provider if isinstance(provider, Fallible) else None
        outside = thread.runtime.outside
        return Way(provider, Patience(thread.id, self._turn.id, settings.stream_max_retries, outside, fallible))

    def close(self, outcome: Outcome) -> None:
        """Answer open calls, close open items, and, if the turn was interrupted, leave the model a note of it.

        What was added to the turn and could not be said is said now, so that nothing is lost that was acknowledged.
        """
        try:
            self._record_outputs()
            self._publish_usage()
            if outcome is Outcome.INTERRUPTED:
                self._tell_cut()
        finally:
            self._log.close_all()
        say_last(self._thread, self._turn, outcome)

    async def _compact(self, way: Way, when: When, model: ModelSettings) -> None:
        """Compact the thread's history. Raises: ProviderError."""
        thread, turn = self._thread, self._turn
        trigger = "manual" if turn.kind is Kind.COMPACT else "auto"
        if self.hooks is not None and not await self.hooks.may_compact(trigger):
            await give_up(turn)
        compaction = Compaction(thread, turn, self._log, way, self._news, self._settings.is_openai)
        await compaction.run(when, model, list(thread.toolbox.tools(model).values()), self._state)
        if self.hooks is not None and not await self.hooks.compacted(trigger):
            await give_up(turn)

    async def _make_room(self, way: Way, when: When) -> None:
        """Compact the history if it has reached the model's limit; with the model before, if that could take more."""
        for model in self._talk.models_without_room():
            await self._compact(way, when, model)

    async def _step(self, way: Way) -> Step:
        """One request with the tools that its answer calls."""
        thread, turn, talk = self._thread, self._turn, self._talk
        tools = talk.tools(self._model)
        runner = self._runner = ToolRunner(tools, thread.gate, self._host, self._ask, self.hooks, self._is_reviewed)
        self._tools_since = time.monotonic()
        if self.hooks is not None:
            await self.hooks.before_request()
        items = talk.history.for_request(self._model.reads, has_notes=self._settings.is_openai)
        request = talk.marked(make_request(thread, turn, self._model, list(tools.values()), self._state, items=items))
        failure: ProviderError | None = None
        is_whole = False
        async with anyio.create_task_group() as group:

            def start(call: ToolCall) -> None:
                group.start_soon(runner.run, runner.add(call), self._rights())

            answer = self._answer = self._new_answer(start)
            try:
                is_whole = await attempt(turn, way.provider, request, answer, thread.runtime.outside)
            except ProviderError as error:
                failure = error
            if self.hooks is not None:
                await self.hooks.after_request(answer.completed, failure.message if failure is not None else None)
        self._record_outputs()
        if failure is not None:
            self._tell_failure(answer, failure)
            turn.move(Phase.WAITING)
            await way.patience.wait(failure)
            return Step.AGAIN
        if not is_whole:
            self._tell_cut()
            return Step.AGAIN
        way.patience.renew()
        if answer.last_text is not None:
            turn.last_message, self.last_text = answer.last_message, answer.last_text
        self._publish_usage()
        wants_more = answer.completed is not None and answer.completed.wants_more
        return Step.MORE if runner.count > 0 or wants_more or turn.waiting else Step.DONE

    def _new_answer(self, start: Callable[[ToolCall], None]) -> Answer:
        thread, turn = self._thread, self._turn
        hearers = Hearers(self._talk.keep, start, self._count, self._news)
        outside = thread.runtime.outside
        return Answer(thread.id, turn.id, outside, self._log, self._messages(), hearers, thread.new_item_id)

    def _messages(self) -> Messages:
        """How the model's messages are shown."""
        shown = self._talk.messages(self._log)
        if shown is not None:
            return shown
        make = PlanMessages if self._thread.settings.mode == "plan" else PlainMessages
        return make(self._thread.id, self._turn.id, self._thread.runtime.outside, self._log)

    def _tell_cut(self) -> None:
        """The answer was cut, by an interruption or new input: what is used is told again, as after every answer."""
        answer, self._answer = self._answer, None
        if answer is not None and answer.has_limits and answer.completed is None:
            self._news.publish_usage()

    def _tell_failure(self, answer: Answer, failure: ProviderError) -> None:
        self._news.refused(failure)
        if answer.has_limits or failure.headers is not None:
            self._news.publish_usage()
        if failure.is_filtered:
            note = message(self._thread.new_message_id(), "developer", [FILTERED_NOTE], "generic.content_filter_guidance")
            self._talk.keep(note)
        if failure.info == "contextWindowExceeded":
            self._thread.window.note_full(self._turn)
            self._news.publish_limits()

    async def _ask(self, call: ToolCall, prepared: Prepared, question: Question) -> Denial | None:
        if self._is_reviewed():
            denial: Denial | None = await self._thread.reviewer.review(self._turn, call, prepared)
            return denial
        return await ask_user(self._thread, self._turn, call, prepared, question)

    def _is_reviewed(self) -> bool:
        """Whether a model decides in the user's place."""
        return self._thread.settings.approvals_reviewer == "auto_review"

    def _note_etag(self, etag: str) -> None:
        """The provider told the version of its list of models."""
        runtime, config = self._thread.runtime, self._thread.config
        if runtime.models.is_remote(config):
            runtime.spawn(runtime.models_refresher().note_etag, config, etag)

    def _rights(self) -> Rights:
        settings = self._thread.settings
        roots, environment = settings.runtime_workspace_roots, self._thread.runtime.environment
        profile = active_profile(settings, self._thread.config)
        return Rights(self._talk.approval_policy, settings.sandbox, roots, environment, self._turn.id, profile)

    def _record_outputs(self) -> None:
        """Give every call of the last answer its output, in the order of the calls."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        seconds = max(time.monotonic() - self._tools_since, 0.1)
        for call, output in runner.outputs(lambda call: aborted(call, seconds)):
            shown = self._thread.toolbox.truncated(output, self._model)
            self._talk.keep(output_item(self._thread.new_item_id, call, shown))
        if runner.count:
            self._talk.keep_added()

    def _count(self, completed: Completed) -> None:
        """An answer has ended: its tokens count, also if its tools are cut later. Clients are told when the tools are done."""
        self._talk.count(completed)
        self._uncounted = completed

    def _publish_usage(self) -> None:
        """Tell the clients of the tokens of a whole answer, once."""
        completed, self._uncounted = self._uncounted, None
        if completed is None:
            return
        if self._talk.publish_usage():
            self._news.publish_limits()
        if not self._turn.is_interrupted:
            self._diff.publish()

    async def _is_refused(self) -> bool:
        """Say what the turn was begun with. Returns whether hooks have refused it all: there is nothing to do then."""
        if self.hooks is None or self._turn.kind is not Kind.REGULAR:
            await self._say_waiting()
            return False
        if not await self.hooks.begin():
            self._turn.waiting.clear()
            return True
        had_words = bool(self._turn.waiting)
        return not await self._say_waiting() and had_words

    async def _say_waiting(self) -> bool:
        """Say what was added to the turn, as far as hooks let it pass. Returns whether anything was said."""
        thread, turn, has_said = self._thread, self._turn, False
        while turn.waiting:
            said = turn.waiting[0]
            may_say = self.hooks is None or await self.hooks.heard(said)
            turn.waiting.pop(0)
            if may_say:
                thread.say(turn, said)
                has_said = True
                if self.hooks is not None:
                    self.hooks.tell_heard()
        return has_said

    async def _wants_more(self) -> bool:
        """The model has nothing more to do. Returns whether hooks want it to go on."""
        if self.hooks is None or self._turn.kind is not Kind.REGULAR:
            return False
        goes_on: bool = await self.hooks.goes_on(self.last_text, self._log.close)
        return goes_on


def say_waiting(thread: Thread, turn: Turn) -> None:
    """Say what was added to the turn."""
    while turn.waiting:
        thread.say(turn, turn.waiting.pop(0))


async def give_up(turn: Turn) -> None:
    """End the turn as interrupted, where hooks want that; it is no word of the user's that the model should know of."""
    turn.interrupt(is_replaced=True)
    await anyio.lowlevel.checkpoint()


def say_last(thread: Thread, turn: Turn, outcome: Outcome) -> None:
    """The turn is over: say what could not be said before, and note an interruption. What hooks have not let pass is not said."""
    if thread.hooks is not None and thread.hooks.await_words:
        turn.waiting.clear()
    say_waiting(thread, turn)
    if outcome is Outcome.INTERRUPTED and not turn.is_replaced:
        thread.record_note(INTERRUPTED_NOTE, "generic.turn_aborted")


def aborted(call: ToolCall, seconds: float) -> str:
    """The output of a call that an interruption cut."""
    if call.name in ("exec_command", "write_stdin"):
        return f"Wall time: {seconds:.1f} seconds\naborted by user"
    return f"aborted by user after {seconds:.1f}s"
