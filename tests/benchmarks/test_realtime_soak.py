"""A short conversation by each protocol; `python -m benchmarks.realtime_soak` runs the long one, with its figures."""

import shlex
from collections.abc import Sequence

from benchmarks.realtime_soak import MOST_MS, Found, broken_rules, growth_mib, percentile_ms, soak
from benchmarks.voice_provider import Heard, VoiceProvider

MS = 1_000_000


def kept() -> tuple[Found, VoiceProvider]:
    """A soak in which every rule was kept."""
    found = Found(took_ns=[MS] * 100, memory_mib=[50.0] * 40)
    found.told.update({"thread/realtime/started": 3, "turn/completed": 9})
    found.ends.update({"transport_closed": 1, "error": 1})
    found.is_open = True
    return found, VoiceProvider("", Heard(took_ns=[MS] * 100, requests=9))


def test_sound_goes_through_in_each_protocol_and_none_of_it_is_lost(server_command: Sequence[str]) -> None:
    found, voice = soak(5.0, 0.7, shlex.join(server_command[:1]))
    assert (found.overtaken, voice.heard.missing, found.told["warning"]) == (0, 0, 0)
    assert found.told["thread/realtime/started"] == found.ended > 3
    assert {"transport_closed", "error"} <= set(found.ends)
    assert voice.heard.ends["in order"] > 0 < voice.heard.ends["broken off"]
    assert len(found.took_ns) > 50 < len(voice.heard.took_ns)


def test_the_rules_are_those_that_were_promised() -> None:
    found, voice = kept()
    assert broken_rules(found, voice) == []
    found.took_ns[-2:] = [int(MOST_MS * MS)] * 2
    voice.heard.took_ns[-2:] = [int(MOST_MS * MS)] * 2
    found.memory_mib[-10:] = [60.0] * 10
    found.overtaken = 1
    found.told["warning"] = 1
    found.told["turn/completed"] = 1
    found.ends.clear()
    assert len(broken_rules(found, voice)) == 7


def test_memory_counts_once_everything_was_used() -> None:
    assert growth_mib([10.0] * 3 + [50.0] * 4 + [51.0] * 3) == (50.0, 51.0)
    assert percentile_ms([MS * number for number in range(100)], 0.99) == 99.0
