"""Approvals in the terminal client: a real subprocess against a scripted server."""

from collections.abc import Callable

import pytest

from tests.app_server.try_it.stage import ASK, COMMAND, DEADLINE_S, STARTED, Stage, Terminal, note, turn


def test_without_a_terminal_an_approval_is_declined_and_the_view_says_why(stage: Stage):
    stage.set({"turn/start": [*STARTED, note("item/started", item=COMMAND), ASK], "answer": [turn()]})
    code, shown = stage.run("hi")
    assert code == 0
    assert "Run `ls -la` in /w?\nDeclined: there is no terminal to ask at." in shown
    assert stage.received() == [{"decision": "decline"}]


def test_yes_accepts_every_approval(stage: Stage):
    stage.set({"turn/start": [*STARTED, ASK], "answer": [turn()]})
    assert stage.run("--yes", "hi")[0] == 0
    assert stage.received() == [{"decision": "accept"}]


@pytest.mark.parametrize(("key", "decision"), [("y", "accept"), ("A", "acceptForSession"), ("n", "decline"), ("xc", "cancel")])
def test_one_key_answers_an_approval(stage: Stage, at_terminal: Callable[..., Terminal], key: str, decision: str):
    stage.set({"turn/start": [*STARTED, note("item/started", item=COMMAND), ASK], "answer": [turn()]})
    terminal = at_terminal("hi")
    terminal.wait_for("[y] accept")
    terminal.wait_for("\n")
    terminal.type(key)
    assert terminal.wait_end() == 0
    assert stage.received() == [{"decision": decision}]


def test_a_terminal_that_goes_away_during_a_question_ends_the_client(stage: Stage, at_terminal: Callable[..., Terminal]):
    stage.set({"turn/start": [*STARTED, ASK], "answer": [turn()]})
    terminal = at_terminal("hi")
    terminal.wait_for("[y] accept")
    terminal.hang_up()
    assert terminal.process.wait(DEADLINE_S) in (0, 1)


def test_a_question_that_was_settled_elsewhere_goes_away(stage: Stage, at_terminal: Callable[..., Terminal]):
    stage.set({"turn/start": [*STARTED, ASK, note("serverRequest/resolved", requestId=7), turn()]})
    assert at_terminal("hi").wait_end() == 0
    assert stage.received() == []


def test_an_unknown_question_is_refused_instead_of_left_open(stage: Stage):
    stage.set({"turn/start": [*STARTED, {"id": 9, **note("item/tool/call", tool="x")}], "answer": [turn()]})
    code, shown = stage.run("hi")
    assert code == 0
    assert "The server asked item/tool/call, which this client can't answer." in shown
    assert '"id":9,"error":{"code":-32601' in stage.log.read_text()
