"""What the terminal client shows."""

import pytest

from app_server.try_it.view import clean, first_lines, header_of, script_of
from tests.app_server.try_it.stage import COMMAND, DONE, STARTED, Stage, note, turn


def test_a_turn_is_shown_with_header_command_answer_and_usage(stage: Stage):
    code, shown = stage.run("what", "is here?")
    assert code == 0
    body = shown.partition("readOnly\n")[2]
    assert body.splitlines()[:-1] == ["Looking around", "$ ls -la", "README.md", "src", "  exit code 0 · 0.12 s", "Two entries."]
    assert "2,400 tokens in (400 cached), 60 out (8 reasoning) · 1.5 s" in body.splitlines()[-1]
    (sent,) = stage.received("turn/start")
    assert sent == {"threadId": "T", "input": [{"type": "text", "text": "what is here?", "text_elements": []}]}


def test_a_failed_turn_shows_its_error_once_and_fails_the_program(stage: Stage):
    error = {"message": "quota exceeded"}
    stage.set({"turn/start": [*STARTED, note("error", error=error, willRetry=False), turn("failed", error=error)]})
    code, shown = stage.run("hi")
    assert code == 1
    assert shown.count("quota exceeded") == 1


def test_the_same_retry_is_told_once_and_a_turn_without_usage_shows_its_time_alone(stage: Stage):
    retry = note("error", error={"message": "Reconnecting...", "additionalDetails": "refused"}, willRetry=True)
    stage.set({"turn/start": [*STARTED, retry, retry, turn("interrupted")]})
    code, shown = stage.run("hi")
    assert code == 1
    assert shown.count("Reconnecting... (refused)\n") == 1
    assert shown.endswith("Interrupted.\n" + "─" * 74 + " 1.5 s\n")


def test_output_that_was_not_streamed_whole_is_completed_at_the_end(stage: Stage):
    items = [
        note("item/started", item=COMMAND),
        note("item/commandExecution/outputDelta", itemId="c1", delta="READ"),
        note("item/started", item={**COMMAND, "id": "c2", "command": "date"}),
        note("item/commandExecution/outputDelta", itemId="c2", delta="noon"),
        note("item/completed", item=DONE),
        note(
            "item/completed",
            item={**DONE, "id": "c2", "command": "date", "aggregatedOutput": "noon", "exitCode": 1, "status": "failed"},
        ),
    ]
    stage.set({"turn/start": [*STARTED, *items, turn()]})
    _, shown = stage.run("hi")
    assert "$ ls -la\nREADME.md\nsrc\n  exit code 0 · 0.12 s\n$ date\nnoon\n  exit code 1 · 0.12 s\n" in shown


@pytest.mark.parametrize(
    ("summary", "header"),
    [
        ("**Plan**\n\nbody **x**", "Plan"),
        ("first **Then**", "Then"),
        ("**Open", None),
        ("none", None),
        ("****", None),
        ("** **", None),
    ],
)
def test_a_header_is_the_text_between_the_first_pair_of_stars(summary: str, header: str | None):
    assert header_of(summary) == header


@pytest.mark.parametrize(
    ("command", "script"),
    [("/bin/bash -lc 'ls -la'", "ls -la"), ("/bin/sh -c pwd", "pwd"), ("git status", "git status"), ("it's", "it's")],
)
def test_a_command_is_shown_without_its_shell(command: str, script: str):
    assert script_of(command) == script


def test_control_sequences_never_reach_the_terminal():
    assert clean("a\x1b[31mred\x1b[0m\x1b]0;title\x07\x07\tb\r\n\x9b2J") == "ared\tb\n2J"


def test_a_long_output_is_cut_and_counted():
    assert first_lines("a\nb\nc\n", 2) == "a\nb\n(1 more lines)\n"
    assert first_lines("a\nb\n", 2) == "a\nb\n"
