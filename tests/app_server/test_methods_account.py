"""Logging in and out over a connection: keys, a client's own tokens, a browser, another device. The issuer is on loopback."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.core.auth.logins import chatgpt, put, token
from tests.core.provider.loopback import Loopback, http, loopback
from tests.support.client import Client, RpcError, connected
from tests.support.deterministic import served
from tests.support.home import Home, make_home
from tests.support.websocket import joined, listening

FACTS = {"chatgpt_plan_type": "pro", "chatgpt_user_id": "u-1", "chatgpt_account_id": "a-1"}
ID_TOKEN = token(email="t@example.invalid", **{"https://api.openai.com/auth": FACTS})
TOKENS = {"id_token": ID_TOKEN, "access_token": token(exp=4_102_444_800), "refresh_token": "secret-refresh"}
SECRETS = (TOKENS["access_token"], "secret-refresh", "secret-code", "secret-verifier", "sk-secret")


@dataclass
class Lab:
    """A server, its client, and the issuer of tokens."""

    client: Client
    home: Home
    issuer: Loopback

    def stored(self) -> Any:
        file = self.home.codex_home / "auth.json"
        return json.loads(file.read_text()) if file.exists() else None

    async def login(self, **params: Any) -> Any:
        return await self.client.request("account/login/start", params)

    async def refusal(self, **params: Any) -> tuple[int, str]:
        with pytest.raises(RpcError) as caught:
            await self.login(**params)
        return caught.value.code, caught.value.message

    async def ended(self) -> tuple[Any, Any]:
        """The error of the next login that ends, and the account that is logged in then, if that is told."""
        completed = await self.client.wait_notification("account/login/completed")
        assert completed["success"] is (completed["error"] is None)
        updated = None if completed["error"] else await self.client.wait_notification("account/updated")
        return completed["error"], updated


@asynccontextmanager
async def lab(folder: Path, *answers: Any, stored: Any = None, **options: Any) -> AsyncIterator[Lab]:
    async with loopback(*answers) as issuer:
        base = issuer.url.removesuffix("/v1")
        variables = {
            "CODEX_APP_SERVER_LOGIN_ISSUER": base,
            "CODEX_APP_SERVER_LOGIN_PORT": "0",
            "CODEX_REVOKE_TOKEN_URL_OVERRIDE": f"{base}/revoke",
        }
        top = f'chatgpt_base_url = "{base}/backend-api/"\n' + options.pop("top", "")
        home = make_home(folder, "http://127.0.0.1:9/v1", environment=variables, top=top, **options)
        if stored is not None:
            put(home.codex_home, stored)
        async with served(home) as pipe, connected(pipe) as client:
            await client.initialize()
            yield Lab(client, home, issuer)
            said = json.dumps(client.messages)
            assert not [secret for secret in SECRETS if secret in said]


async def browse(url: str) -> tuple[int, str]:
    """What the user's browser gets at a page."""
    async with httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(url)
    return answer.status_code, answer.text


def asked_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


async def test_a_key_is_kept_as_it_is_and_told_to_nobody(tmp_path: Path) -> None:
    async with lab(tmp_path) as one:
        assert await one.login(type="apiKey", apiKey=" sk-secret ") == {"type": "apiKey"}
        assert await one.ended() == (None, {"authMode": "apikey", "planType": None})
        assert one.stored() == {"auth_mode": "apikey", "OPENAI_API_KEY": " sk-secret "}
        assert (one.home.codex_home / "auth.json").stat().st_mode & 0o777 == 0o600
        assert (await one.client.request("account/read"))["account"] == {"type": "apiKey"}
        assert await one.client.request("account/logout", None) == {}
        assert await one.client.wait_notification("account/updated") == {"authMode": None, "planType": None}
        assert one.stored() is None
        assert (await one.client.request("account/read"))["account"] is None
        assert one.issuer.requests == []


async def test_a_login_is_told_to_every_client_and_its_secrets_to_none(tmp_path: Path) -> None:
    async with listening(make_home(tmp_path, "http://127.0.0.1:9/v1")) as (_, url), joined(url) as one, joined(url) as other:
        await one.request("account/login/start", {"type": "apiKey", "apiKey": "sk-secret"})
        await other.wait_notification("account/login/completed", success=True)
        await other.wait_notification("account/updated", authMode="apikey")
        assert "sk-secret" not in json.dumps([one.messages, other.messages])


async def test_a_login_in_the_browser(tmp_path: Path) -> None:
    async with lab(tmp_path, [http(200, TOKENS)]) as one:
        begun = await one.login(type="chatgpt")
        query = asked_of(begun["authUrl"])
        base = one.issuer.url.removesuffix("/v1")
        assert begun["authUrl"].startswith(f"{base}/oauth/authorize?response_type=code&client_id=app_")
        assert (query["code_challenge_method"], query["originator"]) == ("S256", "tests")
        assert (await browse(query["redirect_uri"] + "?code=x&state=wrong"))[0] == 400
        assert (await browse(query["redirect_uri"].replace("callback", "elsewhere")))[0] == 404
        assert one.issuer.requests == []
        status, text = await browse(f"{query['redirect_uri']}?code=secret-code&state={query['state']}")
        assert status == 200
        assert "secret-code" not in text
        assert await one.ended() == (None, {"authMode": "chatgpt", "planType": "pro"})
        (trade,) = one.issuer.requests
        form = {name: values[0] for name, values in parse_qs(trade.body.decode()).items()}
        assert trade.line == "POST /oauth/token HTTP/1.1"
        assert (form["grant_type"], form["code"], form["redirect_uri"]) == (
            "authorization_code",
            "secret-code",
            query["redirect_uri"],
        )
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        assert challenge == query["code_challenge"]
        assert one.stored() == {
            "auth_mode": "chatgpt",
            "OPENAI_API_KEY": None,
            "tokens": {**TOKENS, "account_id": "a-1"},
            "last_refresh": "2026-01-02T03:04:05Z",
        }
        account = {"type": "chatgpt", "email": "t@example.invalid", "planType": "pro", "workspaceName": None}
        assert (await one.client.request("account/read"))["account"] == account
        with pytest.raises(httpx.ConnectError):  # the server of the login is gone
            await browse(query["redirect_uri"])


@pytest.mark.parametrize(
    ("answer", "query", "error"),
    [
        (None, "error=access_denied", "access_denied"),
        (None, "error=access_denied&error_description=No%20%3Cb%3E", "No <b>"),
        (None, "", "The issuer sent no code"),
        (
            http(400, {"error": "invalid_grant", "error_description": "Used"}),
            "code=secret-code",
            "Token exchange failed: token endpoint returned status 400 Bad Request: Used",
        ),
        (http(200, {"access_token": "a.b.c"}), "code=secret-code", "Token exchange failed: the answer has no tokens"),
        (http(200, {**TOKENS, "id_token": 1}), "code=secret-code", "Token exchange failed: the answer has no tokens"),
    ],
)
async def test_a_login_in_the_browser_that_fails(tmp_path: Path, answer: Any, query: str, error: str) -> None:
    async with lab(tmp_path, [answer or b""]) as one:
        begun = await one.login(type="chatgpt")
        asked = asked_of(begun["authUrl"])
        status, text = await browse(f"{asked['redirect_uri']}?{query}&state={asked['state']}")
        assert status == 400
        assert "<b>" not in text
        assert await one.ended() == (f"Login server error: {error}", None)
        assert one.stored() is None


async def test_the_next_login_ends_the_one_that_is_under_way(tmp_path: Path) -> None:
    async with lab(tmp_path) as one:
        first = await one.login(type="chatgpt")
        second = await one.client.send("account/login/start", {"type": "chatgpt"})
        completed = await one.client.wait_notification("account/login/completed")
        assert completed["loginId"] == first["loginId"]
        assert completed["error"] == "Login server error: Login cancelled"
        second = await one.client.response(second)
        for asked, status in ((first, "notFound"), (second, "canceled"), (second, "notFound")):
            assert await one.client.request("account/login/cancel", {"loginId": asked["loginId"]}) == {"status": status}
        assert await one.ended() == ("Login server error: Login was not completed", None)
        await one.login(type="chatgpt")
        await one.login(type="apiKey", apiKey="k")
        assert await one.ended() == ("Login server error: Login was not completed", None)
        assert (await one.ended())[0] is None
        with pytest.raises(RpcError, match="invalid login id: zzz"):
            await one.client.request("account/login/cancel", {"loginId": "zzz"})


async def test_a_login_on_another_device(tmp_path: Path) -> None:
    code = {"device_auth_id": "d-1", "user_code": "ABCD-1234", "interval": "0"}
    given = {"authorization_code": "secret-code", "code_verifier": "secret-verifier", "code_challenge": "c"}
    answers = [[http(200, code)], [http(403, {})], [http(404, {})], [http(200, given)], [http(200, TOKENS)]]
    async with lab(tmp_path, *answers) as one:
        begun = await one.login(type="chatgptDeviceCode")
        base = one.issuer.url.removesuffix("/v1")
        assert (begun["verificationUrl"], begun["userCode"]) == (f"{base}/codex/device", "ABCD-1234")
        assert await one.ended() == (None, {"authMode": "chatgpt", "planType": "pro"})
        lines = [request.line.split()[1] for request in one.issuer.requests]
        assert lines == ["/api/accounts/deviceauth/usercode", *["/api/accounts/deviceauth/token"] * 3, "/oauth/token"]
        assert one.issuer.requests[1].json == {"device_auth_id": "d-1", "user_code": "ABCD-1234"}
        form = parse_qs(one.issuer.requests[4].body.decode())
        assert form["redirect_uri"] == [f"{base}/deviceauth/callback"]
        assert one.stored()["tokens"]["refresh_token"] == "secret-refresh"


async def test_a_login_on_another_device_that_fails(tmp_path: Path) -> None:
    code = {"device_auth_id": "d-1", "user_code": "A", "interval": 0}
    answers = [
        [http(404, {})],
        [http(500, {"error": {"message": "down"}})],
        [http(200, {})],
        [http(200, code)],
        [http(410, {"error": "expired"})],
    ]
    async with lab(tmp_path, *answers) as one:
        for text in (
            "device code login is not enabled for this issuer; use the browser login",
            "device code request failed with status 500 Internal Server Error: down",
            "device code request failed: the answer has no code",
        ):
            assert await one.refusal(type="chatgptDeviceCode") == (-32603, f"failed to request device code: {text}")
        await one.login(type="chatgptDeviceCode")
        assert await one.ended() == ("device auth failed with status 410 Gone: expired", None)


async def test_tokens_of_the_client_are_kept_in_memory_alone(tmp_path: Path) -> None:
    async with lab(tmp_path, stored={"OPENAI_API_KEY": "stored"}) as one:
        tokens = {"type": "chatgptAuthTokens", "accessToken": ID_TOKEN, "chatgptAccountId": "a-2"}
        wrong = await one.refusal(**{**tokens, "accessToken": "x"})
        assert wrong == (-32603, "failed to set external auth: invalid ID token format")
        assert await one.login(**tokens) == {"type": "chatgptAuthTokens"}
        assert await one.ended() == (None, {"authMode": "chatgptAuthTokens", "planType": "pro"})
        assert one.stored() == {"OPENAI_API_KEY": "stored"}
        external = (
            "External auth is active. Use account/login/start (chatgptAuthTokens) to update it or account/logout to clear it."
        )
        for other in ({"type": "apiKey", "apiKey": "k"}, {"type": "chatgpt"}, {"type": "chatgptDeviceCode"}):
            assert await one.refusal(**other) == (-32600, external)
        await one.login(**tokens, chatgptPlanType="weird")
        assert (await one.ended())[1] == {"authMode": "chatgptAuthTokens", "planType": "unknown"}
        assert (await one.client.request("account/read", {"refreshToken": True}))["userId"] == "u-1"
        await one.client.request("account/logout", None)
        assert (await one.client.request("account/read"))["account"] is None
        assert one.issuer.requests == []  # a client's tokens are the client's to revoke


async def test_after_a_logout_the_issuer_is_told(tmp_path: Path) -> None:
    async with lab(tmp_path, [http(200, {})], stored=chatgpt()) as one:
        await one.client.request("account/logout", None)
        await one.issuer.wait_requests(1)  # the logout does not wait for it
        (revoked,) = one.issuer.requests
        assert revoked.line == "POST /revoke HTTP/1.1"
        assert revoked.json["token"] == "r-0"


@pytest.mark.parametrize(
    ("top", "params", "text"),
    [
        ('forced_login_method = "api"', {"type": "chatgpt"}, "ChatGPT login is disabled. Use API key login instead."),
        ('forced_login_method = "api"', {"type": "chatgptDeviceCode"}, "ChatGPT login is disabled. Use API key login instead."),
        (
            'forced_login_method = "api"',
            {"type": "chatgptAuthTokens", "accessToken": ID_TOKEN, "chatgptAccountId": "a"},
            "External ChatGPT auth is disabled. Use API key login instead.",
        ),
        (
            'forced_login_method = "chatgpt"',
            {"type": "apiKey", "apiKey": "k"},
            "API key login is disabled. Use ChatGPT login instead.",
        ),
        (
            'forced_chatgpt_workspace_id = "w-1"',
            {"type": "chatgptAuthTokens", "accessToken": ID_TOKEN, "chatgptAccountId": "a"},
            "External auth must use workspace w-1, but received a.",
        ),
    ],
)
async def test_what_the_configuration_does_not_allow(tmp_path: Path, top: str, params: dict[str, Any], text: str) -> None:
    async with lab(tmp_path, top=top) as one:
        assert await one.refusal(**params) == (-32600, text)


async def test_a_login_in_the_browser_is_for_the_workspaces_that_are_allowed(tmp_path: Path) -> None:
    async with lab(tmp_path, [http(200, TOKENS)], top='forced_chatgpt_workspace_id = ["w-1", "w-2"]') as one:
        asked = asked_of((await one.login(type="chatgpt"))["authUrl"])
        assert asked["allowed_workspace_id"] == "w-1,w-2"
        await browse(f"{asked['redirect_uri']}?code=secret-code&state={asked['state']}")
        assert await one.ended() == ("Login server error: Login is restricted to workspace id w-1, w-2", None)
        assert one.stored() is None


async def test_an_ephemeral_login_is_not_kept(tmp_path: Path) -> None:
    async with lab(tmp_path, top='cli_auth_credentials_store = "ephemeral"') as one:
        await one.login(type="apiKey", apiKey="k")
        assert (await one.client.request("account/read"))["account"] == {"type": "apiKey"}
        assert one.stored() is None


USAGE = {
    "plan_type": "team",
    "rate_limit": {
        "primary_window": {"used_percent": 42, "limit_window_seconds": 18_000, "reset_at": 1_900_000_000},
        "secondary_window": {"used_percent": 84, "limit_window_seconds": 604_799, "reset_at": 1_900_000_001},
    },
    "credits": {"has_credits": True, "unlimited": False, "balance": "9.99"},
    "additional_rate_limits": [
        {
            "limit_name": "Other",
            "metered_feature": "codex_other",
            "rate_limit": {"primary_window": {"used_percent": 70, "limit_window_seconds": 900, "reset_at": 1_900_000_002}},
        }
    ],
    "rate_limit_reached_type": {"type": "rate_limit_reached"},
    "spend_control": {
        "reached": True,
        "individual_limit": {"limit": "10", "used": "5", "remaining_percent": 50, "reset_at": 1_900_000_003},
    },
}
CREDIT = {
    "id": "c1",
    "reset_type": "codex_rate_limits",
    "status": "available",
    "granted_at": "2026-01-01T00:00:00Z",
    "title": "T",
}


async def test_the_limits_of_an_account(tmp_path: Path) -> None:
    credits = {"available_count": 2, "credits": [CREDIT]}
    async with lab(
        tmp_path, [http(200, USAGE)], [http(200, credits)], [http(200, {})], [http(500, "no")], stored=chatgpt()
    ) as one:
        limits = await one.client.request("account/rateLimits/read", {})
        window = {"usedPercent": 42, "windowDurationMins": 300, "resetsAt": 1_900_000_000}
        assert limits["rateLimits"] == limits["rateLimitsByLimitId"]["codex"]
        assert limits["rateLimits"] == {
            "limitId": "codex",
            "limitName": None,
            "normalModelSlug": None,
            "primary": window,
            "secondary": {"usedPercent": 84, "windowDurationMins": 10_080, "resetsAt": 1_900_000_001},
            "credits": {"hasCredits": True, "unlimited": False, "balance": "9.99"},
            "individualLimit": {"limit": "10", "used": "5", "remainingPercent": 50, "resetsAt": 1_900_000_003},
            "spendControlReached": True,
            "planType": "team",
            "rateLimitReachedType": "rate_limit_reached",
        }
        assert limits["rateLimitsByLimitId"]["codex_other"]["primary"]["windowDurationMins"] == 15
        assert limits["rateLimitResetCredits"]["availableCount"] == 2
        assert limits["rateLimitResetCredits"]["credits"][0]["grantedAt"] == 1_767_225_600
        assert [request.line.split()[1] for request in one.issuer.requests] == [
            "/backend-api/wham/usage",
            "/backend-api/wham/rate-limit-reset-credits",
        ]
        assert one.issuer.requests[0].header("chatgpt-account-id") == "a-1"
        nothing = await one.client.request("account/rateLimits/read", {"excludeResetCreditDetails": True})
        assert (nothing["rateLimits"]["primary"], nothing["rateLimitResetCredits"]) == (None, None)
        with pytest.raises(
            RpcError, match=r"failed to fetch codex rate limits: GET .*/wham/usage failed: 500 Internal Server Error"
        ):
            await one.client.request("account/rateLimits/read", {"excludeResetCreditDetails": True})


@pytest.mark.parametrize(
    ("method", "params", "why"),
    [
        ("account/rateLimits/read", {}, "to read rate limits"),
        ("account/usage/read", {}, "to read token usage"),
        ("account/workspaceMessages/read", None, "to read workspace messages"),
        ("account/rateLimitResetCredit/consume", {"idempotencyKey": "x"}, "for rate limit reset credits"),
        ("account/sendAddCreditsNudgeEmail", {"creditType": "credits"}, "to notify workspace owner"),
    ],
)
async def test_what_needs_an_account_says_which(tmp_path: Path, method: str, params: Any, why: str) -> None:
    async with lab(tmp_path) as one:
        with pytest.raises(RpcError, match=f"^.*codex account authentication required {why}"):
            await one.client.request(method, params)
        await one.login(type="apiKey", apiKey="k")
        with pytest.raises(RpcError) as caught:
            await one.client.request(method, params)
        assert caught.value.message == f"chatgpt authentication required {why}"
