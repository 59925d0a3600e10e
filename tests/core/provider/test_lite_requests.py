"""The form of a request for lite models: the tools are an item of the input."""

import json
from typing import Any

from app_server.core.provider.base import ModelRequest
from app_server.core.provider.outgoing import Identity, body_of, headers_of
from app_server.core.provider.settings import ProviderSettings

CLOCK = {"type": "namespace", "name": "clock", "tools": []}
TOOLS = [{"type": "function", "name": "look"}, CLOCK, {"type": "web_search"}, {"type": "custom", "name": "patch"}]
NAMED = [{"type": "namespace", "name": "functions", "description": "", "tools": [TOOLS[0], TOOLS[3]]}, CLOCK]


def request(**options: Any) -> ModelRequest:
    return ModelRequest("t", "s", "u", "m", input=[b'{"a":1}'], tools=TOOLS, prompt_cache_key="t", is_lite=True, **options)


def test_tools_are_the_first_item_and_there_is_no_member_for_them() -> None:
    body = json.loads(body_of(request(reasoning={"effort": "low"})))
    assert "tools" not in body
    item, rest = body["input"]
    assert item["id"].startswith("at_")
    assert {**item, "id": ""} == {"type": "additional_tools", "id": "", "role": "developer", "tools": NAMED, "content": []}
    assert rest == {"a": 1}
    assert (body["parallel_tool_calls"], body["reasoning"]) == (False, {"effort": "low", "context": "all_turns"})


def test_every_request_of_a_thread_has_the_same_item_of_tools() -> None:
    assert body_of(request()) == body_of(request())


def test_a_header_tells_the_form() -> None:
    settings = ProviderSettings(id="p", name="p", base_url="http://127.0.0.1:9")
    headers = dict(headers_of(request(headers={"x-codex-window-id": "w"}), settings, {}, None, Identity("o", "u"), None))
    assert headers[b"x-openai-internal-codex-responses-lite"] == b"true"
