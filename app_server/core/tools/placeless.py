"""A tool that works on a machine, in a thread that has none: it is offered as ever, and every call of it fails.

Source: the reference, asked with `environments: []`.
"""

from typing import Any

from app_server.core.tools.base import Denial, Permit, Prepared, Tool, ToolCall, ToolFailure, ToolHost, ToolOutput

NO_PLACE = "No usable execution environment is available. Wait for an environment to become available before using this tool."


class Placeless:
    """Stands for such a tool."""

    def __init__(self, tool: Tool) -> None:
        self.name = tool.name
        self.is_parallel = tool.is_parallel
        self._tool = tool

    def spec(self) -> dict[str, Any]:
        """The tool as the model sees it."""
        return self._tool.spec()

    def prepare(self, call: ToolCall, host: ToolHost) -> Prepared:  # noqa: ARG002
        """Raises: ToolFailure, always."""
        raise ToolFailure(NO_PLACE)

    async def run(self, call: ToolCall, prepared: Prepared, permit: Permit, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Never comes to it."""
        raise ToolFailure(NO_PLACE)

    def declined(self, call: ToolCall, prepared: Prepared, denial: Denial, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Never comes to it."""
        return ToolOutput(NO_PLACE)
