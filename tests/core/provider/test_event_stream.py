"""An answer being received over real sockets, and how it may end."""

import gzip

import anyio
import anyio.lowlevel
import pytest

from app_server.core.provider import event_stream
from app_server.core.provider.base import Event
from app_server.core.provider.idle import IdleTimer
from tests.core.provider.asking import LOST, REQUEST, described, events_of, play, provider_of
from tests.core.provider.loopback import (
    CLOSE,
    COMPLETED,
    CREATED,
    DONE,
    HANG,
    LAST_CHUNK,
    RESET,
    Step,
    chunk,
    delta,
    failed,
    head,
    head_until_close,
    http,
    incomplete,
    loopback,
    sse,
    streamed,
)


async def test_events_come_in_one_batch_for_each_chunk_as_they_arrive() -> None:
    go = anyio.Event()
    answer: list[Step] = [head(x_one="1"), chunk(sse(CREATED, delta("a"))), go, chunk(sse(delta("b"), COMPLETED)), LAST_CHUNK]
    async with loopback(answer) as server:
        provider = provider_of(server)
        with anyio.fail_after(5):
            async with provider.stream(REQUEST) as stream:
                assert stream.started.status == 200
                assert stream.started.headers["x-one"] == "1"
                batches = aiter(stream)
                assert await anext(batches) == [CREATED, delta("a")]
                go.set()
                assert await anext(batches) == [delta("b"), COMPLETED]
                assert await anext(batches, None) is None
        await provider.aclose()


async def test_nothing_is_read_beyond_completed() -> None:
    events, error, _ = await play([head(), chunk(sse(delta("a"), COMPLETED, delta("late"))), HANG])
    assert (events, error) == ([delta("a"), COMPLETED], None)


async def test_a_finished_answer_gives_its_connection_to_the_next_request() -> None:
    async with loopback(DONE, DONE, [head(), chunk(sse(COMPLETED)), HANG], DONE) as server:
        provider = provider_of(server)
        for _ in range(4):
            await events_of(provider)
        await provider.aclose()
    assert [received.connection for received in server.requests] == [1, 1, 1, 2]


async def test_unknown_events_pass_and_those_without_a_type_do_not() -> None:
    strange = {"type": "response.unheard_of", "x": 1}
    odd = b'data: {"type": ["x"]}\n\ndata: {"no": "type"}\n\ndata: junk\n\n'
    bare = {"type": "response.completed"}
    events, error, _ = await play([head(), chunk(sse(strange) + odd + sse(bare, COMPLETED)), LAST_CHUNK])
    assert (events, error) == ([strange, COMPLETED], None)


CLOSED, CUT = (
    LOST + "stream closed before response.completed",
    LOST + "Transport error: network error: error decoding response body",
)
PART = 'data: {"type":"response.output_text.delta","delta":"é'.encode()
ENDS: dict[str, tuple[list[Step], str]] = {
    "clean end": ([head(), chunk(sse(CREATED)), LAST_CHUNK], CLOSED),
    "empty body": ([http(200, b"")], CLOSED),
    "no content": ([b"HTTP/1.1 204 X\r\n\r\n"], CLOSED),
    "HTML": ([http(200, b"<html>\n<body>hello</body>\n</html>", content_type="text/html")], CLOSED),
    "JSON": ([http(200, {"id": "r1"})], CLOSED),
    "connection closed": ([head_until_close(), sse(CREATED), CLOSE], CLOSED),
    "closed within a line": ([head_until_close(), sse(CREATED) + PART, CLOSE], CLOSED),
    "last event without its blank line": ([head(), chunk(sse(COMPLETED)[:-1]), LAST_CHUNK], CLOSED),
    "chunked body closed": ([head(), chunk(sse(CREATED)), CLOSE], CUT),
    "chunked body reset": ([head(), chunk(sse(CREATED)), RESET], CUT),
    "cut within a character": ([head(), chunk(sse(CREATED) + PART[:-1]), CLOSE], CUT),
    "cut within a chunk": ([head(), b"ff\r\n" + sse(CREATED), CLOSE], CUT),
    "shorter than announced": ([b"HTTP/1.1 200 X\r\ncontent-length: 9999\r\n\r\n" + sse(CREATED), CLOSE], CUT),
    "broken chunk": ([head(), chunk(sse(CREATED)), b"zz\r\n"], CUT),
    "broken encoding": ([http(200, b"no gzip", content_encoding="gzip")], CUT),
    "error event": ([head(), chunk(sse({"type": "error", "error": {"message": "x"}})), LAST_CHUNK], CLOSED),
    "completed without id": (
        streamed(CREATED, {"type": "response.completed", "response": {}}),
        LOST + "failed to parse ResponseCompleted: missing field `id`",
    ),
}


@pytest.mark.parametrize("name", ENDS)
async def test_an_answer_that_ends_early(name: str) -> None:
    answer, message = ENDS[name]
    events, error, server = await play(answer, request_max_retries=3)
    assert described(error) == (message, "other", True)
    assert len(server.requests) == 1
    assert all(event in ({"type": "error", "error": {"message": "x"}}, CREATED) for event in events)


async def test_a_failure_is_raised_when_the_stream_is_over_after_all_events() -> None:
    failure = failed(code="cyber_policy", message="no")
    events, error, _ = await play(streamed(delta("a"), failure, delta("b")))
    assert events == [delta("a"), failure, delta("b")]
    assert described(error) == ("no", "cyberPolicy", False)


async def test_an_incomplete_answer_names_its_reason() -> None:
    events, error, _ = await play(streamed(delta("a"), incomplete("max_output_tokens")))
    assert len(events) == 2
    assert described(error) == ("Incomplete response returned, reason: max_output_tokens", "other", False)


@pytest.mark.parametrize("end", [CLOSE, RESET, HANG])
async def test_what_the_provider_said_counts_more_than_how_the_stream_ends(end: Step) -> None:
    answer: list[Step] = [head(), chunk(sse(failed(code="insufficient_quota"))), end]
    _, error, _ = await play(answer, stream_idle_timeout_ms=100)
    assert described(error) == ("Quota exceeded. Check your plan and billing details.", "usageLimitExceeded", False)


async def test_completed_after_a_failure_ends_the_answer_well() -> None:
    _, error, _ = await play(streamed(failed(code="server_error"), COMPLETED))
    assert error is None


async def test_a_silent_stream_runs_into_the_idle_timeout() -> None:
    events, error, server = await play([head(), chunk(sse(CREATED)), HANG], stream_idle_timeout_ms=100)
    assert events == [CREATED]
    assert described(error) == (LOST + "idle timeout waiting for SSE", "other", True)
    assert server.streams_open == 0


async def test_any_event_is_a_sign_of_life_and_comments_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    class Recorder(IdleTimer):
        def wait(self) -> None:
            told.append("wait")
            super().wait()

        def heard(self) -> None:
            told.append("heard")
            super().heard()

    monkeypatch.setattr(event_stream, "IdleTimer", Recorder)
    steps = [anyio.Event() for _ in range(3)]
    async with loopback(
        [head(), chunk(b": still here\n\n"), steps[0], chunk(b"data: junk\n\n"), steps[1], chunk(sse(COMPLETED)), LAST_CHUNK]
    ) as server:
        provider = provider_of(server)
        with anyio.fail_after(5):
            async with provider.stream(REQUEST) as stream, anyio.create_task_group() as tasks:
                seen: list[list[Event]] = []

                async def read() -> None:
                    seen.extend([batch async for batch in stream])

                tasks.start_soon(read)
                for step, so_far in zip(steps, (["wait", "wait"], ["wait", "wait", "heard", "wait"]), strict=False):
                    while told != so_far:
                        await anyio.lowlevel.checkpoint()
                    step.set()
        await provider.aclose()
    assert (seen, told[-2:]) == ([[COMPLETED]], ["wait", "heard"])


async def test_a_compressed_answer_is_decoded() -> None:
    events, error, _ = await play([http(200, gzip.compress(sse(CREATED, COMPLETED)), content_encoding="gzip")])
    assert (events, error) == ([CREATED, COMPLETED], None)


async def test_a_line_of_a_hundred_megabytes_arrives() -> None:
    size, piece = 100 << 20, b"x" * (1 << 20)
    answer: list[Step] = [head_until_close(), b'data: {"type":"big","text":"', *[piece] * 100, b'"}\n\n' + sse(COMPLETED), CLOSE]
    events, error, _ = await play(answer)
    assert error is None
    assert [len(events[0]["text"]), events[1]] == [size, COMPLETED]


async def test_leaving_early_closes_the_connection() -> None:
    async with loopback([head(), chunk(sse(CREATED)), HANG], DONE) as server:
        provider = provider_of(server)
        with anyio.fail_after(5):
            async with provider.stream(REQUEST) as stream:
                async for _ in stream:
                    break
            await events_of(provider)
        assert [received.connection for received in server.requests] == [1, 2]
        assert server.streams_open == 0
        await provider.aclose()


@pytest.mark.parametrize("answer", [[HANG], [head(), chunk(sse(CREATED)), HANG]])
async def test_an_answer_may_be_cancelled_at_any_time(answer: list[Step]) -> None:
    async with loopback(answer, DONE) as server:
        provider = provider_of(server)
        with anyio.fail_after(5):
            with anyio.move_on_after(0.1) as scope:
                await events_of(provider)
            assert scope.cancelled_caught
            assert await events_of(provider) == [CREATED, COMPLETED]
        await provider.aclose()


async def test_hundreds_of_streams_run_at_the_same_time() -> None:
    count, go = 300, anyio.Event()
    answer: list[Step] = [head(), chunk(sse(CREATED)), go, chunk(sse(COMPLETED)), LAST_CHUNK]
    async with loopback(*[answer] * count) as server:
        provider = provider_of(server)
        started = 0

        async def one() -> None:
            nonlocal started
            async with provider.stream(REQUEST) as stream:
                async for batch in stream:
                    started += batch == [CREATED]
                    if started == count:
                        go.set()

        with anyio.fail_after(30):
            async with anyio.create_task_group() as tasks:
                for _ in range(count):
                    tasks.start_soon(one)
        await provider.aclose()
    assert (server.connections, len(server.requests)) == (count, count)
