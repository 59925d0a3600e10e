"""Items between the wire's form and the files'."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from app_server.core.store.command_line import joined, quoted, split
from app_server.core.store.items import MODELS, read_item, stored_item
from app_server.core.store.review_text import rendered
from protocol.base import to_wire
from protocol.item import ThreadItem

OTHER = "01a20e26-0000-7000-8000-000000000009"
TEXT = {"type": "text", "text": "hé", "text_elements": [{"byteRange": {"start": 0, "end": 2}, "placeholder": "p"}]}
ITEMS: list[dict[str, Any]] = [
    {
        "type": "userMessage",
        "clientId": "c",
        "content": [
            TEXT,
            {"type": "image", "url": "data:image/png;base64,AA", "detail": "low"},
            {"type": "image", "fileId": "f"},
            {"type": "localImage", "path": "/a.png", "detail": "high"},
            {"type": "audio", "url": "data:audio/wav;base64,AA"},
            {"type": "localAudio", "path": "/a.wav"},
            {"type": "skill", "name": "s", "path": "/s"},
            {"type": "mention", "name": "m", "path": "app://m"},
        ],
    },
    {"type": "hookPrompt", "fragments": [{"text": "t", "hookRunId": "r"}]},
    {"type": "agentMessage", "text": "plain"},
    {
        "type": "agentMessage",
        "text": "rich",
        "phase": "final_answer",
        "memoryCitation": {"entries": [{"path": "p", "lineStart": 1, "lineEnd": 2, "note": "n"}], "threadIds": [OTHER]},
        "moderation": {"moderated": True, "display": {"action": "hide", "blockType": "b"}},
        "delivery": "async",
        "questions": [{"title": "t", "options": ["a", "b"]}],
    },
    {"type": "functionCallOutput", "name": "n", "namespace": "s", "output": "text"},
    {"type": "functionCallOutput", "name": "n", "output": [{"type": "input_image", "image_url": "u"}]},
    {"type": "plan", "text": "- one"},
    {"type": "reasoning", "summary": ["s"], "content": ["raw"]},
    {
        "type": "commandExecution",
        "pluginId": "p",
        "scriptPath": "/s",
        "command": "/bin/bash -lc \"cat 'a b' | head\"",
        "cwd": "/w/with space/é",
        "processId": "7",
        "source": "unifiedExecStartup",
        "status": "failed",
        "commandActions": [
            {"type": "read", "command": "cat a", "name": "a", "path": "/w/a"},
            {"type": "listFiles", "command": "ls", "path": None},
            {"type": "search", "command": "rg q", "query": "q", "path": "src"},
            {"type": "unknown", "command": "x"},
        ],
        "aggregatedOutput": "o\n",
        "exitCode": 7,
        "durationMs": 1234,
    },
    {"type": "commandExecution", "command": "ls", "cwd": "/w", "status": "declined", "commandActions": []},
    {
        "type": "fileChange",
        "status": "completed",
        "changes": [
            {"path": "/w/a", "kind": {"type": "add"}, "diff": "new\n"},
            {"path": "/w/b", "kind": {"type": "delete"}, "diff": "old\n"},
            {"path": "/w/c", "kind": {"type": "update", "move_path": None}, "diff": "@@\n-a\n+b\n"},
            {"path": "/w/d", "kind": {"type": "update", "move_path": "/w/e"}, "diff": "@@\n-a\n+b\n\n\nMoved to: /w/e"},
        ],
    },
    {"type": "fileChange", "status": "inProgress", "changes": []},
    {
        "type": "mcpToolCall",
        "server": "s",
        "tool": "t",
        "status": "completed",
        "arguments": {"aKey": [1]},
        "appContext": {"connectorId": "c", "linkId": "l", "resourceUri": "u", "appName": "a", "actionName": "n"},
        "mcpAppResourceUri": "u",
        "pluginId": "p",
        "readOnlyHint": False,
        "result": {"content": [{"type": "text", "text": "x"}], "structuredContent": {"aKey": 1}, "_meta": {"m": 1}},
        "durationMs": 0,
    },
    {"type": "mcpToolCall", "server": "s", "tool": "t", "status": "failed", "arguments": None, "error": {"message": "no"}},
    {
        "type": "mcpToolCall",
        "server": "s",
        "tool": "t",
        "status": "failed",
        "arguments": {},
        "result": {"content": [{"type": "text", "text": "broken"}]},
    },
    {
        "type": "dynamicToolCall",
        "namespace": "n",
        "tool": "t",
        "arguments": {"aKey": 1},
        "status": "completed",
        "contentItems": [{"type": "inputText", "text": "x"}, {"type": "inputImage", "imageUrl": "u"}],
        "success": True,
        "durationMs": 5,
    },
    {"type": "dynamicToolCall", "tool": "t", "arguments": None, "status": "inProgress"},
    {
        "type": "collabAgentToolCall",
        "tool": "spawnAgent",
        "status": "completed",
        "senderThreadId": OTHER,
        "receiverThreadIds": [OTHER],
        "prompt": "p",
        "model": "m",
        "reasoningEffort": "high",
        "agentsStates": {
            "a": {"status": "pendingInit"},
            "b": {"status": "completed", "message": "done"},
            "c": {"status": "errored"},
        },
    },
    {"type": "subAgentActivity", "kind": "started", "agentThreadId": OTHER, "agentPath": "/root/a", "model": "m"},
    {"type": "webSearch", "query": "q", "action": {"type": "search", "query": "q", "queries": ["q", "r"]}, "results": [{"u": 1}]},
    {"type": "webSearch", "query": "u", "action": {"type": "openPage", "url": "u"}},
    {"type": "webSearch", "query": "p", "action": {"type": "findInPage", "url": "u", "pattern": "p"}},
    {"type": "webSearch", "query": "", "action": {"type": "other"}},
    {"type": "imageView", "path": "/w/a b.png"},
    {"type": "sleep", "durationMs": 5},
    {"type": "imageGeneration", "status": "completed", "revisedPrompt": "r", "result": "aGk=", "savedPath": "/s"},
    {"type": "enteredReviewMode", "review": "current changes"},
    {"type": "exitedReviewMode", "review": "Fine.\n\nReview comment:\n\n- T — /x:1-2\n  b"},
    {"type": "contextCompaction"},
]


@pytest.mark.parametrize("data", ITEMS, ids=lambda data: data["type"])
def test_an_item_reads_back_as_it_was_written(data: dict[str, Any]) -> None:
    item: Any = TypeAdapter(ThreadItem).validate_python({"id": "i1", "startedAtMs": 5, "completedAtMs": 9, **data})
    stored = stored_item(item)
    assert "startedAtMs" not in stored
    assert to_wire(read_item(stored, 5, 9)) == to_wire(item)


def test_every_kind_of_item_is_tried() -> None:
    assert {data["type"][:1].upper() + data["type"][1:] for data in ITEMS} == set(MODELS)


@pytest.mark.parametrize(
    "stored",
    [
        None,
        {"type": "Unheard", "id": "x"},
        {"type": "AgentMessage", "id": "x"},
        {"type": "AgentMessage", "id": 5, "content": []},
        {"type": "CommandExecution", "id": "x", "command": 5, "status": "completed"},
        {"type": "FileChange", "id": "x", "changes": {"/a": {"type": "odd"}}},
        {
            "type": "CollabAgentToolCall",
            "id": "x",
            "tool": "wait",
            "status": "completed",
            "sender_thread_id": "t",
            "agents_states": 1,
        },
    ],
)
def test_what_makes_no_sense_is_no_item(stored: object) -> None:
    assert read_item(stored) is None


def test_a_command_file_is_named_relative_to_its_directory() -> None:
    stored = {
        "type": "CommandExecution",
        "id": "c",
        "command": ["cat", "a"],
        "cwd": "file:///w/sub",
        "status": "completed",
        "parsed_cmd": [{"type": "read", "cmd": "cat a", "name": "a", "path": "a"}],
    }
    assert read_item(stored).command_actions[0].path == "/w/sub/a"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["/bin/bash", "-lc", "echo hi"], "/bin/bash -lc 'echo hi'"),
        (["cat"], "cat"),
        (["", "a=b"], "'' 'a=b'"),
        (["it's"], '"it\'s"'),
        (["a'b$c"], "\"a'b\"'$c'"),
        (["^x"], "'^x'"),
        (["a\\b"], '"a\\\\b"'),
    ],
)
def test_commands_are_quoted_as_the_reference_quotes_them(words: list[str], line: str) -> None:
    assert joined(words) == line
    assert split(line) == words


def test_a_line_that_is_no_command_stays_whole() -> None:
    assert split("it's") == ["it's"]
    assert quoted("plain") == "plain"


def test_a_review_is_shown_with_all_its_comments() -> None:
    place = {"absolute_file_path": "/x/y.py", "line_range": {"start": 3, "end": 4}}
    finding = {"title": "Off by one", "body": "Look\nat it", "code_location": place}
    output = {"overall_explanation": "Almost", "findings": [finding]}
    comment = "- Off by one — /x/y.py:3-4\n  Look\n  at it"
    assert rendered(output) == f"Almost\n\nReview comment:\n\n{comment}"
    assert rendered({"findings": [finding, finding]}) == f"Full review comments:\n\n{comment}\n\n{comment}"
    assert rendered(None) == "Reviewer failed to output a response."
