"""The queue of a thread: input that waits until the turns before it are done, each to begin a turn of its own.

A turn that was interrupted is not followed by the next: the queue then waits for the user. What is in the queue is on
disk before it is acknowledged. Source: spec/threads.md section 7.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import ValidationError

from app_server.core.errors import CallerError
from app_server.core.store.queue_file import read_queue, write_queue
from app_server.core.thread import Thread
from app_server.core.turn import user_input
from app_server.core.turn.turn import Turn
from protocol.base import to_wire
from protocol.input import UserInput
from protocol.queue import QueuedSubmission, ThreadQueueChangedNotification


class Queue:
    """The entries of one thread's queue, the next one first."""

    def __init__(self, home: Path, thread_id: str) -> None:
        self._home = home
        self._thread_id = thread_id
        self.entries: list[QueuedSubmission] = []
        for data in read_queue(home, thread_id):
            try:
                self.entries.append(QueuedSubmission.model_validate(data))
            except ValidationError:
                continue  # it was written by something newer

    def keep(self, entries: list[QueuedSubmission]) -> None:
        """Make these the entries. Raises: StoreError; nothing has changed then."""
        write_queue(self._home, self._thread_id, [to_wire(entry) for entry in entries])
        self.entries = entries

    def find(self, entry_id: str) -> QueuedSubmission:
        """An entry by its id. Raises: CallerError."""
        found = next((entry for entry in self.entries if entry.id == entry_id), None)
        if found is None:
            raise CallerError(
                f"queued submission not found: {entry_id}", reason="not_found", data={"field": "queuedSubmissionId"}
            )
        return found

    def without(self, entry: QueuedSubmission) -> list[QueuedSubmission]:
        """All entries but this one."""
        return [each for each in self.entries if each.id != entry.id]


def check(content: list[UserInput]) -> None:
    """Refuse what can't be queued. Raises: CallerError."""
    if not content:
        raise CallerError("only user input can be added to the user-message queue", reason="empty", data={"field": "input"})
    user_input.check(content)


def queue_of(thread: Thread) -> Queue:
    """A loaded thread's queue, read when it is first needed."""
    if thread.queue is None:
        thread.queue = Queue(thread.runtime.home, thread.id)
    queue: Queue = thread.queue
    return queue


def keep(thread: Thread, entries: list[QueuedSubmission]) -> None:
    """Make these the thread's queue, and tell its clients. Raises: StoreError."""
    queue_of(thread).keep(entries)
    thread.has_queue = bool(entries)
    thread.publish(ThreadQueueChangedNotification(thread_id=thread.id))


def begin_next(thread: Thread) -> None:
    """The thread is idle: begin with the first entry. Images are read first, in a task. Raises: StoreError."""
    entries = queue_of(thread).entries
    if not entries:
        thread.has_queue = False
    elif user_input.needs_reading(entries[0].input):
        thread.runtime.spawn(begin_read, thread, entries[0])
    else:
        begin(thread, entries[0], user_input.NO_MEDIA)


async def begin_read(thread: Thread, entry: QueuedSubmission) -> None:
    """Read an entry's images and begin with it, unless something else has begun meanwhile."""
    media = await thread.read_media(entry.input)
    if thread.turn is None and entry in queue_of(thread).entries:
        begin(thread, entry, media)


def begin(
    thread: Thread,
    entry: QueuedSubmission,
    media: Mapping[int, user_input.Parts],
    announce: Callable[[Turn], None] = lambda _: None,
) -> None:
    """Begin a turn with an entry, which leaves the queue. Raises: StoreError; it is still in the queue then."""
    clock, before = thread.runtime.clock, queue_of(thread).entries
    turn = Turn(clock.uuid7(), clock.now_ms())
    said = user_input.words(entry.input, entry.client_user_message_id, clock.uuid7(), thread.new_item_id, media)
    if entry.responsesapi_client_metadata is not None:
        thread.client_metadata = dict(entry.responsesapi_client_metadata)
    keep(thread, queue_of(thread).without(entry))
    try:
        thread.begin_turn(turn, lambda: announce(turn), said)
    except BaseException:
        keep(thread, before)
        raise
