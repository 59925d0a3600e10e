"""The login in `auth.json`: both forms, what counts when, and how it is written."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from app_server.core.auth import stored
from tests.core.auth.logins import chatgpt, put, token


def read(home: Path, document: Any) -> stored.StoredLogin | None:
    put(home, document)
    return stored.read(home)


def test_an_api_key_is_a_login(tmp_path: Path) -> None:
    login = read(tmp_path, {"auth_mode": "apikey", "OPENAI_API_KEY": " sk-1 "})
    assert login is not None
    assert (login.mode, login.token, login.is_chatgpt, login.expires_at_s) == ("apikey", " sk-1 ", False, None)


def test_the_tokens_of_an_account_are_a_login_and_tell_who_it_is(tmp_path: Path) -> None:
    login = read(tmp_path, chatgpt())
    assert login is not None
    assert (login.mode, login.account_id, login.refresh_token, login.expires_at_s) == ("chatgpt", "a-1", "r-0", 4_102_444_800)
    assert (login.email, login.fact("chatgpt_plan_type"), login.fact("chatgpt_user_id")) == ("t@example.invalid", "pro", "u-1")


def test_without_a_mode_a_key_counts_before_tokens(tmp_path: Path) -> None:
    both = {**chatgpt(), "OPENAI_API_KEY": "sk-1"}
    del both["auth_mode"]
    login = read(tmp_path, both)
    assert login is not None
    assert login.mode == "apikey"
    del both["OPENAI_API_KEY"]
    login = read(tmp_path, both)
    assert login is not None
    assert login.mode == "chatgpt"


def test_the_account_is_told_by_the_token_where_it_is_not_stored(tmp_path: Path) -> None:
    document = chatgpt(account="a-2")
    del document["tokens"]["account_id"]
    login = read(tmp_path, document)
    assert login is not None
    assert login.account_id == "a-2"


@pytest.mark.parametrize(
    "document",
    [
        "",
        "{",
        "[1]",
        "null",
        {},
        {"auth_mode": "apikey"},
        {"auth_mode": "chatgpt", "OPENAI_API_KEY": "sk-1"},
        {"tokens": {}},
        b"\xff",
    ],
)
def test_a_file_that_makes_no_sense_is_no_login(tmp_path: Path, document: Any) -> None:
    if isinstance(document, bytes):
        (tmp_path / "auth.json").write_bytes(document)
        assert stored.read(tmp_path) is None
    else:
        assert read(tmp_path, document) is None
    assert stored.read(tmp_path / "nowhere") is None


def test_a_login_is_written_for_its_owner_alone_and_keeps_what_others_have_put_there(tmp_path: Path) -> None:
    login = read(tmp_path, chatgpt(theirs={"a": 1}))
    assert login is not None
    stored.write(tmp_path, login.renewed({"access_token": "new", "refresh_token": "r-9"}, "2026-02-02T00:00:00Z"))
    path = tmp_path / "auth.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    expected = chatgpt(theirs={"a": 1}, last_refresh="2026-02-02T00:00:00Z")
    expected["tokens"] |= {"access_token": "new", "refresh_token": "r-9"}
    assert json.loads(path.read_text()) == expected
    assert [each.name for each in tmp_path.iterdir()] == ["auth.json"]


@pytest.mark.parametrize("text", ["", "a.b", "a.!!!.c", "a.bm90IGpzb24.c", "a.WzFd.c"])
def test_what_is_no_token_says_nothing(text: str) -> None:
    assert stored.claims_of(text) == {}
    assert stored.claims_of(token(a=1)) == {"a": 1}
