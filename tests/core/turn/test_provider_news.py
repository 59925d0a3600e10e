"""What a provider tells beside its answers reaches the client: limits, other models, checks."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import Converse
from tests.core.provider.socket_server import socket_server
from tests.support.client import Client
from tests.support.home import make_home
from tests.support.process import spawned
from tests.support.provider import Entry, Reply

pytestmark = pytest.mark.anyio

LIMITS = {"x-codex-primary-used-percent": "12.5", "x-codex-primary-window-minutes": "300"}
USAGE = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
TOLD = (
    "thread/tokenUsage/updated",
    "account/rateLimits/updated",
    "model/rerouted",
    "model/verification",
    "model/safetyBuffering/updated",
    "warning",
    "error",
)


async def turns(client: Client, count: int = 1) -> None:
    """Run turns, each to its end."""
    thread_id = (await client.request("thread/start", {}))["thread"]["id"]
    for _ in range(count):
        await client.request("turn/start", {"threadId": thread_id, "input": [{"type": "text", "text": "x"}]})
        await client.wait_notification("turn/completed")


def told(client: Client) -> list[str]:
    return [method for method in client.methods() if method in TOLD]


def answer(*events: object, **headers: str) -> Entry:
    return Reply(
        ["created", *events, {"message": "a"}, "completed"],  # type: ignore[list-item]
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


async def test_limits_follow_the_tokens_of_every_answer(converse: Converse) -> None:
    async with converse([Reply(["created", {"message": "a"}, "completed"], headers=LIMITS), answer()]) as talk:
        await turns(talk.client, 2)
        assert told(talk.client) == ["thread/tokenUsage/updated", "account/rateLimits/updated"] * 2
        sent = [
            message["params"]["rateLimits"]["primary"]
            for message in talk.client.messages
            if message.get("method") == "account/rateLimits/updated"
        ]
        assert sent == [{"usedPercent": 13, "windowDurationMins": 300, "resetsAt": None}, None]


async def test_over_a_websocket_a_failure_tells_the_tokens_again_only_if_limits_came(
    tmp_path: Path, server_command: Sequence[str]
) -> None:
    counted = {"type": "response.completed", "response": {"id": "r", "usage": USAGE}}
    gone = {"type": "error", "status": 400, "error": {"message": "no"}}
    limits = {"type": "codex.rate_limits", "rate_limits": {"primary": {"used_percent": 42, "window_minutes": 300}}}
    async with socket_server([counted], [gone], [limits, gone]) as server:
        home = make_home(tmp_path, server.url, provider="supports_websockets = true")
        async with spawned(server_command, home) as client:
            await client.initialize()
            await turns(client, 3)
            both = ["thread/tokenUsage/updated", "account/rateLimits/updated"]
            assert told(client) == [*both, "error", *both, "error"]


async def test_a_usage_limit_is_told_before_the_error(converse: Converse) -> None:
    refusal = Reply(status=429, headers=LIMITS, body={"error": {"type": "usage_limit_reached", "plan_type": "plus"}})
    async with converse([answer(), refusal]) as talk:
        await turns(talk.client, 2)
        assert told(talk.client)[2:] == ["thread/tokenUsage/updated", "account/rateLimits/updated", "error"]
        limits = [m for m in talk.client.messages if m.get("method") == "account/rateLimits/updated"][-1]
        assert limits["params"]["rateLimits"]["primary"]["usedPercent"] == 13


async def test_another_model_is_told_once_in_a_turn_whatever_tells_it(converse: Converse) -> None:
    event = {"type": "anything.at.all", "headers": {"X-OpenAI-Model": ["second"]}}
    async with converse([answer(event, openai_model="first")]) as talk:
        await turns(talk.client)
        rerouted = params_of(talk.client, "model/rerouted")
        assert [(each["fromModel"], each["toModel"], each["reason"]) for each in rerouted] == [
            ("lab-full", "first", "highRiskCyberActivity")
        ]
        [warning] = params_of(talk.client, "warning")
        assert "routed to first as a fallback" in warning["message"]
        assert "regain access to lab-full" in warning["message"]


async def test_the_same_model_in_other_letters_is_not_worth_a_word(converse: Converse) -> None:
    async with converse([answer(openai_model="LAB-Full")]) as talk:
        await turns(talk.client)
        assert told(talk.client) == ["thread/tokenUsage/updated", "account/rateLimits/updated"]


async def test_a_check_of_the_account_is_told_once_and_unknown_ones_never(converse: Converse) -> None:
    def recommend(*names: str) -> dict[str, object]:
        return {"type": "response.metadata", "metadata": {"openai_verification_recommendation": list(names)}}

    script = [
        answer(recommend("new_one")),
        answer(recommend("trusted_access_for_cyber", "x"), recommend("trusted_access_for_cyber")),
    ]
    async with converse(script) as talk:
        await turns(talk.client, 2)
        assert [each["verifications"] for each in params_of(talk.client, "model/verification")] == [["trustedAccessForCyber"]]


async def test_an_answer_that_is_held_back_is_told_with_each_event_that_says_so(converse: Converse) -> None:
    def event(told: object) -> dict[str, object]:
        return {"type": "response.in_progress", "safety_buffering": told}

    whole = {"use_cases": ["cyber"], "reasons": ["r"], "retry_model": "other"}
    script = [answer(event(whole), event({"use_cases": [], "reasons": []}), event({"use_cases": ["a"]}), event(True))]
    async with converse(script) as talk:
        await turns(talk.client)
        sent = params_of(talk.client, "model/safetyBuffering/updated")
        assert [(each["useCases"], each["reasons"], each["fasterModel"], each["showBufferingUi"]) for each in sent] == [
            (["cyber"], ["r"], "other", True),
            ([], [], None, True),
        ]


def params_of(client: Client, method: str) -> list[dict[str, object]]:
    return [message["params"] for message in client.messages if message.get("method") == method]
