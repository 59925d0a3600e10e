"""The tool by which the model finds tools that it is not shown: those that there may be many of.

Ranked by BM25 over the words of names, descriptions and parameters. What was found can be called at once, and stays
in the history rather than among the tools of the request. Source: spec/tools.md section 11.4.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from app_server.core.tools.arguments import parse_json
from app_server.core.tools.base import Denial, Permit, Prepared, Tool, ToolCall, ToolHost, ToolOutput
from app_server.core.tools.specs import GroupedTool, group_spec

DEFAULT_LIMIT = 8
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SATURATION, _LENGTH_WEIGHT = 1.2, 0.75


class ToolSearch:
    """The tool `tool_search`."""

    name = "tool_search"
    is_parallel = True

    def __init__(self, deferred: Callable[[], Iterable[Tool]]) -> None:
        """`deferred` gives the tools to look in, at the moment of a call."""
        self._deferred = deferred

    def spec(self) -> dict[str, Any]:
        """The tool as the model sees it."""
        schema = {"type": "object", "properties": _PARAMETERS, "required": ["query"], "additionalProperties": False}
        return {"type": "tool_search", "execution": "client", "description": _DESCRIPTION, "parameters": schema}

    def prepare(self, call: ToolCall, host: ToolHost) -> Prepared:  # noqa: ARG002  # part of the interface
        """Parse the call; one without a query finds nothing. Raises: ToolFailure (no JSON)."""
        return Prepared(parse_json(call.arguments))

    async def run(self, call: ToolCall, prepared: Prepared, permit: Permit, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """The descriptions of what was found, the best first; each group stands where its best tool does."""
        given = prepared.arguments if isinstance(prepared.arguments, dict) else {}
        query, limit = given.get("query"), given.get("limit")
        most = int(limit) if isinstance(limit, int | float) and limit > 0 else DEFAULT_LIMIT
        found = search(query, list(self._deferred()), most) if isinstance(query, str) else []
        groups: dict[str, dict[str, Any]] = {}
        for tool in found:
            group = groups.setdefault(tool.group.name, group_spec(tool.group, []))
            group["tools"].append({**tool.spec(), "defer_loading": True})
        return ToolOutput(list(groups.values()))

    def declined(self, call: ToolCall, prepared: Prepared, denial: Denial, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Never asked for; nothing is touched."""
        return ToolOutput([])


def search(query: str, tools: Sequence[Tool], most: int) -> list[Any]:
    """The tools that fit a query, the best first."""
    texts = [Counter(_words(_text(tool))) for tool in tools]
    mean = sum(map(Counter.total, texts)) / len(texts) if texts else 0.0
    wanted = set(_words(query))
    rarity = {word: _rarity(sum(word in text for text in texts), len(texts)) for word in wanted}
    scored = [(_score(text, rarity, mean), -index) for index, text in enumerate(texts)]
    return [tools[-index] for score, index in sorted(scored, reverse=True)[:most] if score > 0]


def _rarity(holders: int, count: int) -> float:
    return math.log(1 + (count - holders + 0.5) / (holders + 0.5))


def _score(text: Counter[str], rarity: Mapping[str, float], mean: float) -> float:
    damping = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * text.total() / mean) if mean else 1.0
    return sum(weight * text[word] * (_SATURATION + 1) / (text[word] + damping) for word, weight in rarity.items())


def _text(tool: Tool) -> str:
    """All that is said of a tool."""
    spec = tool.spec()
    group = f"{tool.group.name} {tool.group.description}" if isinstance(tool, GroupedTool) else ""
    properties = spec.get("parameters", {}).get("properties", {})
    said = [f"{name} {schema.get('description', '')}" for name, schema in properties.items() if isinstance(schema, dict)]
    return " ".join((spec["name"], spec.get("description", ""), group, *said))


def _words(text: str) -> list[str]:
    """The words of a text without their plural; names are taken apart."""
    words = (word.lower() for word in _WORD.findall(_CAMEL.sub(" ", text)))
    return [word.removesuffix("s") if len(word) > 3 else word for word in words]


def search_call(call_id: str, arguments: Any) -> ToolCall:
    """The call that an item of a model's search asks for."""
    return ToolCall(call_id, ToolSearch.name, json.dumps(arguments), is_search=True)


_DESCRIPTION = (
    "Find tools that are not listed here, by words of what they should do. What is found can be called at once. The groups "
    "in which to look are listed in the tools block."
)
_PARAMETERS: dict[str, dict[str, Any]] = {
    "limit": {"type": "number", "description": f"How many tools to find at most. Default: {DEFAULT_LIMIT}."},
    "query": {"type": "string", "description": "The words to look for."},
}
