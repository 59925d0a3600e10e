"""The waits between attempts."""

import pytest

from app_server.core.provider.retry import backoff_s, retry_after_s


def test_the_wait_doubles_within_ten_percent() -> None:
    assert [backoff_s(attempt, random=lambda: 0.5) for attempt in range(1, 6)] == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2])
    assert backoff_s(1, random=lambda: 0.0) == pytest.approx(0.18)
    assert backoff_s(1, random=lambda: 1.0) == pytest.approx(0.22)


def test_the_wait_never_grows_beyond_half_a_minute() -> None:
    assert backoff_s(5000, random=lambda: 0.5) == pytest.approx(30.0)


def test_what_the_provider_asks_for_wins_without_jitter() -> None:
    assert backoff_s(3, 7.0, random=lambda: 1.0) == 7.0
    assert backoff_s(3, 0.0, random=lambda: 1.0) == 0.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3.0),
        (" 1.5 ", 1.5),
        ("9" * 400, 86_400.0),
        ("-1", None),
        ("nan", None),
        ("", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds(value: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": value}) == seconds


def test_no_header_is_no_wish() -> None:
    assert retry_after_s({}) is None
