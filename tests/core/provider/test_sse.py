"""The event parser: framing alone, whatever way the bytes are cut."""

import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app_server.core.provider.sse import EventTooLargeError, SseParser

texts = st.text(st.sampled_from('ab:é🎈"\\\n\r\u2028 {}'), max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
events = st.dictionaries(st.sampled_from(["type", "delta", "item", "é", "id"]), json_values, max_size=4)


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[dict[str, object]]]:
    """The bytes of a stream with everything that may come between events, and the events in it."""
    end = draw(st.sampled_from([b"\n", b"\r\n"]))
    body, expected = b"", []
    for event in draw(st.lists(events, max_size=6)):
        expected.append(event)
        body += draw(
            st.sampled_from([b"", b": comment" + end, b"event: any" + end, b"id: 7" + end, end, b"data: junk" + end + end])
        )
        pretty = draw(st.booleans())
        text = json.dumps(event, ensure_ascii=draw(st.booleans()), indent=1 if pretty else None)
        space = draw(st.sampled_from([b"", b" "]))
        body += b"".join(b"data:" + space + line.encode() + end for line in text.split("\n")) + end
    return body + draw(st.sampled_from([b"", b"data: {", b": end"])), expected


@settings(deadline=None)
@given(streams(), st.data())
def test_any_way_of_cutting_the_bytes_gives_the_same_events(
    stream: tuple[bytes, list[dict[str, object]]], data: st.DataObject
) -> None:
    body, expected = stream
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=12)))
    parser = SseParser()
    found = [event for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True) for event in parser.feed(body[start:end])]
    assert found == expected


def test_single_bytes_give_the_same_events_as_one_chunk() -> None:
    body = 'event: a\r\ndata: {"t":"é🎈"}\r\n\r\n: note\n\ndata: {"u":\ndata: 1}\n\n'.encode()
    parser = SseParser()
    one_by_one = [event for index in range(len(body)) for event in parser.feed(body[index : index + 1])]
    assert one_by_one == SseParser().feed(body) == [{"t": "é🎈"}, {"u": 1}]


@pytest.mark.parametrize(
    "line", [b"data: junk", b"data: [1]", b"data: 5", b"data: [DONE]", b'data: {"a":"\xff"}', b"data:", b"data: " + b"[" * 3000]
)
def test_what_is_no_object_is_skipped_but_counts_as_a_sign_of_life(line: bytes) -> None:
    parser = SseParser()
    assert parser.feed(line + b'\n\ndata: {"a": 1}\n\n') == [{"a": 1}]
    assert parser.events_seen == 2


def test_comments_and_blank_lines_are_no_sign_of_life() -> None:
    parser = SseParser()
    assert parser.feed(b": keepalive\n\n\n\nevent: x\n\nid: 4\r\n\r\n") == []
    assert parser.events_seen == 0


def test_an_event_without_its_blank_line_is_not_given_out() -> None:
    parser = SseParser()
    assert parser.feed(b'data: {"a": 1}\n') == []
    assert parser.feed(b"\n") == [{"a": 1}]


def test_a_line_of_a_hundred_megabytes_is_joined_once() -> None:
    size, piece = 100 << 20, b"x" * 65_536
    parser = SseParser()
    tracemalloc.start()
    assert parser.feed(b'data: {"text":"') == []
    for _ in range(size // len(piece)):
        assert parser.feed(piece + b"") == []
    found = parser.feed(b'"}\n\ndata: {"after": 1}\n\n')
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [len(found[0]["text"]), found[1]] == [size, {"after": 1}]
    # The pieces are one object here; what is left is the joined block, the line's JSON and the text itself.
    assert peak < 3.2 * size


@pytest.mark.parametrize("separator", [b"", b"\ndata: "])
def test_an_event_beyond_the_limit_is_refused_before_it_fills_the_memory(separator: bytes) -> None:
    parser = SseParser(limit_bytes=1000)
    piece = b"data: " + b"x" * 100 + separator
    fed = 0
    with pytest.raises(EventTooLargeError, match="event larger than 1000 bytes"):  # noqa: PT012 (how many it takes is the question)
        while fed < 20:
            parser.feed(piece)
            fed += 1
    assert 8 <= fed <= 10
