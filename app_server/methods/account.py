"""Who is logged in. What other providers need is in their own configuration."""

import logging
from collections.abc import Awaitable

from app_server.core.auth.stored import StoredLogin
from app_server.core.provider.base import ProviderError
from app_server.lazy import lazy
from app_server.methods.account_plan import plan_of
from app_server.methods.model_provider import find
from app_server.routing import route
from app_server.services import Context, Services
from protocol.account import (
    ACCOUNT_LOGIN_CANCEL,
    ACCOUNT_LOGIN_START,
    ACCOUNT_LOGOUT,
    ACCOUNT_READ,
    ApiKeyAccount,
    ChatgptAccount,
    GetAccountParams,
    GetAccountResponse,
)

log = logging.getLogger(__name__)
start = lazy("app_server.methods.account_login:start")
cancel = lazy("app_server.methods.account_login:cancel")
logout = lazy("app_server.methods.account_login:logout")
"""What most clients never ask for, and what needs an HTTP client."""


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
    return ChatgptAccount(email=login.email, plan_type=plan_of(login) or "unknown")


def requires_openai_auth(services: Services) -> bool:
    """Whether the provider in use wants OpenAI's own login."""
    provider = find(services)
    return provider is not None and provider.requires_openai_auth


ROUTES = [
    route(ACCOUNT_READ, read),
    route(ACCOUNT_LOGIN_START, start),
    route(ACCOUNT_LOGIN_CANCEL, cancel),
    route(ACCOUNT_LOGOUT, logout),
]
