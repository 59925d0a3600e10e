"""Asking the model of a thread something beside the conversation; guesses of the user's next words."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import I64, Method, Notification, Params, Response, TypeAliasType, Variant
from protocol.mode import ReasoningEffort
from protocol.scalars import RequestId
from protocol.thread import ThreadSource


class ThreadSampleParams(Params):
    """What to ask, as if it were said next. Nothing of it stays in the thread."""

    thread_id: str
    """The thread."""
    expected_turn_id: str
    """The newest turn of the thread; refused when that is another."""
    allow_in_progress_turn: bool = False
    """Whether that turn may still run."""
    prompt: str
    """What to ask."""
    effort: ReasoningEffort | None = None
    """How hard to think, where that does not cost the cache; null: as usual."""
    thread_source: ThreadSource | None = None
    """A word for statistics; null: none."""
    turn_trigger: str | None = None
    """A word of the client's own for what led to it; null: none."""
    responsesapi_client_metadata: dict[str, str] | None = None
    """Metadata sent to the provider; null: none."""
    disable_mcp: bool = False
    """Whether to go without MCP servers."""
    interrupt_on_cancel: bool | None = None
    """Whether the provider is told when the client gives up; null: as in the thread."""


class ThreadSampleResponse(Response):
    """What the model said."""

    source_turn_id: str
    """The turn it was asked after."""
    response_id: str
    """The provider's id of the response."""
    text: str | None = None
    """The words; null when it said none."""
    input_tokens: I64 | None = None
    """The tokens it read; null when not told."""
    cached_input_tokens: I64 | None = None
    """What of those came from the cache; null when not told."""
    output_tokens: I64 | None = None
    """The tokens it wrote; null when not told."""


class ThreadSampleCancelParams(Params, extra="forbid"):
    """A question to give up."""

    request_id: RequestId
    """The id of the request that asked it."""


class ThreadSampleCancelResponse(Response):
    """It is given up."""


class ThreadPredictionRequestParams(Params):
    """Guess what the user says next."""

    thread_id: str
    """The thread."""
    source_turn_id: str
    """After which turn."""


class ThreadPredictionRequestResponse(Response):
    """The guess will come."""


class CompletedPrediction(Variant):
    """There is a guess."""

    type: Literal["completed"] = "completed"
    """The tag of this alternative."""
    text: str | None = None
    """The guess; null: nothing comes to mind."""


class FailedPrediction(Variant):
    """There is none."""

    type: Literal["failed"] = "failed"
    """The tag of this alternative."""


ThreadPredictionResult = TypeAliasType(
    "ThreadPredictionResult", Annotated[CompletedPrediction | FailedPrediction, Field(discriminator="type")]
)
"""What became of a guess."""


class ThreadPredictionUpdatedNotification(Notification):
    """A guess of what the user says next."""

    method: ClassVar[str] = "thread/prediction/updated"

    thread_id: str
    """The thread."""
    source_turn_id: str
    """After which turn."""
    result: ThreadPredictionResult
    """The guess."""


THREAD_SAMPLE = Method("thread/sample", ThreadSampleParams, ThreadSampleResponse)
THREAD_SAMPLE_CANCEL = Method("thread/sample/cancel", ThreadSampleCancelParams, ThreadSampleCancelResponse)
THREAD_PREDICTION_REQUEST = Method("thread/prediction/request", ThreadPredictionRequestParams, ThreadPredictionRequestResponse)

METHODS: tuple[Method[Any, Any], ...] = (THREAD_SAMPLE, THREAD_SAMPLE_CANCEL, THREAD_PREDICTION_REQUEST)
NOTIFICATIONS: tuple[type[Notification], ...] = (ThreadPredictionUpdatedNotification,)
