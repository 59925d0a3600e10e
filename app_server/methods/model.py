"""`model/list`."""

from pydantic_core import to_json

from app_server.routing import route
from app_server.services import Context
from protocol.model import MODEL_LIST, ModelListParams


def list_models(context: Context, params: ModelListParams) -> bytes:
    """The models that a thread can use, page by page."""
    services = context.services
    page = services.models.page(
        services.config.startup()[0],
        cursor=params.cursor,
        limit=params.limit,
        include_hidden=bool(params.include_hidden),
        is_chatgpt=False,
    )
    return to_json(page)


ROUTES = [route(MODEL_LIST, list_models)]
