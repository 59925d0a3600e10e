"""`thread/backgroundTerminals/*` over a connection, with commands that really run."""

from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.core.lab import NOBODY, lab, refusal
from tests.support.client import Client

DEADLINE_S = 20


def command(script: str, call_id: str) -> list[Any]:
    return [
        "created",
        {"call": "exec_command", "arguments": {"cmd": script, "yield_time_ms": 250}, "call_id": call_id},
        "completed",
    ]


SCRIPT = [command("echo one; sleep 60", "a"), command("sleep 61", "b"), command("sleep 62", "c"), ["created", "completed"]]


class Terminals:
    """Requests about the terminals of a thread."""

    def __init__(self, client: Client, thread_id: str) -> None:
        self.client = client
        self.thread_id = thread_id

    async def ask(self, verb: str, **params: Any) -> Any:
        """A request about this thread, or another one."""
        return await self.client.request(f"thread/backgroundTerminals/{verb}", {"threadId": self.thread_id, **params})

    async def page(self, **params: Any) -> tuple[list[str], str | None]:
        """The commands of a page and the cursor of the next."""
        result = await self.ask("list", **params)
        return [entry["command"] for entry in result["data"]], result["nextCursor"]

    async def ends(self, count: int) -> dict[str, tuple[str, int, str | None]]:
        """How the items of the next commands were closed, by their ids."""
        items = [(await self.client.wait_notification("item/completed"))["item"] for _ in range(count)]
        return {item["id"]: (item["status"], item["exitCode"], item["aggregatedOutput"]) for item in items}


async def test_terminals_are_listed_in_pages_and_ended_singly_or_all_together(tmp_path: Path) -> None:
    with anyio.fail_after(DEADLINE_S):
        async with lab(tmp_path, SCRIPT) as home, home.talk() as client:
            thread = await home.start(client)
            terminals = Terminals(client, thread["id"])
            assert await terminals.page() == ([], None)
            await home.turn(client, thread["id"], "go")
            entries = (await terminals.ask("list"))["data"]
            numbers = [int(entry["processId"]) for entry in entries]
            assert numbers == sorted(numbers)
            assert {entry["itemId"]: entry["command"] for entry in entries} == {
                "a": "echo one; sleep 60",
                "b": "sleep 61",
                "c": "sleep 62",
            }
            assert {entry["cwd"] for entry in entries} == {str(home.home.work)}
            commands = [entry["command"] for entry in entries]
            assert await terminals.page(limit=2) == (commands[:2], str(numbers[1]))
            assert await terminals.page(limit=2, cursor=str(numbers[1])) == (commands[2:], None)
            assert await terminals.page(limit=0) == (commands[:1], str(numbers[0]))

            first = next(entry for entry in entries if entry["itemId"] == "a")["processId"]
            assert await terminals.ask("terminate", processId=first) == {"terminated": True}
            assert await terminals.ask("terminate", processId=first) == {"terminated": False}
            assert await terminals.ends(1) == {"a": ("failed", -1, "one\n")}
            assert await terminals.ask("clean") == {}
            assert await terminals.page() == ([], None)
            assert await terminals.ends(2) == {"b": ("failed", -1, None), "c": ("failed", -1, None)}


@pytest.mark.parametrize(
    ("verb", "params", "why"),
    [
        ("list", {"cursor": "x"}, "invalid cursor: invalid digit found in string"),
        ("list", {"cursor": ""}, "invalid cursor: cannot parse integer from empty string"),
        ("list", {"cursor": "99999999999"}, "invalid cursor: number too large to fit in target type"),
        ("list", {"cursor": "-99999999999"}, "invalid cursor: number too small to fit in target type"),
        ("terminate", {"processId": "-"}, "invalid background terminal process id: invalid digit found in string"),
        ("list", {"threadId": NOBODY}, f"thread not found: {NOBODY}"),
        ("clean", {"threadId": NOBODY}, f"thread not found: {NOBODY}"),
        ("terminate", {"threadId": NOBODY, "processId": "1"}, f"thread not found: {NOBODY}"),
    ],
)
async def test_what_names_nothing_is_refused(tmp_path: Path, verb: str, params: dict[str, str], why: str) -> None:
    async with lab(tmp_path, []) as home, home.talk() as client:
        terminals = Terminals(client, (await home.start(client))["id"])
        assert await refusal(terminals.ask(verb, **params)) == why
