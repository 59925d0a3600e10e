"""How long to wait before trying again, for both layers: the HTTP request (here) and the stream (the turn loop).

The two layers count apart and share this arithmetic. Who waits, and what the client is told meanwhile, is theirs.
Source: spec/upstream.md section 5.
"""

import random
import re
from collections.abc import Awaitable, Callable, Mapping

Random = Callable[[], float]
"""A number from 0 up to 1, as `random.random` gives."""

Sleep = Callable[[float], Awaitable[None]]
"""Waits for so many seconds, as `anyio.sleep` does."""

FIRST_DELAY_S = 0.2
JITTER = 0.1
LONGEST_DELAY_S = 30.0
"""No doubling goes beyond this. The default budgets never get there; waiting for a server that is down without limit does."""
LONGEST_RETRY_AFTER_S = 86_400.0

_SECONDS = re.compile(r"\d+(\.\d+)?")


def backoff_s(attempt: int, retry_after_s: float | None = None, random: Random = random.random) -> float:
    """The wait before retry number `attempt`, which counts from 1; what the provider asked for wins."""
    if retry_after_s is not None:
        return retry_after_s
    doubled = FIRST_DELAY_S * 2.0 ** min(attempt - 1, 20)
    return min(doubled, LONGEST_DELAY_S) * (1 - JITTER + 2 * JITTER * random())


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The `retry-after` header in seconds. Its other form, a date, is not honored: the reference reads seconds only."""
    value = headers.get("retry-after", "").strip()
    if not _SECONDS.fullmatch(value):
        return None
    return min(float(value), LONGEST_RETRY_AFTER_S)
