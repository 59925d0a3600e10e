"""Where the bearer token comes from, and the command that prints one."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from app_server.core.provider.base import ProviderError
from app_server.core.provider.credentials import Credential, Credentials
from app_server.core.provider.settings import AuthCommand, ProviderSettings

PATH = {"PATH": "/usr/bin:/bin"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


Script = Callable[..., AuthCommand]


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Makes a shell script the auth command; it runs in the test's own folder."""

    def make(text: str, **members: Any) -> AuthCommand:
        path = tmp_path / "token.sh"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return AuthCommand("./token.sh", cwd=str(tmp_path), **members)

    return make


def credentials(environment: dict[str, str] | None = None, login: Any = None, **members: Any) -> Credentials:
    return Credentials(ProviderSettings(id="m", name="M", **members), {**PATH, **(environment or {})}, login, clock)


now = 1000.0


def clock() -> float:
    return now


async def token(source: Credentials) -> str | None:
    with anyio.fail_after(5):
        found = await source.current()
    return None if found is None else found.token


async def refusal(source: Credentials) -> ProviderError:
    with anyio.fail_after(5):
        with pytest.raises(ProviderError) as caught:
            await source.current()
    return caught.value


async def failure(source: Credentials) -> ProviderError:
    """Why there is nothing to send after a provider has refused a request that went without credentials."""
    with anyio.fail_after(5):
        with pytest.raises(ProviderError) as caught:
            await source.renew(None, 1)
    return caught.value


async def test_nothing_configured_means_no_credential() -> None:
    source = credentials()
    assert await token(source) is None
    assert await source.renew(Credential("t"), 1) is None


async def test_the_environment_key_is_read_at_every_request_and_comes_before_a_literal_token() -> None:
    environment = {"K": "one"}
    source = Credentials(ProviderSettings(id="m", name="M", env_key="K", experimental_bearer_token="literal"), environment)
    assert await token(source) == "one"
    environment["K"] = "two"
    assert await token(source) == "two"
    assert await source.renew(Credential("two"), 1) is None


async def test_a_literal_token_is_used_as_it_is() -> None:
    assert await token(credentials(experimental_bearer_token="literal")) == "literal"


@pytest.mark.parametrize("environment", [{}, {"MYKEY": ""}, {"MYKEY": "  "}])
async def test_a_missing_key_is_named_with_instructions(environment: dict[str, str]) -> None:
    error = await refusal(credentials(environment, env_key="MYKEY", env_key_instructions="Get one."))
    assert (error.message, error.info, error.is_retryable) == ("Missing environment variable: `MYKEY`. Get one.", "other", False)
    error = await refusal(credentials(environment, env_key="MYKEY"))
    assert error.message == "Missing environment variable: `MYKEY`."


async def test_the_command_runs_in_its_folder_with_the_given_environment(script: Script, tmp_path: Path) -> None:
    auth = script('echo " $1-$SECRET-$(basename "$PWD")-${HOME:-none} "', args=("a",))
    assert await token(credentials({"SECRET": "s"}, auth=auth)) == f"a-s-{tmp_path.name}-none"


async def test_the_printed_token_is_kept_until_it_is_old(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    source = credentials(auth=script("echo x >> runs; wc -l < runs", refresh_interval_ms=60_000))
    assert [await token(source), await token(source)] == ["1", "1"]
    monkeypatch.setitem(globals(), "now", now + 59.9)
    assert await token(source) == "1"
    monkeypatch.setitem(globals(), "now", now + 60.1)
    assert await token(source) == "2"


async def test_an_interval_of_zero_keeps_the_token_for_good(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    source = credentials(auth=script("echo x >> runs; wc -l < runs", refresh_interval_ms=0))
    assert await token(source) == "1"
    monkeypatch.setitem(globals(), "now", now + 1e9)
    assert await token(source) == "1"


async def test_a_refused_token_is_printed_anew_once_and_shared(script: Script) -> None:
    source = credentials(auth=script("echo x >> runs; wc -l < runs"))
    first = await source.current()
    assert first is not None
    renewed: list[Credential | None] = []

    async def renew() -> None:
        renewed.append(await source.renew(first, 1))

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(renew)
    assert [found and found.token for found in renewed] == ["2", "2", "2"]
    assert await source.renew(first, 2) is None


FAILURES = [
    ("echo oops >&2; exit 3", {}, "exited with status exit status: 3: oops"),
    ("exit 3", {}, "exited with status exit status: 3"),
    ("kill -9 $$", {}, "exited with status signal: 9 (SIGKILL)"),
    ("echo", {}, "produced an empty token"),
    ("printf 'a\\377'", {}, "wrote non-UTF-8 data to stdout"),
]


@pytest.mark.parametrize(("text", "members", "message"), FAILURES)
async def test_a_failing_command_says_how_it_failed_when_the_provider_wants_a_token(
    script: Script, text: str, members: dict[str, Any], message: str
) -> None:
    error = await failure(credentials(auth=script(text, **members)))
    assert error.message == f"provider auth command `./token.sh` {message}"
    assert (error.info, error.is_retryable) == ("other", True)


async def test_a_command_past_its_deadline_is_killed_with_its_children(script: Script, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "lifeline")
    lifeline = os.open(tmp_path / "lifeline", os.O_RDONLY | os.O_NONBLOCK)
    auth = script("(echo up; exec sleep 60) > lifeline &\nsleep 60", timeout_ms=300)
    error = await failure(credentials(auth=auth))
    assert error.message == "provider auth command `./token.sh` timed out after 300 ms"
    heard = []
    with anyio.fail_after(1):
        while not heard or heard[-1]:  # The end of the pipe comes when nobody is left to write.
            await anyio.wait_readable(lifeline)
            heard.append(os.read(lifeline, 100))
    os.close(lifeline)
    assert heard == [b"up\n", b""]


async def test_a_command_that_is_not_there_says_so(tmp_path: Path) -> None:
    error = await failure(credentials(auth=AuthCommand("./nope.sh", cwd=str(tmp_path))))
    assert error.message == "provider auth command `./nope.sh` failed to start: No such file or directory (os error 2)"


async def test_a_command_may_print_more_than_is_kept(script: Script) -> None:
    found = await token(credentials(auth=script("head -c 300000 /dev/zero | tr '\\0' x; head -c 300000 /dev/zero >&2")))
    assert found == "x" * (64 << 10)


class FakeLogin:
    """A login whose token can be renewed twice, as a stored one and then a refreshed one."""

    async def credential(self) -> Credential:
        return Credential("t0", {"chatgpt-account-id": "a1"}, is_chatgpt=True)

    async def renew(self, refused: Credential, attempt: int) -> Credential | None:
        return Credential(f"t{attempt}") if attempt <= 2 else None


async def test_the_login_counts_only_for_providers_that_require_it() -> None:
    assert await token(credentials(login=FakeLogin(), requires_openai_auth=True)) == "t0"
    assert await token(credentials(login=FakeLogin())) is None
    assert await token(credentials({"K": "k"}, FakeLogin(), requires_openai_auth=True, env_key="K")) == "k"


def test_tokens_are_not_shown() -> None:
    assert "secret" not in repr(Credential("secret"))
