"""Params in shapes of earlier times, turned into those that the protocol has now, before they are read.

The schema does not have them; clients that were written against older servers send them all the same.
"""

from collections.abc import Callable, Mapping
from typing import Any

from app_server.core.errors import CallerError

MIXED_TOOLS = "Invalid request: dynamic tools must use either canonical or legacy format consistently"


def tagged_tools(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """`thread/start` with tools that have no tag: plain functions, of which each may name its group. Raises: CallerError."""
    tools = params.get("dynamicTools")
    if not isinstance(tools, list) or not tools or not all(isinstance(tool, Mapping) for tool in tools):
        return params
    tagged = ["type" in tool for tool in tools]
    if all(tagged):
        return params
    if any(tagged):
        raise CallerError(MIXED_TOOLS, reason="invalid_value", data={"field": "dynamicTools"})
    found: list[dict[str, Any]] = []
    groups: dict[Any, dict[str, Any]] = {}
    for tool in tools:
        function = _function(tool)
        name = tool.get("namespace")
        if name is None:
            found.append(function)
        elif name in groups:
            groups[name]["tools"].append(function)
        else:
            groups[name] = {"type": "namespace", "name": name, "description": "", "tools": [function]}
            found.append(groups[name])
    return {**params, "dynamicTools": found}


def _function(tool: Mapping[str, Any]) -> dict[str, Any]:
    function = {"type": "function", **{name: tool[name] for name in ("name", "description", "inputSchema") if name in tool}}
    is_hidden = tool.get("exposeToContext") is False
    return {**function, "deferLoading": tool["deferLoading"] if tool.get("deferLoading") is not None else is_hidden}


OLDER: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {"thread/start": tagged_tools}
"""What to do with the params of a method, by its name."""
