"""What a model calls the tools of MCP servers: names of theirs with only the letters that providers take.

Names that become alike, and names that are too long, get a mark of what they were. Source: spec/tools.md section 11.1; the
mark was found by asking the reference.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable

MOST_LETTERS = 128
_OTHER = re.compile(r"[^A-Za-z0-9_]")
_MARK_LETTERS = 12


def namespace_of(server: str) -> str:
    """The group of a server's tools."""
    return f"mcp__{plain(server)}"


def plain(name: str) -> str:
    """A name with only the letters that providers take."""
    return _OTHER.sub("_", name)


def tool_names(server: str, tools: Iterable[str]) -> dict[str, str]:
    """The tools' names for the model by their own names."""
    shown = {tool: plain(tool) for tool in tools}
    holders = Counter(shown.values())
    room = MOST_LETTERS - len(namespace_of(server)) - len("__")
    return {
        tool: name if holders[name] == 1 and len(name) <= room else marked(server, tool, name, room)
        for tool, name in shown.items()
    }


def marked(server: str, tool: str, name: str, room: int) -> str:
    """A name that is made one of its kind."""
    identity = "\0".join((server, server, "", tool, tool))
    mark = hashlib.sha1(identity.encode(), usedforsecurity=False).hexdigest()[:_MARK_LETTERS]
    return f"{name[: room - len(mark) - 1]}_{mark}"
