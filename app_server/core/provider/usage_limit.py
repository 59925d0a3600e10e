"""What a user reads when a plan's usage limit is reached.

Source: spec/upstream.md section 4.1, and for the order in which the headers win, the reference itself:
another model's limit, then the workspace's reason, then a promotion, then the plan.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

PREFIX = "You’ve hit your usage limit"

WORKSPACE_REASONS = {
    "workspace_owner_credits_depleted": "Your workspace is out of credits. Add credits to continue.",
    "workspace_member_credits_depleted": (
        "Your workspace is out of credits. Ask your workspace owner to refill in order to continue."
    ),
    "workspace_owner_usage_limit_reached": "You hit your spend cap set in your workspace. Increase your spend cap to continue.",
    "workspace_member_usage_limit_reached": (
        "You hit your spend cap set by the owner of your workspace. Ask an owner to increase your spend cap to continue."
    ),
}

_UPGRADE_TO_PLUS = ". Upgrade to Plus to continue using Codex (https://chatgpt.com/explore/plus), or"
_ASK_ADMIN = ". To get more access now, send a request to your admin or"
_BUY_CREDITS = ". Visit https://chatgpt.com/settings/usage to purchase more credits or"
ADVICE_BY_PLAN = {
    "free": _UPGRADE_TO_PLUS,
    "go": _UPGRADE_TO_PLUS,
    "plus": (
        ". Upgrade to Pro (https://chatgpt.com/explore/pro), visit https://chatgpt.com/settings/usage to purchase more credits or"
    ),
    "pro": _BUY_CREDITS,
    "prolite": _BUY_CREDITS,
    "team": _ASK_ADMIN,
    "business": _ASK_ADMIN,
    "self_serve_business_usage_based": _ASK_ADMIN,
    "enterprise_cbp_usage_based": _ASK_ADMIN,
}


def usage_limit_message(
    error: Mapping[str, Any], headers: Mapping[str, str], now_s: float, zone: tzinfo | None = None
) -> str | None:
    """The text for a `usage_limit_reached` error, or None where its members have other types than they should.

    `headers` have lower case names. `zone` is where the user lives; None is the machine's own.
    """
    plan, resets_at = error.get("plan_type"), error.get("resets_at")
    if not isinstance(plan, str | None) or not isinstance(resets_at, int | None) or isinstance(resets_at, bool):
        return None
    again = "again later." if resets_at is None else f"again at {moment(resets_at, now_s, zone)}."
    limit = limit_name(headers)
    if limit is not None:
        return f"{PREFIX} for {limit}. Switch to another model now, or try {again}"
    reason = WORKSPACE_REASONS.get(headers.get("x-codex-rate-limit-reached-type", ""))
    if reason is not None:
        return reason
    promotion = headers.get("x-codex-promo-message")
    if promotion:
        return f"{PREFIX}. {promotion}, or try {again}"
    advice = ADVICE_BY_PLAN.get(plan or "")
    return f"{PREFIX}. Try {again}" if advice is None else f"{PREFIX}{advice} try {again}"


def limit_name(headers: Mapping[str, str]) -> str | None:
    """The name of the limit that was hit, unless it is the ordinary one."""
    active = headers.get("x-codex-active-limit", "codex").strip().lower().replace("_", "-")
    name = headers.get(f"x-{active}-limit-name", "").strip()
    return name if name and name.lower() != "codex" else None


def moment(at_s: int, now_s: float, zone: tzinfo | None) -> str:
    """A point in time as people say it: `6:49 AM` on the same day, otherwise `May 18th, 2033 3:33 AM`."""
    try:
        at, now = (datetime.fromtimestamp(seconds, UTC).astimezone(zone) for seconds in (at_s, now_s))
    except (OverflowError, ValueError, OSError):
        return "an unknown time"
    clock = f"{at.hour % 12 or 12}:{at.minute:02} {'AM' if at.hour < 12 else 'PM'}"
    if at.date() == now.date():
        return clock
    return f"{MONTHS[at.month - 1]} {at.day}{ordinal(at.day)}, {at.year} {clock}"


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def ordinal(day: int) -> str:
    """The ending of a day of the month."""
    return "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
