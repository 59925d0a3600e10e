"""Ctrl-C in the terminal client."""

from collections.abc import Callable

from tests.app_server.try_it.stage import COMMAND, STARTED, Stage, Terminal, note


def test_ctrl_c_interrupts_the_turn(stage: Stage, at_terminal: Callable[..., Terminal]):
    stage.set({"turn/start": [*STARTED, note("item/started", item=COMMAND)]})
    terminal = at_terminal()
    terminal.wait_for("›")
    terminal.type("go\r")
    terminal.wait_for("ls -la")
    terminal.interrupt()
    terminal.wait_for("Interrupted.")
    terminal.wait_for("›")
    terminal.type("/quit\r")
    assert terminal.wait_end() == 0
    assert stage.received("turn/interrupt") == [{"threadId": "T", "turnId": "U"}]


def test_ctrl_c_twice_ends_the_program_even_if_the_turn_does_not_stop(stage: Stage, at_terminal: Callable[..., Terminal]):
    stage.set({"turn/start": [*STARTED, note("item/started", item=COMMAND)], "turn/interrupt": []})
    terminal = at_terminal("go")
    terminal.wait_for("ls -la")
    terminal.interrupt()
    terminal.wait_for("Ctrl-C again ends the program")
    terminal.interrupt()
    assert terminal.wait_end() == 130
    assert len(stage.received("turn/interrupt")) == 1


def test_ctrl_c_before_the_server_answers_is_not_lost(stage: Stage, at_terminal: Callable[..., Terminal]):
    stage.set({"turn/start": []})
    terminal = at_terminal()
    terminal.wait_for("›")
    terminal.type("go\r")
    terminal.wait_for("waiting for the model")
    terminal.interrupt()
    terminal.wait_for("Ctrl-C again ends the program")
    terminal.interrupt()
    assert terminal.wait_end() == 130
    assert stage.received("turn/interrupt") == []


def test_ctrl_c_twice_at_the_prompt_ends_the_program(stage: Stage, at_terminal: Callable[..., Terminal]):
    terminal = at_terminal()
    terminal.wait_for("›")
    terminal.interrupt()
    terminal.wait_for("Ctrl-C again")
    terminal.wait_for("›")
    terminal.interrupt()
    assert terminal.wait_end() == 0


def test_a_turn_after_one_ctrl_c_forgives_it(stage: Stage, at_terminal: Callable[..., Terminal]):
    terminal = at_terminal()
    for _ in range(2):
        terminal.wait_for("›")
        terminal.interrupt()
        terminal.wait_for("Ctrl-C again")
        terminal.wait_for("›")
        terminal.type("go\r")
        terminal.wait_for("Two entries.")
    terminal.wait_for("›")
    terminal.type("\x04")
    assert terminal.wait_end() == 0
