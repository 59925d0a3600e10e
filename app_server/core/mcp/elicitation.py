"""Questions of servers to the user, between the shapes of their protocol and those of ours."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from app_server.core.mcp.errors import INVALID_PARAMS, Refusal
from protocol.elicitation import (
    FormElicitation,
    McpElicitationSchema,
    McpServerElicitationRequestResponse,
    UrlElicitation,
)


def question_of(params: Mapping[str, Any], thread_id: str, turn_id: str | None, server: str) -> FormElicitation | UrlElicitation:
    """The question as clients get it. Raises: Refusal (it is none)."""
    whose: dict[str, Any] = {"thread_id": thread_id, "turn_id": turn_id, "server_name": server, "meta": params.get("_meta")}
    message = params.get("message")
    if not isinstance(message, str):
        raise Refusal(INVALID_PARAMS, "missing field `message`")
    if params.get("mode") == "url":
        url, elicitation = params.get("url"), params.get("elicitationId")
        if not isinstance(url, str) or not isinstance(elicitation, str):
            raise Refusal(INVALID_PARAMS, "missing field `url` or `elicitationId`")
        return UrlElicitation(message=message, url=url, elicitation_id=elicitation, **whose)
    try:
        schema = McpElicitationSchema.model_validate(params.get("requestedSchema"))
    except ValidationError as error:
        raise Refusal(INVALID_PARAMS, f"requestedSchema is no form: {error.errors()[0]['msg']}") from None
    return FormElicitation(message=message, requested_schema=schema, **whose)


def answer_of(response: McpServerElicitationRequestResponse) -> dict[str, Any]:
    """The answer as the server gets it."""
    answer: dict[str, Any] = {"action": response.action}
    if response.content is not None:
        answer["content"] = response.content
    if response.meta is not None:
        answer["_meta"] = response.meta
    return answer
