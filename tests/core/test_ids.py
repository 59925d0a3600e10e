"""Ids: fresh ones, and those that clients send."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app_server.core.clock import Clock, format_uuid7
from app_server.core.errors import InvalidThreadId
from app_server.core.ids import checked_thread_id

ID = "0191c0de-1234-7abc-8def-0123456789ab"


@given(st.uuids(), st.sampled_from(["{}", "urn:uuid:{}", "{{{}}}"]), st.booleans(), st.booleans())
def test_every_text_form_of_an_id_is_the_same_id(value: uuid.UUID, form: str, is_upper: bool, is_bare: bool) -> None:
    text = value.hex if is_bare else str(value)
    assert checked_thread_id(form.format(text.upper() if is_upper else text)) == str(value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("xyz", "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `x` at 1"),
        ("0191g", "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `g` at 5"),
        ("abc", "invalid length: expected length 32 for simple format, found 3"),
        ("", "invalid length: expected length 32 for simple format, found 0"),
        ("0" * 33, "invalid length: expected length 32 for simple format, found 33"),
        ("0-0", "invalid group count: expected 5, found 2"),
        (f"{ID}-0", "invalid group count: expected 5, found 6"),
        (ID[1:], "invalid group length in group 0: expected 8, found 7"),
        (f"{ID}0", "invalid group length in group 4: expected 12, found 13"),
    ],
)
def test_what_is_no_id_is_refused_in_the_words_that_clients_know(text: str, complaint: str) -> None:
    with pytest.raises(InvalidThreadId) as refusal:
        checked_thread_id(text)
    assert refusal.value.message == f"invalid thread id: {complaint}"
    assert (refusal.value.reason, refusal.value.code) == ("invalid_thread_id", -32600)
    with pytest.raises(InvalidThreadId, match=r"^invalid session id: "):
        checked_thread_id(text, "session")


@given(st.text(max_size=40))
def test_any_text_is_an_id_or_refused(text: str) -> None:
    try:
        found = checked_thread_id(text)
    except InvalidThreadId:
        return
    assert str(uuid.UUID(found)) == found


def test_fresh_ids_are_uuids_that_sort_by_time() -> None:
    clock = Clock()
    before = clock.now_ms()
    fresh = uuid.UUID(clock.uuid7())
    assert (fresh.version, fresh.variant) == (7, uuid.RFC_4122)
    assert before <= fresh.int >> 80 <= clock.now_ms()
    random = uuid.UUID(clock.uuid4())
    assert (random.version, random.variant) == (4, uuid.RFC_4122)
    assert len({clock.uuid7() for _ in range(1000)} | {clock.uuid4() for _ in range(1000)}) == 2000


@given(
    st.integers(0, 2**48 - 1), st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10)
)
def test_the_earlier_id_sorts_first(early: int, late: int, noise: bytes, other: bytes) -> None:
    first, second = format_uuid7(early, noise), format_uuid7(late, other)
    if early != late:
        assert (first < second) == (early < late)
    assert uuid.UUID(first).int >> 80 == early


def test_seconds_are_those_of_the_milliseconds() -> None:
    class At(Clock):
        def now_ms(self) -> int:
            return 1_999

    assert At().now_s() == 1
