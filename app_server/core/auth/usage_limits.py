"""The limits of a ChatGPT account, asked of its provider: what of them is used, and the rights to have them reset.

What the provider says in a form that we do not know counts as not told. Source: spec/config-auth.md section 5; the
forms of requests and answers come from the reference itself.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeGuard, cast, get_args

from app_server.core.auth.oauth import decoded
from app_server.core.provider.credentials import Credential
from app_server.core.provider.errors import status_phrase
from app_server.core.provider.fetch import Fetched, NoAnswerError, fetch
from app_server.core.provider.outgoing import encoded
from app_server.core.provider.rate_limits import ORDINARY
from protocol.account import PlanType
from protocol.account_usage import (
    CreditsSnapshot,
    GetAccountRateLimitsResponse,
    RateLimitReachedType,
    RateLimitResetCredit,
    RateLimitResetCreditsSummary,
    RateLimitSnapshot,
    RateLimitWindow,
    SpendControlLimitSnapshot,
)

TIMEOUT_S = 30.0
SHOWN_BYTES = 2000
PLANS = frozenset(get_args(PlanType.__value__))
REASONS = frozenset(get_args(RateLimitReachedType.__value__))
RESETS = {"codex_rate_limits": "codexRateLimits"}
STATES = ("available", "redeeming", "redeemed")

Table = Mapping[str, Any]


class NotTold(Exception):
    """The provider did not tell; the text says what happened."""


class UsageLimits:
    """Asks for the limits of one account."""

    def __init__(self, base_url: str, credential: Credential, user_agent: str, environment: Mapping[str, str]) -> None:
        base = base_url.rstrip("/")
        self._base = f"{base}/wham" if "/backend-api" in base else f"{base}/api/codex"
        self._headers = {"user-agent": user_agent, **credential.headers, "authorization": f"Bearer {credential.token}"}
        self._environment = environment

    async def read(self, account_id: str | None, with_reset_credits: bool) -> GetAccountRateLimitsResponse:
        """The limits as they stand. Raises: NotTold."""
        told = decoded(await self._get("usage"))
        credits = await self._reset_credits() if with_reset_credits else None
        plan = told.get("plan_type")
        plan_type = cast(PlanType, plan) if plan in PLANS else ("unknown" if isinstance(plan, str) else None)
        others = {}
        for each in _tables(told.get("additional_rate_limits")):
            if isinstance(name := each.get("metered_feature"), str):
                others[name] = _snapshot(name, _text(each, "limit_name"), _table(each.get("rate_limit")), plan_type)
        ordinary = _snapshot(ORDINARY, None, _table(told.get("rate_limit")), plan_type)
        ordinary = ordinary.model_copy(update=_of_account(told))
        return GetAccountRateLimitsResponse(
            ordinary_usage_allowed=None,
            rate_limits=ordinary,
            rate_limits_by_limit_id={**others, ORDINARY: ordinary},
            rate_limit_reset_credits=credits,
            account_id=account_id,
            rate_limit_upsell=None,
        )

    async def _reset_credits(self) -> RateLimitResetCreditsSummary | None:
        """The reset credits; null when they are not told, which is no reason to tell nothing."""
        try:
            told = decoded(await self._get("rate-limit-reset-credits"))
        except NotTold:
            return None
        count = told.get("available_count")
        if not _is_number(count):
            return None
        found = [_reset_credit(each) for each in _tables(told.get("credits"))]
        return RateLimitResetCreditsSummary(available_count=int(count), credits=[each for each in found if each is not None])

    async def _get(self, what: str) -> Fetched:
        url = f"{self._base}/{what}"
        try:
            answer = await fetch("GET", url, encoded({"accept": "*/*", **self._headers}), self._environment, timeout_s=TIMEOUT_S)
        except NoAnswerError as error:
            raise NotTold(str(error)) from error
        if not 200 <= answer.status < 300:
            body = answer.body[:SHOWN_BYTES].decode("utf-8", "replace")
            status = f"{answer.status} {status_phrase(answer.status)}"
            kind = answer.headers.get("content-type", "")
            raise NotTold(f"GET {url} failed: {status}; content-type={kind}; body={body}")
        return answer


def _snapshot(limit_id: str, name: str | None, limit: Table, plan_type: PlanType | None) -> RateLimitSnapshot:
    return RateLimitSnapshot(
        limit_id=limit_id,
        limit_name=name,
        primary=_window(limit.get("primary_window")),
        secondary=_window(limit.get("secondary_window")),
        plan_type=plan_type,
    )


def _of_account(told: Table) -> dict[str, Any]:
    """What is told of the account rather than of a limit."""
    spend = _table(told.get("spend_control"))
    reason = _table(told.get("rate_limit_reached_type")).get("type")
    reached = spend.get("reached")
    return {
        "credits": _credits(told.get("credits")),
        "individual_limit": _individual(spend.get("individual_limit")),
        "spend_control_reached": reached if isinstance(reached, bool) else None,
        "rate_limit_reached_type": reason if reason in REASONS else None,
    }


def _window(value: Any) -> RateLimitWindow | None:
    window = _table(value)
    used, length_s, resets_at = window.get("used_percent"), window.get("limit_window_seconds"), window.get("reset_at")
    if not _is_number(used):
        return None
    return RateLimitWindow(
        used_percent=round(used),
        window_duration_mins=-(-int(length_s) // 60) if _is_number(length_s) and length_s > 0 else None,
        resets_at=int(resets_at) if _is_number(resets_at) else None,
    )


def _credits(value: Any) -> CreditsSnapshot | None:
    credits = _table(value)
    has_credits, unlimited = credits.get("has_credits"), credits.get("unlimited")
    if not isinstance(has_credits, bool) or not isinstance(unlimited, bool):
        return None
    return CreditsSnapshot(has_credits=has_credits, unlimited=unlimited, balance=_text(credits, "balance"))


def _individual(value: Any) -> SpendControlLimitSnapshot | None:
    limit = _table(value)
    most, used, left, resets_at = (limit.get(name) for name in ("limit", "used", "remaining_percent", "reset_at"))
    if not isinstance(most, str) or not isinstance(used, str) or not _is_number(left) or not _is_number(resets_at):
        return None
    return SpendControlLimitSnapshot(limit=most, used=used, remaining_percent=round(left), resets_at=int(resets_at))


def _reset_credit(credit: Table) -> RateLimitResetCredit | None:
    granted_at = _seconds(credit.get("granted_at"))
    if granted_at is None or not isinstance(credit.get("id"), str):
        return None
    status = credit.get("status")
    return RateLimitResetCredit.model_validate(
        {
            "id": credit["id"],
            "resetType": RESETS.get(str(credit.get("reset_type")), "unknown"),
            "status": status if status in STATES else "unknown",
            "grantedAt": granted_at,
            "expiresAt": _seconds(credit.get("expires_at")),
            "title": _text(credit, "title"),
            "description": _text(credit, "description"),
        }
    )


def _seconds(value: Any) -> int | None:
    """A moment, which comes as seconds or as a date."""
    if _is_number(value):
        return int(value)
    try:
        return int(datetime.fromisoformat(value).timestamp()) if isinstance(value, str) else None
    except ValueError:
        return None


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _table(value: Any) -> Table:
    return value if isinstance(value, Mapping) else {}


def _tables(value: Any) -> list[Table]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _text(table: Table, name: str) -> str | None:
    value = table.get(name)
    return value if isinstance(value, str) else None
