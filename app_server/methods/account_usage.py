"""What an account may use and has used. Only a ChatGPT account can be asked about."""

from collections.abc import Callable
from functools import partial
from typing import Any

from app_server.core.errors import METHOD_NOT_FOUND, CallerError
from app_server.lazy import lazy
from app_server.routing import route
from app_server.services import Context
from protocol.account_usage import (
    ACCOUNT_RATE_LIMIT_RESET_CREDIT_CONSUME,
    ACCOUNT_RATE_LIMITS_READ,
    ACCOUNT_SEND_ADD_CREDITS_NUDGE_EMAIL,
    ACCOUNT_USAGE_READ,
    ACCOUNT_WORKSPACE_MESSAGES_READ,
    GetAccountRateLimitsParams,
)

read_limits = lazy("app_server.methods.account_limits:read")
"""Needs an HTTP client, and is loaded when there is somebody to ask about."""


def limits(context: Context, params: GetAccountRateLimitsParams) -> Any:
    """The limits of the account as they stand."""
    require_account(context, "to read rate limits")
    return read_limits(context, params)


def refuse(why: str, context: Context, _params: Any) -> None:
    """What nobody can do without an account, and what this server does not do with one."""
    require_account(context, why)
    raise CallerError(f"{context.method} is not supported yet", code=METHOD_NOT_FOUND, reason="not_supported")


def require_account(context: Context, why: str) -> None:
    """Raises: CallerError, when no ChatGPT account is logged in."""
    login = context.services.logins.current()
    if login is None or not login.is_chatgpt:
        kind = "codex account" if login is None else "chatgpt"
        raise CallerError(f"{kind} authentication required {why}", reason="account_required")


def refusing(why: str) -> Callable[[Context, Any], None]:
    """A handler that refuses."""
    return partial(refuse, why)


ROUTES = [
    route(ACCOUNT_RATE_LIMITS_READ, limits),
    route(ACCOUNT_RATE_LIMIT_RESET_CREDIT_CONSUME, refusing("for rate limit reset credits")),
    route(ACCOUNT_USAGE_READ, refusing("to read token usage")),
    route(ACCOUNT_WORKSPACE_MESSAGES_READ, refusing("to read workspace messages")),
    route(ACCOUNT_SEND_ADD_CREDITS_NUDGE_EMAIL, refusing("to notify workspace owner")),
]
