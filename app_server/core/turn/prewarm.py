"""What happens between a thread's start and its first turn, where the provider can be prepared for it."""

from app_server.core.provider.base import Prewarmed, TurnState
from app_server.core.thread import Thread
from app_server.core.turn.request import make_request
from app_server.core.turn.turn import Turn


async def prewarm(thread: Thread) -> None:
    """Have the thread's provider take in the thread's beginning: base instructions and tools. Never raises."""
    runtime, model = thread.runtime, thread.model()
    settings = runtime.providers.settings(thread.settings.model_provider, thread.config)
    way = await runtime.providers.for_thread(thread.id, settings, model.info.prefer_websockets)
    if not isinstance(way, Prewarmed):
        return
    tools = list(thread.toolbox.tools(model).values())
    first = thread.history.for_request(model.reads, has_notes=settings.is_openai)
    items = [] if model.info.use_responses_lite else first
    nothing = Turn("", runtime.clock.now_ms())
    await way.prewarm(make_request(thread, nothing, model, tools, TurnState(), "prewarm", items))
