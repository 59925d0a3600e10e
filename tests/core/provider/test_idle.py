"""When a silent provider is given up, on a clock that the tests turn."""

from collections.abc import Callable

import anyio
import pytest

from app_server.core.provider.idle import IdleTimer


class Call:
    def __init__(self, at: float, callback: Callable[[], object]) -> None:
        self.at = at
        self.callback = callback
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class Clock:
    """The part of an event loop that a timer needs."""

    def __init__(self) -> None:
        self.now = 100.0
        self.calls: list[Call] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], object]) -> Call:
        self.calls.append(Call(self.now + delay, callback))
        return self.calls[-1]

    def turn(self, seconds: float) -> None:
        """Let time pass, and make the calls that are due."""
        end = self.now + seconds
        while due := [call for call in self.calls if call.at <= end and not call.is_cancelled]:
            first = min(due, key=lambda call: call.at)
            self.calls.remove(first)
            self.now = first.at
            first.callback()
        self.now = end


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def scope() -> anyio.CancelScope:
    return anyio.CancelScope()


@pytest.fixture
async def timer(clock: Clock, scope: anyio.CancelScope) -> IdleTimer:
    return IdleTimer(10, scope, clock)


async def test_silence_is_measured_from_when_somebody_waits(clock: Clock, scope: anyio.CancelScope, timer: IdleTimer) -> None:
    clock.turn(8)
    timer.wait()
    clock.turn(9)
    assert not scope.cancel_called
    clock.turn(1)
    assert scope.cancel_called


async def test_whatever_is_heard_begins_the_time_anew(clock: Clock, scope: anyio.CancelScope, timer: IdleTimer) -> None:
    for _ in range(5):
        timer.wait()
        clock.turn(9)
        timer.heard()
    assert not scope.cancel_called
    timer.wait()
    clock.turn(10)
    assert scope.cancel_called


async def test_waiting_again_without_hearing_anything_does_not(clock: Clock, scope: anyio.CancelScope, timer: IdleTimer) -> None:
    timer.wait()
    clock.turn(6)
    timer.wait()
    clock.turn(4)
    assert scope.cancel_called


async def test_the_time_that_a_reader_takes_does_not_count(clock: Clock, scope: anyio.CancelScope, timer: IdleTimer) -> None:
    timer.wait()
    timer.heard()
    clock.turn(100)
    assert not scope.cancel_called


async def test_a_timer_that_is_closed_does_nothing_more(clock: Clock, scope: anyio.CancelScope, timer: IdleTimer) -> None:
    timer.wait()
    timer.close()
    clock.turn(100)
    assert not scope.cancel_called
