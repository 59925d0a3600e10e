"""Finding tools that the model is not shown."""

from typing import Any

import pytest

from app_server.core.tools.base import Tool
from app_server.core.tools.dynamic import dynamic_tools
from app_server.core.tools.offer import deferred_groups_text, offer
from app_server.core.tools.specs import tool_specs
from app_server.core.tools.tool_search import ToolSearch, search, search_call
from app_server.core.tools.update_plan import UpdatePlan
from tests.core.tools.exec_support import UNSANDBOXED, Host, call

pytestmark = pytest.mark.anyio


def function(name: str, description: str, **properties: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {key: {"type": "string", "description": text} for key, text in properties.items()}}
    return {"type": "function", "name": name, "description": description, "inputSchema": schema, "deferLoading": True}


def group(name: str, *members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "namespace", "name": name, "description": f"All about {name}", "tools": list(members)}


async def no_image(url: str) -> dict[str, Any]:
    raise AssertionError(url)


TOOLS = dynamic_tools(
    [
        group("weather", function("getForecast", "The weather of tomorrow", city="where"), function("alarms", "Storms ahead")),
        group("mail", function("send_letters", "Write to somebody", recipient="who gets it"), function("list", "What has come")),
    ],
    no_image,
)


def names(tools: list[Any]) -> list[str]:
    return [tool.name for tool in tools]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("forecast", "getForecast"),
        ("FORECASTS", "getForecast"),
        ("get", "getForecast"),
        ("city", "getForecast"),
        ("storm", "alarms"),
        ("letter", "send_letters"),
        ("recipient", "send_letters"),
        ("write somebody", "send_letters"),
        ("mail come", "list"),
    ],
)
def test_words_of_names_descriptions_parameters_and_groups_find_a_tool(query: str, first: str) -> None:
    assert names(search(query, TOOLS, 8))[0] == first


def test_what_fits_better_comes_first_and_what_does_not_fit_not_at_all() -> None:
    assert names(search("weather forecast", TOOLS, 8)) == ["getForecast", "alarms"]
    assert search("zebra", TOOLS, 8) == []
    assert search("", TOOLS, 8) == []
    assert search("weather", [], 8) == []


async def test_a_search_hands_back_only_the_matching_tools_of_each_group() -> None:
    (found,) = await call(ToolSearch(lambda: TOOLS), Host("/"), {"query": "storm letter", "limit": 1})
    assert (found["type"], found["name"], found["description"]) == ("namespace", "weather", "All about weather")
    (member,) = found["tools"]
    assert (member["name"], member["type"], member["defer_loading"]) == ("alarms", "function", True)


async def test_without_a_limit_eight_are_found() -> None:
    many = dynamic_tools([group("many", *(function(f"tool{number}", "same words") for number in range(20)))], no_image)
    (found,) = await call(ToolSearch(lambda: many), Host("/"), {"query": "same"})
    assert len(found["tools"]) == 8
    (all_found,) = await call(ToolSearch(lambda: many), Host("/"), {"query": "same", "limit": 50})
    assert len(all_found["tools"]) == 20


@pytest.mark.parametrize("arguments", [{}, {"query": 7}, [], "storm"])
async def test_a_call_without_a_query_finds_nothing(arguments: Any) -> None:
    tool, host = ToolSearch(lambda: TOOLS), Host("/")
    made = search_call("call", arguments)
    assert (await tool.run(made, tool.prepare(made, host), UNSANDBOXED, host)).content == []


def test_deferred_tools_are_not_shown_but_can_be_called_and_looked_for() -> None:
    shown: list[Tool] = [UpdatePlan(), *TOOLS]
    tools = offer(shown)
    assert ("weather", "alarms") in tools
    assert [spec.get("name", spec["type"]) for spec in tool_specs(tools.values())] == ["update_plan", "tool_search"]
    text = deferred_groups_text(tools.values())
    assert text == "<tools>\nDeferred tool namespaces:\n- mail: All about mail\n- weather: All about weather\n</tools>"


def test_without_deferred_tools_there_is_nothing_to_look_for() -> None:
    assert list(offer([UpdatePlan()])) == [(None, "update_plan")]
    assert deferred_groups_text([UpdatePlan()]) is None
