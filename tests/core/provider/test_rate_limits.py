"""How far limits are used up, out of headers and events."""

from typing import Any

import pytest

from app_server.core.provider.rate_limits import from_event, from_headers, merged, of_refusal
from protocol.account_usage import RateLimitSnapshot
from protocol.base import to_wire

ORDINARY = {
    "x-codex-primary-used-percent": "12.5",
    "x-codex-primary-window-minutes": "300",
    "x-codex-primary-reset-at": "1999999999",
    "x-codex-secondary-used-percent": "3",
    "x-codex-secondary-window-minutes": "10080",
}


def shown(snapshot: RateLimitSnapshot) -> dict[str, Any]:
    return {name: value for name, value in to_wire(snapshot).items() if value is not None}


def test_headers_tell_two_windows_and_percents_are_rounded_with_halves_going_up() -> None:
    assert shown(from_headers(ORDINARY)) == {
        "limitId": "codex",
        "primary": {"usedPercent": 13, "windowDurationMins": 300, "resetsAt": 1999999999},
        "secondary": {"usedPercent": 3, "windowDurationMins": 10080, "resetsAt": None},
    }


def test_without_headers_there_is_an_empty_snapshot_of_the_ordinary_limit() -> None:
    assert shown(from_headers({})) == {"limitId": "codex"}


def test_of_several_limits_the_last_by_name_counts_and_credits_belong_to_each() -> None:
    credits = {"x-codex-credits-has-credits": "TRUE", "x-codex-credits-unlimited": "0", "x-codex-credits-balance": "9.99"}
    other = {"x-codex-other-primary-used-percent": "7", "x-codex-other-limit-name": "Other"}
    assert shown(from_headers({**ORDINARY, **other, **credits})) == {
        "limitId": "codex_other",
        "limitName": "Other",
        "primary": {"usedPercent": 7, "windowDurationMins": None, "resetsAt": None},
        "credits": {"hasCredits": True, "unlimited": False, "balance": "9.99"},
    }


@pytest.mark.parametrize(
    ("headers", "primary"),
    [
        ({"used-percent": "0"}, None),
        ({"used-percent": "0", "window-minutes": "0"}, None),
        ({"used-percent": "0", "window-minutes": "60"}, {"usedPercent": 0, "windowDurationMins": 60, "resetsAt": None}),
        ({"used-percent": "0", "reset-at": "0"}, {"usedPercent": 0, "windowDurationMins": None, "resetsAt": 0}),
        ({"used-percent": "abc", "window-minutes": "60"}, None),
        ({"used-percent": "nan", "window-minutes": "60"}, None),
        ({"window-minutes": "60"}, None),
        ({"used-percent": "55", "window-minutes": "6x"}, {"usedPercent": 55, "windowDurationMins": None, "resetsAt": None}),
        ({"used-percent": "-3.5"}, {"usedPercent": -4, "windowDurationMins": None, "resetsAt": None}),
    ],
)
def test_a_window_is_there_only_if_something_is_told_of_it(headers: dict[str, str], primary: Any) -> None:
    named = {f"x-codex-primary-{name}": value for name, value in headers.items()}
    assert shown(from_headers(named)).get("primary") == primary


def test_a_refusal_tells_the_limit_that_stopped_the_request_and_why() -> None:
    headers = {
        **ORDINARY,
        "x-codex-active-limit": "codex_other",
        "x-codex-other-primary-used-percent": "100",
        "x-codex-rate-limit-reached-type": "workspace_owner_credits_depleted",
    }
    assert shown(of_refusal(headers)) == {
        "limitId": "codex_other",
        "primary": {"usedPercent": 100, "windowDurationMins": None, "resetsAt": None},
        "rateLimitReachedType": "workspace_owner_credits_depleted",
    }
    assert shown(of_refusal({"x-codex-rate-limit-reached-type": "something_new"})) == {"limitId": "codex"}


def test_an_event_tells_the_same_and_the_plan() -> None:
    event = {
        "type": "codex.rate_limits",
        "plan_type": "plus",
        "rate_limits": {"primary": {"used_percent": 42, "window_minutes": 300, "reset_at": 1999999999}, "secondary": "?"},
        "credits": {"has_credits": True, "unlimited": False, "balance": "9.99"},
        "metered_limit_name": "Codex-Other",
    }
    assert shown(from_event(event)) == {
        "limitId": "codex_other",
        "primary": {"usedPercent": 42, "windowDurationMins": 300, "resetsAt": 1999999999},
        "credits": {"hasCredits": True, "unlimited": False, "balance": "9.99"},
        "planType": "plus",
    }
    assert shown(from_event({"rate_limits": 3, "credits": 3, "plan_type": "new"})) == {"limitId": "codex", "planType": "unknown"}


def test_credits_and_plan_last_until_they_are_told_anew_and_windows_do_not() -> None:
    credits = {"has_credits": True, "unlimited": True}
    before = from_event({"plan_type": "plus", "credits": credits, "rate_limits": {"primary": {"used_percent": 1}}})
    after = merged(before, from_headers({}))
    assert shown(after) == {"limitId": "codex", "planType": "plus", "credits": shown(before)["credits"]}
    assert merged(None, before) is before
