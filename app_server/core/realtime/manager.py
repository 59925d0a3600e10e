"""The spoken conversation of a thread: at most one session at a time; starting, replacing and ending it.

It is what the thread sees of all this (`ports.Voice`), and what the handlers of the client's requests use.
Source: spec/realtime.md sections 2, 12 and 13.
"""

import logging
from collections.abc import Callable
from typing import Any

import anyio

from app_server.core.realtime.commands import Speaker
from app_server.core.realtime.endpoint import Provider
from app_server.core.realtime.mirror import Mirror
from app_server.core.realtime.plan import Websocket, plan
from app_server.core.realtime.session import NOT_RUNNING, Session, State
from app_server.core.realtime.socket import RealtimeFailure
from app_server.core.realtime.startup import instructions_for
from app_server.core.realtime_notes import ENDED
from app_server.core.thread import Thread
from protocol.realtime import (
    ThreadRealtimeClosedNotification,
    ThreadRealtimeErrorNotification,
    ThreadRealtimeStartParams,
)

log = logging.getLogger(__name__)

END_S = 2.0
"""How long a session may take to end when its thread does."""
LAST_WORDS_S = 0.3
"""How long when the server ends."""
ProviderOf = Callable[[Thread], Provider]


class Conversation:
    """One thread's."""

    def __init__(self, thread: Thread, provider_of: ProviderOf) -> None:
        self._thread = thread
        self._provider_of = provider_of
        self._session: Session | None = None
        self._mirror: Mirror | None = None
        self._account: str | None = None
        self._account_now: Callable[[], str | None] = lambda: None
        self.end_text = ENDED

    @property
    def start_text(self) -> str | None:
        """What the agent is told of the session that runs or starts; None when there is none."""
        session = self.session
        return None if session is None else session.plan.start_text

    @property
    def session(self) -> Session | None:
        """The session that runs, or is being started."""
        session = self._session
        return None if session is None or session.state is State.OVER else session

    def start(self, params: ThreadRealtimeStartParams) -> None:
        """Start a session in the place of the one that runs. What is wrong with it is told as a notification.

        A session that can't be started as it is wanted leaves the running one alone.
        """
        before = self.session
        try:
            wanted = plan(self._thread, params)
            provider = self._provider_of(self._thread)
            if isinstance(wanted.transport, Websocket):
                provider.api_key()
        except RealtimeFailure as failure:
            self._refuse(before, str(failure))
            return
        session = Session(self._thread, wanted, provider, instructions_for(self._thread, wanted))
        self._account_now, self._account = provider.account, provider.account()
        self._session, self._mirror = session, Mirror(session)
        self.end_text = wanted.end_text
        self._thread.runtime.outside.watch(self._thread.id, self._mirror.see)
        self._thread.runtime.spawn(self._run, session, before)

    def append_audio(self, data: str) -> None:
        """Sound from the user."""
        session = self.session
        if session is None:
            self._thread.publish_refusal(NOT_RUNNING)
        else:
            session.append_audio(data)

    async def append_text(self, text: str, role: Speaker) -> None:
        """A text for the model; waits while too much is still to be sent."""
        session = await self._with_room()
        if session is not None:
            session.append_text(text, role)

    async def append_speech(self, text: str) -> None:
        """A text to be spoken; waits likewise."""
        if text.strip():
            session = await self._with_room()
            if session is not None:
                session.append_speech(text)

    def stop(self) -> None:
        """End the session. The client hears that it is closed, even if none runs."""
        session = self.session
        if session is None:
            self._thread.publish(ThreadRealtimeClosedNotification(thread_id=self._thread.id, reason="requested"))
        else:
            session.stop()

    def account_changed(self) -> None:
        """Somebody has logged in or out. A session does not outlive the login with which it began, whatever key it uses."""
        if self.session is not None and self._account_now() != self._account:
            self.session.revoke()

    def recording(self, turn_id: str, item: Any) -> None:
        """An item of a turn is about to be put into the thread's file."""
        if self._mirror is not None and self.session is not None:
            self._mirror.recording(turn_id, item)

    async def aclose(self, *, is_announced: bool = True) -> None:
        """The thread ends, and the session with it."""
        session = self.session
        if session is None:
            return
        if not is_announced:
            session.hush()
        session.stop()
        with anyio.move_on_after(END_S if is_announced else LAST_WORDS_S):
            await session.ended.wait()
        if session.state is not State.OVER:
            session.cancel()
            await session.ended.wait()

    async def _run(self, session: Session, before: Session | None) -> None:
        """The session's task, and its boundary: whatever goes wrong inside ends this session, never the server."""
        if before is not None:
            before.stop(is_replaced=True)
            await before.ended.wait()
        try:
            await session.run()
        except Exception:  # our bug ends this session alone
            log.exception("a session of thread %s has ended by a bug", self._thread.id)
        if self._session is session:
            self._session = self._mirror = None
            self._thread.runtime.outside.watch(self._thread.id, None)

    async def _with_room(self) -> Session | None:
        session = self.session
        if session is not None:
            await session.outgoing.wait_room()
            session = self.session
        if session is None:
            self._thread.publish_refusal(NOT_RUNNING)
        return session

    def _refuse(self, running: Session | None, message: str) -> None:
        if running is None:
            self._thread.publish(ThreadRealtimeErrorNotification(thread_id=self._thread.id, message=message))
        elif running.is_ending:
            self._thread.runtime.spawn(self._refuse_after, running, message)
        else:
            running.report(message)

    async def _refuse_after(self, ending: Session, message: str) -> None:
        """What is wrong with a start is no fault of the session that ends just now."""
        await ending.ended.wait()
        self._refuse(None, message)


class Conversations:
    """The conversations of all threads; each hangs on its thread."""

    def __init__(self, provider_of: ProviderOf) -> None:
        self._provider_of = provider_of

    def of(self, thread: Thread) -> Conversation:
        """The conversation of a thread, made when it is first asked for."""
        if not isinstance(thread.voice, Conversation):
            thread.voice = Conversation(thread, self._provider_of)
        return thread.voice
