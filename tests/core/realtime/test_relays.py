"""What is said to a model about the agent's work: the rules of the three relays, by themselves."""

import json
from typing import Any

from app_server.core.realtime.channels import ChannelChoice, Mode
from app_server.core.realtime.events import (
    AudioOut,
    ResponseCancelled,
    ResponseCreated,
    ResponseDone,
    SilenceRequested,
    SpeechStarted,
)
from app_server.core.realtime.relay import Options
from app_server.core.realtime.relay_v1 import RelayV1
from app_server.core.realtime.relay_v2 import FINISHED, FINISHED_SILENTLY, STEERED, RelayV2
from app_server.core.realtime.relay_v3 import RelayV3
from app_server.core.realtime.streamed import HALF_BYTES, MARKER
from tests.core.realtime.talking import Json, appended, context, message, output

CREATE = {"type": "response.create"}
FINAL = '"Agent Final Message":\n\n'


class Sent(list[Json]):
    """What a relay has sent, taken in portions."""

    def send(self, frames: list[str]) -> None:
        self.extend(json.loads(frame) for frame in frames)

    def take(self) -> list[Json]:
        taken = list(self)
        self.clear()
        return taken


class Timer:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, Any]] = []

    def later(self, seconds: float, call: Any) -> None:
        self._due.append((self.now + seconds, call))

    def pass_on(self, seconds: float) -> None:
        self.now += seconds
        due, self._due = [call for at, call in self._due if at <= self.now], [each for each in self._due if each[0] > self.now]
        for call in due:
            call()


def v2(**options: Any) -> tuple[RelayV2, Sent]:
    sent = Sent()
    return RelayV2(sent.send, Options(**options)), sent


def v3(**options: Any) -> tuple[RelayV3, Sent, Timer]:
    sent, timer = Sent(), Timer()
    return RelayV3(sent.send, Options(**options), timer.later, lambda: timer.now), sent, timer


def truncation(item_id: str, ms: int) -> Json:
    return {"type": "conversation.item.truncate", "item_id": item_id, "content_index": 0, "audio_end_ms": ms}


# Version 2: one answer at a time.


def test_several_wishes_for_an_answer_while_the_model_speaks_become_one() -> None:
    relay, sent = v2()
    relay.on_event(ResponseCreated("r"))
    relay.append_speech("a")
    relay.append_speech("b")
    assert sent.take() == [message("[BACKEND] a"), message("[BACKEND] b")]
    relay.on_event(ResponseDone())
    assert sent.take() == [CREATE]
    relay.on_event(ResponseDone())
    assert sent.take() == []


def test_our_own_request_counts_as_an_answer_before_the_model_confirms_it() -> None:
    relay, sent = v2()
    relay.append_speech("a")
    relay.append_speech("b")
    assert sent.take() == [message("[BACKEND] a"), CREATE, message("[BACKEND] b")]
    relay.on_event(ResponseCancelled(None))
    assert sent.take() == [CREATE]


def test_text_of_the_client_never_asks_for_an_answer() -> None:
    relay, sent = v2()
    relay.append_text("hello", "user")
    relay.append_text("[USER] marked", "user")
    relay.append_text("", "user")
    relay.append_text("note", "developer")
    relay.append_text("said", "assistant")
    assert sent.take() == [
        message("[USER] hello"),
        message("[USER] marked"),
        message(""),
        message("note", "developer"),
        message("said", "assistant"),
    ]


# Version 2: how much was heard.


def sound(item_id: str | None = "i", **members: Any) -> AudioOut:
    values: dict[str, Any] = {"sample_rate": 24000, "channels": 1, "samples_per_channel": 2400, **members}
    return AudioOut("AAAA", item_id=item_id, **values)


def test_speech_cuts_what_was_heard_of_the_item_so_far() -> None:
    relay, sent = v2()
    relay.on_event(sound())
    relay.on_event(sound(sample_rate=48000, channels=2))
    relay.on_event(SpeechStarted("i"))
    relay.on_event(SpeechStarted("i"))
    assert sent.take() == [truncation("i", 150)]


def test_sound_of_another_item_starts_anew_and_sound_of_none_does_not_count() -> None:
    relay, sent = v2()
    relay.on_event(sound("a"))
    relay.on_event(sound("b"))
    relay.on_event(sound(None))
    relay.on_event(SpeechStarted(None))
    assert sent.take() == [truncation("b", 100)]


def test_speech_over_another_item_cuts_nothing_and_forgets_the_sum() -> None:
    relay, sent = v2()
    relay.on_event(sound("a"))
    relay.on_event(SpeechStarted("b"))
    relay.on_event(SpeechStarted("a"))
    assert sent.take() == []


def test_the_length_of_sound_is_told_or_counted() -> None:
    relay, sent = v2()
    relay.on_event(AudioOut("A" * 64000, 24000, 1, None, "i"))  # 48000 bytes
    relay.on_event(AudioOut("no base64!", 24000, 1, None, "i"))
    relay.on_event(AudioOut("AAAA", 24000, 1, None, "j"))  # less than a millisecond: not an item that is heard
    relay.on_event(SpeechStarted("i"))
    assert sent.take() == [truncation("i", 1000)]


def test_an_answer_s_end_a_call_and_silence_forget_what_was_heard() -> None:
    for forget in (ResponseDone(), ResponseCancelled(None), SilenceRequested("s")):
        relay, sent = v2()
        relay.on_event(sound())
        relay.on_event(forget)
        sent.take()
        relay.on_event(SpeechStarted("i"))
        assert sent.take() == []
    relay, sent = v2()
    relay.on_event(sound())
    relay.handoff("c")
    relay.on_event(SpeechStarted("i"))
    assert sent.take() == []


def test_silence_is_acknowledged_and_nothing_follows() -> None:
    relay, sent = v2()
    relay.on_event(SilenceRequested("s"))
    assert sent.take() == [output("s", "")]


# Version 2: calls.


def test_a_call_gets_the_agent_s_messages_and_is_answered_when_the_turn_ends() -> None:
    relay, sent = v2()
    relay.handoff("c1")
    relay.message("m", "working on it", "commentary")
    relay.message("n", "[BACKEND] done", None)
    relay.turn_ended(None)
    assert sent.take() == [message("[BACKEND] working on it"), message("[BACKEND] done"), output("c1", FINISHED), CREATE]
    relay.message("o", "later", None)
    relay.message("p", "  ", None)
    assert sent.take() == [message("[BACKEND] later")]


def test_a_second_call_steers_and_the_first_one_stays_open() -> None:
    relay, sent = v2()
    relay.handoff("c1")
    relay.handoff("c2")
    assert sent.take() == [output("c2", STEERED), CREATE]
    relay.message("m", "done", None)
    relay.turn_ended(None)
    assert sent.take() == [message("[BACKEND] done"), output("c1", FINISHED)]


def test_a_failed_turn_is_told_as_the_result_and_a_silent_one_too() -> None:
    relay, sent = v2()
    relay.handoff("c1")
    relay.turn_ended("The task has failed: no")
    assert sent.take() == [message("[BACKEND] The task has failed: no"), output("c1", FINISHED), CREATE]
    relay.handoff("c2")
    relay.turn_ended(None)
    assert sent.take() == [output("c2", FINISHED_SILENTLY)]


def test_results_as_items_make_the_model_say_nothing() -> None:
    relay, sent = v2(as_items=True, item_prefix="PFX")
    relay.handoff("c1")
    relay.message("m", "done", None)
    relay.turn_ended(None)
    relay.message("n", "typed", None)
    assert sent.take() == [
        message("PFX\n\n[BACKEND] done", "developer"),
        output("c1", ""),
        message("PFX\n\n[BACKEND] typed", "developer"),
    ]


def test_a_client_that_manages_hand_offs_gets_only_acknowledgements_of_steering() -> None:
    relay, sent = v2(is_client_managed=True)
    relay.handoff("c1")
    relay.message("m", "done", None)
    relay.handoff("c2")
    relay.turn_ended("failed")
    relay.handoff("c3")
    assert sent.take() == [output("c2", STEERED), CREATE]


def test_a_long_text_keeps_its_head_and_its_tail() -> None:
    relay, sent = v2()
    relay.message("m", "a" * 3000 + "b" * 3000, None)
    text = sent.take()[0]["item"]["content"][0]["text"]
    assert text.startswith("[BACKEND] aaa")
    assert text.endswith("bbb")
    assert "…510 tokens truncated…" in text
    assert len(text.encode()) <= 4000


# Version 1.


def v1(**options: Any) -> tuple[RelayV1, Sent]:
    sent = Sent()
    return RelayV1(sent.send, Options(**options)), sent


def test_version_1_appends_to_the_newest_hand_off_or_to_none() -> None:
    relay, sent = v1()
    relay.message("m", "typed", None)
    relay.handoff("h1")
    relay.handoff("h2")
    relay.message("m", "working", "commentary")
    relay.message("m", "done", "final_answer")
    relay.turn_ended(None)
    relay.message("m", " ", None)
    relay.append_speech("say")
    assert sent.take() == [
        appended("codex", FINAL + "typed"),
        appended("h2", "working"),
        appended("h2", FINAL + "done"),
        appended("codex", "say"),
    ]


def test_version_1_is_told_of_a_failure() -> None:
    relay, sent = v1()
    relay.turn_ended("typed turns fail unheard")
    relay.handoff("h1")
    relay.turn_ended("no")
    assert sent.take() == [appended("h1", FINAL + "no")]


def test_version_1_as_items_and_managed() -> None:
    relay, sent = v1(as_items=True)
    relay.handoff("h1")
    relay.message("m", "done", None)
    relay.append_text("t", "developer")
    assert sent.take() == [message("done", "developer"), message("t", "developer")]
    relay, sent = v1(is_client_managed=True)
    relay.handoff("h1")
    relay.message("m", "done", None)
    relay.append_speech("say")
    assert sent.take() == [appended("codex", "say")]


def test_version_1_cuts_before_it_marks() -> None:
    relay, sent = v1()
    relay.message("m", "a" * 6000, None)
    text = sent.take()[0]["output_text"]
    assert "…507 tokens truncated…" in text
    assert len(text) > 4000


# Version 3.


def test_a_message_within_a_delegation_streams_in_its_time() -> None:
    relay, sent, timer = v3()
    relay.handoff("d")
    relay.message_opened("m")
    relay.message_delta("m", "one ")
    timer.pass_on(0.1)
    relay.message_delta("m", "two ")
    assert sent.take() == []
    timer.pass_on(0.1)
    assert sent.take() == [context("one two ", "d")]
    timer.pass_on(0.5)
    relay.message_delta("m", "three ")
    assert sent.take() == [context("three ", "d")]
    relay.message_delta("m", "four")
    relay.message("m", "one two three four", None)
    timer.pass_on(1)
    assert sent.take() == [context("four", "d")]


def test_a_message_that_is_cut_is_not_gone_on_with() -> None:
    relay, sent, timer = v3()
    relay.handoff("d")
    relay.message_opened("m")
    relay.message_delta("m", "half")
    relay.message_dropped("m")
    timer.pass_on(1)
    relay.message_opened("n")
    relay.turn_ended(None)
    timer.pass_on(1)
    assert sent.take() == []


def test_a_long_stream_keeps_its_head_and_its_tail() -> None:
    relay, sent, timer = v3()
    relay.handoff("d")
    relay.message_opened("m")
    text = "é" * 1500 + "x" * 3000
    relay.message_delta("m", text)
    timer.pass_on(0.2)
    relay.message("m", text, None)
    whole = "".join(frame["content"][0]["text"] for frame in sent)
    assert whole == "é" * (HALF_BYTES // 2) + MARKER + "x" * HALF_BYTES


def test_without_a_delegation_a_message_is_passed_on_whole() -> None:
    relay, sent, _ = v3()
    relay.message_opened("m")
    relay.message_delta("m", "typed")
    relay.message("m", "typed", None)
    relay.message("n", " ", None)
    relay.append_text("note", "assistant")
    relay.append_speech("say")
    assert sent.take() == [context("typed"), context("note"), context("say", channel="speakable")]


def test_thoughts_are_told_within_a_delegation_if_that_is_wanted() -> None:
    relay, sent, _ = v3(has_reasoning_status=True)
    relay.reasoning(["typed"])
    relay.handoff("d")
    relay.reasoning(["one", "two"])
    relay.reasoning([])
    assert sent.take() == [context("[STATUS] two", "d", "commentary")]
    relay, sent, _ = v3()
    relay.handoff("d")
    relay.reasoning(["one"])
    assert sent.take() == []


def test_a_failure_is_told_within_the_delegation() -> None:
    relay, sent, _ = v3()
    relay.handoff("d")
    relay.turn_ended("no")
    relay.turn_ended("typed turns fail unheard")
    assert sent.take() == [context("no", "d")]


def test_version_3_as_items_has_the_mode_s_channel_and_no_stream() -> None:
    relay, sent, timer = v3(as_items=True, item_prefix="PFX", mode="bemTags")
    relay.handoff("d")
    relay.message_opened("m")
    relay.message_delta("m", "[ANALYSIS] a")
    timer.pass_on(1)
    relay.message("m", "[ANALYSIS] a", None)
    assert sent.take() == [context("PFX\n\n[ANALYSIS] a", channel="commentary")]


def channel_of(mode: Mode, text: str, **prefixes: list[str]) -> str | None:
    return ChannelChoice(mode, prefixes).of(text)


def test_the_channel_follows_the_mode_and_the_tag() -> None:
    assert channel_of("thinking", "[FINAL] a") is None
    assert channel_of("commentary", "[FINAL] a") == "commentary"
    assert channel_of("bemTags", "[ANALYSIS] a") == "commentary"
    assert channel_of("bemTags", "[COMMENTARY]a") == "commentary"
    assert channel_of("bemTags", "[FINAL] a") == "speakable"
    assert channel_of("bemTags", "[OTHER] a") == "speakable"
    assert channel_of("bemTags", "a [ANALYSIS]") == "speakable"
    assert channel_of("bemTags", "<a> x", analysis=["<a>"]) == "commentary"
    assert channel_of("bemTags", "[ANALYSIS] x", analysis=["<a>"]) == "speakable"
    assert channel_of("bemTags", "[ANALYSIS] x", nonsense=["<a>"], analysis=[]) == "speakable"


def test_a_stream_waits_for_its_tag() -> None:
    relay, sent, timer = v3(mode="bemTags")
    relay.handoff("d")
    relay.message_opened("m")
    relay.message_delta("m", "[FIN")
    timer.pass_on(0.5)
    assert sent.take() == []
    relay.message_delta("m", "AL] yes")
    assert sent.take() == [context("[FINAL] yes", "d", "speakable")]
    relay.message("m", "[FINAL] yes", None)
    relay.message_opened("n")
    relay.message_delta("n", "no tag")
    timer.pass_on(0.5)
    assert sent.take() == []
    relay.message("n", "no tag", None)
    assert sent.take() == [context("no tag", "d", "speakable")]
