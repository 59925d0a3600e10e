"""Reading the params of a request, and refusing them in the words that clients of the reference match on.

Every refusal says in `error.data` which member is wrong and what was expected. Source: spec/server.md section 2.
"""

from typing import Any

from pydantic import BaseModel, ValidationError

from app_server.core.errors import CallerError
from app_server.mistakes import Mistake, check, choice, describe, wrong_type
from app_server.older_shapes import OLDER
from protocol.base import Method
from protocol.methods import CLIENT_REQUESTS_BY_NAME

PREFIX = "Invalid request: "


def decode(method: Method[Any, Any], message: dict[str, Any]) -> Any:
    """The params of a message as their model, or None where the method takes none. Raises: CallerError."""
    model, raw = method.params, message.get("params")
    if model is None:
        if raw is not None and raw != {}:
            raise invalid_params(None, raw)
        return None
    if raw is None:
        if not method.params_optional:
            raise missing_params()
        raw = {}
    if method.name in OLDER and isinstance(raw, dict):
        raw = OLDER[method.name](raw)
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise invalid_params(error, raw, model) from None


def unknown_method(method: str) -> CallerError:
    """No such method; the reference lists all that there are."""
    text = f"unknown variant `{method}`, expected {choice(tuple(CLIENT_REQUESTS_BY_NAME))}"
    return _refusal(Mistake(("method",), "unknown_method", text, "the name of a method"))


def missing_params() -> CallerError:
    """The method needs params, at least `{}`."""
    return _refusal(Mistake(("params",), "missing_field", "missing field `params`", "an object"))


def invalid_params(error: ValidationError | None, raw: Any, model: type[BaseModel] | None = None) -> CallerError:
    """The params do not fit their model; without a model, the method takes none at all."""
    if model is None or error is None:
        return _refusal(wrong_type((), raw, "unit", "nothing"))
    try:
        check(model, raw, ())
    except Mistake as mistake:
        return _refusal(mistake)
    detail = error.errors(include_url=False)[0]  # a form that the reference lets pass and the schema does not
    path = tuple(part for part in detail["loc"] if isinstance(part, int) or part.isidentifier())
    return _refusal(Mistake(path, "invalid_value", f"invalid value: {describe(detail['input'])}", detail["msg"]))


def _refusal(mistake: Mistake) -> CallerError:
    field = ".".join(str(part) for part in mistake.path) or "params"
    data = {"field": field, "expected": mistake.expected}
    return CallerError(PREFIX + mistake.text, reason=mistake.reason, data=data)
