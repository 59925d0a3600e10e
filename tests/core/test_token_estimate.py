"""What an item of the history is estimated to cost."""

import base64
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from app_server.core.history_item import entry


def url_of(size: tuple[int, int]) -> str:
    out = BytesIO()
    Image.new("RGB", size).save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def tokens_of_image(url: str, detail: str | None) -> int:
    """The image's share: what the item costs more than the same item with an empty address."""
    return tokens(url, detail) - tokens("", detail)


def tokens(url: str, detail: str | None) -> int:
    part: dict[str, Any] = {"type": "input_image", "image_url": url, **({"detail": detail} if detail else {})}
    return entry({"type": "message", "role": "user", "content": [part]}).tokens


def test_a_text_costs_a_token_for_four_bytes_rounded_up() -> None:
    each = entry({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "ä" * 99}]})
    assert each.tokens == -(-len(each.json) // 4)


@pytest.mark.parametrize("detail", ["high", "auto", "low", None])
def test_an_image_costs_the_same_whatever_its_size_unless_it_is_sent_at_its_original_resolution(detail: str | None) -> None:
    costs = {tokens_of_image(url_of(size), detail) for size in ((8, 8), (640, 480), (3000, 3000))}
    assert max(costs) - min(costs) <= 1  # rounding
    assert abs(max(costs) - 7373 // 4) <= 8


def test_an_image_at_its_original_resolution_costs_a_token_for_each_square() -> None:
    small, large = tokens_of_image(url_of((32, 32)), "original"), tokens_of_image(url_of((3200, 1600)), "original")
    assert large - small == 100 * 50 - 1


def test_an_original_that_is_no_image_costs_the_fixed_amount() -> None:
    assert abs(tokens_of_image("data:image/png;base64," + "A" * 4000, "original") - 7373 // 4) <= 8


def test_an_image_that_a_tool_gave_counts_like_any_other() -> None:
    part = {"type": "input_image", "image_url": url_of((3000, 3000)), "detail": "high"}
    each = entry({"type": "function_call_output", "call_id": "c", "output": [part]})
    assert each.tokens < 2_000


@pytest.mark.parametrize(("length", "expected"), [(100, 0), (2000, (1500 - 650) // 4 + 1)])
def test_what_is_encrypted_costs_less_than_its_length(length: int, expected: int) -> None:
    assert entry({"type": "reasoning", "summary": [], "encrypted_content": "x" * length}).tokens == expected
