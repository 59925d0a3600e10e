"""`thread/sample`, `thread/sample/cancel`: asking the model of a thread something beside the conversation."""

from app_server.core.sampling import Question
from app_server.routing import route
from app_server.services import Context
from protocol.sampling import (
    THREAD_SAMPLE,
    THREAD_SAMPLE_CANCEL,
    ThreadSampleCancelParams,
    ThreadSampleCancelResponse,
    ThreadSampleParams,
    ThreadSampleResponse,
)


async def sample(context: Context, params: ThreadSampleParams) -> ThreadSampleResponse:
    """Ask, as if it were said next. The effort stays the thread's: another one would cost the provider's cache."""
    question = Question(params.thread_id, params.expected_turn_id, params.prompt, params.allow_in_progress_turn)
    said = await context.services.samples().ask((context.connection, context.request_id), question)
    return ThreadSampleResponse(
        source_turn_id=params.expected_turn_id,
        response_id=said.response_id,
        text=said.text,
        input_tokens=said.input_tokens,
        cached_input_tokens=said.cached_input_tokens,
        output_tokens=said.output_tokens,
    )


def cancel(context: Context, params: ThreadSampleCancelParams) -> ThreadSampleCancelResponse:
    """Give a question of this client's up; one that has its answer already is none."""
    context.services.samples().cancel((context.connection, params.request_id))
    return ThreadSampleCancelResponse()


ROUTES = [route(THREAD_SAMPLE, sample), route(THREAD_SAMPLE_CANCEL, cancel)]
