"""What a thread does next by itself when it is idle: queued input first, then its goal.

Called when a turn has ended that was not interrupted, and whenever something new may be begun. What can't be begun,
since the disk refuses, is left as it is and tried again at the next occasion. Source: spec/threads.md section 7.
"""

import logging

from app_server.core import goals, queues
from app_server.core.store.errors import StoreError
from app_server.core.thread import Thread

log = logging.getLogger(__name__)


def next_turn(thread: Thread) -> None:
    """Begin the next turn of an idle thread, if anything waits for it. Never raises."""
    try:
        if thread.has_queue:
            queues.begin_next(thread)
        elif thread.goal is not None and thread.goal.status == "active":
            goals.begin_turn(thread)
    except StoreError as error:
        log.error("thread %s could not go on by itself: %s", thread.id, error)
