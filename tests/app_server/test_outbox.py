"""The queue of one client: order, bounds and ends; and the writer that empties it."""

import asyncio
from collections.abc import Awaitable, Callable

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app_server.line_writer import LineWriter
from app_server.outbox import Outbox


@given(st.lists(st.one_of(st.binary(min_size=1, max_size=9), st.none()), max_size=40))
def test_what_is_taken_is_what_was_appended_in_order(steps: list[bytes | None]) -> None:
    outbox, taken = Outbox(), b""
    for line in steps:
        if line is None:
            taken += outbox.take()
            assert outbox.size_bytes == 0
        else:
            outbox.append(line)
    left = outbox.size_bytes
    rest = outbox.take()
    assert len(rest) == left
    assert taken + rest == b"".join(line for line in steps if line is not None)


def test_it_is_full_beyond_its_limit_and_drops_nothing() -> None:
    outbox, was_full = Outbox(limit_bytes=3), []
    for line in (b"abc", b"d", b"e"):
        outbox.append(line)
        was_full.append(outbox.is_full)
    assert was_full == [False, True, True]
    assert outbox.take() == b"abcde"
    assert not outbox.is_full


def test_every_line_is_told_to_the_writer() -> None:
    outbox, told = Outbox(), []
    outbox.append(b"early")
    outbox.on_filled = lambda: told.append(outbox.size_bytes)
    outbox.append(b"a")
    outbox.append(b"bc")
    assert told == [6, 8]


def test_a_closed_outbox_forgets_and_takes_nothing_more() -> None:
    outbox = Outbox()
    outbox.append(b"a")
    outbox.close()
    outbox.append(b"b")
    assert (outbox.take(), outbox.size_bytes, outbox.is_closed) == (b"", 0, True)


def test_an_ended_outbox_still_gives_what_it_has() -> None:
    outbox = Outbox()
    outbox.append(b"a")
    outbox.end()
    outbox.append(b"b")
    assert (outbox.take(), outbox.is_closed) == (b"a", True)


@pytest.mark.parametrize("relief", [Outbox.take, Outbox.close])
async def test_who_waits_for_room_goes_on_when_there_is_some_or_the_client_is_gone(relief: Callable[[Outbox], object]) -> None:
    outbox, went_on = Outbox(limit_bytes=1), []
    outbox.wait_with(anyio.Event)
    outbox.append(b"ab")

    async def wait(name: str) -> None:
        await outbox.wait_room()
        went_on.append(name)

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(wait, "reader")
            group.start_soon(wait, "turn")
            await anyio.wait_all_tasks_blocked()
            assert went_on == []
            relief(outbox)
    assert sorted(went_on) == ["reader", "turn"]


async def test_who_waits_for_room_waits_again_when_it_has_filled_up_meanwhile() -> None:
    outbox, went_on = Outbox(limit_bytes=1), anyio.Event()
    outbox.wait_with(anyio.Event)
    outbox.append(b"ab")

    async def wait() -> None:
        await outbox.wait_room()
        went_on.set()

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            outbox.take()
            outbox.append(b"cd")
            await anyio.wait_all_tasks_blocked()
            assert not went_on.is_set()
            outbox.take()


class Sink:
    """A client that takes `room` bytes and then no more until it is given room."""

    def __init__(self, room: int = 1 << 30) -> None:
        self.room = room
        self.is_gone = False
        self.writes: list[bytes] = []
        self._more = anyio.Event()

    @property
    def data(self) -> bytes:
        return b"".join(self.writes)

    def give(self, room: int) -> None:
        self.room += room
        self._more.set()
        self._more = anyio.Event()

    def send_nowait(self, data: bytes) -> int:
        if self.is_gone:
            raise BrokenPipeError
        taken = data[: self.room]
        self.room -= len(taken)
        if taken:
            self.writes.append(taken)
        return len(taken)

    async def send(self, data: bytes) -> None:
        while data := data[self.send_nowait(data) :]:
            await self._more.wait()

    async def receive(self) -> bytes:
        raise NotImplementedError


async def writing(use: Callable[[Outbox, Sink, LineWriter], Awaitable[None]], sink: Sink) -> None:
    """Run `use` while a writer empties an outbox into the sink."""
    outbox = Outbox()
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            await use(outbox, sink, LineWriter(outbox, sink, asyncio.get_running_loop(), group.start_soon))
            group.cancel_scope.cancel()


async def test_what_was_queued_in_one_round_goes_out_with_one_write() -> None:
    async def use(outbox: Outbox, sink: Sink, writer: LineWriter) -> None:
        outbox.append(b"a\n")
        outbox.append(b"b\n")
        assert sink.writes == []
        await anyio.wait_all_tasks_blocked()
        outbox.append(b"c\n")
        await anyio.wait_all_tasks_blocked()
        assert sink.writes == [b"a\nb\n", b"c\n"]

    await writing(use, Sink())


async def test_what_was_queued_before_the_loop_is_written_too() -> None:
    outbox, sink = Outbox(), Sink()
    outbox.append(b"early\n")
    async with anyio.create_task_group() as group:
        LineWriter(outbox, sink, asyncio.get_running_loop(), group.start_soon)
        await anyio.wait_all_tasks_blocked()
    assert sink.data == b"early\n"


async def test_a_client_that_is_behind_gets_every_byte_once_and_in_order() -> None:
    async def use(outbox: Outbox, sink: Sink, writer: LineWriter) -> None:
        for number in range(100):
            outbox.append(b"%d\n" % number)
            await anyio.wait_all_tasks_blocked()
            if number % 7 == 0:
                sink.give(11)
        outbox.end()
        sink.give(1 << 20)
        await writer.finish()
        assert sink.data == b"".join(b"%d\n" % number for number in range(100))

    await writing(use, Sink(room=3))


async def test_finishing_waits_for_a_client_that_is_behind() -> None:
    async def use(outbox: Outbox, sink: Sink, writer: LineWriter) -> None:
        outbox.append(b"first\n")
        await anyio.wait_all_tasks_blocked()
        outbox.append(b"second\n")
        outbox.end()
        with anyio.move_on_after(0.01) as patience:
            await writer.finish()
        assert patience.cancelled_caught
        assert sink.data == b"fi"
        sink.give(100)
        await writer.finish()
        assert sink.data == b"first\nsecond\n"

    await writing(use, Sink(room=2))


async def test_finishing_writes_what_was_queued_in_this_very_round() -> None:
    async def use(outbox: Outbox, sink: Sink, writer: LineWriter) -> None:
        outbox.append(b"last words\n")
        outbox.end()
        await writer.finish()
        assert sink.data == b"last words\n"

    await writing(use, Sink())


@pytest.mark.parametrize("room", [1 << 20, 1])
async def test_a_client_that_is_gone_closes_its_outbox(room: int) -> None:
    async def use(outbox: Outbox, sink: Sink, writer: LineWriter) -> None:
        outbox.append(b"aa\n")
        await anyio.wait_all_tasks_blocked()
        sink.is_gone = True
        sink.give(0)
        outbox.append(b"b\n")
        await anyio.wait_all_tasks_blocked()
        assert outbox.is_closed
        await writer.finish()

    await writing(use, Sink(room))
