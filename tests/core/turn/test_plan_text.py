"""The plan in what the model writes, wherever the pieces are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app_server.core.turn.plan_text import PlanText, Where, split_plan

CASES = {
    "no plan": ("Just text\n", "Just text\n", None),
    "a plan between texts": ("Before\n<proposed_plan>\n# P\n- a\n</proposed_plan>\nafter", "Before\nafter", "# P\n- a\n"),
    "nothing but a plan": ("<proposed_plan>\nonly", "", "only"),
    "blanks around the tags": ("a\n  <proposed_plan>  \nx\n\t</proposed_plan>\nb", "a\nb", "x\n"),
    "a tag within a line": ("see <proposed_plan> here\n", "see <proposed_plan> here\n", None),
    "the last of two": ("<proposed_plan>\n1\n</proposed_plan>\nmid\n<proposed_plan>\n2\n</proposed_plan>\n", "mid\n", "2\n"),
    "a closing tag alone": ("</proposed_plan>\nx", "</proposed_plan>\nx", None),
    "an opening tag in a plan": ("<proposed_plan>\n<proposed_plan>\n</proposed_plan>", "", "<proposed_plan>\n"),
    "a tag at the very end": ("x\n<proposed_plan>", "x\n", ""),
}


@pytest.mark.parametrize(("text", "shown", "plan"), CASES.values(), ids=CASES.keys())
def test_a_plan_is_taken_out_of_the_text(text: str, shown: str, plan: str | None) -> None:
    assert split_plan(text) == (shown, plan)


@given(st.sampled_from([text for text, _, _ in CASES.values()]), st.lists(st.integers(1, 7), min_size=1))
def test_pieces_add_up_to_the_same_wherever_they_are_cut(text: str, sizes: list[int]) -> None:
    parser, shown, plan, place, turn = PlanText(), "", None, 0, 0
    pieces = []
    while place < len(text):
        size = sizes[turn % len(sizes)]
        pieces += parser.feed(text[place : place + size])
        place, turn = place + size, turn + 1
    for where, piece in (*pieces, *parser.finish()):
        if where is Where.TEXT:
            shown += piece
        else:
            plan = "" if where is Where.BEGINS else (plan or "") + piece
    assert (shown, plan) == split_plan(text)


def test_text_that_can_not_become_a_tag_is_shown_at_once() -> None:
    parser = PlanText()
    assert parser.feed("Hello") == [(Where.TEXT, "Hello")]
    assert parser.feed("\n<prop") == [(Where.TEXT, "\n")]
    assert parser.feed("er>") == [(Where.TEXT, "<proper>")]
