"""Counting tokens: what a provider reports, added up per thread. Source: spec/turns.md section 4."""

from typing import Any

from app_server.core.frozen import frozen
from protocol.turn_events import ThreadTokenUsage, TokenUsageBreakdown


@frozen
class TokenCount:
    """Tokens of one answer, or of many."""

    total: int = 0
    input: int = 0
    cached_input: int = 0
    cache_write_input: int = 0
    output: int = 0
    reasoning_output: int = 0

    def __add__(self, other: "TokenCount") -> "TokenCount":
        return TokenCount(
            self.total + other.total,
            self.input + other.input,
            self.cached_input + other.cached_input,
            self.cache_write_input + other.cache_write_input,
            self.output + other.output,
            self.reasoning_output + other.reasoning_output,
        )

    def wire(self) -> TokenUsageBreakdown:
        """The count as clients see it."""
        return TokenUsageBreakdown(
            total_tokens=self.total,
            input_tokens=self.input,
            cached_input_tokens=self.cached_input,
            cache_write_input_tokens=self.cache_write_input,
            output_tokens=self.output,
            reasoning_output_tokens=self.reasoning_output,
        )


class TokenTotals:
    """A thread's use so far, and that of its newest answer."""

    __slots__ = ("last", "total")

    def __init__(self) -> None:
        self.total = TokenCount()
        self.last = TokenCount()

    @classmethod
    def restored(cls, usage: ThreadTokenUsage) -> "TokenTotals":
        """The totals that a file tells."""
        totals = cls()
        totals.total, totals.last = restored(usage.total), restored(usage.last)
        return totals

    @property
    def is_known(self) -> bool:
        """Whether anything was counted."""
        return bool(self.total.total or self.last.total)

    def add(self, count: TokenCount) -> None:
        """One more answer."""
        self.total += count
        self.last = count

    def estimate(self, tokens: int) -> None:
        """The history was made anew: its size is only estimated, until the next answer."""
        self.last = TokenCount(total=tokens)

    def fill(self, window: int) -> None:
        """The provider says that the window is full; the next turn makes room first."""
        self.last = TokenCount(total=max(window - self.total.total, 0))
        self.total = TokenCount(total=window)

    def wire(self, window: int | None) -> ThreadTokenUsage:
        """The totals as clients see them."""
        return ThreadTokenUsage(total=self.total.wire(), last=self.last.wire(), model_context_window=window)


def restored(told: TokenUsageBreakdown) -> TokenCount:
    """A count as clients see it, as one of ours."""
    return TokenCount(
        told.total_tokens,
        told.input_tokens,
        told.cached_input_tokens,
        told.cache_write_input_tokens,
        told.output_tokens,
        told.reasoning_output_tokens,
    )


def count_from(usage: dict[str, Any]) -> TokenCount:
    """The count in a provider's `usage`, in which any member may be missing."""
    inputs, outputs = usage.get("input_tokens_details") or {}, usage.get("output_tokens_details") or {}
    return TokenCount(
        total=_number(usage, "total_tokens"),
        input=_number(usage, "input_tokens"),
        cached_input=_number(inputs, "cached_tokens"),
        cache_write_input=_number(inputs, "cache_write_tokens"),
        output=_number(usage, "output_tokens"),
        reasoning_output=_number(outputs, "reasoning_tokens"),
    )


def _number(table: Any, key: str) -> int:
    value = table.get(key) if isinstance(table, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
