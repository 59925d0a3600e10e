"""Whether a `response.completed` event can end an answer: what has to be in it, and the words for what is wrong with it.

An end that can't be read is as good as none, so that the answer is asked for again. Source: spec/upstream.md section 3; the
texts and the order of checks come from the reference itself.
"""

from collections.abc import Mapping
from typing import Any

from app_server.core.provider.errors import json_kind

COUNT = "i64"
DETAILS: Mapping[str, tuple[str, str, str]] = {
    "input_tokens_details": ("ResponseCompletedInputTokensDetails with 2 elements", "cached_tokens", "cache_write_tokens"),
    "output_tokens_details": ("ResponseCompletedOutputTokensDetails with 1 element", "reasoning_tokens", ""),
}
"""The tables within a usage: their name, the count that has to be there, and the one that may be."""
TOTALS = ("input_tokens", "output_tokens", "total_tokens")


def is_told(event: dict[str, Any]) -> bool:
    """Whether the event has a response at all; without one it is passed over."""
    return event.get("response") is not None


def completed_problem(event: dict[str, Any]) -> str | None:
    """What keeps an event with a response from ending the answer; None if nothing does."""
    response = event["response"]
    if not isinstance(response, dict):
        return f"invalid type: {json_kind(response)}, expected struct ResponseCompleted"
    if "id" not in response:
        return "missing field `id`"
    if not isinstance(response["id"], str):
        return f"invalid type: {json_kind(response['id'])}, expected a string"
    usage = response.get("usage")
    return None if usage is None else usage_problem(usage)


def usage_problem(usage: Any) -> str | None:
    """What is wrong with the count of tokens."""
    if not isinstance(usage, dict):
        return f"invalid type: {json_kind(usage)}, expected struct ResponseCompletedUsage"
    for name, (form, required, optional) in DETAILS.items():
        details = usage.get(name)
        if isinstance(details, list):
            return f"invalid length {len(details)}, expected struct {form}"
        if details is not None and not isinstance(details, dict):
            return f"invalid type: {json_kind(details)}, expected struct {form.partition(' ')[0]}"
        if details is not None:
            problem = count_problem(details, required, is_required=True) or count_problem(details, optional)
            if problem is not None:
                return problem
    found = (count_problem(usage, name, is_required=True) for name in TOTALS)
    return next((problem for problem in found if problem is not None), None)


def count_problem(table: dict[str, Any], name: str, *, is_required: bool = False) -> str | None:
    """What is wrong with one count."""
    if name not in table:
        return f"missing field `{name}`" if is_required else None
    value = table[name]
    if isinstance(value, float):
        return "invalid number"
    if not isinstance(value, int) or isinstance(value, bool):
        return f"invalid type: {json_kind(value)}, expected {COUNT}"
    return None
