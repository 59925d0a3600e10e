"""What a `response.completed` event has to have; the words are the reference's."""

from typing import Any

import pytest

from app_server.core.provider.completed import completed_problem, is_told

USAGE = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
INPUT = "struct ResponseCompletedInputTokensDetails with 2 elements"


@pytest.mark.parametrize(
    ("response", "problem"),
    [
        ("r", 'invalid type: string "r", expected struct ResponseCompleted'),
        ({}, "missing field `id`"),
        ({"id": 5}, "invalid type: number, expected a string"),
        ({"id": None}, "invalid type: null, expected a string"),
        ({"id": "r"}, None),
        ({"id": "r", "usage": None}, None),
    ],
)
def test_an_end_needs_an_id(response: Any, problem: str | None) -> None:
    assert completed_problem({"response": response}) == problem


@pytest.mark.parametrize(
    ("usage", "problem"),
    [
        (USAGE, None),
        ({**USAGE, "input_tokens_details": None, "output_tokens_details": {"reasoning_tokens": 4}}, None),
        (3, "invalid type: number, expected struct ResponseCompletedUsage"),
        ({}, "missing field `input_tokens`"),
        ({"input_tokens": 1, "output_tokens": 2}, "missing field `total_tokens`"),
        ({"input_tokens": "5"}, 'invalid type: string "5", expected i64'),
        ({**USAGE, "total_tokens": 3.5}, "invalid number"),
        ({**USAGE, "input_tokens_details": {}}, "missing field `cached_tokens`"),
        ({**USAGE, "input_tokens_details": []}, f"invalid length 0, expected {INPUT}"),
        ({**USAGE, "output_tokens_details": {"reasoning_tokens": None}}, "invalid type: null, expected i64"),
    ],
)
def test_a_count_of_tokens_is_whole_or_not_there(usage: Any, problem: str | None) -> None:
    assert completed_problem({"response": {"id": "r", "usage": usage}}) == problem


@pytest.mark.parametrize(("event", "told"), [({}, False), ({"response": None}, False), ({"response": {}}, True)])
def test_an_end_without_a_response_is_none(event: dict[str, Any], told: bool) -> None:
    assert is_told(event) is told
