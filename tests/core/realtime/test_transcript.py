"""What was said so far: whose words belong together, and what each hand-off carries."""

import pytest

from app_server.core.realtime import transcript
from app_server.core.realtime.transcript import Entry, Transcript, TurnTranscript, lines_of


def pairs(entries: list[Entry]) -> list[tuple[str, str]]:
    return [(entry.role, entry.text) for entry in entries]


def test_words_of_one_side_belong_together_until_the_other_speaks() -> None:
    said = Transcript()
    for role, delta in (("user", "open "), ("user", "it"), ("assistant", "ok"), ("user", "now"), ("user", "")):
        said.add_delta(role, delta)  # type: ignore[arg-type]  # the loop widens the role
    assert pairs(said.since_handoff()) == [("user", "open it"), ("assistant", "ok"), ("user", "now")]


def test_a_whole_utterance_takes_the_place_of_its_pieces_but_not_of_the_other_side_s() -> None:
    said = Transcript()
    said.add_delta("user", "opn it")
    said.finish("user", "Open it.")
    said.finish("assistant", "Done.")
    said.finish("assistant", "")
    said.finish("user", "Thanks.")
    assert pairs(said.since_handoff()) == [("user", "Open it."), ("assistant", "Done."), ("user", "Thanks.")]


def test_a_forced_entry_is_forced_once_and_for_its_role() -> None:
    said = Transcript()
    said.add_delta("user", "one")
    said.force_new("user")
    said.add_delta("user", "two ")
    said.add_delta("user", "three")
    assert pairs(said.since_handoff()) == [("user", "one"), ("user", "two three")]


def test_a_hand_off_carries_what_was_said_since_the_last_one_with_its_own_words() -> None:
    said = Transcript()
    said.add_delta("user", "fix it")
    assert pairs(said.take_handoff(" fix it ")) == [("user", "fix it")]
    said.add_delta("user", "and test it")
    assert pairs(said.take_handoff("test it")) == [("user", "and test it"), ("user", "test it")]
    assert pairs(said.take_handoff("  ")) == []
    said.add_delta("user", "more")
    assert pairs(said.since_handoff()) == [("user", "more")]


def test_words_that_the_user_has_said_anywhere_before_are_not_said_again() -> None:
    said = Transcript()
    said.add_delta("user", "fix it")
    said.take_handoff("fix it")
    said.add_delta("assistant", "again?")
    assert pairs(said.take_handoff("fix it")) == [("assistant", "again?")]


def test_version_3_keeps_an_utterance_together_across_the_other_side_s_words() -> None:
    said = TurnTranscript()
    said.add_delta("user", "please ")
    said.add_delta("assistant", "mm")
    said.add_delta("user", "do it")
    said.finish("user", "Please do it.")
    said.add_delta("user", "now")
    said.finish("assistant", "Mm.")
    said.finish("assistant", "Done.")
    expected = [("user", "please do it"), ("assistant", "mm"), ("user", "now"), ("assistant", "Done.")]
    assert pairs(said.take_handoff("now")) == expected
    said.add_delta("user", "later")
    assert pairs(said.since_handoff()) == [("user", "later")]


@pytest.mark.parametrize("kind", [Transcript, TurnTranscript])
def test_a_long_session_forgets_its_oldest_entries_and_tells_each_one_once(
    kind: type[Transcript], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcript, "MOST_ENTRIES", 10)
    said, told = kind(), []
    for number in range(100):
        said.finish("user" if number % 2 else "assistant", str(number))
        if number % 3 == 0:
            told += [entry.text for entry in said.take_handoff("")]
    assert told == [str(number) for number in range(100)]


def test_entries_as_lines() -> None:
    assert lines_of([Entry("user", "a"), Entry("assistant", "b\nc")]) == "user: a\nassistant: b\nc"
