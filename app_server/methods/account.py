"""Who is logged in. Logging in and out are other methods'; what other providers need is in their own configuration."""

import logging
import re
from collections.abc import Awaitable
from typing import cast, get_args

from app_server.core.auth.stored import StoredLogin
from app_server.core.errors import CallerError
from app_server.core.provider.base import ProviderError
from app_server.methods.model_provider import find
from app_server.routing import route
from app_server.services import Context, Services
from protocol.account import (
    ACCOUNT_LOGIN_CANCEL,
    ACCOUNT_READ,
    ApiKeyAccount,
    CancelLoginAccountParams,
    CancelLoginAccountResponse,
    ChatgptAccount,
    GetAccountParams,
    GetAccountResponse,
    PlanType,
)

log = logging.getLogger(__name__)

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")


PLANS = frozenset(get_args(PlanType.__value__))


def read(context: Context, params: GetAccountParams) -> GetAccountResponse | Awaitable[GetAccountResponse]:
    """The account, and whether the provider in use needs one."""
    if params.refresh_token and context.services.logins.is_chatgpt:
        return read_renewed(context.services)
    return account(context.services)


async def read_renewed(services: Services) -> GetAccountResponse:
    """The same after the account's tokens have been renewed; where they can't be, the answer tells what is left."""
    try:
        await services.login_session().refresh()
    except ProviderError as error:
        log.warning("the tokens were not renewed: %s", error.message)
    return account(services)


def account(services: Services) -> GetAccountResponse:
    """The answer about the login of this moment. One that the provider does not renew any more is none."""
    login = services.logins.current()
    if login is not None and services.logins.is_refused(login):
        login = None
    return GetAccountResponse(
        account=None if login is None else shown(login),
        user_id=None if login is None or not login.is_chatgpt else login.fact("chatgpt_user_id"),
        requires_openai_auth=requires_openai_auth(services),
        workspace_routing=None,
    )


def shown(login: StoredLogin) -> ApiKeyAccount | ChatgptAccount:
    """A login as clients see it."""
    if not login.is_chatgpt:
        return ApiKeyAccount()
    plan = login.fact("chatgpt_plan_type")
    return ChatgptAccount(email=login.email, plan_type=cast(PlanType, plan) if plan in PLANS else "unknown")


def requires_openai_auth(services: Services) -> bool:
    """Whether the provider in use wants OpenAI's own login."""
    provider = find(services)
    return provider is not None and provider.requires_openai_auth


def cancel_login(_context: Context, params: CancelLoginAccountParams) -> CancelLoginAccountResponse:
    """Give up a login that was begun; none can have been."""
    if UUID.fullmatch(params.login_id) is None:
        raise CallerError(
            f"invalid login id: {params.login_id}",
            reason="invalid_value",
            data={"field": "loginId", "expected": "the loginId of account/login/start"},
        )
    return CancelLoginAccountResponse(status="notFound")


ROUTES = [route(ACCOUNT_READ, read), route(ACCOUNT_LOGIN_CANCEL, cancel_login)]
