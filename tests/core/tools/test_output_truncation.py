"""How outputs are cut for the model. The numbers were compared with the reference's own cuts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app_server.core.models.metadata import Truncation
from app_server.core.tools.truncation import (
    byte_budget,
    estimate_tokens,
    narrowed,
    truncate_middle,
    truncate_output,
    truncate_parts,
    with_slack,
)

TOKENS = Truncation("tokens", 10_000)
BYTES = Truncation("bytes", 10_000)


@pytest.mark.parametrize(("byte_count", "tokens"), [(0, 0), (1, 1), (4, 1), (5, 2), (22, 6)])
def test_tokens_are_estimated_from_bytes(byte_count: int, tokens: int) -> None:
    assert estimate_tokens(byte_count) == tokens


@pytest.mark.parametrize(
    ("policy", "asked", "result"),
    [
        (TOKENS, None, TOKENS),
        (TOKENS, 60, Truncation("tokens", 60)),
        (TOKENS, 1_000_000, TOKENS),
        (BYTES, None, BYTES),
        (BYTES, 100, Truncation("tokens", 100)),
        (BYTES, 2_500, BYTES),
        (Truncation("tokens", 50_000), None, Truncation("tokens", 10_000)),
    ],
)
def test_a_call_can_only_narrow_the_models_limit(policy: Truncation, asked: int | None, result: Truncation) -> None:
    assert narrowed(policy, asked) == result


def test_what_fits_is_left_alone() -> None:
    assert truncate_middle("hello world\n", Truncation("tokens", 3)) == "hello world\n"
    assert truncate_output("hello world\n", Truncation("bytes", 12)) == "hello world\n"


@pytest.mark.parametrize(
    ("text", "policy", "cut"),
    [
        ("hello world\n", Truncation("tokens", 1), "he…2 tokens truncated…d\n"),
        ("hello world\n", Truncation("tokens", 0), "…3 tokens truncated…"),
        ("a\nb\nééééé\nc\nd", Truncation("tokens", 2), "a\nb\n…3 tokens truncated…\nc\nd"),
        ("é\n" * 20_000, BYTES, "é\n" * 1666 + "é…33334 chars truncated…\n" + "é\n" * 1666),
    ],
)
def test_the_middle_goes_and_a_marker_counts_it(text: str, policy: Truncation, cut: str) -> None:
    assert truncate_middle(text, policy) == cut


def test_a_cut_output_is_headed_by_its_true_extent() -> None:
    text = "".join(f"{n}\n" for n in range(1, 40_001))
    cut = truncate_output(text, BYTES)
    assert cut.startswith("Warning: truncated output (original token count: 57224)\nTotal output lines: 40000\n\n1\n2\n")
    assert "…218894 chars truncated…" in cut


@pytest.mark.parametrize("policy", [TOKENS, BYTES, Truncation("bytes", 600), Truncation("tokens", 50)])
def test_a_report_with_a_cut_output_fits_into_the_slack_and_is_not_cut_again(policy: Truncation) -> None:
    head = "x" * 105
    room = byte_budget(with_slack(policy)) - len(head)
    report = head + truncate_output("x\n" * 100_000, policy, room=room)
    assert len(report.encode()) <= byte_budget(with_slack(policy))
    assert truncate_middle(report, with_slack(policy)) == report


@pytest.mark.parametrize(
    ("policy", "text", "kept"),
    [(Truncation("bytes", 600), "…8385 chars truncated…", 508), (Truncation("tokens", 50), "…2218 tokens truncated…", 24)],
)
def test_an_output_gives_way_to_what_stands_around_it(policy: Truncation, text: str, kept: int) -> None:
    printed = "".join(f"{n}\n" for n in range(1, 2001))
    cut = truncate_output(printed, policy, room=byte_budget(with_slack(policy)) - 105)
    assert text in cut
    assert len(cut.partition("\n\n")[2].encode()) == kept + len(text.encode())


def test_what_is_kept_is_cut_in_tokens_whatever_the_model_counts_in() -> None:
    assert with_slack(Truncation("bytes", 600)) == with_slack(Truncation("tokens", 150)) == Truncation("tokens", 180)


def test_where_a_buffer_has_dropped_something_lines_are_not_counted() -> None:
    cut = truncate_output("x" * 100, Truncation("tokens", 1), true_bytes=4_000, omitted_bytes=3_900)
    assert (
        cut == "Warning: truncated output (original token count: 1000)\n... 3900 bytes omitted ...\n\nxx…24 tokens truncated…xx"
    )


@settings(deadline=None)
@given(st.text(max_size=60), st.integers(0, 40), st.sampled_from(["tokens", "bytes"]))
def test_what_is_kept_is_a_head_and_a_tail_within_the_budget(text: str, limit: int, mode: str) -> None:
    policy = Truncation(mode, limit)
    cut = truncate_middle(text, policy)
    if cut == text:
        return
    head, _, rest = cut.partition("…")
    tail = rest.partition("truncated…")[2]
    if "…" not in text:
        assert text.startswith(head)
        assert text.endswith(tail)
        assert len((head + tail).encode()) <= byte_budget(policy)


def test_the_history_counts_in_tokens_whatever_the_policy_does() -> None:
    assert with_slack(Truncation("bytes", 600)) == Truncation("tokens", 180)
    assert with_slack(Truncation("tokens", 10_000)) == Truncation("tokens", 12_000)


def test_the_texts_of_parts_share_one_budget_and_what_has_no_room_is_counted() -> None:
    image = {"type": "input_image", "image_url": "data:,"}
    texts = [{"type": "input_text", "text": letter * size} for letter, size in (("a", 300), ("b", 3000), ("c", 3000))]
    first, second, shown, last = truncate_parts([*texts, image], Truncation("tokens", 180))

    assert first == texts[0]
    assert second["text"] == "b" * 210 + "…645 tokens truncated…" + "b" * 210
    assert (shown, last) == (image, {"type": "input_text", "text": "[omitted 1 text items ...]"})


def test_parts_that_fit_are_left_alone() -> None:
    parts = [{"type": "input_text", "text": "a" * 40}, {"type": "input_text", "text": "b" * 40}]
    assert truncate_parts(parts, Truncation("bytes", 80)) == parts
