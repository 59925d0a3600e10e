"""The terminal client against a scripted server: a real subprocess, real pipes, and a pseudo-terminal where a person types."""

import codecs
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app_server.try_it.options import KEY_PROVIDER, Unusable, choose_provider, parse
from app_server.try_it.view import clean, first_lines, header_of, script_of

SERVER = """
import json, sys
script, log = json.load(open(sys.argv[1])), open(sys.argv[2], "a")
log.write(json.dumps({"argv": sys.argv[3:]}) + "\\n")
for line in sys.stdin:
    log.write(line)
    log.flush()
    got = json.loads(line)
    for send in script.get(got.get("method", "answer"), []):
        if send == "die":
            sys.exit("Error: the disk is full")
        if send.get("id") == "$id":
            send = {**send, "id": got["id"]}
        print(json.dumps(send), flush=True)
"""
"""Answers each message by the list that its script has for the method (for an answer of the client: `answer`)."""

CLIENT = """
import os, sys
from app_server.try_it.program import run
sys.exit(run(sys.argv[2:], os.environ, [sys.executable, *sys.argv[1].split(",")]))
"""

REAL = [sys.executable, "-P", "-m", "app_server", "try"]
"""The client with the real server behind it."""

DEADLINE_S = 20.0

Script = dict[str, list[Any]]


def note(method: str, **params: Any) -> dict[str, Any]:
    return {"method": method, "params": {"threadId": "T", "turnId": "U", **params}}


def result(**members: Any) -> dict[str, Any]:
    return {"id": "$id", "result": members}


def turn(status: str = "completed", **members: Any) -> dict[str, Any]:
    return note("turn/completed", turn={"id": "U", "status": status, "error": None, "durationMs": 1500, **members})


STARTED = [result(turn={"id": "U"}), note("turn/started", turn={"id": "U"})]
COMMAND = {"type": "commandExecution", "id": "c1", "command": "/bin/bash -lc 'ls -la'", "status": "inProgress"}
DONE = {**COMMAND, "status": "completed", "aggregatedOutput": "README.md\nsrc\n", "exitCode": 0, "durationMs": 120}
ASK = {"id": 7, **note("item/commandExecution/requestApproval", itemId="c1", command=COMMAND["command"], cwd="/w")}
USAGE = {"inputTokens": 1200, "cachedInputTokens": 200, "outputTokens": 30, "reasoningOutputTokens": 4}

PLAIN: Script = {
    "initialize": [result(userAgent="x")],
    "thread/start": [
        result(
            thread={"id": "T"}, model="m", modelProvider="p", cwd="/w", approvalPolicy="on-request", sandbox={"type": "readOnly"}
        )
    ],
    "turn/start": [
        *STARTED,
        note("item/started", item={"type": "reasoning", "id": "r"}),
        note("item/reasoning/summaryTextDelta", itemId="r", summaryIndex=0, delta="**Looking ar"),
        note("item/reasoning/summaryTextDelta", itemId="r", summaryIndex=0, delta="ound**\n\nmore"),
        note("item/completed", item={"type": "reasoning", "id": "r"}),
        note("item/started", item=COMMAND),
        note("item/completed", item=DONE),
        note("item/started", item={"type": "agentMessage", "id": "m"}),
        note("item/agentMessage/delta", itemId="m", delta="Two "),
        note("item/agentMessage/delta", itemId="m", delta="entries."),
        note("item/completed", item={"type": "agentMessage", "id": "m", "text": "Two entries."}),
        note("thread/tokenUsage/updated", tokenUsage={"last": USAGE}),
        note("thread/tokenUsage/updated", tokenUsage={"last": USAGE}),
        turn(),
    ],
    "turn/interrupt": [result(), turn("interrupted")],
}


class Stage:
    """One run's folder: the server's script, what it received, and how to start the client there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "received"
        self.is_real = False
        self.environ = {**os.environ, "CODEX_HOME": str(folder), "TERM": "xterm", "PYTHONPATH": str(Path.cwd())}
        for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "COLUMNS"):
            self.environ.pop(name, None)
        self.set({})

    def set(self, changes: Script) -> None:
        (self.folder / "script").write_text(json.dumps(PLAIN | changes))
        (self.folder / "server").write_text(SERVER)

    def command(self, *arguments: str) -> list[str]:
        if self.is_real:
            return [*REAL, *arguments]
        server = ",".join(str(path) for path in (self.folder / "server", self.folder / "script", self.log))
        return [sys.executable, "-c", CLIENT, server, *arguments]

    def run(self, *arguments: str, stdin: str = "") -> tuple[int, str]:
        done = subprocess.run(
            self.command(*arguments),
            input=stdin,
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
        )
        assert done.stderr == ""
        return done.returncode, done.stdout

    def received(self, method: str | None = None) -> list[Any]:
        """The params of every message with this method; without one, the answers to the server's questions."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        if method is None:
            return [line["result"] for line in lines if "result" in line]
        return [line["params"] for line in lines if line.get("method") == method]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


class Terminal:
    """The client at a pseudo-terminal. `wait_for` reads until a text is there; what came before it is not looked at again."""

    def __init__(self, stage: Stage, *arguments: str) -> None:
        self._fd, slave = pty.openpty()
        self.process = subprocess.Popen(
            stage.command(*arguments),
            cwd=stage.folder,
            env=stage.environ,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self._text = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def wait_for(self, text: str) -> None:
        ends_at = time.monotonic() + DEADLINE_S
        while text not in self._text:
            assert time.monotonic() < ends_at, f"{text!r} did not come; there is {self._text!r}"
            if select.select([self._fd], [], [], 0.1)[0]:
                try:
                    self._text += self._decode(os.read(self._fd, 65536))
                except OSError:
                    assert text in self._text, f"the client ended before {text!r}; there is {self._text!r}"
        self._text = self._text.partition(text)[2]

    def type(self, text: str) -> None:
        os.write(self._fd, text.encode())

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def wait_end(self) -> int:
        # A terminal that nobody reads fills up and holds the program.
        ends_at = time.monotonic() + DEADLINE_S
        while self.process.poll() is None:
            assert time.monotonic() < ends_at, f"the client did not end after {self._text!r}"
            if select.select([self._fd], [], [], 0.1)[0]:
                try:
                    os.read(self._fd, 65536)
                except OSError:
                    break
        return self.process.wait(DEADLINE_S)

    def hang_up(self) -> None:
        os.close(self._fd)
        self._fd = -1

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self._fd >= 0:
            os.close(self._fd)


@pytest.fixture
def at_terminal(stage: Stage) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def open_terminal(*arguments: str) -> Terminal:
        opened.append(Terminal(stage, *arguments))
        return opened[-1]

    yield open_terminal
    for terminal in opened:
        terminal.close()


def test_a_turn_is_shown_with_header_command_answer_and_usage(stage: Stage):
    code, shown = stage.run("what", "is here?")
    assert code == 0
    body = shown.partition("readOnly\n")[2]
    assert body.splitlines()[:-1] == ["Looking around", "$ ls -la", "README.md", "src", "  exit code 0 · 0.12 s", "Two entries."]
    assert "2,400 tokens in (400 cached), 60 out (8 reasoning) · 1.5 s" in body.splitlines()[-1]
    (sent,) = stage.received("turn/start")
    assert sent == {"threadId": "T", "input": [{"type": "text", "text": "what is here?", "text_elements": []}]}


def test_the_handshake_comes_first_and_the_thread_starts_in_the_current_folder(stage: Stage):
    stage.run("--model", "other", "hi")
    methods = [json.loads(line).get("method") for line in stage.log.read_text().splitlines()[1:]]
    assert methods == ["initialize", "initialized", "thread/start", "turn/start"]
    assert stage.received("thread/start") == [{"cwd": str(stage.folder), "model": "other"}]


def test_without_a_provider_the_rehearsal_answers_and_says_so(stage: Stage):
    _, shown = stage.run("hi")
    assert shown.splitlines()[0].startswith("No provider is configured and OPENAI_API_KEY is not set")
    assert json.loads(stage.log.read_text().splitlines()[0]) == {"argv": ["-c", 'model_provider="rehearsal"']}


def test_piped_lines_are_turns_and_a_dash_takes_all_as_one_prompt(stage: Stage):
    stage.run(stdin="one\n\n/think two\nthree \\\nfour\n")
    stage.run("-", stdin="five\nsix\n")
    texts = [params["input"][0]["text"] for params in stage.received("turn/start")]
    assert texts == ["one", "/think two", "three \nfour", "five\nsix\n"]


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


def test_a_server_that_dies_at_the_prompt_ends_the_program(stage: Stage, at_terminal: Callable[..., Terminal]):
    stage.set({"thread/start": [*PLAIN["thread/start"], "die"]})
    terminal = at_terminal()
    terminal.wait_for("Error: ")
    terminal.wait_for("The server ended: the disk is full")
    assert terminal.wait_end() == 1


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


def test_a_refused_request_is_one_line(stage: Stage):
    stage.set({"thread/start": [{"id": "$id", "error": {"code": -32600, "message": "failed to load configuration: x"}}]})
    code, shown = stage.run("hi")
    assert (code, shown.splitlines()[-1]) == (1, "Error: thread/start: failed to load configuration: x")


def test_a_server_that_dies_is_named_with_its_last_words(stage: Stage):
    stage.set({"turn/start": [*STARTED, "die"]})
    code, shown = stage.run("hi")
    assert code == 1
    assert shown.endswith("Error: The server ended: the disk is full\n")


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


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\2\0\0\0\3"
"""The beginning of one; no more is looked at."""

MODELS = [
    {"model": "m", "inputModalities": ["text"], "serviceTiers": [{"id": "priority"}], "description": "words only"},
    {"model": "eyes", "inputModalities": ["text", "image"], "serviceTiers": []},
]


def test_an_image_is_refused_for_a_text_only_model_and_sent_to_another(stage: Stage):
    stage.set({"model/list": [result(data=MODELS, nextCursor=None)]})
    image = stage.folder / "a b.png"
    image.write_bytes(PNG)
    _, shown = stage.run(stdin='/image "a b.png"\nfirst\n/model eyes\n/image a b.png\nsecond\n/image none.png\nthird\n')
    assert "Warning: m is a text-only model, so the image was not attached." in shown
    assert "Warning: none.png is no file, so nothing was attached." in shown
    first, second, third = stage.received("turn/start")
    assert [len(params["input"]) for params in (first, second, third)] == [1, 2, 1]
    assert second["input"][1] == {"type": "localImage", "path": str(image)}
    assert (second["model"], "model" in third) == ("eyes", False)


def test_a_file_that_is_no_image_is_not_attached(stage: Stage):
    stage.set({"model/list": [result(data=MODELS, nextCursor=None)]})
    (stage.folder / "notes.txt").write_text("words")
    _, shown = stage.run(stdin="/model eyes\n/image notes.txt\nlook\n")
    assert "Warning: notes.txt is no PNG, JPEG, WebP or GIF image, so nothing was attached." in shown
    assert len(stage.received("turn/start")[0]["input"]) == 1


def test_an_image_is_dropped_when_the_model_became_text_only_after_it_was_attached(stage: Stage):
    stage.set({"model/list": [result(data=MODELS, nextCursor=None)]})
    (stage.folder / "a.png").write_bytes(PNG)
    _, shown = stage.run(stdin="/model eyes\n/image a.png\n/model m\nlook\n")
    assert "Warning: m is a text-only model, so the images were not sent." in shown
    assert len(stage.received("turn/start")[0]["input"]) == 1


def test_fast_is_stored_where_the_server_can_and_used_at_once(stage: Stage):
    stage.set({"model/list": [result(data=MODELS)], "config/value/write": [result(status="ok")]})
    _, shown = stage.run(stdin="/fast\none\n/fast\ntwo\nthree\n")
    assert "Fast mode is on, and stays so." in shown
    assert [edit["value"] for edit in stage.received("config/value/write")] == ["fast", None]
    assert [params.get("serviceTier") for params in stage.received("turn/start")] == ["priority", "default", None]


def test_fast_lasts_for_the_session_where_the_server_can_not_store_it(stage: Stage):
    refusal = {"id": "$id", "error": {"code": -32601, "message": "config/value/write is not supported yet"}}
    stage.set({"model/list": [result(data=[])], "config/value/write": [refusal]})
    _, shown = stage.run(stdin="/fast\none\n")
    assert "Fast mode is on for this session only; it could not be stored: config/value/write is not supported yet" in shown
    assert "Warning: m offers no fast mode" in shown
    assert stage.received("turn/start")[0]["serviceTier"] == "priority"


def test_help_and_models_need_no_turn(stage: Stage):
    stage.set({"model/list": [result(data=MODELS)]})
    _, shown = stage.run(stdin="/help\n/model\n/quit\nnever\n")
    assert "/image PATH" in shown
    assert "▸ m  words only" in shown
    assert stage.received("turn/start") == []


@pytest.fixture
def real_stage(stage: Stage) -> Stage:
    """The client and the real server with the rehearsal provider; the home is the folder that it works in.

    Every command is asked about, whether there is a sandbox on this machine or not.
    """
    stage.is_real = True
    (stage.folder / "config.toml").write_text('approval_policy = "untrusted"\n')
    return stage


def test_a_rehearsed_turn_of_the_real_server_is_shown_whole(real_stage: Stage):
    (real_stage.folder / "hello.txt").write_text("hi")
    code, shown = real_stage.run("--yes", "what is here?")
    assert code == 0
    assert "Looking around the workspace\n$ ls -la\nRun `ls -la` in " in shown
    assert "Accepted by --yes.\n" in shown
    assert "hello.txt\n" in shown
    assert "  exit code 0 · " in shown
    assert "This is a rehearsal, not a model: nobody read the prompt. `ls -la` ended with exit code 0 and printed:" in shown
    assert " out (76 reasoning) · " in shown.splitlines()[-1]


def test_a_script_plays_against_the_real_server_in_order(real_stage: Stage):
    code, shown = real_stage.run("--yes", "-", stdin="/think **One**\n/run exit 3\n/slow\n/say two words\n/fail 400\n")
    assert code == 1
    order = ["One\n", "$ exit 3\n", "  exit code 3 · ", "two words\n", "The rehearsal was asked to fail."]
    assert sorted(order, key=shown.index) == order


def test_a_declined_command_of_the_real_server_does_not_run(real_stage: Stage):
    code, shown = real_stage.run("/run touch made.txt")
    assert code == 0
    assert "  declined\n" in shown
    assert not (real_stage.folder / "made.txt").exists()


def test_ctrl_c_interrupts_a_turn_of_the_real_server_and_the_next_one_works(
    real_stage: Stage, at_terminal: Callable[..., Terminal]
):
    terminal = at_terminal("--yes")
    terminal.wait_for("›")
    # What the command prints is not what was typed, so the terminal's echo can't be taken for it.
    terminal.type("/run printf %s%s it-r uns; exec sleep 300\r")
    terminal.wait_for("it-runs")
    terminal.interrupt()
    terminal.wait_for("Interrupted.")
    terminal.wait_for("›")
    terminal.type("/run printf %s%s still- here\r")
    terminal.wait_for("still-here")
    terminal.wait_for("›")
    terminal.type("\x04")
    assert terminal.wait_end() == 0


def test_what_the_real_server_refuses_at_its_start_is_one_clear_line(real_stage: Stage):
    real_stage.environ["CODEX_HOME"] = "/nowhere"
    code, shown = real_stage.run("hi")
    assert code == 1
    assert 'Error: The server ended: CODEX_HOME points to "/nowhere", but that path does not exist' in shown.splitlines()[-1]


def test_a_provider_that_is_not_defined_is_one_clear_line(real_stage: Stage):
    code, shown = real_stage.run("-c", "model_provider=nobody", "hi")
    assert code == 1
    assert shown == "Error: The server ended: Model provider `nobody` not found\n"


def test_the_key_of_the_environment_becomes_a_provider_by_overrides_alone(tmp_path: Path):
    provider, added = choose_provider([], {"CODEX_HOME": str(tmp_path), "OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://h/v1"})
    assert provider == KEY_PROVIDER
    assert added == [
        'model_providers.openai-key.name="OpenAI"',
        'model_providers.openai-key.env_key="OPENAI_API_KEY"',
        'model_providers.openai-key.wire_api="responses"',
        'model_providers.openai-key.base_url="http://h/v1"',
        'model_provider="openai-key"',
    ]


def test_a_configured_provider_comes_before_the_key_and_an_override_before_both(tmp_path: Path):
    (tmp_path / "config.toml").write_text('model_provider = "mine"\n')
    environ = {"CODEX_HOME": str(tmp_path), "OPENAI_API_KEY": "k"}
    assert choose_provider([], environ) == ("mine", [])
    assert choose_provider(['model_provider="other"'], environ) == ("other", [])


def test_a_config_that_can_not_be_read_is_named_with_a_remedy(tmp_path: Path):
    (tmp_path / "config.toml").write_text("model = \n")
    with pytest.raises(Unusable, match=r"config\.toml is not valid TOML: .*line 1.*\. Correct it or move it away\."):
        parse(["hi"], {"CODEX_HOME": str(tmp_path)})


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
