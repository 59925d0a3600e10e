"""The log on stderr: filters, forms, secrets that never reach it, and a reader that stalls."""

import fcntl
import json
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app_server.logs import HIDDEN, OFF, TRACE, configure, read_filter, redacted
from tests.conftest import Converse
from tests.support.home import Home
from tests.support.process import started

LOGGER = logging.getLogger("app_server.core.example")


@contextmanager
def log_of(**environment: str) -> Iterator[Callable[[], str]]:
    """Logging as this environment wants it; gives what was written until then. Afterwards everything is as it was."""
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in read_filter(environment.get("RUST_LOG", ""))[0]}
    handlers, kept = root.handlers[:], root.level
    source, sink = os.pipe()
    try:
        configure(environment, sink)

        def text() -> str:
            os.set_blocking(source, False)
            parts = []
            try:
                while part := os.read(source, 1 << 16):
                    parts.append(part)
            except BlockingIOError:
                pass
            return b"".join(parts).decode()

        yield text
    finally:
        root.handlers[:] = handlers
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        root.setLevel(kept)
        os.close(source)
        os.close(sink)


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("", {"": logging.WARNING}),
        ("info", {"": logging.INFO}),
        ("OFF", {"": OFF}),
        ("codex_core=debug, httpx=warn", {"app_server.core": logging.DEBUG, "httpx": logging.WARNING, "": logging.ERROR}),
        ("codex_core::client=trace,info", {"app_server.core.client": TRACE, "": logging.INFO}),
        ("codex", {"app_server": TRACE, "": logging.ERROR}),
        ('app_server[turn{id="a,b"}]=4', {"app_server": logging.DEBUG, "": logging.ERROR}),
        (",,", {"": logging.WARNING}),
    ],
)
def test_filters_are_read_in_the_words_of_the_reference(text: str, levels: dict[str, int]) -> None:
    assert read_filter(text) == (levels, [])


def test_a_part_that_is_no_filter_is_told_and_the_rest_holds() -> None:
    assert read_filter("=info,app_server=loud,error") == ({"": logging.ERROR}, ["=info", "app_server=loud"])
    with log_of(RUST_LOG="app_server=loud,info") as text:
        assert text().endswith(
            " WARN app_server.logs: parts of RUST_LOG were ignored, since they are no filters: app_server=loud\n"
        )


@given(st.text(st.sampled_from("aw=,[]:. {}1"), max_size=20))
def test_no_filter_is_too_odd_to_be_read(text: str) -> None:
    assert "" in read_filter(text)[0]


def test_warnings_are_written_and_less_is_not_unless_it_is_asked_for() -> None:
    with log_of() as text:
        LOGGER.info("quiet")
        LOGGER.warning("heard %d", 1)
        line = text()
    assert line.count("\n") == 1
    assert line.endswith("Z  WARN app_server.core.example: heard 1\n")
    with log_of(RUST_LOG="codex_core=debug") as text:
        LOGGER.debug("quiet no more")
        logging.getLogger("httpx").warning("not asked for")
        assert text().endswith(" DEBUG app_server.core.example: quiet no more\n")


def test_json_lines_are_objects_with_the_reference_s_members() -> None:
    with log_of(LOG_FORMAT="JSON") as text:
        try:
            raise ValueError("two\nlines")
        except ValueError:
            LOGGER.exception("it %s", "broke")
        entry = json.loads(text())
    assert entry["timestamp"].endswith("Z")
    assert entry["fields"]["exception"].endswith("ValueError: two\nlines")
    assert {**entry, "timestamp": "", "fields": {"message": entry["fields"]["message"]}} == {
        "timestamp": "",
        "level": "ERROR",
        "fields": {"message": "it broke"},
        "target": "app_server.core.example",
    }


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Authorization: Bearer abcdefgh.ijkl", f"Authorization: Bearer {HIDDEN}"),
        ("headers=[(b'Authorization', b'Basic dXNlcjpwdw==')]", f"headers=[(b'Authorization', b'Basic {HIDDEN}')]"),
        ("key sk-proj-0123456789abcdefgh.", f"key {HIDDEN}."),
        ("AKIAABCDEFGHIJKLMNOP", HIDDEN),
        ("eyJhbGciOiJub25lIn0.eyJhIjoxfQ.", HIDDEN),
        ('{"api_key": "0123456789"}', f'{{"api_key": "{HIDDEN}"}}'),
        ("refresh_token=0123456789&a=1", f"refresh_token={HIDDEN}&a=1"),
        ("http://user:hunter22@host/x", f"http://user:{HIDDEN}@host/x"),
        ("total_tokens=123456789 and a secretary: somebody", "total_tokens=123456789 and a secretary: somebody"),
    ],
)
def test_what_looks_like_a_secret_is_taken_out(text: str, clean: str) -> None:
    assert redacted(text) == clean


def test_the_environment_s_secrets_are_taken_out_of_messages_and_tracebacks() -> None:
    with log_of(MY_API_KEY="plain words", PATH="/usr/bin") as text:
        try:
            raise ValueError("plain words in /usr/bin")
        except ValueError:
            LOGGER.exception("said plain words")
        said = text()
    assert "plain words" not in said
    assert f"said {HIDDEN}\n" in said
    assert said.endswith(f"ValueError: {HIDDEN} in /usr/bin\n")


def test_a_reader_that_stalls_costs_lines_and_is_told_how_many() -> None:
    with log_of() as text:
        for sink in {handler._descriptor for handler in logging.getLogger().handlers}:  # type: ignore[attr-defined]
            fcntl.fcntl(sink, fcntl.F_SETPIPE_SZ, 4096)
        for _ in range(10):
            LOGGER.warning("x" * 1000)
        first = text()
        LOGGER.warning("read again")
        second = text()
    written = first.count("\n")
    assert 0 < written < 10
    assert second.splitlines()[0] == f"{10 - written} lines of the log were lost, since nobody read them"
    assert second.endswith(": read again\n")


async def test_a_server_logs_what_is_asked_for(converse: Converse) -> None:
    async with converse(
        [["created", {"message": "hi"}, "completed"]], environment={"RUST_LOG": "info", "LOG_FORMAT": "json"}
    ) as talk:
        thread = (await talk.client.request("thread/start"))["thread"]["id"]
        await talk.client.request("turn/start", {"threadId": thread, "input": [{"type": "text", "text": "hello"}]})
        await talk.client.wait_notification("turn/completed", threadId=thread)
        entries = [json.loads(line) for line in talk.home.log.read_text().splitlines()]
    assert {"INFO"} == {entry["level"] for entry in entries}
    assert [entry for entry in entries if entry["target"] == "httpx" and "/responses" in entry["fields"]["message"]]


async def test_a_bad_line_is_told_on_stderr(home: Callable[..., Home], server_command: Sequence[str]) -> None:
    place = home("http://127.0.0.1:9/v1")
    async with started(server_command, place) as server:
        await server.send(b"no json\n")
        server.close_input()
        assert await server.wait_exit() == 0
    assert "ERROR app_server.dispatcher: a line that is not JSON was ignored" in place.log.read_text()
