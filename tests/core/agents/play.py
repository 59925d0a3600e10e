"""A provider for a family of agents: the parent's answers and its agents' answers, whoever asks first."""

import json
import re
from collections.abc import Sequence
from typing import Any

import anyio

from tests.support.client import Client, Json
from tests.support.provider import Entry, Request, Script

GROUP = "multi_agent_v1"
_AGENT = re.compile(r'agent_id\\*":\\*"([0-9a-f-]{36})')
KID = "$kid"


def is_agent(request: Request) -> bool:
    """Whether an agent that was started asks, and not its parent."""
    return "x-openai-subagent" in request.headers


def tool(name: str, call_id: str = "call", **arguments: Any) -> Json:
    """A call of one of the tools for agents; `$kid` stands for the agent that was started last."""
    return {"call": name, "namespace": GROUP, "arguments": arguments, "call_id": call_id}


def answer(*steps: Any) -> list[Any]:
    """A whole answer."""
    return ["created", *steps, "completed"]


class Play:
    """What the parent and its agents answer, each in order."""

    def __init__(self, parent: Sequence[Entry], agents: Sequence[Entry]) -> None:
        self.parent, self.agents = list(parent), list(agents)
        self.requests: dict[bool, list[Request]] = {False: [], True: []}

    def script(self) -> Script:
        """The script for the provider."""
        return [self._take] * (len(self.parent) + len(self.agents))

    def _take(self, request: Request) -> Entry:
        asks = is_agent(request)
        self.requests[asks].append(request)
        entries = self.agents if asks else self.parent
        entry = entries.pop(0)
        found = _AGENT.findall(json.dumps(request.body["input"]))
        return [_named(step, found[-1] if found else KID) for step in entry] if isinstance(entry, list) else entry

    def told(self, index: int, *, is_agent: bool = False) -> list[str]:
        """What a request of the parent or of an agent carried: words of messages, outputs of calls."""
        return [_brief(item) for item in self.requests[is_agent][index].body["input"] if not item["type"].endswith("_call")]


def _named(step: Any, kid: str) -> Any:
    if isinstance(step, str | anyio.Event):
        return step
    return json.loads(json.dumps(step).replace(KID, kid))


def _brief(item: Json) -> str:
    if item["type"].endswith("_call_output"):
        return str(item["output"])
    words = " + ".join(part["text"] for part in item["content"])
    return f"{item['role']}: {words}" if item["role"] != "developer" else "developer"


async def collab_item(client: Client, call_id: str, method: str = "item/completed") -> Json:
    """An item of a call, without what a moment decides."""
    item: Json = (await client.wait_notification(method, item__id=call_id))["item"]
    return {name: value for name, value in item.items() if not name.endswith("Ms") and name not in ("type", "id")}
