"""The time of commands stands still while a client asks the user something of its own."""

from pathlib import Path

import pytest

from app_server.core.patience import Patience
from tests.core.lab import NOBODY, answers, lab, refusal

pytestmark = pytest.mark.anyio


class Watch:
    """A limit that notes what is done to it."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def stop(self) -> None:
        self.seen.append("stop")

    def go_on(self) -> None:
        self.seen.append("go on")


def test_limits_stop_at_the_first_question_and_go_on_after_the_last() -> None:
    patience, early, late = Patience(), Watch(), Watch()
    with patience.during(early):
        assert (patience.hold(), patience.hold(), patience.is_held) == (1, 2, True)
        with patience.during(late):
            assert (patience.release(), early.seen, late.seen) == (1, ["stop"], ["stop"])
            assert (patience.release(), patience.is_held) == (0, False)
    patience.hold()
    assert early.seen == late.seen == ["stop", "go on"]


async def test_questions_are_counted_per_thread(tmp_path: Path) -> None:
    async with lab(tmp_path) as home, home.talk() as client:
        thread, other = [{"threadId": (await home.start(client))["id"]} for _ in range(2)]
        assert await client.request("thread/increment_elicitation", thread) == {"count": 1, "paused": True}
        assert await client.request("thread/increment_elicitation", thread) == {"count": 2, "paused": True}
        assert await client.request("thread/decrement_elicitation", thread) == {"count": 1, "paused": True}
        none = "out-of-band elicitation count is already zero"
        assert await refusal(client.request("thread/decrement_elicitation", other)) == none
        assert await client.request("thread/decrement_elicitation", thread) == {"count": 0, "paused": False}
        nobody = await refusal(client.request("thread/increment_elicitation", {"threadId": NOBODY}))
        assert nobody == f"thread not found: {NOBODY}"


async def test_a_command_is_waited_for_beyond_its_time_while_a_question_is_open(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    command = f"echo asked; while [ ! -e {gate} ]; do sleep 0.05; done; echo answered"
    call = {"call": "exec_command", "arguments": {"cmd": command, "yield_time_ms": 250}}
    async with lab(tmp_path, [["created", call, "completed"], *answers("done")]) as home, home.talk() as client:
        thread = (await home.start(client))["id"]
        await client.request("thread/increment_elicitation", {"threadId": thread})
        turn = await home.begin(client, thread, "go")
        await client.wait_notification("item/commandExecution/outputDelta")
        gate.touch()
        await client.wait_notification("turn/completed", turn__id=turn)
        output = home.provider.requests[1].body["input"][-1]["output"]
        assert "answered" in output
        assert "Process exited with code 0" in output
