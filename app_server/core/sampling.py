"""Asking the model of a thread something beside the conversation: as if it were said next, but nothing of it stays.

The request begins with the same bytes as the thread's own, so the provider's cache serves it. Tools are offered for the
same reason; calls of them are not carried out. Source: spec/server.md section 12.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import anyio

from app_server.core.catalogue import NoRollout
from app_server.core.errors import INTERNAL_ERROR, CallerError
from app_server.core.frozen import frozen
from app_server.core.history_item import entry, message
from app_server.core.provider.base import Event, ModelRequest, ProviderError, TurnState
from app_server.core.thread import Thread
from app_server.core.threads import Threads
from app_server.core.turn.request import make_request
from app_server.core.turn.turn import Turn

LONGEST_PROMPT_BYTES = 4000


@frozen
class Question:
    """What to ask, after which turn. `is_early`: that turn may still run."""

    thread_id: str
    turn_id: str
    prompt: str
    is_early: bool


@frozen
class Sample:
    """What the model said; None for what it did not say or the provider did not count."""

    response_id: str
    text: str | None
    input_tokens: int | None
    cached_input_tokens: int | None
    output_tokens: int | None


class Samples:
    """The questions that are being asked; each can be given up by whoever has asked it."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._running: dict[object, anyio.CancelScope] = {}

    async def ask(self, key: object, question: Question) -> Sample:
        """Ask, and wait for the whole answer. Raises: CallerError. `key` names the question for `cancel`."""
        thread = self._source(question)
        sample: Sample | None = None
        with self._cancellable(key):
            try:
                sample = await answer_of(thread, question)
            except ProviderError as error:
                raise CallerError(error.message, code=INTERNAL_ERROR, reason="provider_failed") from error
        if sample is not None:
            return sample
        raise CallerError("sample canceled", code=INTERNAL_ERROR, reason="canceled")

    def cancel(self, key: object) -> None:
        """Give a question up, if it is still being asked."""
        if key in self._running:
            self._running[key].cancel()

    @contextmanager
    def _cancellable(self, key: object) -> Iterator[None]:
        with anyio.CancelScope() as scope:
            self._running[key] = scope
            try:
                yield
            finally:
                del self._running[key]

    def _source(self, question: Question) -> Thread:
        """The thread that is asked. Raises: CallerError."""
        if not question.turn_id or not question.prompt.strip() or len(question.prompt.encode()) > LONGEST_PROMPT_BYTES:
            text = f"thread/sample requires expectedTurnId and a prompt of at most {LONGEST_PROMPT_BYTES} bytes"
            raise CallerError(text, data={"field": "prompt" if question.turn_id else "expectedTurnId"})
        thread = self._threads.find(question.thread_id)
        if thread is None:
            raise CallerError("thread/sample requires a loaded source", reason="thread_not_found")
        if not thread.recorder.is_on_disk:
            raise CallerError(f"invalid thread-store request: {NoRollout(thread.id).message}", reason="thread_not_materialized")
        is_running = thread.turn is not None and thread.turn.id == question.turn_id
        if is_running and question.is_early:
            return thread
        if thread.turn is not None or thread.last_turn_id != question.turn_id:
            raise CallerError(
                "sample source turn must be the latest finished turn",
                reason="turn_not_found",
                data={"field": "expectedTurnId"},
            )
        return thread


async def answer_of(thread: Thread, question: Question) -> Sample:
    """What the model says. Raises: ProviderError. Cancel: closes the connection."""
    runtime, model = thread.runtime, thread.model()
    settings = runtime.providers.settings(thread.settings.model_provider, thread.config)
    provider = runtime.providers.open(settings)
    turn = Turn(runtime.clock.uuid7(), runtime.clock.now_ms())
    said = entry(message(thread.new_message_id(), "user", [question.prompt])).json
    items = [*thread.history.for_request(model.reads, has_notes=settings.is_openai), said]
    tools = list(thread.toolbox.tools(model).values())
    request = beside(make_request(thread, turn, model, tools, TurnState(), items=items), runtime.clock.uuid7())
    words: list[str] = []
    async with provider.stream(request) as stream:
        async for events in stream:
            for event in events:
                words += words_of(event)
                if event["type"] == "response.completed":
                    return sample_of(event["response"], words)
    raise ProviderError("stream closed before response.completed", is_retryable=True)


def beside(request: ModelRequest, sample_id: str) -> ModelRequest:
    """The request under an id of its own, since it is not the thread's."""
    return replace(request, thread_id=sample_id, headers={**request.headers, "thread-id": sample_id})


def words_of(event: Event) -> list[str]:
    """The words of a message that is complete with this event."""
    item = event.get("item")
    if event["type"] != "response.output_item.done" or not isinstance(item, Mapping) or item.get("type") != "message":
        return []
    return [part["text"] for part in item.get("content") or () if part.get("type") == "output_text"]


def sample_of(response: Mapping[str, Any], words: list[str]) -> Sample:
    """The sample out of the last event of an answer."""
    usage = response.get("usage") or {}
    details = usage.get("input_tokens_details") or {}
    return Sample(
        response_id=str(response.get("id", "")),
        text="".join(words) if words else None,
        input_tokens=usage.get("input_tokens"),
        cached_input_tokens=details.get("cached_tokens"),
        output_tokens=usage.get("output_tokens"),
    )
