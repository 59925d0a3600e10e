"""The embedded offline provider, `model_provider = "rehearsal"`: a fixed script in the shape of a model's answers.

It lets a person try the daemon, and a client's developer see every kind of item, without a key, a network or a cost.
It says so in its answers and never pretends to think. What is played comes from `rehearsal_script`; this module turns
steps into the events of the Responses API. The same input always gives the same events; token counts come from sizes.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, assert_never

import anyio

from app_server.core.provider.base import Event, ModelRequest, ModelStream, ProviderError, ResponseStarted
from app_server.core.provider.errors import closed_early, status_error
from app_server.core.provider.rehearsal_script import (
    ASK,
    PATCH,
    PLAN,
    Call,
    Disconnect,
    Fail,
    Progress,
    Report,
    Say,
    Step,
    Think,
    explain,
    progress_of,
    steps_of,
)

PAUSE_S = 0.04
"""The pause between two words of a slow answer: about the speed at which models write."""

WORDS_PER_DELTA = 4
LINES_REPORTED = 12
BYTES_PER_TOKEN = 4


class Rehearsal:
    """The provider. It holds no state: what is left to play is read from each request's input.

    `pause_s` is what `/slow` waits between words.
    """

    id = "rehearsal"

    def __init__(self, pause_s: float = PAUSE_S) -> None:
        self._pause_s = pause_s

    @asynccontextmanager
    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelStream]:
        """Answer the request with the next steps of its script. Raises: ProviderError, where the script says `/fail`."""
        progress = progress_of(request.input)
        left = steps_of(progress.prompt, _offered(request))[progress.played :]
        if left and isinstance(left[0], Fail):
            raise failure(left[0].status)
        yield _RehearsedStream(request, progress, left, self._pause_s)

    async def aclose(self) -> None:
        """Nothing is ever open."""


def failure(status: int) -> ProviderError:
    """The error that this status of a real provider ends in."""
    return status_error(status, '{"error":{"message":"The rehearsal was asked to fail."}}', {}, "rehearsal", now_s=0)


@dataclass(slots=True)
class _RehearsedStream:
    """One answer: steps up to the first that has to wait for a tool, or that ends the stream otherwise."""

    request: ModelRequest
    progress: Progress
    left: list[Step]
    pause_s: float
    started: ResponseStarted = field(default_factory=lambda: ResponseStarted(200, {}))

    async def __aiter__(self) -> AsyncIterator[list[Event]]:
        response_id = _fresh_id("resp", self.request, 0)
        yield [{"type": "response.created", "response": {"id": response_id}}]
        done: list[dict[str, Any]] = []
        is_over = True
        for step in self.left:
            if isinstance(step, Fail):
                # A refused request has no stream, so this one ends first and asks to be followed by another.
                is_over = False
                break
            writer = _Writer(self.request, len(done))
            for batch in writer.play(step, self.progress):
                if isinstance(step, Say | Think) and step.is_slow:
                    await anyio.sleep(self.pause_s)
                else:
                    await anyio.lowlevel.checkpoint()
                yield batch
            if isinstance(step, Disconnect):
                raise closed_early()
            done.append(writer.item)
            if isinstance(step, Call):
                break
        response: dict[str, Any] = {"id": response_id, "usage": usage_of(self.request, done)}
        if not is_over:
            response["end_turn"] = False
        yield [{"type": "response.completed", "response": response}]


class _Writer:
    """Writes one output item as events; `item` is its finished form once `play` is through."""

    def __init__(self, request: ModelRequest, index: int) -> None:
        self._request = request
        self._index = index
        self.item: dict[str, Any] = {}

    def play(self, step: Step, progress: Progress) -> Iterator[list[Event]]:
        """The batches of one step."""
        match step:
            case Say(text, is_slow):
                return self._message(text, 1 if is_slow else WORDS_PER_DELTA)
            case Think(text, is_slow):
                return self._reasoning(text, 1 if is_slow else WORDS_PER_DELTA)
            case Call():
                return self._call(step)
            case Report(is_whole_answer):
                return self._message(report(progress, is_whole_answer), WORDS_PER_DELTA)
            case Disconnect():
                return self._cut_message("This answer is cut in the middle of a")
            case Fail():
                return iter(())
            case _:
                assert_never(step)

    def _message(self, text: str, words: int) -> Iterator[list[Event]]:
        yield from self._cut_message(text, words)
        self.item |= {"content": [{"type": "output_text", "text": text, "annotations": []}]}
        at = self._at(content_index=0)
        yield [{"type": "response.output_text.done", "text": text, **at}, self._done()]

    def _cut_message(self, text: str, words: int = WORDS_PER_DELTA) -> Iterator[list[Event]]:
        self.item = {"type": "message", "id": self._id("msg"), "role": "assistant", "content": []}
        at = self._at(content_index=0)
        part = {"type": "output_text", "text": "", "annotations": []}
        yield [self._added(), {"type": "response.content_part.added", "part": part, **at}]
        for piece in pieces(text, words):
            yield [{"type": "response.output_text.delta", "delta": piece, **at}]

    def _reasoning(self, text: str, words: int) -> Iterator[list[Event]]:
        self.item = {"type": "reasoning", "id": self._id("rs"), "summary": []}
        at = self._at(summary_index=0)
        yield [
            self._added(),
            {"type": "response.reasoning_summary_part.added", "part": {"type": "summary_text", "text": ""}, **at},
        ]
        for piece in pieces(text, words):
            yield [{"type": "response.reasoning_summary_text.delta", "delta": piece, **at}]
        self.item |= {"summary": [{"type": "summary_text", "text": text}]}
        yield [{"type": "response.reasoning_summary_text.done", "text": text, **at}, self._done()]

    def _call(self, call: Call) -> Iterator[list[Event]]:
        kind, prefix, member = ("custom_tool_call", "ctc", "input") if call.is_custom else ("function_call", "fc", "arguments")
        event = "custom_tool_call_input" if call.is_custom else "function_call_arguments"
        self.item = {"type": kind, "id": self._id(prefix), "call_id": self._id("call"), "name": call.tool, member: ""}
        added = self._added()
        self.item |= {member: call.text}
        yield [added, {"type": f"response.{event}.done", member: call.text, **self._at()}, self._done()]

    def _id(self, prefix: str) -> str:
        return _fresh_id(prefix, self._request, self._index)

    def _at(self, **indexes: int) -> dict[str, Any]:
        return {"item_id": self.item["id"], "output_index": self._index, **indexes}

    def _added(self) -> Event:
        return {"type": "response.output_item.added", "output_index": self._index, "item": {**self.item, "status": "in_progress"}}

    def _done(self) -> Event:
        self.item |= {"status": "completed"}
        return {"type": "response.output_item.done", "output_index": self._index, "item": dict(self.item)}


def report(progress: Progress, is_whole_answer: bool) -> str:
    """Say what came of the newest call, and who says so."""
    head, _, printed = progress.output.partition("Output:\n")
    ended = re.search(r"exited with code (-?\d+)", head)
    if progress.call in (PATCH, PLAN, ASK):
        outcome = f"`{progress.call}` answered:\n\n{_quote(progress.output)}"
    elif not ended:
        outcome = f"`{progress.call}` did not run to its end. The tool answered:\n\n{_quote(progress.output)}"
    elif printed:
        outcome = f"`{progress.call}` ended with exit code {ended[1]} and printed:\n\n{_quote(printed)}"
    else:
        outcome = f"`{progress.call}` ended with exit code {ended[1]} and printed nothing."
    if is_whole_answer:
        return explain(
            f"This is a rehearsal, not a model: nobody read the prompt. {outcome}\n\nA prompt can script the rehearsal."
        )
    return f"The script is played. {outcome}"


def pieces(text: str, words: int) -> list[str]:
    """A text cut into so many words a piece; joined, they are the text again."""
    return re.findall(rf"(?:\s*\S+){{1,{words}}}(?:\s+$)?|\s+$", text)


def usage_of(request: ModelRequest, done: list[dict[str, Any]]) -> dict[str, Any]:
    """Token counts as sizes suggest them, four bytes a token."""
    sent = _tokens(sum(map(len, request.input)))
    answered = _tokens(sum(len(json.dumps(item)) for item in done))
    thought = _tokens(sum(len(json.dumps(item)) for item in done if item["type"] == "reasoning"))
    return {
        "input_tokens": sent,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": answered,
        "output_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": sent + answered,
    }


def _tokens(size: int) -> int:
    return -(-size // BYTES_PER_TOKEN)


def _fresh_id(prefix: str, request: ModelRequest, index: int) -> str:
    """An id that no other item of the thread has: a thread's input only grows within a turn."""
    return f"{prefix}_{request.turn_id.replace('-', '')}_{len(request.input)}_{index}"


def _quote(text: str) -> str:
    """The beginning of a text as a code block that its own backticks can't end."""
    lines = text.rstrip("\n").split("\n")
    left_out = [f"({len(lines) - LINES_REPORTED} more lines)"] if len(lines) > LINES_REPORTED else []
    return "\n".join(["~~~", *lines[:LINES_REPORTED], *left_out, "~~~"])


def _offered(request: ModelRequest) -> frozenset[str]:
    return frozenset(str(tool.get("name")) for tool in request.tools)
