"""Who is logged in: nobody, since this server keeps no login yet. What a provider needs is in its own configuration."""

import re

from app_server.core.errors import CallerError
from app_server.methods.model_provider import find
from app_server.routing import route
from app_server.services import Context, Services
from protocol.account import (
    ACCOUNT_LOGIN_CANCEL,
    ACCOUNT_READ,
    CancelLoginAccountParams,
    CancelLoginAccountResponse,
    GetAccountParams,
    GetAccountResponse,
)

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")


def read(context: Context, _params: GetAccountParams) -> GetAccountResponse:
    """The account, and whether the provider in use needs one."""
    return GetAccountResponse(
        account=None,
        user_id=None,
        requires_openai_auth=requires_openai_auth(context.services),
        workspace_routing=None,
    )


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
