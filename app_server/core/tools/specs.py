"""How tools are described to the model: plain functions, groups of functions, and what the provider carries out itself.

Source: spec/tools.md section 1, spec/models.md section 8.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app_server.core.config.config import Config
from app_server.core.frozen import frozen
from app_server.core.models.metadata import ModelInfo
from app_server.core.tools.base import Denial, Permit, Prepared, Tool, ToolCall, ToolFailure, ToolHost, ToolOutput
from protocol.sandbox import DangerFullAccess, SandboxPolicy


def function_spec(name: str, description: str, parameters: Mapping[str, Any], required: Sequence[str] = ()) -> dict[str, Any]:
    """A function with these parameters and no others."""
    schema = {"type": "object", "properties": parameters, "required": list(required), "additionalProperties": False}
    return {"type": "function", "name": name, "description": description, "strict": False, "parameters": schema}


@frozen
class Group:
    """Tools that belong together; the model calls them by the group's name and their own."""

    name: str
    description: str

    @classmethod
    def named(cls, name: str, description: str) -> "Group":
        """A group of somebody else's, which may lack a description."""
        return cls(name, description or f"Tools in the {name} namespace.")


class GroupedTool:
    """What a tool of a group is besides a tool. `is_deferred`: the model has to look for it before it sees it."""

    group: Group
    is_deferred: bool = False


def is_deferred(tool: Tool) -> bool:
    """Whether a tool is not shown until it is looked for."""
    return isinstance(tool, GroupedTool) and tool.is_deferred


def tool_specs(tools: Iterable[Tool]) -> list[dict[str, Any]]:
    """The descriptions of all tools that are shown, each group where its first tool stands."""
    specs: list[dict[str, Any]] = []
    groups: dict[str, list[dict[str, Any]]] = {}
    for tool in tools:
        if is_deferred(tool):
            continue
        if not isinstance(tool, GroupedTool):
            specs.append(tool.spec())
            continue
        if tool.group.name not in groups:
            groups[tool.group.name] = []
            specs.append(group_spec(tool.group, groups[tool.group.name]))
        groups[tool.group.name].append(tool.spec())
    for members in groups.values():
        members.sort(key=lambda spec: str(spec["name"]))
    return specs


def group_spec(group: Group, members: list[dict[str, Any]]) -> dict[str, Any]:
    """The description of a group."""
    return {"type": "namespace", "name": group.name, "description": group.description, "tools": members}


class HostedTool:
    """A tool that the provider carries out itself; a model that calls it like one of ours is told that there is none."""

    is_parallel = True

    def __init__(self, name: str, spec: Mapping[str, Any]) -> None:
        self.name = name
        self._spec = dict(spec)

    def spec(self) -> dict[str, Any]:
        """The tool as the provider is asked for it."""
        return self._spec

    def prepare(self, call: ToolCall, host: ToolHost) -> Prepared:  # noqa: ARG002  # part of the interface
        """There is nothing to do here. Raises: ToolFailure."""
        raise ToolFailure(f"unsupported call: {call.name}")

    async def run(self, call: ToolCall, prepared: Prepared, permit: Permit, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Never reached, since `prepare` refuses."""
        raise ToolFailure(f"unsupported call: {call.name}")

    def declined(self, call: ToolCall, prepared: Prepared, denial: Denial, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Never reached, since nobody is asked."""
        return ToolOutput(denial.reason)


def web_search(config: Config, model: ModelInfo, sandbox: SandboxPolicy) -> HostedTool | None:
    """The provider's search, or None where it is switched off. Under full access even cached search may reach the web."""
    mode = config.web_search or ("live" if config.features.is_enabled("web_search_request") else "cached")
    if mode == "disabled":
        return None
    spec: dict[str, Any] = {"type": "web_search"}
    spec["external_web_access"] = mode in ("live", "indexed") or isinstance(sandbox, DangerFullAccess)
    if mode == "indexed":
        spec["indexed_web_access"] = True
    table = config.web_search_tool
    if table.get("allowed_domains") is not None:
        spec["filters"] = {"allowed_domains": list(table["allowed_domains"])}
    if table.get("location"):
        spec["user_location"] = {"type": "approximate", **table["location"]}
    if table.get("context_size"):
        spec["search_context_size"] = table["context_size"]
    if model.web_search_tool_type == "text_and_image":
        spec["search_content_types"] = ["text", "image"]
    return HostedTool("web_search", spec)
