"""The scripted provider, asked by an ordinary HTTP client."""

import json
from collections.abc import AsyncIterator
from typing import Any

import anyio
import httpx
import pytest
import zstandard

from tests.support.provider import Reply, Request, Script, ScriptedProvider


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        yield client


def events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]


async def test_answers_are_played_in_order_over_one_connection(http: httpx.AsyncClient) -> None:
    async with ScriptedProvider([["created", {"message": "one"}, "completed"], ["created", "completed"]]) as provider:
        first = await http.post(f"{provider.url}/responses", json={"n": 1})
        second = await http.post(f"{provider.url}/responses", json={"n": 2})
    assert first.headers["content-type"] == "text/event-stream"
    assert [event["type"] for event in events(first.text)] == [
        "response.created",
        "response.output_item.added",
        "response.output_text.delta",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event["response"]["id"] for event in events(second.text)] == ["resp_2", "resp_2"]
    assert [request.body for request in provider.requests] == [{"n": 1}, {"n": 2}]


async def test_a_request_is_recorded_with_lower_case_headers_and_a_decompressed_body(http: httpx.AsyncClient) -> None:
    body = zstandard.ZstdCompressor().compress(b'{"model":"m"}')
    async with ScriptedProvider([["completed"]]) as provider:
        await http.post(f"{provider.url}/responses?a=b%20c", content=body, headers={"Content-Encoding": "zstd", "X-Mine": "yes"})
    (request,) = provider.requests
    assert (request.method, request.path, request.query, request.body) == ("POST", "/v1/responses", {"a": "b c"}, {"model": "m"})
    assert request.headers["x-mine"] == "yes"
    assert request.ended.is_set()
    assert not request.abandoned.is_set()


async def test_a_reply_has_its_own_status_headers_and_body(http: httpx.AsyncClient) -> None:
    refusal = Reply(status=429, headers={"Retry-After": "7"}, body={"error": {"message": "slow down"}})
    async with ScriptedProvider([refusal, Reply(["completed"], headers={"X-State": "s"})]) as provider:
        refused = await http.post(f"{provider.url}/responses")
        streamed = await http.post(f"{provider.url}/responses")
    assert (refused.status_code, refused.headers["retry-after"], refused.json()) == (
        429,
        "7",
        {"error": {"message": "slow down"}},
    )
    assert streamed.headers["x-state"] == "s"
    assert [event["type"] for event in events(streamed.text)] == ["response.completed"]


async def test_an_entry_may_be_made_from_the_request(http: httpx.AsyncClient) -> None:
    def echo(request: Request) -> list[Any]:
        return [{"message": request.body["say"]}, "completed"]

    async with ScriptedProvider([echo]) as provider:
        answer = await http.post(f"{provider.url}/responses", json={"say": "this"})
    assert events(answer.text)[1]["delta"] == "this"


async def test_the_stream_waits_until_the_test_lets_it_go_on(http: httpx.AsyncClient) -> None:
    gate = anyio.Event()
    script: Script = [[{"raw": "data: before\n\n"}, gate, {"raw": "data: after\n\n"}]]
    async with ScriptedProvider(script) as provider, http.stream("POST", f"{provider.url}/responses") as answer:
        pieces = answer.aiter_text()
        with anyio.fail_after(5):
            assert await anext(pieces) == "data: before\n\n"
            assert not provider.requests[0].ended.is_set()
            gate.set()
            assert await anext(pieces) == "data: after\n\n"


async def test_a_dropped_stream_is_an_error_for_the_client(http: httpx.AsyncClient) -> None:
    async with ScriptedProvider([["created", "drop"]]) as provider:
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await http.post(f"{provider.url}/responses")


async def test_a_hanging_stream_notices_that_the_client_hangs_up() -> None:
    async with ScriptedProvider([["created", "hang"]]) as provider:
        async with httpx.AsyncClient(trust_env=False) as client, client.stream("POST", f"{provider.url}/responses"):
            (request,) = await provider.wait_requests(1)
            assert not request.ended.is_set()
        with anyio.fail_after(5):
            await request.ended.wait()
        assert request.abandoned.is_set()


async def test_models_and_compaction_are_answered_apart_from_the_script(http: httpx.AsyncClient) -> None:
    models = Reply(body={"models": []}, headers={"etag": '"1"'})
    async with ScriptedProvider([["completed"]], models=models, compact={"output": []}) as provider:
        listed = await http.get(f"{provider.url}/models")
        compacted = await http.post(f"{provider.url}/responses/compact", json={})
        unknown = await http.get(f"{provider.url}/elsewhere")
    assert (listed.json(), listed.headers["etag"]) == ({"models": []}, '"1"')
    assert (compacted.json(), unknown.status_code) == ({"output": []}, 404)
    assert [request.path for request in provider.other_requests] == ["/v1/models", "/v1/responses/compact", "/v1/elsewhere"]
    assert provider.requests == []
    assert provider.unplayed == 1


async def test_a_script_that_has_run_out_answers_with_500(http: httpx.AsyncClient) -> None:
    async with ScriptedProvider() as provider:
        assert (await http.post(f"{provider.url}/responses")).status_code == 500


async def test_a_mistake_in_the_script_fails_the_test(http: httpx.AsyncClient) -> None:
    async def ask() -> None:
        async with ScriptedProvider([["creatd"]]) as provider:
            with pytest.raises(httpx.RemoteProtocolError):
                await http.post(f"{provider.url}/responses")

    with pytest.raises(ValueError, match="no such event"):
        await ask()


async def test_waiting_for_requests_that_do_not_come_has_a_deadline() -> None:
    async with ScriptedProvider(deadline_s=0.01) as provider:
        with pytest.raises(TimeoutError, match="0 model requests"):
            await provider.wait_requests(1)


async def test_concurrent_requests_each_get_an_entry_of_their_own() -> None:
    gates = [anyio.Event(), anyio.Event()]
    script: Script = [[gate, {"message": name}, "completed"] for gate, name in zip(gates, ("first", "second"), strict=True)]
    texts: dict[str, str] = {}
    async with ScriptedProvider(script) as provider, httpx.AsyncClient(trust_env=False, timeout=5) as client:

        async def ask(name: str) -> None:
            texts[name] = events((await client.post(f"{provider.url}/responses", json=name)).text)[1]["delta"]

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, "a")
            tasks.start_soon(ask, "b")
            arrived = await provider.wait_requests(2)
            gates[1].set()
            gates[0].set()
    assert [texts[request.body] for request in arrived] == ["first", "second"]
