"""`model/list` and `collaborationMode/list`."""

from app_server.routing import route
from app_server.services import Context
from protocol.model import (
    COLLABORATION_MODE_LIST,
    MODEL_LIST,
    CollaborationModeListParams,
    CollaborationModeListResponse,
    CollaborationModeMask,
    ModelListParams,
)


def list_models(context: Context, params: ModelListParams) -> bytes:
    """The models that a thread can use, page by page."""
    services = context.services
    return services.models.page_json(
        services.config.usable(),
        cursor=params.cursor,
        limit=params.limit,
        include_hidden=bool(params.include_hidden),
        is_chatgpt=False,
    )


def list_modes(_context: Context, _params: CollaborationModeListParams) -> CollaborationModeListResponse:
    """The ways of working together, and what each sets of the model's settings."""
    return CollaborationModeListResponse(
        data=[
            CollaborationModeMask(name="Plan", mode="plan", model=None, reasoning_effort="medium"),
            CollaborationModeMask(name="Default", mode="default", model=None, reasoning_effort=None),
        ]
    )


ROUTES = [route(MODEL_LIST, list_models), route(COLLABORATION_MODE_LIST, list_modes)]
