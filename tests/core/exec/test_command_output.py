"""The bounded buffer: ends that are kept, sizes that are true, characters that stay whole."""

import tracemalloc
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from app_server.core.exec.output import LIMIT_BYTES, BoundedBuffer, CommandOutput, OutputRead, partial_character


def test_short_output_is_kept_whole() -> None:
    buffer = BoundedBuffer()
    for chunk in (b"one\n", b"", b"two\n"):
        buffer.append(chunk)
    assert buffer.read() == OutputRead("one\ntwo\n", 8)


def test_long_output_keeps_its_first_and_last_half_and_says_what_is_missing() -> None:
    buffer = BoundedBuffer(10)
    for chunk in (b"abc", b"defgh", b"ijklmnop", b"q"):
        buffer.append(chunk)
    assert buffer.read() == OutputRead("abcde\n... 7 bytes omitted ...\nmnopq", 17, 7)


def test_output_of_exactly_the_limit_is_whole() -> None:
    buffer = BoundedBuffer(10)
    buffer.append(b"abcdefghij")
    assert buffer.read() == OutputRead("abcdefghij", 10)
    buffer.append(b"k")
    assert buffer.read() == OutputRead("abcde\n... 1 bytes omitted ...\nghijk", 11, 1)


@settings(deadline=None)
@given(st.binary(max_size=400), st.lists(st.integers(0, 90), max_size=12), st.integers(2, 60))
def test_the_ends_do_not_depend_on_how_the_output_was_cut_into_chunks(data: bytes, cuts: list[int], limit: int) -> None:
    whole, pieces = BoundedBuffer(limit), BoundedBuffer(limit)
    whole.append(data)
    rest = data
    for cut in cuts:
        pieces.append(rest[:cut])
        rest = rest[cut:]
    pieces.append(rest)
    assert pieces.read() == whole.read()


def test_the_cut_does_not_break_characters() -> None:
    buffer = BoundedBuffer(10)
    buffer.append("aé€é€éa".encode())  # 1 2 3 2 3 2 1 bytes: the fifth and the tenth are inside a character
    assert buffer.read() == OutputRead("aé\n... 8 bytes omitted ...\néa", 14, 8)


def peak_bytes(fill: Callable[[], None]) -> int:
    """The most memory that was in use while filling something."""
    tracemalloc.start()
    try:
        fill()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_hundred_megabytes_cost_a_few() -> None:
    output = CommandOutput()

    def fill() -> None:
        for number in range(12_500):
            output.append(b"%08d" % number * 1000)

    assert peak_bytes(fill) < 4_000_000
    read = output.read_all()
    assert (read.byte_count, read.omitted_bytes) == (100_000_000, 100_000_000 - LIMIT_BYTES)


def test_many_small_chunks_cost_no_more_than_their_bytes() -> None:
    buffer = BoundedBuffer(100_000)

    def fill() -> None:
        for number in range(60_000):
            buffer.append(b"%02d" % (number % 100))

    assert peak_bytes(fill) < 300_000


def test_new_output_is_taken_once_and_the_whole_stays() -> None:
    output = CommandOutput()
    output.append(b"one ")
    assert output.take_new() == OutputRead("one ", 4)
    assert output.take_new() == OutputRead("", 0)
    output.append(b"two")
    assert output.take_new() == OutputRead("two", 3)
    assert output.read_all() == OutputRead("one two", 7)


def test_what_is_new_is_bounded_too() -> None:
    output = CommandOutput(10)
    output.append(b"abcdefghijklmnop")
    assert output.take_new() == OutputRead("abcde\n... 6 bytes omitted ...\nlmnop", 16, 6)


def test_a_character_that_came_in_part_waits_for_its_rest() -> None:
    output = CommandOutput()
    output.append(b"a\xe2\x82")
    assert output.take_new() == OutputRead("a", 1)
    output.append(b"\xacb")
    assert output.take_new() == OutputRead("€b", 4)


def test_at_the_end_a_character_without_its_rest_is_replaced() -> None:
    output = CommandOutput()
    output.append(b"a\xe2\x82")
    assert output.take_new(is_last=True) == OutputRead("a\ufffd", 3)


def test_bytes_that_are_no_text_are_replaced() -> None:
    output = CommandOutput()
    output.append(b"a\xffb\xc3\xa9")
    assert output.take_new().text == output.read_all().text == "a\ufffdbé"


@settings(deadline=None)
@given(st.text(max_size=8), st.integers(0, 3))
def test_a_partial_character_is_what_decoding_would_stumble_over(text: str, missing: int) -> None:
    data = text.encode()[: len(text.encode()) - missing]
    kept = data[: len(data) - partial_character(data)]
    assert kept.decode() == data.decode(errors="ignore")
