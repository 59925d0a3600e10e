"""Methods that the reference still answers and no schema lists."""

from app_server.methods.account import requires_openai_auth
from app_server.routing import route
from app_server.services import Context
from protocol.legacy import GET_AUTH_STATUS, GetAuthStatusParams, GetAuthStatusResponse


def auth_status(context: Context, _params: GetAuthStatusParams) -> GetAuthStatusResponse:
    """How the server is logged in: not at all."""
    return GetAuthStatusResponse(auth_method=None, auth_token=None, requires_openai_auth=requires_openai_auth(context.services))


ROUTES = [route(GET_AUTH_STATUS, auth_status)]
