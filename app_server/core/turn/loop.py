"""The turn loop: ask the model, do what it asks for, tell it the outcome, until it has nothing more to ask.

`run_turn` is the task of one turn and its boundary: whatever happens inside, exactly one terminal event is
published, every item that was opened is closed, and the thread is idle again. Source: spec/turns.md.
"""

import logging
import secrets
import time
from typing import Any

import anyio

from app_server.core.approvals import Answer as Decision
from app_server.core.approvals import Rights
from app_server.core.errors import CallerError
from app_server.core.history import INTERRUPTED_NOTE
from app_server.core.provider.base import Fallible, Provider, ProviderError, TurnState
from app_server.core.store.errors import StoreError
from app_server.core.thread import Thread
from app_server.core.tools.base import Prepared, ToolCall
from app_server.core.tools.runner import ToolRunner, output_item
from app_server.core.turn.answer import Answer
from app_server.core.turn.ask_user import ask_user
from app_server.core.turn.item_log import ItemLog
from app_server.core.turn.provider_news import ProviderNews
from app_server.core.turn.request import make_request
from app_server.core.turn.sampling import Patience, attempt
from app_server.core.turn.tool_host import TurnToolHost
from app_server.core.turn.turn import Outcome, Turn
from protocol.turn import TurnError

log = logging.getLogger(__name__)


async def run_turn(thread: Thread, turn: Turn) -> None:
    """Run a turn to its end. Never raises; cancelling it from outside (shutdown) ends the turn as interrupted."""
    loop: TurnLoop | None = None
    outcome, error = Outcome.INTERRUPTED, None
    try:
        loop = TurnLoop(thread, turn)
        with anyio.CancelScope() as scope:
            turn.enter(scope)
            await loop.run()
            outcome = Outcome.COMPLETED
    except Exception as failure:  # the turn's boundary: whatever has gone wrong ends this turn, never the server
        outcome, error = Outcome.FAILED, turn_error(turn, failure)
    finally:
        try:
            if loop is not None:
                loop.close(is_interrupted=outcome is Outcome.INTERRUPTED)
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


class TurnLoop:
    """The work of one turn."""

    def __init__(self, thread: Thread, turn: Turn) -> None:
        self._thread = thread
        self._turn = turn
        self._state = TurnState()
        runtime = thread.runtime
        self._log = ItemLog(thread.id, turn.id, runtime.outside, runtime.clock, thread.closed_item)
        self._host = TurnToolHost(thread, turn, self._log)
        self._runner: ToolRunner | None = None
        self._answer: Answer | None = None
        self._tools_since = 0.0
        self._model = thread.model()
        self._news = ProviderNews(thread, turn, self._model.name, self._note_etag)

    async def run(self) -> None:
        """Ask until there is nothing more to ask. Raises: ProviderError."""
        runtime, config = self._thread.runtime, self._thread.config
        if runtime.models.is_refresh_due(config):  # for the next turn; this one does not wait
            runtime.spawn(runtime.models_refresher().refresh, config)
        settings = runtime.providers.settings(self._thread.settings.model_provider, config)
        way = await runtime.providers.for_thread(self._thread.id, settings, self._model.info.prefer_websockets)
        fallible = way if isinstance(way, Fallible) else None
        patience = Patience(self._thread.id, self._turn.id, settings.stream_max_retries, runtime.outside, fallible)
        while await self._step(way, patience):
            await self._take_steered()

    def close(self, is_interrupted: bool) -> None:
        """The turn is over, however: answer open calls, close open items, leave the model a note of an interruption."""
        self._record_outputs()
        self._record_usage()
        self._log.close_all()
        if is_interrupted:
            self._thread.record_note(INTERRUPTED_NOTE)

    async def _step(self, provider: Provider, patience: Patience) -> bool:
        """One request with the tools that its answer calls. Returns whether another one is due."""
        thread, turn = self._thread, self._turn
        tools = thread.toolbox.tools(self._model)
        runner = self._runner = ToolRunner(tools, thread.gate, self._host, self._ask)
        self._tools_since = time.monotonic()
        request = make_request(thread, turn, self._model, list(tools.values()), self._state)
        failure: ProviderError | None = None
        is_whole = False
        async with anyio.create_task_group() as group:

            def start(call: ToolCall) -> None:
                group.start_soon(runner.run, runner.add(call), self._rights())

            answer = self._answer = Answer(thread.id, turn.id, thread.runtime.outside, self._log, self._keep, start, self._news)
            try:
                is_whole = await attempt(turn, provider, request, answer, thread.runtime.outside)
            except ProviderError as error:
                failure = error
        self._record_outputs()
        if failure is not None:
            self._news.refused(failure)
            if answer.has_started or failure.headers is not None:
                self._news.publish_usage()
            if failure.info == "contextWindowExceeded":
                thread.note_full_window(turn)
                self._news.publish_limits()
            await patience.wait(failure)
            return True
        if not is_whole:
            return True
        patience.renew()
        if answer.last_message is not None:
            turn.last_message = answer.last_message
        self._record_usage()
        wants_more = answer.completed is not None and answer.completed.wants_more
        return runner.count > 0 or wants_more or bool(turn.steered)

    async def _ask(self, prepared: Prepared) -> Decision:
        """Ask the user about a call; to cancel means that the turn ends too, as soon as the call's refusal is told."""
        decision = await ask_user(self._thread, self._turn, prepared)
        if decision is Decision.CANCELLED:
            self._turn.interrupt()
        return decision

    def _note_etag(self, etag: str) -> None:
        """The provider told the version of its list of models."""
        runtime, config = self._thread.runtime, self._thread.config
        if runtime.models.is_remote(config):
            runtime.spawn(runtime.models_refresher().note_etag, config, etag)

    def _keep(self, item: dict[str, object]) -> None:
        self._thread.record_item_for_model(item)

    def _rights(self) -> Rights:
        return Rights(self._thread.settings.approval_policy, self._thread.settings.sandbox.type)

    def _record_outputs(self) -> None:
        """Give every call of the last answer its output, in the order of the calls."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        seconds = max(time.monotonic() - self._tools_since, 0.1)
        for call, output in runner.outputs(lambda call: aborted(call, seconds)):
            item_id = self._thread.new_item_id("ctco" if call.is_custom else "fco")
            self._thread.record_item_for_model(output_item(item_id, call, self._thread.toolbox.truncated(output, self._model)))

    def _record_usage(self) -> None:
        """Count the tokens of a whole answer, once; its tools may have been cut by an interruption meanwhile."""
        answer, self._answer = self._answer, None
        if answer is not None and answer.completed is not None:
            self._thread.record_usage(self._turn, answer.completed.response_id, answer.completed.usage)
            self._news.publish_limits()

    async def _take_steered(self) -> None:
        """Record what was added to the turn; what an interruption finds unread stays with the turn."""
        thread, turn = self._thread, self._turn
        while turn.steered:
            media = await thread.read_media(turn.steered[0].content)
            steered = turn.steered.pop(0)
            item = thread.record_user_message(turn, steered.content, steered.client_id, media, steered.item_id)
            thread.publish_user_message(turn, item)


def aborted(call: ToolCall, seconds: float) -> str:
    """The output of a call that an interruption cut."""
    if call.name in ("exec_command", "write_stdin"):
        return f"Wall time: {seconds:.1f} seconds\naborted by user"
    return f"aborted by user after {seconds:.1f}s"
