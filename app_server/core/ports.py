"""The small interfaces by which the rooms of the core meet each other and the outside."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from protocol.base import Method, Notification, Record

R = TypeVar("R", bound=Record)
WhenOver = Callable[[Callable[[], None]], None]
"""Calls something later."""


class NoAnswer(Exception):
    """The user's side could not or would not answer; whatever was asked counts as refused."""


class UnreadableAnswer(NoAnswer):
    """There is an answer, which does not fit the question."""


class Outside(Protocol):
    """The world of clients, as the core sees it."""

    def publish(self, thread_id: str | None, message: Notification) -> None:
        """Announce something to those whom it concerns. Never blocks."""
        ...

    def has_listeners(self, thread_id: str) -> bool:
        """Whether anybody listens to a thread."""
        ...

    def watch(self, thread_id: str, see: Callable[[Record], None] | None) -> None:
        """Show what is announced about a thread, and the params of what is asked in it, to somebody inside before clients
        get it; None: to nobody any more."""
        ...

    def share(self, thread_id: str, other_id: str) -> None:
        """Those who listen to a thread listen to another one too from now on."""
        ...

    def forget(self, thread_id: str) -> None:
        """The thread is not loaded any more: nobody listens to it."""
        ...

    def has_room(self, thread_id: str) -> bool:
        """Whether all of the thread's clients can take more; asked between chunks of a stream."""
        ...

    async def wait_room(self, thread_id: str) -> None:
        """Until the thread's clients can take more."""
        ...

    async def ask(self, thread_id: str | None, method: Method[Any, R], params: Record, when_over: WhenOver | None = None) -> R:
        """Ask the user. Raises: NoAnswer.

        Cancel: withdraws the question. `when_over` is then given what announces that, to call it when the occasion is over.
        """
        ...


class Voice(Protocol):
    """The spoken conversation of a thread, as the thread sees it."""

    end_text: str
    """What the agent is told when it is over."""

    @property
    def start_text(self) -> str | None:
        """What the agent is told of the session that runs; None when none does."""
        ...

    def recording(self, turn_id: str, item: Any) -> None:
        """An item of a turn is about to be put into the file, complete."""
        ...

    def account_changed(self) -> None:
        """Somebody has logged in or out: end the session, if it was another's."""
        ...

    async def aclose(self, *, is_announced: bool = True) -> None:
        """The thread ends: end the session, and tell its clients unless they are gone."""
        ...
