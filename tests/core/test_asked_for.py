"""What was asked of models and their providers, row by row (M3 to M16), each with a server process and a provider on loopback."""

import base64
import json
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.conftest import Conversation, Converse
from tests.core.auth.logins import chatgpt
from tests.core.models.test_models_catalog import MINIMAL
from tests.core.provider.loopback import http, loopback
from tests.core.provider.socket_server import COMPLETED, socket_server
from tests.support.home import Home, make_home
from tests.support.process import spawned
from tests.support.provider import Reply, Script, ScriptedProvider

pytestmark = pytest.mark.anyio

ANSWER = ["created", {"message": "Done"}, "completed"]
CALL = ["created", {"call": "exec_command", "arguments": {"cmd": "true"}, "call_id": "c1"}, "completed"]
FULL_ACCESS = {"approvalPolicy": "never", "sandbox": "danger-full-access"}
Catalogue = Callable[..., dict[str, Any]]


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """Options of a home whose catalogue has these models, the first being the one in use."""

    def make(*models: dict[str, Any], top: str = "", **options: Any) -> dict[str, Any]:
        path = tmp_path / "own.json"
        path.write_text(json.dumps({"models": [{**MINIMAL, **model} for model in models]}))
        return {
            "has_catalogue": False,
            "top": f'model_catalog_json = "{path}"\n{top}',
            "model": models[0].get("slug", MINIMAL["slug"]),
            **options,
        }

    return make


async def start(talk: Conversation, **params: Any) -> str:
    return str((await talk.client.request("thread/start", {**FULL_ACCESS, **params}))["thread"]["id"])


async def turn(talk: Conversation, thread_id: str, said: str | Sequence[dict[str, Any]] = "hi", **params: Any) -> dict[str, Any]:
    content = [{"type": "text", "text": said}] if isinstance(said, str) else list(said)
    await talk.client.request("turn/start", {"threadId": thread_id, "input": content, **params})
    ended: dict[str, Any] = (await talk.client.wait_notification("turn/completed", threadId=thread_id))["turn"]
    assert ended["status"] == "completed", ended
    return ended


async def models(talk: Conversation) -> dict[str, dict[str, Any]]:
    return {model["id"]: model for model in (await talk.client.request("model/list", {"includeHidden": True}))["data"]}


def warnings(talk: Conversation) -> list[str]:
    return [message["params"]["message"] for message in talk.client.messages if message.get("method") == "warning"]


def body(talk: Conversation, number: int = -1) -> dict[str, Any]:
    found: dict[str, Any] = talk.provider.requests[number].body
    return found


def texts(request: dict[str, Any], role: str) -> list[str]:
    items = [item for item in request["input"] if item.get("role") == role]
    return [part["text"] for item in items for part in item["content"] if "text" in part]


def png(width: int, height: int) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height)).save(out, "PNG")
    return out.getvalue()


async def test_m3_a_model_is_announced_by_a_message_or_not_at_all(converse: Converse, catalogue: Catalogue) -> None:
    new = {"slug": "new", "availability_nux": {"message": "Try it"}}
    async with converse(**catalogue(new, {"slug": "old", "availability_nux": None}, {"slug": "older"})) as talk:
        listed = await models(talk)
        assert [listed[slug]["availabilityNux"] for slug in ("new", "old", "older")] == [{"message": "Try it"}, None, None]


async def test_m4_a_text_only_model_never_gets_an_image_and_the_client_is_told(converse: Converse) -> None:
    async with converse([ANSWER, ANSWER, ANSWER]) as talk:
        listed = await models(talk)
        assert listed["lab-text"]["inputModalities"] == ["text"]
        assert listed["lab-odd"]["inputModalities"] == ["text", "image"]  # what an entry without them means

        path = talk.home.work / "dot.png"
        path.write_bytes(png(8, 4))
        image = {"type": "localImage", "path": str(path)}
        thread = await start(talk)
        await turn(talk, thread, [image, {"type": "text", "text": "look"}])
        assert "input_image" in json.dumps(body(talk))
        assert warnings(talk) == []

        await turn(talk, thread, [image, {"type": "text", "text": "again"}], model="lab-text")
        assert "input_image" not in json.dumps(body(talk))
        assert "again" in texts(body(talk), "user")
        [warning] = warnings(talk)
        assert "`lab-text`" in warning
        await turn(talk, thread, "and now", model="lab-full")
        assert json.dumps(body(talk)).count("input_image") == 2  # the history has them still


@pytest.mark.parametrize(("kind", "types"), [(None, None), ("text", None), ("text_and_image", ["text", "image"])])
async def test_m5_the_web_search_follows_the_models_kind(
    converse: Converse, catalogue: Catalogue, kind: str | None, types: list[str] | None
) -> None:
    async with converse([ANSWER], **catalogue({} if kind is None else {"web_search_tool_type": kind})) as talk:
        await turn(talk, await start(talk))
        [search] = [tool for tool in body(talk)["tools"] if tool["type"] == "web_search"]
        assert search.get("search_content_types") == types


@pytest.mark.parametrize(
    ("configured", "chosen", "sent"),
    [("", None, "detailed"), ('model_reasoning_summary = "concise"', None, "concise"), ("", "none", None), ("", "auto", "auto")],
)
async def test_m6_the_summary_is_the_turns_the_configurations_or_the_models(
    converse: Converse, catalogue: Catalogue, configured: str, chosen: str | None, sent: str | None
) -> None:
    script = [CALL, lambda request: ANSWER]
    async with converse(script, **catalogue({"default_reasoning_summary": "detailed"}, top=configured)) as talk:
        await turn(talk, await start(talk), summary=chosen)
        assert [request.body["reasoning"].get("summary") for request in talk.provider.requests] == [sent, sent]


async def test_m7_a_model_that_prefers_websockets_gets_one_where_nobody_switched_it_on(
    tmp_path: Path, server_command: Sequence[str], catalogue: Catalogue
) -> None:
    message = {"type": "message", "id": "msg_1", "role": "assistant", "content": [{"type": "output_text", "text": "By socket"}]}
    async with socket_server([{"type": "response.output_item.done", "item": message}, COMPLETED]) as server:
        options = catalogue({"prefer_websockets": True}, features="responses_websockets = false")
        home = make_home(tmp_path / "home", server.url, **options)
        async with spawned(server_command, home) as client:
            await client.initialize()
            thread_id = (await client.request("thread/start", FULL_ACCESS))["thread"]["id"]
            await client.request("turn/start", {"threadId": thread_id, "input": [{"type": "text", "text": "hi"}]})
            ended = await client.wait_notification("turn/completed")
            assert ended["turn"]["items"][0]["text"] == "By socket"
            # What was sent ahead is not sent again.
            assert [frame.get("previous_response_id") for frame in server.frames] == [None, "warm"]
            assert len(server.handshakes) == 1
        assert server.gone.is_set()


async def test_m7_where_the_provider_refuses_the_thread_uses_http_without_a_word(
    converse: Converse, catalogue: Catalogue
) -> None:
    async with converse([ANSWER, ANSWER], **catalogue({"prefer_websockets": True})) as talk:
        thread = await start(talk)
        await turn(talk, thread)
        await turn(talk, thread)
        upgrades = [request for request in talk.provider.other_requests if request.headers.get("upgrade") == "websocket"]
        assert (len(upgrades), warnings(talk)) == (1, [])


async def test_m7_a_promised_websocket_that_fails_too_often_is_given_up_with_a_warning(converse: Converse) -> None:
    async with converse([ANSWER, ANSWER], provider="supports_websockets = true", retries=1) as talk:
        thread = await start(talk)
        await turn(talk, thread)
        await turn(talk, thread)
        [warning] = warnings(talk)
        assert warning.startswith("Falling back from WebSockets to HTTPS transport. unexpected status 404 Not Found")
        assert "error" not in talk.client.methods()  # the first retry is silent


async def test_m7_the_default_is_http(converse: Converse) -> None:
    async with converse([ANSWER]) as talk:
        await turn(talk, await start(talk))
        assert talk.provider.other_requests == []


async def test_m8_a_phase_is_kept_in_items_in_history_and_in_stored_threads(converse: Converse) -> None:
    script = [["created", {"message": "Wait", "phase": "commentary"}, {"message": "Yes", "phase": "final_answer"}, "completed"]]
    async with converse([*script, ANSWER]) as talk:
        thread = await start(talk)
        await turn(talk, thread)
        shown = [message["params"]["item"] for message in talk.client.messages if message.get("method") == "item/completed"]
        assert [item["phase"] for item in shown if item["type"] == "agentMessage"] == ["commentary", "final_answer"]
        await turn(talk, thread)
        sent = [item.get("phase") for item in body(talk)["input"] if item.get("role") == "assistant"]
        assert sent == ["commentary", "final_answer"]
        read = await talk.client.request("thread/read", {"threadId": thread, "includeTurns": True})
        items = [item for each in read["thread"]["turns"] for item in each["items"] if item["type"] == "agentMessage"]
        assert [item["phase"] for item in items] == ["commentary", "final_answer", None]


async def test_m9_one_structure_tells_windows_limits_and_instructions(converse: Converse, catalogue: Catalogue) -> None:
    model = {"context_window": 10_000, "effective_context_window_percent": 80, "apply_patch_tool_type": "freeform"}
    async with converse([ANSWER], **catalogue(model)) as talk:
        thread = await start(talk)
        await talk.client.request("turn/start", {"threadId": thread, "input": [{"type": "text", "text": "hi"}]})
        used = await talk.client.wait_notification("thread/tokenUsage/updated")
        assert used["tokenUsage"]["modelContextWindow"] == 8_000
        await talk.client.wait_notification("turn/completed")
        assert texts(body(talk), "developer")[0] == MINIMAL["base_instructions"]  # nothing about patches is glued to it


TEMPLATE = {
    "instructions_template": "I am {{ personality }}.",
    "instructions_variables": {
        "personality_default": "plain",
        "personality_friendly": "warm",
        "personality_pragmatic": "dry",
    },
}


@pytest.mark.parametrize(
    ("chosen", "text"), [(None, "I am plain."), ("friendly", "I am warm."), ("pragmatic", "I am dry."), ("none", "I am .")]
)
async def test_m10_the_template_takes_the_personality(
    converse: Converse, catalogue: Catalogue, chosen: str | None, text: str
) -> None:
    async with converse([ANSWER], **catalogue({"model_messages": TEMPLATE})) as talk:
        assert (await models(talk))[MINIMAL["slug"]]["supportsPersonality"]
        await turn(talk, await start(talk, personality=chosen))
        assert texts(body(talk), "developer")[0] == text


async def test_m10_a_change_between_turns_is_a_message_and_the_beginning_stays(converse: Converse, catalogue: Catalogue) -> None:
    settings = catalogue({"model_messages": TEMPLATE}, top='personality = "pragmatic"')
    async with converse([ANSWER, ANSWER, ANSWER, ANSWER], **settings) as talk:
        thread = await start(talk)
        await turn(talk, thread)
        await turn(talk, thread, personality="friendly")
        told = [text for text in texts(body(talk), "developer") if "personality_spec" in text]
        assert len(told) == 1
        assert "warm" in told[0]
        assert texts(body(talk), "developer")[0] == "I am dry."
        await turn(talk, thread)
        assert len([text for text in texts(body(talk), "developer") if "personality_spec" in text]) == 1
        # The first turn of another thread changes what its start has said; that is no other model.
        await turn(talk, await start(talk), personality="friendly")
        said = texts(body(talk), "developer")
        assert [text for text in said if "warm" in text]
        assert not [text for text in said if "model_switch" in text]


@pytest.mark.parametrize("spoilt", [{"model_messages": None}, {"model_messages": {"instructions_template": "No place"}}])
async def test_m10_a_model_without_texts_has_no_personality(
    converse: Converse, catalogue: Catalogue, spoilt: dict[str, Any]
) -> None:
    async with converse([ANSWER], **catalogue(spoilt)) as talk:
        assert not (await models(talk))[MINIMAL["slug"]]["supportsPersonality"]
        await turn(talk, await start(talk, personality="friendly"))
        expected = "No place" if spoilt["model_messages"] else MINIMAL["base_instructions"]
        assert texts(body(talk), "developer")[0] == expected
        assert "personality friendly is ignored" in talk.home.log.read_text()


def account_home(folder: Path, url: str, **options: Any) -> Home:
    """A home with a ChatGPT login, whose provider goes by OpenAI's name."""
    provider = f'[model_providers.oa]\nname = "OpenAI"\nbase_url = "{url}"\nrequires_openai_auth = true\n'
    home = make_home(folder, url, tables=provider, has_catalogue=False, **options)
    (home.codex_home / "auth.json").write_text(json.dumps(chatgpt()))
    return home


async def test_m11_an_account_gets_its_models_from_the_provider_and_keeps_them(
    tmp_path: Path, server_command: Sequence[str]
) -> None:
    remote = {
        **MINIMAL,
        "slug": "remote-one",
        "base_instructions": "Remote words",
        "visibility": "list",
        "availability_nux": {"message": "fresh"},
    }
    listing = Reply(body={"models": [remote]}, headers={"ETag": '"e1"'})
    script: Script = [Reply(ANSWER, headers={"x-models-etag": '"e1"'})]
    async with ScriptedProvider(script, models=listing) as provider:
        home = account_home(tmp_path / "home", provider.url, model="remote-one")
        async with spawned(server_command, home) as client:
            await client.initialize()
            talk = Conversation(client, home, provider)
            await turn(talk, await start(talk, modelProvider="oa"))
            assert texts(body(talk), "developer")[0] == "Remote words"
            listed = await client.request("model/list", {"modelProvider": "oa"})
            assert [(model["id"], model["availabilityNux"]) for model in listed["data"]] == [("remote-one", {"message": "fresh"})]
        asked = [request for request in provider.other_requests if request.path.endswith("/models")]
        assert [request.query for request in asked] == [{"client_version": "0.169.0"}]
        assert json.loads((home.codex_home / "models_cache.json").read_text())["etag"] == '"e1"'


async def test_m12_a_model_that_nobody_knows_is_told_of_at_every_turn(converse: Converse) -> None:
    async with converse([ANSWER, ANSWER], model="unheard-of") as talk:
        thread = await start(talk)
        assert warnings(talk) == []
        await turn(talk, thread)
        await turn(talk, thread)
        text = "Model metadata for `unheard-of` not found. Defaulting to fallback metadata"
        assert [warning.partition(";")[0] for warning in warnings(talk)] == [text, text]


async def test_m13_the_routing_token_is_kept_within_a_turn(converse: Converse) -> None:
    first = Reply(CALL, headers={"x-codex-turn-state": "one"})
    later = Reply(ANSWER, headers={"x-codex-turn-state": "two"})
    broken = Reply(["created", "drop"], headers={"x-codex-turn-state": "three"})
    async with converse([first, broken, later, ANSWER], retries=1) as talk:
        thread = await start(talk)
        await turn(talk, thread)
        await turn(talk, thread)
        sent = [request.headers.get("x-codex-turn-state") for request in talk.provider.requests]
        assert sent == [None, "one", "one", None]


async def test_m14_an_accounts_requests_are_compressed_and_the_log_says_so(tmp_path: Path, server_command: Sequence[str]) -> None:
    async with ScriptedProvider([ANSWER, ANSWER]) as provider:
        home = account_home(tmp_path / "home", provider.url, features="enable_request_compression = true")
        async with spawned(server_command, home) as client:
            await client.initialize()
            talk = Conversation(client, home, provider)
            await turn(talk, await start(talk, modelProvider="oa", model="gpt-5.5"))
            assert provider.requests[0].headers["content-encoding"] == "zstd"
            assert texts(body(talk), "user")[-1] == "hi"  # what the provider has decompressed
            # Any other provider gets the body as it is.
            await turn(talk, await start(talk, model="gpt-5.5"))
            assert "content-encoding" not in provider.requests[1].headers


async def test_m14_a_provider_can_ask_for_compression(converse: Converse) -> None:
    async with converse([ANSWER], provider='request_compression = "zstd"') as talk:
        await turn(talk, await start(talk))
        assert talk.provider.requests[0].headers["content-encoding"] == "zstd"
        assert texts(body(talk), "user")[-1] == "hi"


@pytest.mark.parametrize(
    ("top", "features", "thread", "turn_params", "sent"),
    [
        ('service_tier = "fast"', "", {}, {}, "priority"),
        ('service_tier = "fast"', "fast_mode = false", {}, {}, None),
        ("", "", {"serviceTier": "fast"}, {}, "priority"),
        ("", "", {}, {"serviceTier": "priority"}, "priority"),
        ('service_tier = "fast"', "", {"serviceTier": None}, {}, None),
        ("", "", {}, {}, None),
    ],
)
async def test_m15_fast_mode_is_a_tier_of_the_request(
    converse: Converse, top: str, features: str, thread: dict[str, Any], turn_params: dict[str, Any], sent: str | None
) -> None:
    async with converse([ANSWER], top=top, features=features) as talk:
        await turn(talk, await start(talk, **thread), **turn_params)
        assert body(talk).get("service_tier") == sent


@pytest.mark.parametrize(
    ("model", "feature", "detail", "size"),
    [
        ("lab-full", "", "original", (3000, 2600)),
        ("lab-full", "view_image_original_resolution = false", "high", (1696, 1469)),
        ("lab-odd", "view_image_original_resolution = true", "high", (1696, 1469)),
        ("gpt-5.3-codex-unheard-of", "view_image_original_resolution = true", "original", (3000, 2600)),
        ("gpt-5.3-codex-unheard-of", "", "high", (1696, 1469)),
    ],
)
async def test_m16_the_feature_and_the_model_decide_the_resolution(
    converse: Converse, model: str, feature: str, detail: str, size: tuple[int, int]
) -> None:
    async with converse([ANSWER], model=model, features=feature) as talk:
        url = "data:image/png;base64," + base64.b64encode(png(3000, 2600)).decode()
        await turn(talk, await start(talk), [{"type": "image", "url": url}])
        [part] = [part for item in body(talk)["input"] for part in item["content"] if part["type"] == "input_image"]
        sent = Image.open(BytesIO(base64.b64decode(part["image_url"].partition(",")[2])))
        assert (part["detail"], sent.size) == (detail, size)


async def test_a_gateway_with_a_commands_token_sends_its_models(converse: Converse) -> None:
    """M11, the other kind of provider that is asked."""
    async with loopback([http(200, {"models": [{**MINIMAL, "slug": "theirs", "visibility": "list"}]})]) as server:
        auth = '{command = "echo", args = ["tok"]}'
        gateway = f'[model_providers.gate]\nname = "gate"\nbase_url = "{server.url}"\nauth = {auth}\n'
        async with converse(tables=gateway, has_catalogue=False) as talk:
            listed = await talk.client.request("model/list", {"modelProvider": "gate"})
            assert {"theirs", "gpt-5.5"} <= {model["id"] for model in listed["data"]}
            assert server.requests[0].header("authorization") == "Bearer tok"
