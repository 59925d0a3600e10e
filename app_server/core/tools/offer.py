"""Which tools a model is offered, in which order, and which of them it has to look for. Source: spec/tools.md section 1."""

from collections.abc import Iterable, Sequence

from app_server.core.tools.base import Tool
from app_server.core.tools.specs import GroupedTool, is_deferred
from app_server.core.tools.tool_search import ToolSearch

Tools = dict[tuple[str | None, str], Tool]


def offer(tools: Iterable[Tool], last: Sequence[Tool] = ()) -> Tools:
    """Tools by the names that the model calls them by. Of two with the same name, the first one counts.

    Where some are deferred, the search for them comes behind the others, and then come the `last` ones.
    """
    offered: Tools = {}
    for tool in tools:
        offered.setdefault(key_of(tool), tool)
    deferred = [tool for tool in offered.values() if is_deferred(tool)]
    if deferred:
        last = [ToolSearch(lambda: deferred), *last]
    for tool in last:
        offered.setdefault(key_of(tool), tool)
    return offered


def key_of(tool: Tool) -> tuple[str | None, str]:
    """The name of a tool's group, if it is in one, and its own."""
    return (tool.group.name if isinstance(tool, GroupedTool) else None, tool.name)


def deferred_groups_text(tools: Iterable[Tool]) -> str | None:
    """What the model is told about tools that it has to look for."""
    groups = {tool.group.name: tool.group for tool in tools if isinstance(tool, GroupedTool) and tool.is_deferred}
    if not groups:
        return None
    lines = [f"- {name}: {groups[name].description}" for name in sorted(groups)]
    return "\n".join(("<tools>", "Deferred tool namespaces:", *lines, "</tools>"))
