"""The history as a growing list: what a request copies, what it costs, what may be dropped from its beginning."""

from typing import Any

from app_server.core.history import History
from app_server.core.history_item import entry, message


def call(number: int) -> dict[str, Any]:
    return {"type": "function_call", "name": "exec_command", "arguments": "{}", "call_id": f"c{number}"}


def output(number: int) -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": f"c{number}", "output": "out"}


def test_requests_share_the_bytes_of_items_and_not_the_list() -> None:
    history = History([message("msg_1", "user", ["one"])])
    first = history.for_request()
    history.append(message("msg_2", "user", ["two"]))
    second = history.for_request()
    assert first[0] is second[0]
    assert (len(first), len(second)) == (1, 2)


def test_items_that_were_encoded_before_are_like_those_that_are_added() -> None:
    items = [message("msg_1", "user", ["one"]), call(1), output(1), call(2), output(7)]
    added, extended = History(items), History()
    extended.extend([entry(item) for item in items])
    assert extended.for_request() == added.for_request()
    assert extended.tokens == added.tokens


def test_an_output_that_comes_later_ends_the_making_up_of_one() -> None:
    history = History([call(1), message("msg_1", "user", ["meanwhile"])])
    assert len(history.for_request()) == 3
    history.append(output(1))
    assert [b"aborted" in item for item in history.for_request()] == [False, False, False]


def test_several_calls_without_output_are_answered_each_in_its_place() -> None:
    sent = History([call(1), call(2), message("msg_1", "user", ["so?"])]).for_request()
    assert [b'"c1"' in item for item in sent] == [True, True, False, False, False]
    assert [b'"c2"' in item for item in sent] == [False, False, True, True, False]


def test_the_oldest_items_are_dropped_with_the_outputs_of_their_calls() -> None:
    history = History(
        [message("msg_0", "developer", ["base"]), call(1), message("msg_1", "user", ["x"]), output(1), call(2), output(2)]
    )
    shorter = history.without_oldest(0)
    assert [each.kind for each in shorter] == ["message", "message", "function_call", "function_call_output"]
    assert [each.kind for each in history][1] == "function_call"


def test_as_much_is_dropped_as_is_too_much() -> None:
    history = History(
        [message("msg_0", "developer", ["base"]), *(message(f"msg_{n}", "user", ["word " * 100]) for n in range(10))]
    )
    each = entry(message("msg_1", "user", ["word " * 100])).tokens
    shorter = history.without_oldest(3 * each)
    assert len(shorter) == 8
    assert shorter.tokens == history.tokens - 3 * each


def test_tokens_are_added_up_as_items_come() -> None:
    history = History()
    for number in range(5):
        history.append(message(f"msg_{number}", "user", ["some words"]))
    assert history.tokens == sum(each.tokens for each in history) > 0
    history.replace([])
    assert history.tokens == 0
