"""`thread/realtime/listVoices`. Source: the reference's lists (spec/realtime.md); their order is that of its menu."""

from app_server.routing import route
from app_server.services import Context
from protocol.realtime import (
    THREAD_REALTIME_LIST_VOICES,
    RealtimeVoice,
    RealtimeVoicesList,
    ThreadRealtimeListVoicesParams,
    ThreadRealtimeListVoicesResponse,
)

V1: list[RealtimeVoice] = ["juniper", "maple", "spruce", "ember", "vale", "breeze", "arbor", "sol", "cove"]
V2: list[RealtimeVoice] = ["alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar"]
V3: list[RealtimeVoice] = [
    *V1, "aube", "bubbie", "haetsal", "hanul", "himari", "leher", "miko", "neer", "porto", "rindo", "rio", "rivage", "selva",
    "sonna", "tinta", "viola",
]  # fmt: skip


def list_voices(_context: Context, _params: ThreadRealtimeListVoicesParams) -> ThreadRealtimeListVoicesResponse:
    """The voices of each version of the realtime protocol."""
    return ThreadRealtimeListVoicesResponse(voices=RealtimeVoicesList(v1=V1, v2=V2, v3=V3, default_v1="cove", default_v2="marin"))


ROUTES = [route(THREAD_REALTIME_LIST_VOICES, list_voices)]
