"""What files keep of spoken conversations, in the order of its lines. Reading is lenient, as with items of turns."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from app_server.core.store.segment import Segment, chain_forward
from app_server.core.store.turns import StoredItem
from app_server.core.store.words import camel, camel_keys
from protocol.realtime_item import ThreadRealtimeItem

NAME = "realtime_item"
ITEM: TypeAdapter[Any] = TypeAdapter(ThreadRealtimeItem)


def realtime_items(segments: Sequence[Segment]) -> list[StoredItem]:
    """The items of a thread's spoken conversations, oldest first. Blocks. Raises: StoreError."""
    found: list[StoredItem] = []
    for line in chain_forward(segments, {NAME}):
        data = camel_keys(line.payload)
        if isinstance(data.get("type"), str):
            data["type"] = camel(data["type"])
        if isinstance(shown := data.get("presentation"), dict) and isinstance(shown.get("type"), str):
            data["presentation"] = {**shown, "type": camel(shown["type"])}
        try:
            found.append(StoredItem(line.position, ITEM.validate_python(data)))
        except ValidationError:
            continue  # it was written by something newer
    return found
