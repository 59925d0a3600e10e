"""The words in which the agent gets what was asked of it."""

from app_server.core.realtime.delegation import TAIL_NOTE, tail_text, task_text
from app_server.core.realtime.transcript import Entry

SAID = [Entry("user", "please fix <it>"), Entry("assistant", "ok"), Entry("user", "fix & go")]


def test_a_task_comes_with_what_was_said_and_no_tag_of_either_is_one() -> None:
    assert task_text("fix & <go>", SAID) == (
        "<realtime_delegation>\n"
        "  <input>fix &amp; &lt;go&gt;</input>\n"
        "  <transcript_delta>user: please fix &lt;it&gt;\nassistant: ok\nuser: fix &amp; go</transcript_delta>\n"
        "</realtime_delegation>"
    )


def test_without_words_of_its_own_what_was_said_is_the_task() -> None:
    assert task_text("", SAID[:1]) == (
        "<realtime_delegation>\n"
        "  <input>user: please fix &lt;it&gt;</input>\n"
        "  <transcript_delta>user: please fix &lt;it&gt;</transcript_delta>\n"
        "</realtime_delegation>"
    )


def test_without_anything_said_there_are_only_the_words() -> None:
    assert task_text("go", []) == "<realtime_delegation>\n  <input>go</input>\n</realtime_delegation>"
    assert task_text("", []) is None


def test_a_tail_says_that_it_is_one() -> None:
    assert tail_text(SAID[1:2]) == (
        "<realtime_delegation>\n"
        "  <source>transcript_tail_flush</source>\n"
        f"  <input>{TAIL_NOTE}</input>\n"
        "  <transcript_delta>assistant: ok</transcript_delta>\n"
        "</realtime_delegation>"
    )
