"""What a spoken conversation shows of the agent's work; the table of messages is what the reference does with each."""

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app_server.core.realtime.promotions import Promotions, is_shown_whole
from protocol.base import to_wire

MARK = "::codex-realtime-inline{}"
PICTURE = "::codex-inline-vis{b}"
MARKDOWN = {"type": "inlineMarkdown"}
Found = list[tuple[str, str, dict[str, Any]]]


def picture(index: int) -> dict[str, Any]:
    return {"type": "inlineVisualization", "index": index}


MESSAGES: list[tuple[str, list[dict[str, Any]]]] = [
    (f"{MARK}\nshow this\nand that", [MARKDOWN]),
    (f"[FINAL] {MARK}\nshow this", [MARKDOWN]),
    (f"[FINAL]\n{MARK}\nshow this", [MARKDOWN]),
    (f"\n{MARK}\nz", [MARKDOWN]),
    (f"{MARK}\n", [MARKDOWN]),
    (MARK, []),
    (f"text first\n{MARK}\nshow", []),
    (f"{MARK}\n{PICTURE}\n", [MARKDOWN]),
    (f"see\nvisualize{{a}}\nand\n{PICTURE}\n```\n{PICTURE}\n```\nvisualize{{d}}", [picture(0)]),
    ("visualize{x} trailing visualize{y}", []),
    (PICTURE, [picture(0)]),
    (f"  {PICTURE}\n{PICTURE} and {PICTURE}", [picture(0), picture(1)]),
    (f"behind {PICTURE}", []),
    (f"~~~\n{PICTURE}\n~~~\n{PICTURE}", [picture(0)]),
    (f"````\n```\n{PICTURE}\n````\n{PICTURE}", [picture(0)]),
    (f"~~~\n```\n{PICTURE}", []),
    ("", []),
]


def message(text: str) -> Any:
    return SimpleNamespace(type="agentMessage", id="m", text=text)


def promotions() -> tuple[Promotions, Found]:
    found: Found = []
    return Promotions(lambda turn, item, how: found.append((turn, item, to_wire(how)))), found


def shown(pieces: list[str], whole: str) -> list[dict[str, Any]]:
    """What is found of a message that comes in pieces."""
    seen, found = promotions()
    seen.opened("m")
    for piece in pieces:
        seen.add_delta("t", "m", piece)
    seen.closed("t", message(whole))
    assert {(turn, item) for turn, item, _ in found} <= {("t", "m")}
    return [how for _, _, how in found]


@pytest.mark.parametrize(("text", "expected"), MESSAGES)
def test_a_message_is_shown_as_it_asks_for(text: str, expected: list[dict[str, Any]]) -> None:
    assert shown([], text) == expected


@pytest.mark.parametrize(("text", "expected"), MESSAGES)
@given(cuts=st.lists(st.integers(0, 80)))
def test_where_a_message_is_cut_while_it_streams_makes_no_difference(
    text: str, expected: list[dict[str, Any]], cuts: list[int]
) -> None:
    ends = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[start:end] for start, end in pairwise(ends)]
    assert shown(pieces, text) == expected


def test_a_message_is_promoted_while_it_streams_and_once() -> None:
    seen, found = promotions()
    seen.opened("m")
    seen.add_delta("t", "m", f"{MARK}\n")
    assert [how for _, _, how in found] == [MARKDOWN]
    seen.add_delta("t", "m", "more")
    seen.closed("t", message(f"{MARK}\nmore"))
    assert len(found) == 1


def test_a_message_that_is_cut_is_forgotten_and_may_come_again() -> None:
    seen, found = promotions()
    seen.opened("m")
    seen.add_delta("t", "m", "half of a line ")
    seen.dropped("m")
    seen.closed("t", message(PICTURE))
    assert [how for _, _, how in found] == [picture(0)]


@pytest.mark.parametrize(
    ("item", "is_shown"),
    [
        ({"type": "imageGeneration"}, True),
        ({"type": "subAgentActivity", "kind": "started"}, True),
        ({"type": "subAgentActivity", "kind": "completed"}, False),
        ({"type": "dynamicToolCall", "status": "completed", "success": True}, True),
        ({"type": "dynamicToolCall", "status": "completed", "success": None}, True),
        ({"type": "dynamicToolCall", "status": "completed", "success": False}, False),
        ({"type": "dynamicToolCall", "status": "failed", "success": None}, False),
        ({"type": "mcpToolCall", "server": "codex_app"}, True),
        ({"type": "mcpToolCall", "server": "other"}, False),
        ({"type": "commandExecution"}, False),
        ({"type": "reasoning"}, False),
    ],
)
def test_items_that_are_there_to_be_seen_are_shown_whole(item: dict[str, Any], is_shown: bool) -> None:
    whole = SimpleNamespace(id="i", **item)
    assert is_shown_whole(whole) is is_shown
    seen, found = promotions()
    seen.closed("t", whole)
    assert found == ([("t", "i", {"type": "wholeItem"})] if is_shown else [])
