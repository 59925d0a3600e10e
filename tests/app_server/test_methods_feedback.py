"""Archives for whoever maintains the client."""

import json
import os
import zipfile
from pathlib import Path

import pytest

from tests.support.client import RpcError
from tests.support.deterministic import conversing

ANSWER = ["created", {"message": "Done"}, "completed"]


async def test_an_archive_holds_the_report_the_thread_and_the_wanted_files(tmp_path: Path) -> None:
    async with conversing(tmp_path, [ANSWER]) as talk:
        thread = await talk.start_thread()
        await talk.start_turn(thread)
        await talk.client.wait_notification("turn/completed", threadId=thread)
        (talk.home.work / "own.log").write_text("mine")
        archive = tmp_path / "report.zip"
        said = {"savePath": str(archive), "classification": "bug", "reason": "why", "threadId": thread, "includeLogs": True}
        wishes = {"extraLogFiles": [str(talk.home.work / "own.log")], "tags": {"a": "b", "thread_id": "false"}}
        saved = await talk.client.request("feedback/save", {**said, **wishes})
        assert saved == {"savedPath": str(archive), "threadId": thread, "promptHash": None}
    with zipfile.ZipFile(archive) as made:
        report, manifest = (json.loads(made.read(name)) for name in ("report.json", "manifest.json"))
        rollout, own = (entry["entry"] for entry in manifest)
        assert thread.encode() in made.read(rollout)
        assert made.read(own) == b"mine"
    assert report["message"] == f"[Bug]: Codex session {thread}"
    assert report["exception"]["values"] == [{"type": report["message"], "value": "why"}]
    assert (report["tags"]["a"], report["tags"]["thread_id"]) == ("b", thread)


async def test_without_a_thread_the_report_stands_alone(tmp_path: Path) -> None:
    async with conversing(tmp_path) as talk:
        saved = await talk.client.request("feedback/save", {"savePath": str(tmp_path / "a.zip"), "classification": "odd"})
    assert saved["threadId"].startswith("no-active-thread-")
    with zipfile.ZipFile(tmp_path / "a.zip") as made:
        assert made.namelist() == ["report.json", "manifest.json"]


async def test_what_can_t_be_saved_leaves_nothing_behind(tmp_path: Path) -> None:
    async with conversing(tmp_path) as talk:
        refusals = [
            ({"savePath": "a.zip"}, -32600, "feedback savePath must be an absolute host path"),
            ({"savePath": str(tmp_path / "no/a.zip")}, -32603, "failed to save feedback: No such file or directory (os error 2)"),
            (
                {"savePath": str(tmp_path / "a.zip"), "extraLogFiles": ["/nope"]},
                -32603,
                "failed to read selected attachment /nope",
            ),
            ({"savePath": str(tmp_path / "a.zip"), "threadId": "abc"}, -32600, "invalid thread id"),
        ]
        for params, code, text in refusals:
            with pytest.raises(RpcError) as caught:
                await talk.client.request("feedback/save", {"classification": "bug", **params})
            assert caught.value.code == code
            assert text in caught.value.message
    assert [name for name in os.listdir(tmp_path) if "zip" in name] == []  # noqa: PTH208 - the test may block


@pytest.mark.parametrize(
    ("tables", "code", "text"),
    [("", -32603, "failed to upload feedback: "), ("[feedback]\nenabled = false", -32600, "sending feedback is disabled")],
)
async def test_nothing_is_uploaded(tmp_path: Path, tables: str, code: int, text: str) -> None:
    async with conversing(tmp_path, tables=tables) as talk:
        with pytest.raises(RpcError) as caught:
            await talk.client.request("feedback/upload", {"classification": "bug"})
    assert caught.value.code == code
    assert caught.value.message.startswith(text)
