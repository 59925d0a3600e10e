"""Questions that the user answers with a rule: it holds at once, is kept, and the model is told."""

from pathlib import Path
from typing import Any

import pytest

from tests.core.lab import lab

pytestmark = pytest.mark.anyio
REQUEST = "item/commandExecution/requestApproval"


def call(script: str, call_id: str) -> list[Any]:
    return ["created", {"call": "exec_command", "arguments": {"cmd": script, "login": False}, "call_id": call_id}, "completed"]


@pytest.mark.parametrize(("words", "is_told"), [(["true"], True), ([], False)])
async def test_a_rule_given_as_an_answer_is_told_to_the_model(tmp_path: Path, words: list[str], is_told: bool) -> None:
    script = [call("true a", "a"), ["created", {"message": "done"}, "completed"]]
    async with lab(tmp_path, script) as home, home.talk() as client:
        thread = await home.start(client, approvalPolicy="untrusted", sandbox="read-only")
        await home.begin(client, thread["id"], "go")
        decision = {"acceptWithExecpolicyAmendment": {"execpolicy_amendment": words}}
        await client.answer(await client.wait_request(REQUEST), {"decision": decision})
        await client.wait_notification("turn/completed")
        last = home.provider.requests[1].body["input"][-1]
        assert (last.get("role") == "developer") == is_told
        assert not is_told or '["true"]' in last["content"][0]["text"]


async def test_a_rule_given_as_an_answer_holds_for_the_next_command_and_is_kept(tmp_path: Path) -> None:
    script = [call("true a", "a"), call("true b", "b"), ["created", {"message": "done"}, "completed"]]
    async with lab(tmp_path, script) as home, home.talk() as client:
        thread = await home.start(client, approvalPolicy="untrusted", sandbox="read-only")
        await home.begin(client, thread["id"], "go")
        decision = {"acceptWithExecpolicyAmendment": {"execpolicy_amendment": ["true"]}}
        await client.answer(await client.wait_request(REQUEST), {"decision": decision})
        await client.wait_notification("turn/completed")
        assert client.methods().count(REQUEST) == 1
        kept = (home.home.codex_home / "rules" / "default.rules").read_text()
        assert kept == 'prefix_rule(pattern=["true"], decision="allow")\n'
