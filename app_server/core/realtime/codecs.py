"""The codecs by version, with the relay that speaks by each: the one place where a version's name becomes its parts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app_server.core.realtime import codec_v1, codec_v2, codec_v3
from app_server.core.realtime.commands import Setup, Version
from app_server.core.realtime.events import Event
from app_server.core.realtime.relay import Later, Options, Relay, Send
from app_server.core.realtime.relay_v1 import RelayV1
from app_server.core.realtime.relay_v2 import RelayV2
from app_server.core.realtime.relay_v3 import RelayV3


@dataclass(frozen=True, slots=True)
class Codec:
    """How a version reads its frames and says what a session is to be."""

    decode: Callable[[str], Event]
    setup: Callable[[Setup], dict[str, Any]]


CODECS: dict[Version, Codec] = {
    "v1": Codec(codec_v1.decode, codec_v1.setup),
    "v2": Codec(codec_v2.decode, codec_v2.setup),
    "v3": Codec(codec_v3.decode, codec_v3.setup),
}


def relay_of(version: Version, send: Send, options: Options, later: Later) -> Relay:
    """The relay of a session of this version."""
    match version:
        case "v1":
            return RelayV1(send, options)
        case "v2":
            return RelayV2(send, options)
        case "v3":
            return RelayV3(send, options, later)
