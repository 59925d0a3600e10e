"""How far an account's limits are used up, as a provider tells it in headers and events.

Pure functions from what was received to the snapshot that clients see. A provider may tell several limits at once;
the ordinary one is called `codex`. Source: spec/upstream.md section 10. Differs: the event counts whatever it comes by.
"""

import math
import re
from collections.abc import Mapping
from typing import Any, TypeGuard, cast, get_args

from protocol.account import PlanType
from protocol.account_usage import CreditsSnapshot, RateLimitReachedType, RateLimitSnapshot, RateLimitWindow

ORDINARY = "codex"
_FAMILY = re.compile(r"x-(.+)-primary-used-percent")
_TRUE, _FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})
_REASONS = frozenset(get_args(RateLimitReachedType.__value__))
_PLANS = frozenset(get_args(PlanType.__value__))


def from_headers(headers: Mapping[str, str]) -> RateLimitSnapshot:
    """The snapshot of an answer: that of its last limit, or an empty one of the ordinary limit. Names are lower case."""
    others = sorted({found[1] for name in headers if (found := _FAMILY.fullmatch(name))} - {ORDINARY})
    return of_family(headers, others[-1] if others else ORDINARY)


def of_refusal(headers: Mapping[str, str]) -> RateLimitSnapshot:
    """The snapshot of the limit that stopped a request, with the reason."""
    family = headers.get("x-codex-active-limit", ORDINARY).strip().lower().replace("_", "-")
    reason = headers.get("x-codex-rate-limit-reached-type")
    snapshot = of_family(headers, family or ORDINARY)
    return snapshot.model_copy(update={"rate_limit_reached_type": reason}) if reason in _REASONS else snapshot


def of_family(headers: Mapping[str, str], family: str) -> RateLimitSnapshot:
    """What the headers tell of one limit. Credits belong to the account, and so to each."""
    return RateLimitSnapshot(
        limit_id=family.replace("-", "_"),
        limit_name=headers.get(f"x-{family}-limit-name", "").strip() or None,
        primary=_window_of(headers, f"x-{family}-primary"),
        secondary=_window_of(headers, f"x-{family}-secondary"),
        credits=_credits_of(headers),
    )


def from_event(event: Mapping[str, Any]) -> RateLimitSnapshot:
    """The snapshot of a `codex.rate_limits` event; members of other types than they should be count as absent."""
    limits, credits, plan = event.get("rate_limits"), event.get("credits"), event.get("plan_type")
    name = event.get("metered_limit_name") or event.get("limit_name")
    limits = limits if isinstance(limits, Mapping) else {}
    return RateLimitSnapshot(
        limit_id=name.lower().replace("-", "_") if isinstance(name, str) else ORDINARY,
        primary=_window_in(limits.get("primary")),
        secondary=_window_in(limits.get("secondary")),
        credits=_credits_in(credits),
        plan_type=cast(PlanType, plan) if plan in _PLANS else ("unknown" if isinstance(plan, str) else None),
    )


def merged(before: RateLimitSnapshot | None, after: RateLimitSnapshot) -> RateLimitSnapshot:
    """A newer snapshot with what only an older one has told: the credits and the plan, which do not come each time."""
    if before is None:
        return after
    kept = {
        name: getattr(before, name)
        for name in ("credits", "plan_type")
        if getattr(after, name) is None and getattr(before, name) is not None
    }
    return after.model_copy(update=kept) if kept else after


def _window_of(headers: Mapping[str, str], prefix: str) -> RateLimitWindow | None:
    return _window(
        _number(headers.get(f"{prefix}-used-percent")),
        _integer(headers.get(f"{prefix}-window-minutes")),
        _integer(headers.get(f"{prefix}-reset-at")),
    )


def _window_in(window: Any) -> RateLimitWindow | None:
    if not isinstance(window, Mapping):
        return None
    used, minutes, reset_at = window.get("used_percent"), window.get("window_minutes"), window.get("reset_at")
    return _window(
        float(used) if _is_number(used) and math.isfinite(used) else None,
        int(minutes) if _is_number(minutes) else None,
        int(reset_at) if _is_number(reset_at) else None,
    )


def _window(used: float | None, minutes: int | None, reset_at: int | None) -> RateLimitWindow | None:
    """A window, unless nothing is told of it: providers send zeros for limits that an account does not have."""
    if used is None or not (used or minutes or reset_at is not None):
        return None
    percent = int(math.copysign(math.floor(abs(used) + 0.5), used))
    return RateLimitWindow(used_percent=percent, window_duration_mins=minutes, resets_at=reset_at)


def _credits_of(headers: Mapping[str, str]) -> CreditsSnapshot | None:
    has_credits, unlimited = (_boolean(headers.get(f"x-codex-credits-{name}", "")) for name in ("has-credits", "unlimited"))
    if has_credits is None or unlimited is None:
        return None
    balance = headers.get("x-codex-credits-balance", "").strip() or None
    return CreditsSnapshot(has_credits=has_credits, unlimited=unlimited, balance=balance)


def _credits_in(credits: Any) -> CreditsSnapshot | None:
    if not isinstance(credits, Mapping):
        return None
    has_credits, unlimited, balance = credits.get("has_credits"), credits.get("unlimited"), credits.get("balance")
    if not isinstance(has_credits, bool) or not isinstance(unlimited, bool):
        return None
    return CreditsSnapshot(has_credits=has_credits, unlimited=unlimited, balance=balance if isinstance(balance, str) else None)


def _boolean(text: str) -> bool | None:
    word = text.strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _integer(text: str | None) -> int | None:
    try:
        return int(text or "")
    except ValueError:
        return None


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
