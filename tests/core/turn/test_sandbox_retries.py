"""Commands that the sandbox has refused, where the policy wants to be asked whether they may run without it."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.core.lab import Lab, lab
from tests.support.client import Client, Json
from tests.support.needs import needs

pytestmark = [pytest.mark.anyio, needs("bubblewrap", found=shutil.which("bwrap") is not None)]
ASKS = {"granular": {"sandbox_approval": True, "rules": False, "mcp_elicitations": False}}
DOES_NOT_ASK = {"granular": {"sandbox_approval": False, "rules": False, "mcp_elicitations": False}}
REQUEST = "item/commandExecution/requestApproval"
DEADLINE_S = 20


def call(script: str, call_id: str) -> list[Any]:
    return ["created", {"call": "exec_command", "arguments": {"cmd": script, "login": False}, "call_id": call_id}, "completed"]


@asynccontextmanager
async def running(folder: Path, *scripts: str, policy: Json = ASKS) -> AsyncIterator[tuple[Lab, Client]]:
    """A turn that runs these commands in a read-only sandbox."""
    script = [call(each, f"c{number}") for number, each in enumerate(scripts)]
    with anyio.fail_after(DEADLINE_S):
        async with lab(folder, [*script, ["created", {"message": "done"}, "completed"]]) as home, home.talk() as client:
            thread = await home.start(client, approvalPolicy=policy, sandbox="read-only")
            await home.begin(client, thread["id"], "go")
            yield home, client


def output(home: Lab, number: int) -> str:
    """What the model got for a command."""
    return str(home.provider.requests[number + 1].body["input"][-1]["output"])


async def ended(client: Client, item_id: str = "c0") -> Json:
    item: Json = (await client.wait_notification("item/completed", item__id=item_id))["item"]
    return item


async def test_what_was_refused_runs_outside_once_that_is_allowed(tmp_path: Path) -> None:
    async with running(tmp_path, "echo once > made && cat made") as (home, client):
        request = await client.wait_request(REQUEST)
        assert request["params"]["reason"] == "command failed; retry without sandbox?"
        assert request["params"]["proposedExecpolicyAmendment"][-1] == "echo once > made && cat made"
        assert not (home.home.work / "made").exists()
        await client.answer(request, {"decision": "accept"})
        item = await ended(client)
        assert (item["status"], item["aggregatedOutput"]) == ("completed", "once\n")
        await client.wait_notification("turn/completed")
        assert output(home, 0).endswith("Output:\nonce\n")
        started = [message for message in client.messages if message.get("method") == "item/started"]
        assert [message["params"]["item"]["id"] for message in started].count("c0") == 1


async def test_what_is_not_allowed_stays_refused(tmp_path: Path) -> None:
    async with running(tmp_path, "touch made") as (home, client):
        await client.answer(await client.wait_request(REQUEST), {"decision": "decline"})
        assert (await ended(client))["status"] == "declined"
        await client.wait_notification("turn/completed")
        assert "rejected by user" in output(home, 0)
        assert not (home.home.work / "made").exists()


async def test_what_was_allowed_for_the_session_is_not_asked_again(tmp_path: Path) -> None:
    async with running(tmp_path, "echo x >> made", "echo x >> made") as (home, client):
        await client.answer(await client.wait_request(REQUEST), {"decision": "acceptForSession"})
        assert (await ended(client, "c1"))["status"] == "completed"
        assert (home.home.work / "made").read_text() == "x\nx\n"


@pytest.mark.parametrize(
    ("script", "policy"),
    [("touch made", DOES_NOT_ASK), ("touch made", "on-request"), ("exit 3", ASKS), ("sleep 1; touch made", ASKS)],
)
async def test_nobody_is_asked_about_other_failures_other_policies_and_what_was_shown_already(
    tmp_path: Path, script: str, policy: Any
) -> None:
    async with running(tmp_path, script, policy=policy) as (home, client):
        assert (await ended(client))["status"] == "failed"
        await client.wait_notification("turn/completed")
        assert REQUEST not in client.methods()
        assert not (home.home.work / "made").exists()


async def test_an_interrupt_while_it_is_asked_leaves_nothing_open(tmp_path: Path) -> None:
    async with running(tmp_path, "touch made") as (home, client):
        request = await client.wait_request(REQUEST)
        ask = {"threadId": request["params"]["threadId"], "turnId": request["params"]["turnId"]}
        await client.request("turn/interrupt", ask)
        assert (await ended(client))["status"] == "failed"
        assert (await client.wait_notification("turn/completed"))["turn"]["status"] == "interrupted"
        assert not (home.home.work / "made").exists()
