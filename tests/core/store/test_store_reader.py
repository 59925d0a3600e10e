"""Reading lines from either end, whatever is in the file."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app_server.core.store import reader
from app_server.core.store.errors import StoreError
from app_server.core.store.reader import count_lines, read_backward, read_forward


def line(ordinal: int, text: str = "") -> bytes:
    return b'{"timestamp":"2026-11-20T10:00:00.000Z","ordinal":%d,"type":"event_msg","payload":{"type":"said","text":"%b"}}\n' % (
        ordinal,
        text.encode(),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rollout.jsonl"


def test_both_directions_give_the_same_lines(path: Path) -> None:
    path.write_bytes(b"".join(line(n, "x" * n) for n in range(50)))
    forward = list(read_forward(path))
    assert [each.ordinal for each in forward] == list(range(50))
    assert [each.index for each in forward] == list(range(50))
    backward = list(read_backward(path))[::-1]
    assert [(each.ordinal, each.start, each.end, each.payload) for each in backward] == [
        (each.ordinal, each.start, each.end, each.payload) for each in forward
    ]


@given(st.lists(st.integers(0, 40), max_size=12), st.integers(1, 60), st.binary(max_size=5))
@settings(max_examples=200, deadline=None)
def test_blocks_of_any_size_give_the_same_lines(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], block_bytes: int, torn: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "blocks.jsonl"
    path.write_bytes(b"".join(line(n, "y" * length) for n, length in enumerate(lengths)) + torn.replace(b"\n", b""))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "BLOCK_BYTES", block_bytes)
        assert [each.ordinal for each in read_backward(path)] == list(range(len(lengths)))[::-1]


def test_damaged_lines_are_passed_over_with_a_word_to_the_caller(path: Path) -> None:
    path.write_bytes(line(0) + b"\0\0\0\n" + line(1)[:-20] + b"\n\n[1]\n" + b'{"type":"event_msg"}\n' + line(2) + line(3)[:30])
    for read in (read_forward, read_backward):
        warnings: list[str] = []
        assert sorted(each.ordinal or 0 for each in read(path, warn=warnings.append)) == [0, 2]
        assert len(warnings) == 5
        assert all("damaged line" in each for each in warnings)


def test_lines_that_nobody_asked_for_are_not_even_parsed(path: Path) -> None:
    other = b'{"timestamp":"2026-11-20T10:00:00.000Z","ordinal":7,"type":"response_item","payload":{"type":"message", broken\n'
    spaced = b'{ "timestamp": "2026-11-20T10:00:00.000Z", "type": "event_msg", "payload": {"type": "said"} }\n'
    path.write_bytes(other + line(1) + spaced)
    warnings: list[str] = []
    assert [each.name for each in read_forward(path, names={"said"}, warn=warnings.append)] == ["said", "said"]
    assert [each.name for each in read_backward(path, names={"said"}, warn=warnings.append)] == ["said", "said"]
    assert warnings == []


def test_reading_stops_at_the_given_offsets(path: Path) -> None:
    path.write_bytes(b"".join(line(n) for n in range(4)))
    size = len(line(0))
    assert [each.ordinal for each in read_forward(path, end=2 * size)] == [0, 1]
    assert [each.ordinal for each in read_backward(path, end=3 * size, start=size)] == [2, 1]


def test_a_line_without_end_does_not_fill_the_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_LINE_BYTES", 1000)
    monkeypatch.setattr(reader, "BLOCK_BYTES", 64)
    path.write_bytes(line(0) + line(1, "z" * 3000) + line(2))
    for read in (read_forward, read_backward):
        warnings: list[str] = []
        assert sorted(each.ordinal or 0 for each in read(path, warn=warnings.append)) == [0, 2]
        assert len(warnings) == 1
        assert "more than 1000 bytes" in warnings[0]


def test_halves_of_utf16_pairs_are_read(path: Path) -> None:
    path.write_bytes(line(0, "\\ud83d"))
    assert [each.payload["text"] for each in read_forward(path)] == ["\ud83d"]


def test_a_missing_file_is_an_error(path: Path) -> None:
    for read in (read_forward, read_backward):
        with pytest.raises(StoreError, match="could not read"):
            list(read(path))


def test_counting_lines_counts_a_torn_one(path: Path) -> None:
    path.write_bytes(b"")
    assert count_lines(path) == 0
    path.write_bytes(line(0) + b"torn")
    assert count_lines(path) == 2
