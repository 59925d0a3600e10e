"""The sampling family of the wire contract."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import I64, Method, Notification, Params, Response, TypeAliasType, Variant
from protocol.mode import ReasoningEffort
from protocol.scalars import RequestId
from protocol.thread import ThreadSource


class ThreadSampleParams(Params):
    """What `thread/sample` asks with."""

    thread_id: str
    expected_turn_id: str
    allow_in_progress_turn: bool = False
    prompt: str
    effort: ReasoningEffort | None = None
    thread_source: ThreadSource | None = None
    turn_trigger: str | None = None
    responsesapi_client_metadata: dict[str, str] | None = None
    disable_mcp: bool = False
    interrupt_on_cancel: bool | None = None


class ThreadSampleResponse(Response):
    """What `thread/sample` is answered with."""

    source_turn_id: str
    response_id: str
    text: str | None = None
    input_tokens: I64 | None = None
    cached_input_tokens: I64 | None = None
    output_tokens: I64 | None = None


class ThreadSampleCancelParams(Params, extra="forbid"):
    """What `thread/sample/cancel` asks with."""

    request_id: RequestId


class ThreadSampleCancelResponse(Response):
    """What `thread/sample/cancel` is answered with."""


class ThreadPredictionRequestParams(Params):
    """What `thread/prediction/request` asks with."""

    thread_id: str
    source_turn_id: str


class ThreadPredictionRequestResponse(Response):
    """What `thread/prediction/request` is answered with."""


class CompletedPrediction(Variant):
    """Completed prediction."""

    type: Literal["completed"] = "completed"
    text: str | None = None


class FailedPrediction(Variant):
    """Failed prediction."""

    type: Literal["failed"] = "failed"


ThreadPredictionResult = TypeAliasType(
    "ThreadPredictionResult", Annotated[CompletedPrediction | FailedPrediction, Field(discriminator="type")]
)
"""Thread prediction result."""


class ThreadPredictionUpdatedNotification(Notification):
    """Announced as `thread/prediction/updated`."""

    method: ClassVar[str] = "thread/prediction/updated"

    thread_id: str
    source_turn_id: str
    result: ThreadPredictionResult


THREAD_SAMPLE = Method("thread/sample", ThreadSampleParams, ThreadSampleResponse)
THREAD_SAMPLE_CANCEL = Method("thread/sample/cancel", ThreadSampleCancelParams, ThreadSampleCancelResponse)
THREAD_PREDICTION_REQUEST = Method("thread/prediction/request", ThreadPredictionRequestParams, ThreadPredictionRequestResponse)

METHODS: tuple[Method[Any, Any], ...] = (THREAD_SAMPLE, THREAD_SAMPLE_CANCEL, THREAD_PREDICTION_REQUEST)
NOTIFICATIONS: tuple[type[Notification], ...] = (ThreadPredictionUpdatedNotification,)
