"""What the tests of turns of all kinds share: a few answers, and short ways to see what the model was sent."""

from typing import Any

from tests.support.deterministic import Talk
from tests.support.provider import Step

GIST: list[Step] = ["created", {"message": "The gist."}, "completed"]
MUCH: dict[str, Any] = {"completed": {"usage": {"input_tokens": 900, "output_tokens": 5, "total_tokens": 905}}}
"""The end of an answer after which a history of at most 200 tokens has to be compacted."""
LITTLE: dict[str, Any] = {"completed": {"usage": {"input_tokens": 90, "output_tokens": 5, "total_tokens": 95}}}
SMALL = 'model_auto_compact_token_limit = 200\ncompact_prompt = "Sum it up."'
PROMPT = 'compact_prompt = "Sum it up."'


def says(text: str, end: Step = "completed") -> list[Step]:
    """An answer of one message."""
    return ["created", {"message": text}, end]


def runs(script: str, call_id: str = "call_1", end: Step = "completed") -> list[Step]:
    """An answer that runs a command."""
    return ["created", {"call": "exec_command", "arguments": {"cmd": script}, "call_id": call_id}, end]


def halfway(text: str = "half") -> list[Step]:
    """An answer that stops within a message."""
    item = {"type": "message", "role": "assistant", "id": "m"}
    delta = {"type": "response.output_text.delta", "item_id": "m", "output_index": 0, "content_index": 0, "delta": text}
    return ["created", {"type": "response.output_item.added", "output_index": 0, "item": {**item, "content": []}}, delta, "hang"]


async def ended(talk: Talk, thread: str) -> dict[str, Any]:
    """The next turn that ends."""
    turn: dict[str, Any] = (await talk.client.wait_notification("turn/completed", threadId=thread))["turn"]
    return turn


async def see_through(talk: Talk, thread: str, text: str = "go", **params: Any) -> dict[str, Any]:
    """A turn from its start to its end."""
    await talk.start_turn(thread, text, **params)
    return await ended(talk, thread)


def said(talk: Talk, index: int = -1) -> list[str]:
    """The texts of a model request, in order; of those that are ours, only what begins them."""
    found = []
    for item in talk.provider.requests[index].body["input"]:
        if item["type"] == "message":
            found += [short(part["text"]) for part in item["content"] if "text" in part]
        else:
            found.append(item["type"])
    return found


def short(text: str) -> str:
    """A text that the tests know by its beginning."""
    for mark in (
        "<permissions instructions>",
        "<environment_context>",
        "<turn_aborted>",
        "<user_shell_command>",
        "<user_action>",
    ):
        if text.startswith(mark):
            return mark
    if text.startswith("What came before in this conversation"):
        return f"summary: {text.splitlines()[-1]}"
    return "base" if "<template:full>" in text else text


def told(talk: Talk, method: str) -> list[Any]:
    """The params of all notifications of a method."""
    return [message["params"] for message in talk.client.messages if message.get("method") == method]


def items(talk: Talk, kind: str, event: str = "item/completed") -> list[Any]:
    """All items of a kind that were closed (or opened)."""
    return [params["item"] for params in told(talk, event) if params["item"]["type"] == kind]
