"""Base64 of clients: what it decodes to, and the words for what is wrong with it, as the reference says them."""

import re
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app_server.methods.base64_text import decode


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("%%%", "Invalid symbol 37, offset 0."),
        ("a", "Invalid input length: 1"),
        ("aaaab", "Invalid input length: 5"),
        ("aa", "Invalid padding"),
        ("aaa", "Invalid padding"),
        ("aa=", "Invalid padding"),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "Invalid padding"),
        ("ab==", "Invalid last symbol 98, offset 1."),
        ("aab=", "Invalid last symbol 98, offset 2."),
        ("aaaa=", "Invalid symbol 61, offset 4."),
        ("aaaaaaaa=", "Invalid symbol 61, offset 8."),
        ("a===", "Invalid symbol 61, offset 1."),
        ("=", "Invalid symbol 61, offset 0."),
        ("====", "Invalid symbol 61, offset 0."),
        ("aa==aaaa", "Invalid symbol 61, offset 2."),
        ("aaa=aaaa", "Invalid symbol 61, offset 3."),
        ("aaaa\n", "Invalid symbol 10, offset 4."),
        ("aa-_", "Invalid symbol 45, offset 2."),
        ("aaaaé", "Invalid symbol 195, offset 4."),
        ("aaaaaaaaaaaaaaaa!aaaaaaaaaaaaaaaaaaaaaa", "Invalid symbol 33, offset 16."),
        ("aaaaaaaaaaaaaaaa!aaaaaaaaaaaaaaaaaaaaaaa", "Invalid symbol 33, offset 16."),
    ],
)
def test_a_fault_is_told_by_its_kind_and_place(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(fault)}$"):
        decode(text)


@given(st.binary(max_size=200))
def test_what_was_encoded_is_decoded(data: bytes) -> None:
    assert decode(b64encode(data).decode()) == data


@given(st.text(alphabet="abAB01+/=-_ \n", max_size=20))
def test_only_the_one_canonical_text_of_some_bytes_is_taken(text: str) -> None:
    try:
        data = decode(text)
    except ValueError:
        return
    assert b64encode(data).decode() == text
