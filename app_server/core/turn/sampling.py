"""One attempt at an answer, and the patience between attempts.

The provider retries what it can by itself; here is the stream's own budget, which the client sees count
(`Reconnecting... 1/5`), and the endless patience with a provider that can't be reached at all.
Source: spec/turns.md section 5, spec/upstream.md section 5.
"""

import random

import anyio

from app_server.core.ports import Outside
from app_server.core.provider.base import Fallible, ModelRequest, Provider, ProviderError
from app_server.core.provider.retry import backoff_s
from app_server.core.turn.answer import Answer
from app_server.core.turn.turn import Phase, Turn
from protocol.notice import WarningNotification
from protocol.turn import ErrorNotification, TurnError

UNREACHABLE_FIRST_WAIT_S = 5.0
UNREACHABLE_LONGEST_WAIT_S = 60.0
ENDED_EARLY = "stream disconnected before completion: stream closed before response.completed"


async def attempt(turn: Turn, provider: Provider, request: ModelRequest, answer: Answer, outside: Outside) -> bool:
    """Receive one answer. Returns False when new input has cut it (see `Turn.add`).

    Raises: ProviderError. Cancel: closes the connection and whatever items the answer had opened.
    """
    is_whole = False
    with anyio.CancelScope() as scope:
        turn.sample_in(scope)
        try:
            async with provider.stream(request) as stream:
                answer.started(stream.started)
                async for events in stream:
                    answer.receive(events)
                    if not outside.has_room(request.thread_id):
                        await outside.wait_room(request.thread_id)
            is_whole = answer.completed is not None
        finally:
            turn.move(Phase.ACTING)
            if not is_whole:
                answer.abandon()
    if scope.cancelled_caught:
        return False
    if not is_whole:
        raise ProviderError(ENDED_EARLY, is_retryable=True)
    return True


class Patience:
    """Waits between attempts, and gives up when the budget of one answer is spent."""

    def __init__(self, thread_id: str, turn_id: str, max_retries: int, outside: Outside, way: Fallible | None = None) -> None:
        self._thread_id = thread_id
        self._turn_id = turn_id
        self._max_retries = max_retries
        self._outside = outside
        self._way = way
        self._attempts = 0
        self._unreachable_wait_s = 0.0

    def renew(self) -> None:
        """An answer came whole: the next one has a budget of its own."""
        self._attempts = 0
        self._unreachable_wait_s = 0.0

    async def wait(self, error: ProviderError) -> None:
        """Wait for the next attempt. Raises: ProviderError, the same one, when there is to be none."""
        if error.is_unreachable:
            self._announce("Reconnecting... waiting for network", error, "Connection failed: error sending request")
            wait = min(self._unreachable_wait_s * 2 or UNREACHABLE_FIRST_WAIT_S, UNREACHABLE_LONGEST_WAIT_S)
            self._unreachable_wait_s = wait
            await anyio.sleep(wait)
            return
        self._attempts += 1
        if not error.is_retryable:
            raise error
        is_socket = self._way is not None and self._way.is_socket
        if self._attempts > self._max_retries:
            if not is_socket:
                raise error
            self._fall_back(error)
            return
        # A connection that is new again is nothing to tell the user.
        if not is_socket or self._attempts > 1:
            self._announce(f"Reconnecting... {self._attempts}/{self._max_retries}", error, error.message)
        await anyio.sleep(backoff_s(self._attempts, error.retry_after_s, random.random))

    def _fall_back(self, error: ProviderError) -> None:
        """The websocket has failed too often: go on over HTTP, with a fresh budget."""
        assert self._way is not None
        self._way.fall_back()
        self.renew()
        text = f"Falling back from WebSockets to HTTPS transport. {error.message}"
        self._outside.publish(self._thread_id, WarningNotification(thread_id=self._thread_id, message=text))

    def _announce(self, message: str, error: ProviderError, details: str) -> None:
        info = {"responseStreamDisconnected": {"httpStatusCode": error.http_status}}
        told = TurnError(message=message, codex_error_info=info, additional_details=details)
        self._outside.publish(
            self._thread_id, ErrorNotification(error=told, will_retry=True, thread_id=self._thread_id, turn_id=self._turn_id)
        )
