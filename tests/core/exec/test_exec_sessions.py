"""The sessions of a thread: their numbers, their bound, and their end."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from app_server.core.exec import sessions as sessions_module
from app_server.core.exec.sessions import ENDED_BY_SERVER, MAX_SESSIONS, ExecSession, ExecSessions, SessionFacts
from app_server.core.launch import Launch

pytestmark = pytest.mark.anyio
DEADLINE_S = 10


class Started:
    """Sessions under test, and the ends that they told."""

    def __init__(self, sessions: ExecSessions) -> None:
        self.sessions = sessions
        self.ends: list[tuple[int, int | None]] = []

    def start(self, script: str, *, is_held: bool = True) -> ExecSession:
        launch = Launch(("/bin/sh", "-c", script), "/", {"PATH": os.environ["PATH"]})
        session = self.sessions.start(
            launch,
            SessionFacts("item", script, "/"),
            on_output=lambda _: None,
            on_end=lambda ended: self.ends.append((ended.id, ended.exit_code)),
        )
        session.is_held = is_held
        return session


@asynccontextmanager
async def sessions() -> AsyncIterator[Started]:
    with anyio.fail_after(DEADLINE_S):
        async with anyio.create_task_group() as group:
            started = Started(ExecSessions(group.start_soon))
            yield started
            await started.sessions.aclose()


async def test_a_session_has_an_unused_number_and_keeps_all_output() -> None:
    async with sessions() as started:
        session = started.start("echo one; echo two >&2; exit 3")
        await session.ended.wait()
        assert session.id in range(1000, 100_000)
        assert session.output.read_all().text == "one\ntwo\n"
        assert started.ends == [(session.id, 3)]


async def test_numbers_of_living_sessions_are_not_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions_module, "_IDS", range(7, 10))
    async with sessions() as started:
        ids = {started.start("sleep 60").id for _ in range(3)}
    assert ids == {7, 8, 9}


async def test_only_sessions_that_the_model_holds_are_found() -> None:
    async with sessions() as started:
        held, own = started.start("sleep 60"), started.start("sleep 60", is_held=False)
        assert started.sessions.get(held.id) is held
        assert started.sessions.get(own.id) is None
        assert started.sessions.get(1) is None
        assert started.sessions.running() == [held]


async def test_an_ended_session_stays_until_its_end_was_read() -> None:
    async with sessions() as started:
        session = started.start("exit 0")
        await session.ended.wait()
        assert started.sessions.get(session.id) is session
        assert started.sessions.running() == []
        started.sessions.forget(session)
        assert started.sessions.get(session.id) is None


async def test_at_the_limit_an_ended_session_goes_first() -> None:
    async with sessions() as started:
        living = [started.start("sleep 60") for _ in range(MAX_SESSIONS - 1)]
        ended = started.start("exit 0")
        await ended.ended.wait()
        newest = started.start("sleep 60")
        assert started.sessions.get(ended.id) is None
        assert {session.id for session in started.sessions.running()} == {session.id for session in [*living, newest]}


async def test_at_the_limit_the_session_unused_for_longest_is_ended() -> None:
    async with sessions() as started:
        living = [started.start("sleep 60") for _ in range(MAX_SESSIONS)]
        started.sessions.touch(living[0])
        started.start("sleep 60")
        await living[1].ended.wait()
        assert started.ends == [(living[1].id, 143)]
        assert started.sessions.get(living[1].id) is None
        assert started.sessions.get(living[0].id) is living[0]


async def test_one_terminal_can_be_ended_by_its_number() -> None:
    async with sessions() as started:
        session, other = started.start("sleep 60"), started.start("sleep 60")
        assert started.sessions.terminate(session.id)
        assert started.sessions.get(session.id) is None
        assert not started.sessions.terminate(session.id)
        await session.ended.wait()
        assert started.ends == [(session.id, ENDED_BY_SERVER)]
        assert started.sessions.running() == [other]


async def test_cleaning_ends_all_terminals_but_no_call_that_is_still_waited_for() -> None:
    async with sessions() as started:
        held, own = started.start("sleep 60"), started.start("sleep 60", is_held=False)
        started.sessions.clean()
        assert started.sessions.running() == []
        await held.ended.wait()
        assert started.ends == [(held.id, ENDED_BY_SERVER)]
        assert not own.ended.is_set()


async def test_closing_ends_everything_even_what_ignores_it() -> None:
    with anyio.fail_after(DEADLINE_S):
        async with anyio.create_task_group() as group:
            started = Started(ExecSessions(group.start_soon))
            every = [started.start("trap '' TERM; while :; do sleep 1; done"), started.start("sleep 60", is_held=False)]
            await started.sessions.aclose(grace_s=0.1)
            assert all(session.ended.is_set() for session in every)
            assert sorted(started.ends) == sorted((session.id, ENDED_BY_SERVER) for session in every)


async def test_the_end_of_the_background_ends_its_commands_and_tells_it() -> None:
    with anyio.fail_after(DEADLINE_S):
        async with anyio.create_task_group() as group:
            started = Started(ExecSessions(group.start_soon))
            session = started.start("sleep 60")
            group.cancel_scope.cancel()
    assert started.ends == [(session.id, 143)]
