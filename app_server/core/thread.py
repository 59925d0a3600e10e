"""One thread: its settings, its history, its file, its status, and the turn that runs.

There is one writer: everything here runs on the event loop, and only the thread's own turn and the handlers of its
requests touch it. Invariants: at most one turn runs; a turn ends exactly once; what a handler has acknowledged is in
the file. Source: spec/threads.md, spec/turns.md.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from app_server.core import model_settings
from app_server.core.briefing import Briefing
from app_server.core.config.config import Config
from app_server.core.context_window import ContextWindow
from app_server.core.frozen import replace
from app_server.core.goal_state import GoalState
from app_server.core.history import History
from app_server.core.history_item import message, noted
from app_server.core.model_settings import ModelSettings
from app_server.core.patience import Patience
from app_server.core.ports import Voice
from app_server.core.read_state import ReadMark
from app_server.core.recorder import Recorder
from app_server.core.runtime import Runtime
from app_server.core.settings import StartOptions, ThreadSettings, normal_tier
from app_server.core.store.errors import StoreError
from app_server.core.turn import user_input
from app_server.core.turn.said import NOTHING, Said
from app_server.core.turn.turn import Kind, Outcome, Scope, Turn
from app_server.core.usage import TokenTotals
from protocol.base import Notification
from protocol.goal import ThreadGoal
from protocol.input import UserInput
from protocol.item import TimedItem, UserMessageItem
from protocol.item_events import ItemCompletedNotification, ItemStartedNotification
from protocol.notice import WarningNotification
from protocol.thread import ActiveStatus, IdleStatus, SystemErrorStatus, ThreadStatus
from protocol.thread_state import ThreadStatusChangedNotification
from protocol.turn import ErrorNotification, TurnError, TurnStartedNotification
from protocol.turn_events import ThreadTokenUsageUpdatedNotification, TurnCompletedNotification

Flag = Literal["waitingOnApproval", "waitingOnUserInput"]


class Thread:
    """A loaded thread."""

    def __init__(
        self, runtime: Runtime, config: Config, settings: ThreadSettings, options: StartOptions, recorder: Recorder
    ) -> None:
        head = recorder.head
        self.id = head.thread_id
        self.session_id = head.session_id
        self.runtime = runtime
        self.config = config
        self.settings = settings
        self.options = options
        self.recorder = recorder
        self.base_instructions = head.base_instructions or ""
        """The instructions that the thread was started with; they stay, whatever model a turn asks for."""
        self.base_message_id = f"msg_{self.id}"
        self.history = History([self.base_message()])
        self._noted_turn: str | None = None
        """The turn that what is recorded belongs to."""
        self.briefing = Briefing(self)
        self.window = ContextWindow(self)
        self.usage = TokenTotals()
        self.usage_turn_id: str | None = None
        """The turn whose tokens were counted last."""
        self.usage_window: int | None = None
        """The window of the model that they were counted for."""
        self.rate_limits: Any = None
        self.turn: Turn | None = None
        self.last_turn_id: str | None = None
        """The newest turn that has ended."""
        self.patience = Patience()
        self.hooks: Any = None
        """What runs when something happens in the thread (`core.hooks.thread_hooks.ThreadHooks`), or None."""
        self._toolbox: Any = None
        self._gate: Any = None
        self._reviewer: Any = None
        self.recency_ms = head.created_ms
        self.preview = ""
        self.name: str | None = None
        self.corrections: Any = None
        """Facts that were set by hand (`store.user_state.Corrections`), or None."""
        self.project_id: str | None = None
        """The project that the thread was started in; once it has a file, the database says where it is."""
        self.window_number = 0
        self.window_id = head.window_id or ""
        self.read_mark = ReadMark(recorder, runtime)
        self.has_untold_turns = False
        """Set when the file was made only to be able to read it (see `core.reading`)."""
        self.voice: Voice | None = None
        """The thread's spoken conversation, once there was one."""
        self.servers: Any = None
        """The MCP servers of the thread (`core.mcp.thread_servers.ThreadServers`), if it has some."""
        self.client_metadata: dict[str, str] = {}
        """Entries of the client's own that are sent with each model request."""
        self.goal: ThreadGoal | None = None
        self.goal_state = GoalState()
        self.queue: Any = None
        """Input that waits (`core.queues.Queue`), when it is known."""
        self.has_queue = False
        """Whether input waits in the thread's queue."""
        self._beside: list[Scope] = []
        self._flags: list[Flag] = []
        self._has_failed = False
        self.last_outcome: Outcome | None = None
        """How the last turn has ended that ended here."""
        self.on_turn_end: Callable[[Turn], None] | None = None
        """Called when a turn has ended and clients know of it."""
        self._ending: list[Callable[[], None]] = []

    # Turns.

    def begin_turn(
        self, turn: Turn, announce: Callable[[], None], said: Said = NOTHING, opening: TimedItem | None = None
    ) -> None:
        """Make a turn the running one. `opening` is an item that stands before its beginning.

        Its beginning and what is said in it are in the file before `announce` answers the request; then come the turn's
        first notifications, then its task. Raises: StoreError; nothing has started then.
        """
        model = self.turn_model(turn)
        self._noted_turn = turn.id
        self.recorder.materialize()
        self.recorder.turn_started(turn, model.effective_window, self.settings)
        if opening is not None:
            self.recorder.closed_item(turn.id, opening)
        words = None
        is_asked_first = self.awaits_servers or (self.hooks is not None and self.hooks.await_words)
        if turn.kind is Kind.REGULAR and not is_asked_first and not self.window.needs_room(model):
            self.briefing.tell_turn(turn)
            words = self.record(turn, said)
        else:  # it is said when there is room for it, when it is known which tools there are, and hooks have let it pass
            self._accept(turn, said)
        self.turn = turn
        self._has_failed = False
        self.has_untold_turns = False
        self.recency_ms = turn.started_at_ms
        announce()
        if opening is not None:
            self.publish_whole_item(turn, opening)
        self.publish_status()
        self.publish(TurnStartedNotification(thread_id=self.id, turn=turn.wire_started()))
        self.publish_warnings()
        if words is not None:
            self._publish_said(turn, words)
        self.runtime.spawn(self.runtime.run_turn, self, turn)

    def replace_turn(self, turn: Turn, announce: Callable[[], None], opening: TimedItem | None = None) -> None:
        """Make a turn the running one, or have it wait until the one that runs has been interrupted for it.

        Raises: StoreError, when it can't begin at once.
        """
        if self.turn is None:
            self.begin_turn(turn, announce, opening=opening)
        else:
            announce()
            self._interrupt_for(turn, opening)

    def _interrupt_for(self, turn: Turn, opening: TimedItem | None) -> None:
        assert self.turn is not None
        self.when_idle(lambda: self._begin_waiting(turn, opening))
        self.turn.interrupt(is_replaced=True)

    def _begin_waiting(self, turn: Turn, opening: TimedItem | None) -> None:
        """A turn that has waited begins, unless another one has come before it, which is interrupted then."""
        if self.turn is not None:
            self._interrupt_for(turn, opening)
            return
        try:
            self.begin_turn(turn, lambda: None, opening=opening)
        except StoreError as failure:
            error = TurnError(message=failure.message, codex_error_info="other", additional_details=None)
            turn.end(Outcome.FAILED, self.runtime.clock.now_ms(), error)
            self.publish(ErrorNotification(error=error, will_retry=False, thread_id=self.id, turn_id=turn.id))
            self.publish(TurnCompletedNotification(thread_id=self.id, turn=turn.wire()))

    def interrupt(self, turn: Turn) -> None:
        """The user stops the turn, and with it the commands that he has typed."""
        turn.interrupt()
        for scope in list(self._beside):
            scope.cancel()

    @contextmanager
    def beside(self, scope: Scope) -> Iterator[None]:
        """Something runs beside the turns of the thread in this scope; it ends when the user interrupts, or with the thread."""
        self._beside.append(scope)
        try:
            yield
        finally:
            self._beside.remove(scope)

    def end_turn(self, turn: Turn, outcome: Outcome, error: TurnError | None) -> None:
        """The turn's task is over: fix the outcome, record it, tell the clients. The one place where turns end."""
        if not turn.end(outcome, self.runtime.clock.now_ms(), error):
            return
        if self.goal is not None:
            self.runtime.goal_turn_ends(self, turn, outcome, error)
        self.recorder.turn_ended(turn)
        self.turn = self._noted_turn = None
        self.last_turn_id = turn.id
        self._flags.clear()
        self._has_failed, self.last_outcome = outcome is Outcome.FAILED, outcome
        if self.read_mark.turn_ended(turn):
            self.runtime.spawn(self.runtime.save_read_state, self)
        if not turn.is_failure_told:
            self.publish_status()
            if error is not None:
                self.publish(ErrorNotification(error=error, will_retry=False, thread_id=self.id, turn_id=turn.id))
        self.publish(TurnCompletedNotification(thread_id=self.id, turn=turn.wire()))
        ending, self._ending = self._ending, []
        for call in ending:
            call()
        if self.on_turn_end is not None:
            self.on_turn_end(turn)
        if self.turn is None and outcome is not Outcome.INTERRUPTED:
            self.go_on()
        self.runtime.watch_idle(self.id)

    def tell_failure(self, turn: Turn, error: TurnError) -> None:
        """Tell clients that a turn has failed which has still something to say."""
        turn.is_failure_told = True
        self.publish(ThreadStatusChangedNotification(thread_id=self.id, status=SystemErrorStatus()))
        self.publish(ErrorNotification(error=error, will_retry=False, thread_id=self.id, turn_id=turn.id))

    def go_on(self) -> None:
        """Begin what waits for the thread to be idle: queued input, or the next turn towards its goal."""
        if self.turn is None and (self.has_queue or (self.goal is not None and self.goal.status == "active")):
            self.runtime.next_turn(self)

    def when_idle(self, call: Callable[[], None]) -> None:
        """Call this when the turn that runs has ended; at once when none does."""
        if self.turn is None:
            call()
        else:
            self._ending.append(call)

    def publish_tokens(self, turn: Turn, window: int | None = None) -> None:
        """Tell the clients what the thread has used, of the window of the thread's model or of another one."""
        usage = self.usage.wire(window if window is not None else self.model().effective_window)
        self.publish(ThreadTokenUsageUpdatedNotification(thread_id=self.id, turn_id=turn.id, token_usage=usage))

    async def end_commands(self) -> None:
        """End every command that the thread or the user has started."""
        for scope in list(self._beside):
            scope.cancel()
        if self.servers is not None:
            self.servers.end()
        if self._reviewer is not None:
            await self._reviewer.aclose()
        toolbox, self._toolbox = self._toolbox, None
        if toolbox is not None:
            await toolbox.aclose()

    # What the model is told.

    @property
    def gate(self) -> Any:
        """What every action of a tool has to pass, made when it is first needed."""
        if self._gate is None:
            self._gate = self.runtime.make_gate(self)
        return self._gate

    @property
    def reviewer(self) -> Any:
        """Who decides about approvals in the user's place, made when it is first needed."""
        if self._reviewer is None:
            self._reviewer = self.runtime.make_reviewer(self)
        return self._reviewer

    @property
    def toolbox(self) -> Any:
        """The thread's tools, made when they are first needed."""
        if self._toolbox is None:
            self._toolbox = self.runtime.make_toolbox(self)
        return self._toolbox

    def model(self, settings: ThreadSettings | None = None) -> ModelSettings:
        """What is asked of the model with the settings of this moment, or with others."""
        return model_settings.resolve(self.runtime.models, self.config, settings or self.settings, self.options)

    def turn_model(self, turn: Turn) -> ModelSettings:
        """What is asked of the model in a turn."""
        if turn.service_tier is None:
            return self.model()
        return self.model(replace(self.settings, service_tier=normal_tier(turn.service_tier)))

    @property
    def awaits_servers(self) -> bool:
        """Whether MCP servers are starting, of whose tools the model is to be told."""
        if self.servers is None:
            return bool(self.config.mcp_servers)
        return bool(self.servers.is_starting)

    @property
    def is_realtime(self) -> bool:
        """Whether the user talks with the agent by voice."""
        return self.voice is not None and self.voice.start_text is not None

    def forget_past(self) -> None:
        """Begin anew, before the history is filled again with what is left of it."""
        self.history.replace([self.base_message()])
        self.usage, self.usage_turn_id = TokenTotals(), None
        self.briefing.forget()

    def base_message(self) -> dict[str, Any]:
        """The message that every request begins with."""
        return message(self.base_message_id, "developer", [self.base_instructions], "model.base_instructions")

    def record_item_for_model(self, item: dict[str, Any]) -> None:
        """Add an item to the history and to the file."""
        item = noted(item, self._noted_turn, self.runtime.clock.now_ms() / 1000)
        self.history.append(item)
        self.recorder.item_for_model(item)

    async def read_media(self, content: list[UserInput]) -> Mapping[int, user_input.Parts]:
        """Images, recordings and skills of an input as the model gets them; the file system is asked off the event loop."""
        if not user_input.needs_reading(content):
            return user_input.NO_MEDIA
        settings = self.settings
        media: Mapping[int, user_input.Parts] = await self.runtime.read_media(content, settings.cwd, self.model().sees_originals)
        if user_input.may_name_skills(content):
            config = self.runtime.config.load(settings.cwd, self.options.config)
            media = await self.runtime.with_mentions(media, self.runtime.skills(), content, config, settings)
        return media

    def closed_item(self, turn_id: str, item: Any) -> None:
        """An item that clients have seen is complete."""
        if self.voice is not None:
            self.voice.recording(turn_id, item)
        self.recorder.closed_item(turn_id, item)
        if item.type == "agentMessage" and self.turn is not None:
            self.turn.has_spoken = True

    def accept_input(self, turn: Turn, said: Said) -> None:
        """Add input to the running turn: it is in the file now, and in the history when the turn says it."""
        self._accept(turn, said)

    def _accept(self, turn: Turn, said: Said) -> None:
        if said is NOTHING:
            return
        if said.item is not None and said.message is not None:
            self.recorder.accepted_input(turn.id, said.item, said.message)
        turn.add(said)

    def say(self, turn: Turn, said: Said) -> None:
        """Say something in a turn: the model gets it with the next request, and clients are told."""
        item = self.record(turn, said)
        if item is not None:
            self._publish_said(turn, item)

    def record(self, turn: Turn, said: Said) -> Any:
        """Put something into the history and the file. Returns the item that clients are to be told of, if there is one."""
        for item in said.items():
            self.record_item_for_model(item)
        if said.item is None:
            return None
        now = self.runtime.clock.now_ms()
        shown = said.item.model_copy(update={"started_at_ms": now, "completed_at_ms": now})
        if self.voice is not None:
            self.voice.recording(turn.id, shown)
        self.recorder.closed_item(turn.id, shown)
        self.preview = self.preview or said.preview
        return shown

    def record_note(self, text: str, kind: str = "unknown") -> None:
        """Leave the model a note in the user's place, which no client sees; files keep what kind of note it is."""
        self.record_item_for_model(message(self.new_message_id(), "user", [text], kind))

    def new_item_id(self, prefix: str) -> str:
        """A fresh id of an item for the model."""
        return f"{prefix}_{self.runtime.clock.uuid7()}"

    def new_message_id(self) -> str:
        return self.new_item_id("msg")

    # What clients are told.

    def publish(self, notification: Notification) -> None:
        """Announce something about this thread."""
        self.runtime.outside.publish(self.id, notification)

    def publish_warnings(self) -> None:
        """Announce what the model's situation gives users reason to know."""
        texts, self.briefing.warnings = self.briefing.warnings, ()
        for text in texts:
            self.publish(WarningNotification(thread_id=self.id, message=text))

    def publish_whole_item(self, turn: Turn, item: Any) -> None:
        """Announce an item that is complete from the start."""
        begun = item.model_copy(update={"completed_at_ms": None})
        times = {"thread_id": self.id, "turn_id": turn.id}
        self.publish(ItemStartedNotification(item=begun, started_at_ms=item.started_at_ms, **times))
        self.publish(
            ItemCompletedNotification(item=item, completed_at_ms=item.completed_at_ms, content_token_count=None, **times)
        )

    def _publish_said(self, turn: Turn, item: Any) -> None:
        """Announce what was said, and that the model does not see the images among it, if that is so."""
        self.publish_whole_item(turn, item)
        if isinstance(item, UserMessageItem) and user_input.has_images(item.content):
            model = self.model()
            if not model.info.accepts("image"):
                text = f"Model `{model.name}` does not read images; the images of this message are not sent to it."
                self.publish(WarningNotification(thread_id=self.id, message=text))

    @property
    def status(self) -> ThreadStatus:
        """What the thread is doing."""
        if self.turn is not None:
            return ActiveStatus(active_flags=list(self._flags))
        return SystemErrorStatus() if self._has_failed else IdleStatus()

    def publish_status(self) -> None:
        """Announce what the thread is doing."""
        self.publish(ThreadStatusChangedNotification(thread_id=self.id, status=self.status))

    def publish_refusal(self, message: str) -> None:
        """Something that was acknowledged can't be done, outside of any turn."""
        had_failed, self._has_failed = self._has_failed, True
        if not had_failed and self.turn is None:
            self.publish_status()
        error = TurnError(message=message, codex_error_info="badRequest", additional_details=None)
        turn_id = self.runtime.clock.uuid7()
        self.publish(ErrorNotification(error=error, will_retry=False, thread_id=self.id, turn_id=turn_id))

    def add_flag(self, flag: Flag) -> None:
        """The running turn waits for the user."""
        self._flags.append(flag)
        self.publish_status()

    def remove_flag(self, flag: Flag) -> None:
        """It does not wait any more."""
        if flag in self._flags:
            self._flags.remove(flag)
            self.publish_status()
