"""Methods that the reference still answers and no schema lists."""

from app_server.methods.account import requires_openai_auth
from app_server.routing import route
from app_server.services import Context
from protocol.legacy import GET_AUTH_STATUS, GetAuthStatusParams, GetAuthStatusResponse


def auth_status(context: Context, params: GetAuthStatusParams) -> GetAuthStatusResponse:
    """How the server is logged in."""
    login = context.services.logins.current()
    return GetAuthStatusResponse(
        auth_method=None if login is None else login.mode,
        auth_token=login.token if login is not None and params.include_token else None,
        requires_openai_auth=requires_openai_auth(context.services),
    )


ROUTES = [route(GET_AUTH_STATUS, auth_status)]
