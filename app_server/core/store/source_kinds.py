"""The kinds of client that lists of threads can be filtered by, and which of them a thread's source counts as."""

from collections.abc import Mapping
from typing import Any

INTERACTIVE = frozenset({"cli", "vscode"})
"""What lists show unless asked otherwise."""
NAMED = frozenset({"cli", "vscode", "exec", "appServer"})
HELPERS = {"review": "subAgentReview", "compact": "subAgentCompact", "thread_spawn": "subAgentThreadSpawn"}
ALL = frozenset({*NAMED, "unknown", "subAgent", *HELPERS.values(), "subAgentOther"})
"""What lists show of the threads that another thread has started."""


def kinds(source: str | Mapping[str, Any]) -> frozenset[str]:
    """The kinds that a thread's source counts as."""
    if isinstance(source, str):
        return frozenset({"appServer" if source == "mcp" else source if source in NAMED else "unknown"})
    helper = source.get("subagent", source.get("sub_agent"))
    name = next(iter(helper), "") if isinstance(helper, Mapping) else helper
    return frozenset({"subAgent", HELPERS.get(str(name), "subAgentOther")}) if helper is not None else frozenset({"unknown"})
