"""The turn loop: ask the model, do what it asks for, tell it the outcome, until it has nothing more to ask.

`run_turn` is the task of one turn and its boundary: whatever happens inside, exactly one terminal event is
published, every item that was opened is closed, and the thread is idle again. Source: spec/turns.md.
"""

import logging
import secrets
import time

import anyio
import anyio.lowlevel

from app_server.core.approvals import Rights
from app_server.core.history import INTERRUPTED_NOTE
from app_server.core.provider.base import ProviderError, TurnState
from app_server.core.thread import Thread
from app_server.core.tools.base import ToolCall
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
CLEANUP_S = 5.0


async def run_turn(thread: Thread, turn: Turn) -> None:
    """Run a turn to its end. Never raises; cancelling it from outside (shutdown) ends the turn as interrupted."""
    loop = TurnLoop(thread, turn)
    outcome, error = Outcome.INTERRUPTED, None
    try:
        with anyio.CancelScope() as scope:
            turn.enter(scope)
            await loop.run()
            outcome = Outcome.COMPLETED
    except ProviderError as failure:
        outcome, error = (
            Outcome.FAILED,
            TurnError(message=failure.message, codex_error_info=failure.info, additional_details=None),
        )
    except Exception:  # the turn's boundary: our bug ends this turn, never the server
        mark = secrets.token_hex(4)
        log.exception("internal error %s in turn %s", mark, turn.id)
        message = f"internal error {mark}; the server's log has the details"
        outcome, error = Outcome.FAILED, TurnError(message=message, codex_error_info="other", additional_details=None)
    finally:
        loop.close(is_interrupted=outcome is Outcome.INTERRUPTED)
        thread.end_turn(turn, outcome, error)


class TurnLoop:
    """The work of one turn."""

    def __init__(self, thread: Thread, turn: Turn) -> None:
        self._thread = thread
        self._turn = turn
        self._state = TurnState()
        runtime = thread.runtime
        self._log = ItemLog(thread.id, turn.id, runtime.outside, runtime.clock, thread.recorder.closed_item)
        self._host = TurnToolHost(thread, turn, self._log)
        self._runner: ToolRunner | None = None
        self._answer: Answer | None = None
        self._tools_since = 0.0
        settings = runtime.providers.settings(thread.settings.model_provider, thread.config)
        self._provider = runtime.providers.open(settings)
        self._patience = Patience(thread.id, turn.id, settings.stream_max_retries, runtime.outside)
        self._model = thread.model()
        self._news = ProviderNews(thread, turn, self._model.name, self._note_etag)

    async def run(self) -> None:
        """Ask until there is nothing more to ask. Raises: ProviderError."""
        runtime, config = self._thread.runtime, self._thread.config
        if runtime.models.is_refresh_due(config):  # for the next turn; this one does not wait
            runtime.spawn(runtime.models_refresher().refresh, config)
        while await self._step():
            await self._take_steered()

    def close(self, is_interrupted: bool) -> None:
        """The turn is over, however: answer open calls, close open items, leave the model a note of an interruption."""
        self._record_outputs()
        self._record_usage()
        self._log.close_all()
        if is_interrupted:
            self._thread.record_note(INTERRUPTED_NOTE)

    async def _step(self) -> bool:
        """One request with the tools that its answer calls. Returns whether another one is due."""
        thread, turn = self._thread, self._turn
        tools = thread.toolbox.tools(self._model)
        runner = self._runner = ToolRunner(tools, thread.gate, self._host, lambda prepared: ask_user(thread, turn, prepared))
        self._tools_since = time.monotonic()
        request = make_request(thread, turn, self._model, list(tools.values()), self._state)
        failure: ProviderError | None = None
        is_whole = False
        async with anyio.create_task_group() as group:

            def start(call: ToolCall) -> None:
                group.start_soon(runner.run, runner.add(call), self._rights())

            answer = self._answer = Answer(thread.id, turn.id, thread.runtime.outside, self._log, self._keep, start, self._news)
            try:
                is_whole = await attempt(turn, self._provider, request, answer, thread.runtime.outside)
            except ProviderError as error:
                failure = error
        self._record_outputs()
        if runner.is_cancelled:
            turn.interrupt()
            await anyio.lowlevel.checkpoint()  # the interruption takes effect here
        if failure is not None:
            self._news.refused(failure)
            if answer.has_started or failure.headers is not None:
                self._news.publish_usage()
            if failure.info == "contextWindowExceeded":
                thread.note_full_window(turn)
                self._news.publish_limits()
            await self._patience.wait(failure)
            return True
        if not is_whole:
            return True
        self._patience.renew()
        if answer.last_message is not None:
            turn.last_message = answer.last_message
        self._record_usage()
        wants_more = answer.completed is not None and answer.completed.wants_more
        return runner.count > 0 or wants_more or bool(turn.steered)

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
