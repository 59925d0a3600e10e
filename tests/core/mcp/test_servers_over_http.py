"""MCP servers over streamable HTTP, with and without logins, against a real one on loopback."""

import json
import stat
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import anyio.to_thread
import pytest

from app_server.core.mcp.credentials import Credentials, ServerLogin
from tests.conftest import Conversation, Converse
from tests.support.client import RpcError
from tests.support.mcp_http import serving

FREE = {"approvalPolicy": "never", "sandbox": "danger-full-access"}


def table(url: str, more: str = "") -> str:
    return f'[mcp_servers.web]\nurl = "{url}"\n{more}\n'


async def start(talk: Conversation, status: str = "ready") -> str:
    thread = (await talk.client.request("thread/start", {"cwd": str(talk.home.work), **FREE}))["thread"]["id"]
    await talk.client.wait_notification("mcpServer/startupStatus/updated", status=status, threadId=thread)
    return str(thread)


async def add(talk: Conversation, thread: str) -> str:
    params = {"threadId": thread, "server": "web", "tool": "add", "arguments": {"a": 1, "b": 2}}
    return str((await talk.client.request("mcpServer/tool/call", params))["content"][0]["text"])


async def status_of(talk: Conversation) -> Any:
    [status] = (await talk.client.request("mcpServerStatus/list", {"detail": "toolsAndAuthOnly"}))["data"]
    return status


@pytest.mark.parametrize("is_streaming", [False, True])
async def test_a_server_is_reached_and_its_tools_called(converse: Converse, is_streaming: bool) -> None:
    with serving(is_streaming=is_streaming) as site:
        more = 'bearer_token_env_var = "TOKEN"\nhttp_headers = { "X-One" = "1" }\nenv_http_headers = { "X-Two" = "TWO" }'
        environment = {"TOKEN": "secret", "TWO": "2"}
        async with converse(tables=table(site.url, more), environment=environment) as talk:
            assert await add(talk, await start(talk)) == "3"
            status = await status_of(talk)

    assert [method for method, _ in site.asked] == ["initialize", "notifications/initialized", "tools/list", "tools/call"]
    assert all(
        (headers["authorization"], headers["x-one"], headers["x-two"]) == ("Bearer secret", "1", "2") for _, headers in site.asked
    )
    assert (status["authStatus"], status["httpOrigin"], list(status["tools"])) == ("bearerToken", site.origin, ["add"])


async def test_a_variable_for_the_token_that_is_not_set_is_told(converse: Converse) -> None:
    with serving() as site:
        async with converse(tables=table(site.url, 'bearer_token_env_var = "TOKEN"')) as talk:
            await start(talk, "failed")
            status = await status_of(talk)

    assert status["toolsError"] == "MCP startup failed: Environment variable TOKEN for MCP server 'web' is not set"
    assert site.asked == []


async def test_an_address_where_nothing_listens_is_told(converse: Converse) -> None:
    async with converse(tables=table("http://127.0.0.1:9/mcp")) as talk:
        await start(talk, "failed")
        status = await status_of(talk)
        with pytest.raises(RpcError) as refusal:
            await talk.client.request("mcpServer/oauth/login", {"name": "web"})
        assert talk.home.log.read_text() == ""

    assert status["toolsError"].startswith("MCP startup failed: handshaking with MCP server failed: ")
    assert status["authStatus"] == "unknown"
    assert refusal.value.message.startswith("failed to login to MCP server 'web': ")


async def come_back(url: str, **query: str) -> None:
    """What a browser does when the user has logged in: it goes to where the page sends it."""
    redirect = parse_qs(urlsplit(url).query)["redirect_uri"][0]
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    await anyio.to_thread.run_sync(lambda: urlopen(f"{redirect}?{asked}", timeout=5).read())


async def test_a_login_makes_a_server_ready_for_threads_that_run(converse: Converse) -> None:
    with serving(token="good") as site:
        async with converse(tables=table(site.url)) as talk:
            thread = await start(talk, "failed")
            assert (await status_of(talk))["authStatus"] == "notLoggedIn"
            login = await talk.client.request("mcpServer/oauth/login", {"name": "web", "scopes": ["read", "write"]})
            query = parse_qs(urlsplit(login["authorizationUrl"]).query)
            await come_back(login["authorizationUrl"], code="the-code", state=query["state"][0])
            done = await talk.client.wait_notification("mcpServer/oauthLogin/completed")
            await talk.client.wait_notification("mcpServer/startupStatus/updated", status="ready", threadId=thread)
            assert await add(talk, thread) == "3"
            assert (await status_of(talk))["authStatus"] == "oAuth"
            file = talk.home.codex_home / ".credentials.json"
            [entry] = json.loads(file.read_text()).values()
            mode = stat.S_IMODE(file.stat().st_mode)

    assert (query["client_id"], query["scope"], query["code_challenge_method"]) == (["client-1"], ["read write"], ["S256"])
    assert done == {"name": "web", "threadId": None, "loginId": login["loginId"], "success": True}
    assert (entry["server_name"], entry["access_token"], entry["refresh_token"], mode) == ("web", "good", "again", 0o600)
    assert site.forms[0]["code"] == "the-code"


async def test_a_login_that_comes_back_with_an_error_or_a_strange_state_fails(converse: Converse) -> None:
    with serving(token="good") as site:
        async with converse(tables=table(site.url)) as talk:
            errors = []
            for query in ({"error": "access_denied"}, {"code": "x", "state": "other"}):
                login = await talk.client.request("mcpServer/oauth/login", {"name": "web"})
                await come_back(login["authorizationUrl"], **query)
                errors.append(await talk.client.wait_notification("mcpServer/oauthLogin/completed"))
            assert (await status_of(talk))["authStatus"] == "notLoggedIn"

    assert [each["success"] for each in errors] == [False, False]
    assert errors[0]["error"] == "access_denied"
    assert "State parameter mismatch" in errors[1]["error"]
    assert site.forms == []


async def test_a_login_that_nobody_goes_on_with_ends(converse: Converse) -> None:
    with serving(token="good") as site:
        async with converse(tables=table(site.url)) as talk:
            await talk.client.request("mcpServer/oauth/login", {"name": "web", "timeoutSecs": 1})
            done = await talk.client.wait_notification("mcpServer/oauthLogin/completed")

    assert (done["success"], done["error"]) == (False, "timed out waiting for the login")


async def test_tokens_that_have_expired_are_renewed_and_kept(converse: Converse, tmp_path: Path) -> None:
    with serving(token="fresh") as site:
        async with converse(tables=table(site.url)) as talk:
            kept = Credentials(talk.home.codex_home)
            kept.write("web", site.url, ServerLogin({"client_id": "client-1"}, None, "stale", "old", ("read",), 1_000))
            assert await add(talk, await start(talk)) == "3"
            login = kept.read("web", site.url)

    assert [(form["grant_type"], form["refresh_token"]) for form in site.forms] == [("refresh_token", "old")]
    assert login is not None
    assert (login.access_token, login.refresh_token, login.scopes) == ("fresh", "again", ("read",))


async def test_a_login_that_is_not_taken_any_more_is_told(converse: Converse) -> None:
    with serving(token="fresh") as site:
        async with converse(tables=table(site.url)) as talk:
            login = ServerLogin({"client_id": "client-1"}, None, "revoked", None, (), None)
            Credentials(talk.home.codex_home).write("web", site.url, login)
            await talk.client.request("thread/start", {"cwd": str(talk.home.work), **FREE})
            told = await talk.client.wait_notification("mcpServer/startupStatus/updated", status="failed")

    assert told["failureReason"] == "reauthenticationRequired"


async def test_a_login_is_not_put_where_the_user_does_not_want_it(converse: Converse) -> None:
    with serving(token="good") as site:
        async with converse(tables=table(site.url), top='mcp_oauth_credentials_store = "keyring"') as talk:
            with pytest.raises(RpcError, match="are kept in a file of the home, not in the keyring"):
                await talk.client.request("mcpServer/oauth/login", {"name": "web"})


async def test_only_servers_over_http_have_logins(converse: Converse) -> None:
    async with converse(tables='[mcp_servers.lab]\ncommand = "true"\n') as talk:
        refusals = []
        for name in ("nope", "lab"):
            with pytest.raises(RpcError) as refusal:
                await talk.client.request("mcpServer/oauth/login", {"name": name})
            refusals.append((refusal.value.code, refusal.value.message))

    assert refusals == [
        (-32600, "No MCP server named 'nope' found."),
        (-32600, "OAuth login is only supported for streamable HTTP servers."),
    ]
