"""What goes wrong with a provider, as the `ProviderError` that clients of the reference know.

Everything here is a function from what was seen (a status and body, a failing event, a broken connection) to an error:
no I/O, no clock, no policy of retrying beyond saying whether it may help.
Source: spec/upstream.md section 4; texts for blank messages and the order of checks come from the reference itself.
Differs: `retry-after` counts for every error that may be retried, where the reference honors it on 429 alone.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic_core import from_json, to_json

from app_server.core.provider.base import ProviderError
from app_server.core.provider.retry import retry_after_s
from app_server.core.provider.usage_limit import usage_limit_message

Headers = Mapping[str, str]
"""Names in lower case."""

CONTEXT_FULL = "Codex ran out of room in the model's context window. Start a new thread or clear earlier history before retrying."
QUOTA_EXCEEDED = "Quota exceeded. Check your plan and billing details."
NOT_INCLUDED = "To use Codex with your ChatGPT plan, upgrade to Plus: https://chatgpt.com/explore/plus."
OVERLOADED = "Selected model is at capacity. Please try a different model."
HIGH_DEMAND = "We’re currently experiencing high demand, which may cause temporary errors."
INVALID_IMAGE = "Invalid image in your last message. Please remove it and try again."
CAPACITY_UNAVAILABLE = "Policy-restricted capacity is unavailable. Please try again later."
FLEX_UNAVAILABLE = "Flex capacity unavailable."
CLOUDFLARE = "Access blocked by Cloudflare. This usually happens when connecting from a restricted region"

QUOTA_CODES = ("insufficient_quota", "organization_spend_limit_exceeded")
RATE_CODES = ("rate_limit_exceeded", "slow_down")

REFUSALS = {
    "invalid_prompt": ("other", "Invalid request."),
    "bio_policy": ("other", "This content was flagged for possible biological risk."),
    "content_policy_violation": ("other", "The input was rejected by the content policy."),
    "cyber_policy": ("cyberPolicy", "This request has been flagged for possible cybersecurity risk."),
    "misalignment_policy_violation": (
        "misalignmentPolicyViolation",
        "This request was blocked due to a misalignment policy violation.",
    ),
    "model_not_found": ("modelNotFound", "model_not_found"),
}
"""`error.code` to codexErrorInfo and the text where the provider gives none."""
REFUSED_BY_STATUS = {(403, "model_not_found"), (404, "model_not_found"), (403, "misalignment_policy_violation")}
"""Where else than in a bad request such a code counts."""

STATUS_PHRASES = {
    413: "Payload Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    418: "I'm a teapot",
    422: "Unprocessable Entity",
}
"""Where Python's names differ from the reference's, or between versions of Python."""

BODY_SHOWN_BYTES = 1000

_TRY_AGAIN = re.compile(r"try again in\s*(\d+(?:\.\d+)?)\s*(ms|s|seconds?)\b", re.IGNORECASE)


def status_error(status: int, body: str, headers: Headers, url: str, now_s: float) -> ProviderError:
    """The error for an answer whose status is no success. `now_s` is only for naming the time when a limit resets."""
    error = error_of(body)
    code, message = text_of(error, "code"), text_of(error, "message")
    if status == 400:
        return _bad_request(error, body)
    if status == 429:
        return _too_many_requests(error, headers, now_s)
    if (status, code) in REFUSED_BY_STATUS:
        return _refusal(code, message)
    if status == 500:
        return ProviderError(HIGH_DEMAND, info="internalServerError", is_retryable=True, retry_after_s=retry_after_s(headers))
    if status == 503 and code == "server_is_overloaded":
        return ProviderError(OVERLOADED, info="serverOverloaded", retry_after_s=retry_after_s(headers))
    if status == 503 and code == "policy_capacity_unavailable":
        return ProviderError(CAPACITY_UNAVAILABLE, info="policyCapacityUnavailable", retry_after_s=retry_after_s(headers))
    if status == 503 and code == "slow_down":
        return _rate_limited(message, retry_after_s(headers))
    return ProviderError(
        unexpected_status(status, body, headers, url),
        info={"httpConnectionFailed": {"httpStatusCode": status}},
        is_retryable=True,
        retry_after_s=retry_after_s(headers),
        http_status=status,
    )


def _bad_request(error: dict[str, Any], body: str) -> ProviderError:
    code = text_of(error, "code")
    if code == "context_length_exceeded":
        return ProviderError(CONTEXT_FULL, info="contextWindowExceeded")
    if code in REFUSALS:
        return _refusal(code, text_of(error, "message"))
    if "image data you provided does not represent a valid image" in body:
        return ProviderError(INVALID_IMAGE, info="badRequest")
    return ProviderError(body)


def _too_many_requests(error: dict[str, Any], headers: Headers, now_s: float) -> ProviderError:
    kind, code = text_of(error, "type"), text_of(error, "code")
    if kind == "usage_limit_reached":
        text = usage_limit_message(error, headers, now_s)
        if text is not None:
            shown = {name: value for name, value in headers.items() if name.startswith("x-")}
            return ProviderError(text, info="usageLimitExceeded", headers=shown)
    if kind == "usage_not_included":
        return ProviderError(NOT_INCLUDED, info="usageLimitExceeded")
    if kind in QUOTA_CODES or code in QUOTA_CODES:
        return ProviderError(QUOTA_EXCEEDED, info="usageLimitExceeded")
    request_id = request_id_of(headers) or headers.get("cf-ray")
    wait_s = retry_after_s(headers)
    return ProviderError(
        "exceeded retry limit, last status: 429 Too Many Requests" + (f", request id: {request_id}" if request_id else ""),
        info={"responseTooManyFailedAttempts": {"httpStatusCode": 429}},
        is_retryable=wait_s is not None,
        retry_after_s=wait_s,
        http_status=429,
    )


def _refusal(code: str, message: str) -> ProviderError:
    info, fallback = REFUSALS[code]
    return ProviderError(message if message.strip() else fallback, info=info)


def _rate_limited(message: str, wait_s: float | None) -> ProviderError:
    return ProviderError(f"rate limit exceeded: {message}", info="rateLimitExceeded", is_retryable=True, retry_after_s=wait_s)


def unexpected_status(status: int, body: str, headers: Headers, url: str) -> str:
    """The text for a status that has no meaning of its own, with what helps to find the request in the provider's logs."""
    shown = f"{status} {status_phrase(status)}"
    if status == 403 and "cloudflare" in body.lower() and "blocked" in body.lower():
        text = f"{CLOUDFLARE} (status {shown}), url: {url}"
    else:
        text = f"unexpected status {shown}: {body_shown(body)}, url: {url}"
    details = {
        "cf-ray": headers.get("cf-ray"),
        "request id": request_id_of(headers),
        "auth error": headers.get("x-openai-authorization-error"),
        "auth error code": _error_code_in_header(headers.get("x-error-json", "")),
    }
    return text + "".join(f", {name}: {value}" for name, value in details.items() if value)


def failed_error(event: dict[str, Any]) -> ProviderError:
    """The error of a `response.failed` event."""
    response = event.get("response")
    error = response.get("error") if isinstance(response, dict) else None
    if not isinstance(error, dict) or not isinstance(error.get("code"), str | None):
        return disconnected("response.failed event received")
    code, message = text_of(error, "code"), text_of(error, "message")
    if code == "context_length_exceeded":
        return ProviderError(CONTEXT_FULL, info="contextWindowExceeded")
    if code in QUOTA_CODES:
        return ProviderError(QUOTA_EXCEEDED, info="usageLimitExceeded")
    if code == "usage_not_included":
        return ProviderError(NOT_INCLUDED, info="usageLimitExceeded")
    if code == "server_is_overloaded":
        return ProviderError(OVERLOADED, info="serverOverloaded")
    if code == "policy_capacity_unavailable":
        return ProviderError(CAPACITY_UNAVAILABLE, info="policyCapacityUnavailable")
    if code == "flex_unavailable":
        return ProviderError(FLEX_UNAVAILABLE, info="flexUnavailable")
    if code in REFUSALS:
        return _refusal(code, message)
    if code in RATE_CODES:
        return _rate_limited(message, delay_in_text_s(message))
    return disconnected(message)


def incomplete_error(event: dict[str, Any]) -> ProviderError:
    """The error of a `response.incomplete` event. Only one that was filtered may come out better the next time."""
    response = event.get("response")
    details = response.get("incomplete_details") if isinstance(response, dict) else None
    reason = (text_of(details, "reason") if isinstance(details, dict) else "") or "unknown"
    text = f"Incomplete response returned, reason: {reason}"
    if reason != "content_filter":
        return ProviderError(text)
    return disconnected(text, is_filtered=True)


def bad_completed(problem: str) -> ProviderError:
    """The answer's last event could not be read."""
    return disconnected(f"failed to parse ResponseCompleted: {problem}")


def send_failed(*, is_unreachable: bool = False) -> ProviderError:
    """No answer came: the connection was refused, or broke before the status line."""
    error = disconnected("error sending request")
    error.is_unreachable = is_unreachable
    return error


def closed_early() -> ProviderError:
    """The body ended properly, but the answer in it did not."""
    return disconnected("stream closed before response.completed")


def body_broken() -> ProviderError:
    """The body was cut, or its encoding makes no sense."""
    return disconnected("Transport error: network error: error decoding response body")


def idle() -> ProviderError:
    """No event for as long as `stream_idle_timeout_ms`."""
    return disconnected("idle timeout waiting for SSE")


def disconnected(text: str, *, is_filtered: bool = False) -> ProviderError:
    """The usual form of an answer that was lost on its way."""
    return ProviderError(f"stream disconnected before completion: {text}", is_retryable=True, is_filtered=is_filtered)


def status_phrase(status: int) -> str:
    """The name of a status."""
    if status in STATUS_PHRASES:
        return STATUS_PHRASES[status]
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "<unknown status code>"


def error_of(body: str) -> dict[str, Any]:
    """The `error` object of a JSON body; empty if there is none."""
    try:
        parsed = from_json(body)
    except ValueError:
        return {}
    error = parsed.get("error") if isinstance(parsed, dict) else None
    return error if isinstance(error, dict) else {}


def text_of(mapping: dict[str, Any], key: str) -> str:
    """A member if it is a string, else the empty string."""
    value = mapping.get(key)
    return value if isinstance(value, str) else ""


def body_shown(body: str) -> str:
    """The body's own message, or the start of the body."""
    message = text_of(error_of(body), "message")
    if message.strip():
        return message
    raw = body.strip().encode()
    if not raw:
        return "Unknown error"
    if len(raw) <= BODY_SHOWN_BYTES:
        return body.strip()
    return raw[:BODY_SHOWN_BYTES].decode(errors="ignore") + "..."


def request_id_of(headers: Headers) -> str | None:
    """What the provider calls this request."""
    return headers.get("x-request-id") or headers.get("x-oai-request-id")


def delay_in_text_s(text: str) -> float | None:
    """The delay that a message such as `Please try again in 1.5s` asks for."""
    found = _TRY_AGAIN.search(text)
    if found is None:
        return None
    return float(found[1]) / (1000 if found[2].lower() == "ms" else 1)


def json_of(value: dict[str, Any]) -> str:
    """An object as JSON."""
    return to_json(value).decode()


def json_kind(value: object) -> str:
    """A JSON value as the reference's parser names it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"boolean `{str(value).lower()}`"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return f'string "{value}"'
    return "sequence" if isinstance(value, list) else "map"


def _error_code_in_header(encoded: str) -> str:
    try:
        return text_of(error_of(base64.b64decode(encoded, validate=True).decode()), "code")
    except (binascii.Error, UnicodeDecodeError):
        return ""
