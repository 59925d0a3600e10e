"""`thread/realtime/*`: spoken conversations. Every request is answered when it is queued; what becomes of it is notified.

Source: spec/realtime.md sections 1 and 2.
"""

from app_server.core.errors import CallerError
from app_server.core.realtime.voices import DEFAULTS, V1, V2, V3
from app_server.core.thread import Thread
from app_server.routing import route
from app_server.services import Context
from protocol.realtime import (
    THREAD_REALTIME_APPEND_AUDIO,
    THREAD_REALTIME_APPEND_SPEECH,
    THREAD_REALTIME_APPEND_TEXT,
    THREAD_REALTIME_LIST_VOICES,
    THREAD_REALTIME_START,
    THREAD_REALTIME_STOP,
    ExistingCallTransport,
    RealtimeVoicesList,
    ThreadRealtimeAppendAudioParams,
    ThreadRealtimeAppendAudioResponse,
    ThreadRealtimeAppendSpeechParams,
    ThreadRealtimeAppendSpeechResponse,
    ThreadRealtimeAppendTextParams,
    ThreadRealtimeAppendTextResponse,
    ThreadRealtimeListVoicesParams,
    ThreadRealtimeListVoicesResponse,
    ThreadRealtimeStartParams,
    ThreadRealtimeStartResponse,
    ThreadRealtimeStopParams,
    ThreadRealtimeStopResponse,
)


def start(context: Context, params: ThreadRealtimeStartParams) -> None:
    """Start a session, in the place of the one that runs."""
    if isinstance(params.transport, ExistingCallTransport):
        check_existing_call(params)
    thread = found(context, params.thread_id)
    context.reply(ThreadRealtimeStartResponse())
    context.services.voices().of(thread).start(params)


def check_existing_call(params: ThreadRealtimeStartParams) -> None:
    """A call that is there already can't be set up. Raises: CallerError."""
    asked = {
        "prompt": "prompt" in params.model_fields_set,
        "includeStartupContext": params.include_startup_context is True,
        "model": params.model is not None,
        "voice": params.voice is not None,
        "initialItems": bool(params.initial_items),
        "delegationAckFiller": params.delegation_ack_filler is not None,
    }
    for name, is_asked in asked.items():
        if is_asked:
            raise CallerError(
                f"existingCall transport does not support {name}", reason="conflicting_fields", data={"field": name}
            )


def append_audio(context: Context, params: ThreadRealtimeAppendAudioParams) -> None:
    """Sound from the user."""
    thread = found(context, params.thread_id)
    context.reply(ThreadRealtimeAppendAudioResponse())
    context.services.voices().of(thread).append_audio(params.audio.data)


async def append_text(context: Context, params: ThreadRealtimeAppendTextParams) -> None:
    """A text for the model."""
    thread = found(context, params.thread_id)
    context.reply(ThreadRealtimeAppendTextResponse())
    await context.services.voices().of(thread).append_text(params.text, params.role)


async def append_speech(context: Context, params: ThreadRealtimeAppendSpeechParams) -> None:
    """A text to be spoken."""
    thread = found(context, params.thread_id)
    context.reply(ThreadRealtimeAppendSpeechResponse())
    await context.services.voices().of(thread).append_speech(params.text)


def stop(context: Context, params: ThreadRealtimeStopParams) -> None:
    """End the session."""
    thread = found(context, params.thread_id)
    context.reply(ThreadRealtimeStopResponse())
    context.services.voices().of(thread).stop()


def list_voices(_context: Context, _params: ThreadRealtimeListVoicesParams) -> ThreadRealtimeListVoicesResponse:
    """The voices of each version of the realtime protocol."""
    voices = RealtimeVoicesList(v1=V1, v2=V2, v3=V3, default_v1=DEFAULTS["v1"], default_v2=DEFAULTS["v2"])
    return ThreadRealtimeListVoicesResponse(voices=voices)


def found(context: Context, thread_id: str) -> Thread:
    """The thread; from now on the client hears of it. Raises: CallerError."""
    thread = context.services.threads.get(thread_id)
    context.services.fanout.subscribe(thread.id, context.connection)
    return thread


ROUTES = [
    route(THREAD_REALTIME_START, start),
    route(THREAD_REALTIME_APPEND_AUDIO, append_audio),
    route(THREAD_REALTIME_APPEND_TEXT, append_text),
    route(THREAD_REALTIME_APPEND_SPEECH, append_speech),
    route(THREAD_REALTIME_STOP, stop),
    route(THREAD_REALTIME_LIST_VOICES, list_voices),
]
