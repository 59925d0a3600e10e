"""What is kept of a history that is compacted, and in which order."""

from typing import Any

from app_server.core.compaction import NO_SUMMARY, WORDS_TOKENS, kept_words, layout, summary_message, summary_text
from app_server.core.history import History
from app_server.core.history_item import BOOKKEEPING, message

CALL = {"type": "function_call", "name": "exec_command", "arguments": "{}", "call_id": "c"}
OUTPUT = {"type": "function_call_output", "call_id": "c", "output": "out"}


def said(text: str, item_id: str = "msg_1") -> dict[str, Any]:
    return message(item_id, "user", [text], "user.text")


def texts(items: list[dict[str, Any]]) -> list[str]:
    return [item["content"][0]["text"] for item in items]


def test_the_users_words_stay_and_everything_else_goes() -> None:
    answer = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "fine"}]}
    note = message("msg_n", "user", ["<turn_aborted>x</turn_aborted>"], "generic.turn_aborted")
    history = History([message("msg_0", "developer", ["base"]), said("one"), CALL, OUTPUT, answer, note, said("two")])
    assert texts(kept_words(history)) == ["one", "two"]


def test_the_situation_stands_before_the_last_words_and_the_summary_at_the_end() -> None:
    history = History([said("one"), said("two"), said("three")])
    made = layout(history, [message("msg_s", "developer", ["situation"])], summary_message("msg_g", summary_text("gist")))
    assert texts(made)[:-1] == ["one", "two", "situation", "three"]
    assert texts(made)[-1].endswith("\ngist")


def test_without_any_words_there_are_situation_and_summary() -> None:
    made = layout(History(), [message("msg_s", "developer", ["situation"])], summary_message("msg_g", summary_text("gist")))
    assert len(made) == 2


def test_a_summary_is_not_taken_for_the_users_words_by_the_next_compaction() -> None:
    made = layout(History([said("one")]), [], summary_message("msg_g", summary_text("gist")))
    again = History(made)
    assert texts(kept_words(again)) == ["one"]
    assert texts(kept_words(History(again.items()))) == ["one"]


def test_older_words_are_cut_where_they_do_not_fit_any_more() -> None:
    long = "x" * (WORDS_TOKENS * 4)
    kept = kept_words(History([said("lost"), said(long), said("new")]))
    assert len(kept) == 2
    assert "tokens truncated" in texts(kept)[0]
    assert len(texts(kept)[0]) < len(long)
    assert kept[0][BOOKKEEPING] == {"content_item_kinds": ["user.text"]}
    assert texts(kept)[1] == "new"


def test_an_empty_summary_says_that_there_is_none() -> None:
    assert summary_text("  \n").endswith(f"\n{NO_SUMMARY}")


def test_words_of_files_without_bookkeeping_are_told_from_notes_by_how_they_begin() -> None:
    bare = [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]} for text in ("hi", "<skill>x")]
    assert texts(kept_words(History(bare))) == ["hi"]


IMAGE = {"type": "input_image", "image_url": "data:image/png;base64,AA=="}


def shown(text: str) -> dict[str, Any]:
    return {"type": "input_text", "text": text}


def test_a_summary_in_words_takes_the_place_of_images_too_and_one_by_the_provider_does_not() -> None:
    parts = [shown("look"), shown('<image name=[Image #1] path="/a.png">'), IMAGE, shown("</image>"), shown("twice")]
    history = History([{**said("x"), "content": parts}, {**said("y", "msg_2"), "content": [IMAGE]}])
    in_words = layout(history, [], summary_message("msg_g", summary_text("gist")))
    assert [item["content"] for item in in_words[:-1]] == [[shown("look"), shown("twice")], [shown("")]]
    assert in_words[0][BOOKKEEPING] == {"content_item_kinds": ["user.text", "user.text"]}
    by_provider = layout(history, [], {"type": "compaction", "id": "cmp_1", "encrypted_content": "secret"})
    assert [item["content"] for item in by_provider[:-1]] == [parts, [IMAGE]]
