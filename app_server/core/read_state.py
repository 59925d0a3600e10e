"""What of a thread the user has read: the first turn that was not, and a mark that changes with every change.

It is kept for threads on disk that the user talks to; those that something else has started are nobody's to read.
Source: spec/threads.md section 7.
"""

from app_server.core.recorder import Recorder
from app_server.core.runtime import Runtime
from app_server.core.turn.turn import Outcome, Turn
from protocol.thread_state import (
    ThreadReadState,
    ThreadReadStateChangedNotification,
    ThreadStartThreadUnreadPosition,
    TurnThreadUnreadPosition,
)

OF_USERS = (None, "user")
"""What started a thread that the user talks to."""


class ReadMark:
    """The read state of one loaded thread. Whoever changes it saves it (`durable.save_read_state`)."""

    def __init__(self, recorder: Recorder, runtime: Runtime) -> None:
        self._recorder = recorder
        self._runtime = runtime
        self.first_unread: str | None = None
        """A turn; the empty text stands for the start of the thread."""
        self.revision = f"initial:{recorder.head.thread_id}"

    @property
    def is_kept(self) -> bool:
        """Whether it is kept at all what of this thread was read."""
        return self._recorder.is_on_disk and self._recorder.head.thread_source in OF_USERS

    def restore(self, first_unread: str | None, revision: str) -> None:
        """The state as it was left."""
        self.first_unread, self.revision = first_unread, revision

    def turn_ended(self, turn: Turn) -> bool:
        """A turn is unread once it has ended, if the model has said anything or it has failed; the oldest one stays.

        Returns whether that is so.
        """
        is_unread = self.is_kept and (turn.outcome is Outcome.FAILED or turn.has_spoken)
        if is_unread:
            self.move_to(self.first_unread if self.first_unread is not None else turn.id)
        return is_unread

    def move_to(self, position: str | None) -> None:
        """From now on the user goes on reading here; None: has read everything."""
        self.restore(position, self._runtime.clock.uuid4())
        thread_id = self._recorder.head.thread_id
        self._runtime.outside.publish(thread_id, ThreadReadStateChangedNotification(thread_id=thread_id, read_state=self.wire()))

    def wire(self) -> ThreadReadState:
        """The state as clients see it."""
        return wire_read_state(self.first_unread, self.revision)


def wire_read_state(first_unread: str | None, revision: str) -> ThreadReadState:
    """A read state as clients see it; the empty text stands for the start of the thread."""
    if first_unread is None:
        return ThreadReadState(first_unread=None, revision=revision)
    position = TurnThreadUnreadPosition(turn_id=first_unread) if first_unread else ThreadStartThreadUnreadPosition()
    return ThreadReadState(first_unread=position, revision=revision)
