"""Scopes: what is ordered and what runs side by side."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app_server.routing import Context, Route, Scopes, route
from protocol.base import Method
from protocol.thread_list import ThreadLoadedListParams, ThreadLoadedListResponse

METHOD = Method("thread/loaded/list", ThreadLoadedListParams, ThreadLoadedListResponse)


class Log:
    """Entries that note when they start."""

    def __init__(self) -> None:
        self.scopes = Scopes()
        self.started: list[str] = []

    def enter(self, name: str, key: object = "t", *, is_done: bool = False, is_shared: bool = False) -> None:
        def start() -> bool:
            self.started.append(name)
            return is_done

        self.scopes.enter(key, start, is_shared)


def test_one_scope_runs_one_after_the_other_in_the_order_sent() -> None:
    log = Log()
    for name in "abc":
        log.enter(name)
    assert (log.started, log.scopes.waiting) == (["a"], 2)
    log.scopes.leave("t")
    assert log.started == ["a", "b"]
    log.scopes.leave("t")
    log.scopes.leave("t")
    assert (log.started, log.scopes.waiting) == (["a", "b", "c"], 0)
    log.enter("d")
    assert log.started[-1] == "d"


def test_scopes_run_side_by_side() -> None:
    log = Log()
    log.enter("a", "one")
    log.enter("b", "two")
    assert log.started == ["a", "b"]


def test_what_is_done_at_once_holds_nothing_up() -> None:
    log = Log()
    log.enter("a", is_done=True)
    log.enter("b")
    log.enter("c", is_done=True)
    log.enter("d", is_done=True)
    assert log.started == ["a", "b"]
    log.scopes.leave("t")
    assert log.started == ["a", "b", "c", "d"]
    log.enter("e")
    assert log.started[-1] == "e"


def test_reads_of_one_scope_run_together_and_a_write_waits_for_all_of_them() -> None:
    log = Log()
    for name, is_shared in (("r1", True), ("r2", True), ("w", False), ("r3", True), ("r4", True)):
        log.enter(name, is_shared=is_shared)
    assert log.started == ["r1", "r2"]
    log.scopes.leave("t")
    assert log.started == ["r1", "r2"]
    log.scopes.leave("t")
    assert log.started == ["r1", "r2", "w"]
    log.scopes.leave("t")
    assert log.started == ["r1", "r2", "w", "r3", "r4"]


ENTRIES = st.lists(st.tuples(st.sampled_from("xyz"), st.booleans(), st.booleans()), max_size=25)


@given(entries=ENTRIES, data=st.data())
def test_whatever_comes_all_start_in_order_and_no_write_has_company(
    entries: list[tuple[str, bool, bool]], data: st.DataObject
) -> None:
    """Model: entries of a key start in order; a write alone, reads together; everything has started when all have left."""
    scopes, started, running = Scopes(), [], Counter[tuple[str, bool]]()

    def enter(number: int, key: str, is_shared: bool, is_done: bool) -> None:
        def start() -> bool:
            started.append((key, number))
            assert not running[key, False], "beside a write"
            assert is_shared or not running[key, True], "a write beside reads"
            running[key, is_shared] += not is_done
            return is_done

        scopes.enter(key, start, is_shared)

    def leave() -> bool:
        ready = [entry for entry, count in running.items() if count]
        if not ready:
            return False
        entry = data.draw(st.sampled_from(ready))
        running[entry] -= 1
        scopes.leave(entry[0])
        return True

    for number, (key, is_shared, is_done) in enumerate(entries):
        enter(number, key, is_shared, is_done)
        if data.draw(st.booleans()):
            leave()
    while leave():
        pass
    for key in "xyz":
        expected = [number for number, entry in enumerate(entries) if entry[0] == key]
        assert [number for started_key, number in started if started_key == key] == expected
    assert scopes._running == {}
    assert scopes._queues == {}


async def wait(context: Context[None], params: ThreadLoadedListParams) -> ThreadLoadedListResponse:
    raise NotImplementedError


def at_once(context: Context[None], params: ThreadLoadedListParams) -> ThreadLoadedListResponse:
    raise NotImplementedError


@pytest.mark.parametrize(("handler", "is_async"), [(wait, True), (at_once, False)])
def test_a_coroutine_function_gets_a_task(handler: object, is_async: bool) -> None:
    made: Route[None] = route(METHOD, handler)  # type: ignore[arg-type]  # one of two shapes
    assert (made.method, made.is_async) == (METHOD, is_async)


def test_a_request_is_answered_once() -> None:
    answers: list[object] = []
    context: Context[None] = Context(None, None, "m", answers.append)  # type: ignore[arg-type]  # no connection is needed
    assert not context.has_replied
    context.reply(b"1")
    context.reply(b"2")
    assert (answers, context.has_replied) == ([b"1"], True)
