"""The queue to the speech model: bounded in each of its ways, in order, and nothing lost but sound."""

import anyio
import pytest

from app_server.core.realtime.outgoing import MOST_FRAMES, ROOM_FRAMES, Outgoing, QueueClosed, QueueFull

pytestmark = pytest.mark.anyio


async def taken(queue: Outgoing, count: int) -> list[str]:
    with anyio.fail_after(5):
        return [(await queue.take())[1] for _ in range(count)]


async def test_frames_come_out_in_the_order_in_which_they_went_in() -> None:
    queue = Outgoing()
    queue.put(["a"])
    queue.put_audio(["s"])
    queue.put(["b", "c"])
    with anyio.fail_after(5):
        assert [await queue.take() for _ in range(4)] == [(False, "a"), (True, "s"), (False, "b"), (False, "c")]


async def test_the_oldest_sound_gives_way_and_nothing_else_does() -> None:
    queue = Outgoing(audio_frames=2)
    queue.put(["first"])
    queue.put_audio(["1", "2"])
    queue.put(["second"])
    queue.put_audio(["3", "4", "5"])
    assert (queue.dropped, queue.waiting) == (3, 2)
    assert await taken(queue, 4) == ["first", "second", "4", "5"]


async def test_too_much_that_may_not_be_lost_is_refused() -> None:
    queue = Outgoing()
    queue.put(["x"] * MOST_FRAMES)
    with pytest.raises(QueueFull):
        queue.put(["x"])


async def test_whoever_has_more_to_say_waits_for_room_and_sound_takes_none() -> None:
    queue = Outgoing()
    queue.put(["x"] * ROOM_FRAMES)
    had_room = anyio.Event()

    async def wait() -> None:
        await queue.wait_room()
        had_room.set()

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            assert not had_room.is_set()
            await taken(queue, 1)
            await had_room.wait()
        queue.put_audio(["s"] * 100)
        await queue.wait_room()


async def test_what_was_not_sent_comes_first_again() -> None:
    queue = Outgoing()
    queue.put(["a", "b"])
    (frame,) = await taken(queue, 1)
    queue.give_back(frame)
    assert await taken(queue, 2) == ["a", "b"]


async def test_a_closed_queue_gives_what_waits_and_then_ends() -> None:
    queue = Outgoing()
    queue.put(["a"])
    queue.close()
    assert await taken(queue, 1) == ["a"]
    with pytest.raises(QueueClosed):
        await queue.take()


async def test_a_taker_that_waits_learns_of_the_end() -> None:
    queue = Outgoing()
    ended = anyio.Event()

    async def take() -> None:
        with pytest.raises(QueueClosed):
            await queue.take()
        ended.set()

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(take)
            await anyio.wait_all_tasks_blocked()
            queue.close()
    assert ended.is_set()


async def test_dropping_everything_lets_everybody_go_on() -> None:
    queue = Outgoing()
    queue.put(["x"] * (ROOM_FRAMES + 5))
    queue.put_audio(["s"])
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(queue.wait_room)
            await anyio.wait_all_tasks_blocked()
            assert queue.drop_all() == ROOM_FRAMES + 5
    queue.put_audio(["s"])
    assert await taken(queue, 1) == ["s"]
