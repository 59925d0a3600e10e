"""Which prompt a speech model gets, and what stands behind it: as a function, and as sessions of each version are told."""

import os
import pwd
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app_server.core.realtime.instructions import PROMPT, UNSET, first_name, instructions
from tests.core.realtime.talking import talking

VERSIONS = pytest.mark.parametrize("version", ["v1", "v2", "v3"])


@pytest.mark.parametrize(
    ("prompt", "configured", "context", "expected"),
    [
        ("own", None, "ctx", "own\n\nctx"),
        ("own", None, None, "own"),
        ("own", None, "", "own"),
        ("own", "configured", "ctx", "configured\n\nctx"),
        ("own", "  \n", None, "own"),
        (None, None, "ctx", "ctx"),
        ("", None, "ctx", "ctx"),
        (None, None, None, ""),
        (None, "configured", None, "configured"),
        ("   ", None, None, "   "),
    ],
)
def test_the_configured_prompt_wins_and_none_is_none(
    prompt: str | None, configured: str | None, context: str | None, expected: str
) -> None:
    assert instructions(prompt, configured, context) == expected


def test_without_a_prompt_the_built_in_one_calls_the_user_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pwd, "getpwuid", lambda _: SimpleNamespace(pw_gecos="Ada Lovelace,,,", pw_name="ada"))
    text = instructions(UNSET, None, "ctx")
    assert "whose first name is Ada," in text
    assert "{first_name}" not in text
    assert text.endswith("\n\nctx")
    assert instructions(UNSET, "configured", None) == "configured"


@pytest.mark.parametrize(
    ("real", "login", "name"), [("Ada Lovelace,Room 1", "al", "Ada"), ("", "al", "al"), (",,,", "al", "al"), ("", "", "there")]
)
def test_the_first_name_is_the_account_s(real: str, login: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pwd, "getpwuid", lambda _: SimpleNamespace(pw_gecos=real, pw_name=login))
    assert first_name() == name


def test_who_has_no_account_is_called_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_: int) -> Any:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    assert first_name() == "there"
    assert os.getuid() >= 0


async def told(folder: Path, version: str, *, top: str = "", **params: Any) -> str:
    """The instructions of a session on a thread where one turn was had."""
    async with talking(folder, [["created", {"message": "an answer"}, "completed"]], top=top) as talk:
        await talk.lab.turn(talk.client, talk.thread_id, "an ask")
        await talk.ask("start", outputModality="audio", version=version, **params)
        session = (await (await talk.voice.answer()).next())["session"]
        text: str = session["instructions"]
        return text


@pytest.mark.anyio
@VERSIONS
async def test_a_session_gets_the_built_in_prompt_and_the_context_unless_told_otherwise(version: str, tmp_path: Path) -> None:
    text = await told(tmp_path, version)
    assert text.startswith(PROMPT[:20])
    assert "### Latest turn\nUser:\nan ask\n\nAssistant:\nan answer" in text
    assert "<startup_context>\n" in text
    assert text.endswith("\n</startup_context>")


@pytest.mark.anyio
@VERSIONS
@pytest.mark.parametrize("prompt", [None, ""])
async def test_no_prompt_is_none_and_the_context_may_be_left_out(prompt: str | None, version: str, tmp_path: Path) -> None:
    assert await told(tmp_path / "out", version, prompt=prompt, includeStartupContext=False) == ""
    assert (await told(tmp_path / "in", version, prompt=prompt, includeStartupContext=None)).startswith("<startup_context>")


@pytest.mark.anyio
@VERSIONS
async def test_the_configuration_says_the_prompt_and_the_context(version: str, tmp_path: Path) -> None:
    top = 'experimental_realtime_ws_backend_prompt = "CONF"\nexperimental_realtime_ws_startup_context = "CTX"\n'
    assert await told(tmp_path / "both", version, top=top, prompt=None) == "CONF\n\nCTX"
    assert await told(tmp_path / "off", version, top=top, prompt="P", includeStartupContext=False) == "CONF"
    empty = 'experimental_realtime_ws_startup_context = ""\n'
    assert await told(tmp_path / "empty", version, top=empty, prompt="P") == "P"


@pytest.mark.anyio
async def test_the_context_of_an_empty_thread_is_that_of_its_folder(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        (talk.lab.home.work / "seen.txt").touch()
        await talk.ask("start", outputModality="audio", prompt=None)
        text = (await (await talk.voice.answer()).next())["session"]["instructions"]
        assert "- seen.txt" in text
        assert "## Current Thread" not in text
        await talk.ask("start", outputModality="audio", prompt="P", realtimeSessionId="again")
        second = (await (await talk.voice.answer()).next())["session"]["instructions"]
        assert second.startswith("P\n\n<startup_context>")
