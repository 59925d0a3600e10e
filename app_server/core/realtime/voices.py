"""The voices of each version, in the order of the reference's menu. Source: spec/realtime.md section 2."""

from app_server.core.realtime.commands import Version
from protocol.realtime import RealtimeVoice

V1: list[RealtimeVoice] = ["juniper", "maple", "spruce", "ember", "vale", "breeze", "arbor", "sol", "cove"]
V2: list[RealtimeVoice] = ["alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar"]
V3: list[RealtimeVoice] = [
    *V1, "aube", "bubbie", "haetsal", "hanul", "himari", "leher", "miko", "neer", "porto", "rindo", "rio", "rivage", "selva",
    "sonna", "tinta", "viola",
]  # fmt: skip
VOICES: dict[Version, list[RealtimeVoice]] = {"v1": V1, "v2": V2, "v3": V3}
DEFAULTS: dict[Version, RealtimeVoice] = {"v1": "cove", "v2": "marin", "v3": "cove"}
