"""What requests carry for a login, and how tokens are renewed: against a real server for tokens."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest

from app_server.core.auth.logins import Logins
from app_server.core.auth.session import LoginSession
from app_server.core.auth.stored import of_client
from app_server.core.clock import Clock
from app_server.core.config.config import Config
from app_server.core.config.store import ConfigStore
from app_server.core.ports import NoAnswer
from app_server.core.provider.base import ProviderError
from app_server.core.provider.credentials import Credential
from app_server.core.provider.outgoing import Identity
from protocol.base import to_wire
from tests.core.auth.logins import chatgpt, put, token
from tests.core.provider.loopback import Loopback, http, loopback

pytestmark = pytest.mark.anyio


@dataclass
class Lab:
    """A home, its login, and the session that renews it at the loopback server."""

    home: Path
    logins: Logins
    session: LoginSession

    async def sent(self) -> Credential:
        return there(await self.session.credential())

    async def renew(self, attempt: int) -> Credential | None:
        return await self.session.renew(await self.sent(), attempt)


def there(found: Credential | None) -> Credential:
    assert found is not None
    return found


def configuration(home: Path, text: str = "") -> Config:
    (home / "config.toml").write_text(text)
    return ConfigStore(home, {}, {}, Clock(), cwd=home, system=home / "etc").load()


class Clients:
    """What clients answer when they are asked for a fresh token; nothing, unless told."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer
        self.asked: list[Any] = []

    async def ask(self, thread_id: str | None, method: Any, params: Any) -> Any:
        assert thread_id is None
        self.asked.append((method.name, to_wire(params)))
        if self.answer is None:
            raise NoAnswer("nobody is there")
        return method.result.model_validate(self.answer)


def lab(home: Path, document: Any, server: Loopback | None = None, *, config: str = "", clients: Any = None) -> Lab:
    put(home, document)
    loaded = configuration(home, config)
    logins = Logins(home, lambda: loaded)
    environment = {} if server is None else {"CODEX_REFRESH_TOKEN_URL_OVERRIDE": f"{server.url}/oauth/token"}
    return Lab(home, logins, LoginSession(logins, environment, lambda: Identity("me", "me/1"), Clock(), clients or Clients()))


def tokens(number: int) -> dict[str, Any]:
    document: dict[str, Any] = chatgpt(number)
    fresh: dict[str, Any] = document["tokens"]
    return fresh


def granted(number: int) -> bytes:
    return http(200, {name: tokens(number)[name] for name in ("id_token", "access_token", "refresh_token")})


async def test_a_key_is_sent_alone_and_never_renewed(tmp_path: Path) -> None:
    one = lab(tmp_path, {"OPENAI_API_KEY": "sk-1"})
    assert await one.session.credential() == Credential("sk-1", {}, is_chatgpt=False)
    assert await one.renew(1) is None


async def test_an_account_is_sent_with_its_id(tmp_path: Path) -> None:
    one = lab(tmp_path, chatgpt())
    assert await one.session.credential() == Credential(tokens(0)["access_token"], {"chatgpt-account-id": "a-1"}, is_chatgpt=True)


async def test_nobody_is_logged_in_where_logins_are_not_kept_in_the_file_or_another_kind_is_wanted(tmp_path: Path) -> None:
    for config in ('cli_auth_credentials_store = "ephemeral"', 'forced_login_method = "api"'):
        assert await lab(tmp_path, chatgpt(), config=config).session.credential() is None
    assert await lab(tmp_path, chatgpt(), config='forced_login_method = "chatgpt"').session.credential() is not None


async def test_the_login_stays_when_the_file_changes_until_a_request_is_refused(tmp_path: Path) -> None:
    one = lab(tmp_path, chatgpt(0))
    first = await one.sent()
    put(tmp_path, chatgpt(5))
    assert await one.session.credential() == first
    second = there(await one.session.renew(first, 1))
    assert second.token == tokens(5)["access_token"]


async def test_another_account_in_the_file_ends_the_request(tmp_path: Path) -> None:
    one = lab(tmp_path, chatgpt(0))
    first = await one.sent()
    for document in (chatgpt(5, account="a-2"), {}):
        put(tmp_path, document)
        with pytest.raises(ProviderError, match="signed in to another account") as caught:
            await one.session.renew(first, 1)
        assert caught.value.info == "unauthorized"


async def test_the_second_refusal_renews_the_tokens_and_stores_them(tmp_path: Path) -> None:
    async with loopback([granted(1)]) as server:
        one = lab(tmp_path, chatgpt(0, theirs=1), server)
        renewed = there(await one.renew(2))
        assert renewed.token == tokens(1)["access_token"]
        [request] = server.requests
        assert request.line == "POST /v1/oauth/token HTTP/1.1"
        assert request.json == {
            "client_id": "app_EMoamEEZ73f0CkXaXp7hrann",
            "grant_type": "refresh_token",
            "refresh_reason": "unauthorized_recovery",
            "refresh_token": "r-0",
        }
        assert (request.header("originator"), request.header("user-agent")) == ("me", "me/1")
        kept = json.loads((tmp_path / "auth.json").read_text())
        assert (kept["tokens"], kept["theirs"]) == (tokens(1), 1)
        assert kept["last_refresh"] > "2026-01-01T00:00:00Z"
        assert await one.session.credential() == renewed
        assert await one.renew(3) is None


async def test_requests_that_are_refused_together_share_one_renewal(tmp_path: Path) -> None:
    async with loopback([granted(1)]) as server:
        one = lab(tmp_path, chatgpt(0), server)
        refused = await one.sent()
        found: list[Credential | None] = []

        async def renew(old: Credential) -> None:
            found.append(await one.session.renew(old, 2))

        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(renew, refused)
        assert {each.token for each in found if each is not None} == {tokens(1)["access_token"]}
        assert (len(found), len(server.requests)) == (5, 1)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ({"code": "refresh_token_expired"}, "because your refresh token has expired"),
        ({"code": "refresh_token_reused"}, "because your refresh token was already used"),
        ({"code": "refresh_token_invalidated"}, "because your refresh token was revoked"),
        ({"code": "something"}, "could not be refreshed. Please"),
        ("refresh_token_expired", "because your refresh token has expired"),
        (None, "could not be refreshed. Please"),
    ],
)
async def test_a_refused_renewal_is_final_and_the_account_is_gone(tmp_path: Path, error: Any, words: str) -> None:
    async with loopback([http(401, {"error": error})]) as server:
        one = lab(tmp_path, chatgpt(0), server)
        with pytest.raises(ProviderError) as caught:
            await one.renew(2)
        assert (caught.value.info, caught.value.is_retryable) == ("unauthorized", False)
        assert words in caught.value.message
        login = one.logins.current()
        assert login is not None
        assert one.logins.is_refused(login)


@pytest.mark.parametrize(
    ("answer", "words", "is_retryable"),
    [
        (http(500, "oops"), "Failed to refresh token: 500 Internal Server Error", True),
        (http(404, "oops"), "Failed to refresh token: 404 Not Found", True),
        (http(200, "oops"), "OAuth token response is invalid", False),
        (http(200, {"refresh_token": "r"}), "OAuth token response is invalid", False),
        (b"", "Failed to refresh token: error sending request for url", True),
    ],
)
async def test_a_renewal_that_fails_otherwise_leaves_the_login_as_it_is(
    tmp_path: Path, answer: bytes, words: str, is_retryable: bool
) -> None:
    async with loopback([answer, "close"]) as server:
        one = lab(tmp_path, chatgpt(0), server)
        with pytest.raises(ProviderError) as caught:
            await one.renew(2)
        assert (caught.value.info, caught.value.is_retryable) == ("other", is_retryable)
        assert words in caught.value.message
        login = one.logins.current()
        assert login is not None
        assert not one.logins.is_refused(login)
        assert json.loads((tmp_path / "auth.json").read_text()) == chatgpt(0)


async def test_an_expired_token_is_renewed_before_it_is_sent(tmp_path: Path) -> None:
    async with loopback([granted(1)]) as server:
        one = lab(tmp_path, chatgpt(0, expires_at=1000), server)
        sent = await one.sent()
        assert sent.token == tokens(1)["access_token"]
        assert server.requests[0].json["refresh_reason"] == "proactive_expiry"


async def test_an_expired_token_that_is_not_renewed_is_sent_and_not_asked_for_again(tmp_path: Path) -> None:
    async with loopback([http(401, {"error": {"code": "refresh_token_reused"}})]) as server:
        one = lab(tmp_path, chatgpt(0, expires_at=1000), server)
        first, second = await one.session.credential(), await one.session.credential()
        assert first is not None
        assert first == second
        assert len(server.requests) == 1


async def test_tokens_that_a_client_holds_are_renewed_by_asking_it(tmp_path: Path) -> None:
    facts = {"chatgpt_plan_type": "plus"}
    fresh = token(**{"https://api.openai.com/auth": facts})
    clients = Clients({"accessToken": fresh, "chatgptAccountId": "a-9", "chatgptPlanType": None})
    one = lab(tmp_path, {}, clients=clients)
    held = of_client(token(exp=1), "a-9", "pro")
    assert held is not None
    one.logins.adopt(held)
    before = await one.sent()
    assert before == Credential(held.token, {"chatgpt-account-id": "a-9"}, is_chatgpt=True)  # expired, and the client's to renew
    assert await one.session.renew(before, 1) == Credential(fresh, {"chatgpt-account-id": "a-9"}, is_chatgpt=True)
    assert await one.session.renew(before, 1) == await one.sent()  # who comes later shares the fresh token
    assert await one.renew(2) is None
    await one.session.refresh()
    assert clients.asked == [
        ("account/chatgptAuthTokens/refresh", {"reason": "unauthorized", "previousAccountId": "a-9"}),
    ]
    assert json.loads((tmp_path / "auth.json").read_text()) == {}


@pytest.mark.parametrize(
    ("answer", "config"),
    [
        (None, ""),
        ({"accessToken": "no token", "chatgptAccountId": "a"}, ""),
        ({"accessToken": token(sub="x"), "chatgptAccountId": "other"}, 'forced_chatgpt_workspace_id = "a"'),
    ],
)
async def test_a_client_that_gives_no_token_that_can_be_used(tmp_path: Path, answer: Any, config: str) -> None:
    one = lab(tmp_path, {}, clients=Clients(answer), config=config)
    held = of_client(token(exp=1), "a", None)
    assert held is not None
    one.logins.adopt(held)
    with pytest.raises(ProviderError, match="Your access token could not be refreshed") as caught:
        await one.renew(1)
    assert caught.value.info == "unauthorized"
    assert one.logins.current() == held
