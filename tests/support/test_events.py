"""The short forms of a script."""

import pytest

from tests.support.events import USAGE, expand


def test_a_message_is_streamed_word_by_word_and_closed_with_its_whole_text() -> None:
    added, first, second, done = expand({"message": "two words", "phase": "final_answer"}, "resp_1", 3)
    item = {"type": "message", "role": "assistant", "id": "msg_resp_1_3", "phase": "final_answer"}
    place = {"item_id": "msg_resp_1_3", "output_index": 3, "content_index": 0}
    content = [{"type": "output_text", "text": "two words"}]
    assert added == {"type": "response.output_item.added", "output_index": 3, "item": {**item, "content": []}}
    assert first == {"type": "response.output_text.delta", **place, "delta": "two "}
    assert second == {"type": "response.output_text.delta", **place, "delta": "words"}
    assert done == {"type": "response.output_item.done", "output_index": 3, "item": {**item, "content": content}}


def test_a_call_carries_its_arguments_as_text_once_it_is_done() -> None:
    added, done = expand({"call": "look", "arguments": {"at": "it"}, "call_id": "c1"}, "resp_1", 0)
    item = {"type": "function_call", "id": "fc_resp_1_0", "call_id": "c1", "name": "look"}
    assert added["item"] == {**item, "arguments": ""}
    assert done["item"] == {**item, "arguments": '{"at": "it"}'}


def test_a_completed_answer_has_a_usage_unless_the_script_says_otherwise() -> None:
    assert expand("completed", "resp_1", 0) == [{"type": "response.completed", "response": {"id": "resp_1", "usage": USAGE}}]
    assert expand({"completed": {"usage": None}}, "resp_1", 0)[0]["response"] == {"id": "resp_1", "usage": None}


def test_reasoning_has_one_summary_part_for_each_text() -> None:
    events = expand({"reasoning": ["one", "two"]}, "resp_1", 0)
    deltas = [event for event in events if event["type"] == "response.reasoning_summary_text.delta"]
    assert [(event["summary_index"], event["delta"]) for event in deltas] == [(0, "one"), (1, "two")]
    assert [part["text"] for part in events[-1]["item"]["summary"]] == ["one", "two"]


def test_an_event_goes_as_it_is() -> None:
    assert expand({"type": "response.odd", "message": "x"}, "resp_1", 0) == [{"type": "response.odd", "message": "x"}]


@pytest.mark.parametrize("form", ["complete", {"massage": "x"}, {}])
def test_a_misspelt_form_is_refused(form: object) -> None:
    with pytest.raises(ValueError, match="no such event"):
        expand(form, "resp_1", 0)  # type: ignore[arg-type]
