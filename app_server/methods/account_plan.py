"""The plan of an account, as clients see it."""

from typing import cast, get_args

from app_server.core.auth.stored import StoredLogin
from protocol.account import PlanType

PLANS = frozenset(get_args(PlanType.__value__))


def plan_of(login: StoredLogin) -> PlanType | None:
    """The plan; null without an account, `unknown` where it is none that we know."""
    if not login.is_chatgpt:
        return None
    return cast(PlanType, login.plan) if login.plan in PLANS else "unknown"
