"""Hooks that call a tool of one of the thread's MCP servers: what they give it, and its answer in place of an output.

`${tool_input.command}` in the input stands for what has happened: alone it is the value itself, in a longer text its
text. Nobody is asked for leave; the user has trusted the hook. Source: the reference's answers; texts are its own.
"""

import re
import time
from collections.abc import Mapping
from typing import Any

import anyio
from pydantic_core import to_json

from app_server.core.frozen import frozen
from app_server.core.hooks.program import Result, since
from app_server.core.mcp.errors import ServerTrouble
from app_server.core.mcp.thread_servers import ThreadServers
from app_server.core.tools.mcp_content import read_answer

_PLACE = re.compile(r"\$\{([^}]+)\}")


@frozen
class ToolUse:
    """A call of a tool."""

    server: str
    tool: str
    input: Mapping[str, Any]


class NotFound(Exception):
    """The input names something that has not happened; the text says so."""


def filled(value: Any, facts: Mapping[str, Any]) -> Any:
    """A part of the input with the facts in their places. Raises: NotFound."""
    if isinstance(value, Mapping):
        return {name: filled(each, facts) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, facts) for each in value]
    if not isinstance(value, str):
        return value
    whole = _PLACE.fullmatch(value)
    return _fact(whole[1], facts) if whole is not None else _PLACE.sub(lambda place: _text(_fact(place[1], facts)), value)


def _fact(path: str, facts: Mapping[str, Any]) -> Any:
    found: Any = facts
    for name in path.split("."):
        if not isinstance(found, Mapping) or name not in found:
            raise NotFound(f"hook input placeholder `${{{path}}}` was not found")
        found = found[name]
    return found


def _text(fact: Any) -> str:
    return fact if isinstance(fact, str) else to_json(fact).decode()


async def use_tool(use: ToolUse, facts: Mapping[str, Any], servers: ThreadServers | None, timeout_s: float) -> Result:
    """Call the tool. Cancel: at any time; the server is told."""
    began = time.monotonic()
    attached = None if servers is None else servers.attached.get(use.server)
    if attached is None:
        return Result(error=f"unknown MCP server '{use.server}'", duration_ms=since(began))
    failure = f"tool call failed for `{use.server}/{use.tool}`"
    try:
        with anyio.fail_after(timeout_s):
            if not attached.settings.offers(use.tool):
                raise ServerTrouble(failure)
            answer = read_answer(await attached.request("tools/call", {"name": use.tool, "arguments": filled(use.input, facts)}))
    except NotFound as error:
        return Result(error=str(error), duration_ms=since(began))
    except (ServerTrouble, TimeoutError):
        return Result(error=failure, duration_ms=since(began))
    text = "\n".join(block["text"] for block in answer.content if block["type"] == "text")
    if answer.is_error:
        return Result(error=f"MCP tool returned an error: {text}", duration_ms=since(began))
    return Result(exit_code=0, stdout=text, duration_ms=since(began))
