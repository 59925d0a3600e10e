"""Every kind of failure as clients of the reference know it: text, codexErrorInfo, and whether to try again."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app_server.core.provider import errors
from app_server.core.provider.base import ProviderError
from app_server.core.provider.usage_limit import usage_limit_message

URL = "http://127.0.0.1:1/v1/responses"
CONTEXT = "Codex ran out of room in the model's context window. Start a new thread or clear earlier history before retrying."
LOST = "stream disconnected before completion: "


def shown(error: ProviderError) -> tuple[str, Any, bool]:
    return error.message, error.info, error.is_retryable


def status(code: int, body: object, **headers: str) -> ProviderError:
    text = body if isinstance(body, str) else json.dumps(body)
    return errors.status_error(code, text, {name.replace("_", "-"): value for name, value in headers.items()}, URL, 0.0)


def coded(code: str, message: str | None = "m", **members: object) -> dict[str, Any]:
    return {"error": {"code": code, **({} if message is None else {"message": message}), **members}}


BAD_REQUESTS = [
    ({"error": {"message": "wrong", "code": "bad"}}, '{"error": {"message": "wrong", "code": "bad"}}', "other"),
    ("not json", "not json", "other"),
    (coded("context_length_exceeded"), CONTEXT, "contextWindowExceeded"),
    (coded("model_not_found", "no model"), "no model", "modelNotFound"),
    (coded("model_not_found", None), "model_not_found", "modelNotFound"),
    (coded("invalid_prompt", "bad prompt"), "bad prompt", "other"),
    (coded("invalid_prompt", ""), "Invalid request.", "other"),
    (coded("bio_policy", ""), "This content was flagged for possible biological risk.", "other"),
    (coded("content_policy_violation", None), "The input was rejected by the content policy.", "other"),
    (coded("cyber_policy", "no hacking"), "no hacking", "cyberPolicy"),
    (coded("cyber_policy", " "), "This request has been flagged for possible cybersecurity risk.", "cyberPolicy"),
    (coded("misalignment_policy_violation", "no"), "no", "misalignmentPolicyViolation"),
    (
        coded("misalignment_policy_violation", None),
        "This request was blocked due to a misalignment policy violation.",
        "misalignmentPolicyViolation",
    ),
    (
        {"error": {"message": "The image data you provided does not represent a valid image"}},
        "Invalid image in your last message. Please remove it and try again.",
        "badRequest",
    ),
    (coded("insufficient_quota"), '{"error": {"code": "insufficient_quota", "message": "m"}}', "other"),
]


@pytest.mark.parametrize(("body", "message", "info"), BAD_REQUESTS)
def test_a_bad_request_is_final(body: object, message: str, info: str) -> None:
    assert shown(status(400, body)) == (message, info, False)


def failed_connection(code: int) -> dict[str, Any]:
    return {"httpConnectionFailed": {"httpStatusCode": code}}


@pytest.mark.parametrize(
    ("code", "phrase"),
    [
        (401, "Unauthorized"), (402, "Payment Required"), (403, "Forbidden"), (404, "Not Found"), (408, "Request Timeout"),
        (413, "Payload Too Large"), (414, "URI Too Long"), (416, "Range Not Satisfiable"), (418, "I'm a teapot"),
        (422, "Unprocessable Entity"), (501, "Not Implemented"), (502, "Bad Gateway"), (503, "Service Unavailable"),
        (504, "Gateway Timeout"), (499, "<unknown status code>"), (304, "Not Modified"),
    ],
)  # fmt: skip
def test_other_statuses_name_themselves_and_may_be_tried_again(code: int, phrase: str) -> None:
    error = status(code, {"error": {"message": "why"}})
    assert shown(error) == (f"unexpected status {code} {phrase}: why, url: {URL}", failed_connection(code), True)
    assert error.http_status == code


def test_ids_and_authorization_details_follow_the_url() -> None:
    encoded = base64.b64encode(json.dumps({"error": {"code": "tok_exp"}}).encode()).decode()
    error = status(
        402, coded("x", "pay"), cf_ray="ray", x_request_id="rq", x_openai_authorization_error="missing", x_error_json=encoded
    )
    assert error.message == (
        f"unexpected status 402 Payment Required: pay, url: {URL}, cf-ray: ray, request id: rq, "
        "auth error: missing, auth error code: tok_exp"
    )
    assert (
        status(404, "", x_oai_request_id="oai").message
        == f"unexpected status 404 Not Found: Unknown error, url: {URL}, request id: oai"
    )
    assert status(404, " raw ", x_error_json="%%%").message == f"unexpected status 404 Not Found: raw, url: {URL}"


def test_a_huge_body_is_shortened_between_characters_but_a_message_is_not() -> None:
    assert status(404, "é" * 600).message == f"unexpected status 404 Not Found: {'é' * 500}..., url: {URL}"
    assert status(404, "x" + "é" * 600).message == f"unexpected status 404 Not Found: x{'é' * 499}..., url: {URL}"
    assert "é" * 600 in status(404, coded("x", "é" * 600)).message


def test_cloudflare_blocking_has_its_own_words() -> None:
    error = status(403, "<html>Cloudflare: you have been blocked</html>", cf_ray="r1")
    assert shown(error) == (
        "Access blocked by Cloudflare. This usually happens when connecting from a restricted region "
        f"(status 403 Forbidden), url: {URL}, cf-ray: r1",
        failed_connection(403),
        True,
    )
    assert status(403, "<html>Cloudflare</html>").message.startswith("unexpected status 403 Forbidden: <html>")


@pytest.mark.parametrize("code", [403, 404])
def test_model_not_found_counts_with_other_client_errors(code: int) -> None:
    assert shown(status(code, coded("model_not_found", "gone"))) == ("gone", "modelNotFound", False)
    assert status(401, coded("model_not_found", "gone")).info == failed_connection(401)


def test_a_policy_may_be_broken_in_a_forbidden_request_too() -> None:
    error = status(403, coded("misalignment_policy_violation", "no"))
    assert shown(error) == ("no", "misalignmentPolicyViolation", False)
    assert status(422, coded("misalignment_policy_violation", "no")).info == failed_connection(422)


def test_capacity_that_a_policy_restricts_may_be_used_up() -> None:
    text = "Policy-restricted capacity is unavailable. Please try again later."
    assert shown(status(503, coded("policy_capacity_unavailable"))) == (text, "policyCapacityUnavailable", False)


def test_too_many_requests_is_tried_again_only_if_the_provider_says_when() -> None:
    text, info = (
        "exceeded retry limit, last status: 429 Too Many Requests",
        {"responseTooManyFailedAttempts": {"httpStatusCode": 429}},
    )
    assert shown(status(429, coded("rate_limit_exceeded"))) == (text, info, False)
    error = status(429, "", retry_after="2", x_request_id="rq", cf_ray="ray")
    assert shown(error) == (f"{text}, request id: rq", info, True)
    assert (error.retry_after_s, error.http_status) == (2.0, 429)
    assert status(429, "", cf_ray="ray").message == f"{text}, request id: ray"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ({"type": "usage_limit_reached"}, "You’ve hit your usage limit. Try again later."),
        (
            {"type": "usage_not_included"},
            "To use Codex with your ChatGPT plan, upgrade to Plus: https://chatgpt.com/explore/plus.",
        ),
        ({"type": "insufficient_quota"}, "Quota exceeded. Check your plan and billing details."),
        ({"code": "insufficient_quota"}, "Quota exceeded. Check your plan and billing details."),
    ],
)
def test_usage_limits_are_final_and_one_that_is_reached_keeps_its_headers(error: dict[str, Any], message: str) -> None:
    found = status(429, {"error": error}, retry_after="1", x_codex_primary_used_percent="100")
    assert shown(found) == (message, "usageLimitExceeded", False)
    is_reached = error.get("type") == "usage_limit_reached"
    assert found.headers == ({"x-codex-primary-used-percent": "100"} if is_reached else None)


@pytest.mark.parametrize("members", [{"resets_at": "soon"}, {"plan_type": 5}, {"resets_at": True}])
def test_a_usage_limit_with_members_of_other_types_is_an_ordinary_429(members: dict[str, Any]) -> None:
    info = {"responseTooManyFailedAttempts": {"httpStatusCode": 429}}
    assert status(429, {"error": {"type": "usage_limit_reached", **members}}).info == info


def test_server_errors() -> None:
    busy = "We’re currently experiencing high demand, which may cause temporary errors."
    assert shown(status(500, coded("server_is_overloaded"))) == (busy, "internalServerError", True)
    assert status(500, "").http_status is None
    full = "Selected model is at capacity. Please try a different model."
    assert shown(status(503, coded("server_is_overloaded"))) == (full, "serverOverloaded", False)
    assert shown(status(503, coded("slow_down", "too fast"))) == ("rate limit exceeded: too fast", "rateLimitExceeded", True)
    assert status(502, coded("slow_down")).info == failed_connection(502)
    assert status(503, "", retry_after="3").retry_after_s == 3.0


FAILED = [
    (coded("context_length_exceeded"), CONTEXT, "contextWindowExceeded", False),
    (coded("usage_not_included"), errors.NOT_INCLUDED, "usageLimitExceeded", False),
    (coded("insufficient_quota"), errors.QUOTA_EXCEEDED, "usageLimitExceeded", False),
    (coded("organization_spend_limit_exceeded"), errors.QUOTA_EXCEEDED, "usageLimitExceeded", False),
    (coded("server_is_overloaded"), errors.OVERLOADED, "serverOverloaded", False),
    (coded("rate_limit_exceeded", "slow"), "rate limit exceeded: slow", "rateLimitExceeded", True),
    (coded("slow_down", None), "rate limit exceeded: ", "rateLimitExceeded", True),
    (coded("invalid_prompt", "bad"), "bad", "other", False),
    (coded("bio_policy", "bio"), "bio", "other", False),
    (coded("content_policy_violation", "no"), "no", "other", False),
    (coded("cyber_policy", "no"), "no", "cyberPolicy", False),
    (coded("misalignment_policy_violation", "no"), "no", "misalignmentPolicyViolation", False),
    (coded("model_not_found", "no"), "no", "modelNotFound", False),
    (coded("policy_capacity_unavailable"), errors.CAPACITY_UNAVAILABLE, "policyCapacityUnavailable", False),
    (coded("flex_unavailable"), "Flex capacity unavailable.", "flexUnavailable", False),
    (coded("server_error", "boom"), LOST + "boom", "other", True),
    (coded("usage_limit_reached", "u"), LOST + "u", "other", True),
    ({"error": {"message": "only this"}}, LOST + "only this", "other", True),
    ({"error": None}, LOST + "response.failed event received", "other", True),
    ({}, LOST + "response.failed event received", "other", True),
    ([], LOST + "response.failed event received", "other", True),
]  # fmt: skip


@pytest.mark.parametrize(("response", "message", "info", "is_retryable"), FAILED)
def test_response_failed(response: object, message: str, info: str, is_retryable: bool) -> None:
    assert shown(errors.failed_error({"type": "response.failed", "response": response})) == (message, info, is_retryable)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Please try again in 1.5s.", 1.5), ("TRY AGAIN IN 20ms", 0.02), ("try again in 3 seconds", 3.0),
        ("try again in 1 second", 1.0),
        ("Please try again in 0.1s.", 0.1), ("try again in 2 minutes", None), ("later", None),
    ],
)  # fmt: skip
def test_the_delay_is_read_out_of_the_message(text: str, seconds: float | None) -> None:
    assert errors.failed_error({"response": coded("rate_limit_exceeded", text)}).retry_after_s == seconds


@pytest.mark.parametrize(
    ("details", "message", "is_retryable"),
    [
        ({"reason": "max_output_tokens"}, "Incomplete response returned, reason: max_output_tokens", False),
        ({"reason": "weird"}, "Incomplete response returned, reason: weird", False),
        ({"reason": None}, "Incomplete response returned, reason: unknown", False),
        (None, "Incomplete response returned, reason: unknown", False),
        ({"reason": "content_filter"}, LOST + "Incomplete response returned, reason: content_filter", True),
    ],
)
def test_response_incomplete(details: object, message: str, is_retryable: bool) -> None:
    event = {"type": "response.incomplete", "response": {"incomplete_details": details}}
    assert shown(errors.incomplete_error(event)) == (message, "other", is_retryable)


NOW = datetime(2033, 5, 18, 1, 0, tzinfo=UTC).timestamp()
SAME_DAY, OTHER_DAY = int(NOW) + 9233, int(NOW) + 86_400 * 4
PLANS = [
    (("free", "go"), ". Upgrade to Plus to continue using Codex (https://chatgpt.com/explore/plus), or try again"),
    (
        ("plus",),
        ". Upgrade to Pro (https://chatgpt.com/explore/pro), visit https://chatgpt.com/settings/usage to purchase more credits "
        "or try again",
    ),
    (("pro", "prolite"), ". Visit https://chatgpt.com/settings/usage to purchase more credits or try again"),
    (
        ("team", "business", "self_serve_business_usage_based", "enterprise_cbp_usage_based"),
        ". To get more access now, send a request to your admin or try again",
    ),
    (("enterprise", "edu", "unheard of", None), ". Try again"),
]


@pytest.mark.parametrize(("plan", "advice"), [(plan, advice) for plans, advice in PLANS for plan in plans])
def test_the_usage_limit_text_depends_on_the_plan(plan: str | None, advice: str) -> None:
    prefix = "You’ve hit your usage limit"
    assert usage_limit_message({"plan_type": plan}, {}, NOW, UTC) == f"{prefix}{advice} later."
    assert usage_limit_message({"plan_type": plan, "resets_at": SAME_DAY}, {}, NOW, UTC) == f"{prefix}{advice} at 3:33 AM."
    assert (
        usage_limit_message({"plan_type": plan, "resets_at": OTHER_DAY}, {}, NOW, UTC)
        == f"{prefix}{advice} at May 22nd, 2033 1:00 AM."
    )


@pytest.mark.parametrize(
    ("at_s", "text"),
    [
        (2_000_000_000, "May 18th, 2033 3:33 AM"), (1, "Jan 1st, 1970 12:00 AM"), (86_400 * 2 + 43_200, "Jan 3rd, 1970 12:00 PM"),
        (86_400 * 10, "Jan 11th, 1970 12:00 AM"), (86_400 * 22 + 46_800, "Jan 23rd, 1970 1:00 PM"), (10**18, "an unknown time"),
    ],
)  # fmt: skip
def test_the_reset_time_reads_as_people_say_it(at_s: int, text: str) -> None:
    assert usage_limit_message({"resets_at": at_s}, {}, 1e9, UTC) == f"You’ve hit your usage limit. Try again at {text}."


REASON = "x-codex-rate-limit-reached-type"
OTHER_MODEL = {"x-codex-active-limit": "codex_other", "x-codex-other-limit-name": "N"}
FOR_N = "You’ve hit your usage limit for N. Switch to another model now, or try again later."


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"x-codex-promo-message": "Buy"}, "You’ve hit your usage limit. Buy, or try again later."),
        ({"x-codex-promo-message": "Buy", REASON: "rate_limit_reached"}, "You’ve hit your usage limit. Buy, or try again later."),
        (OTHER_MODEL, FOR_N),
        ({**OTHER_MODEL, "x-codex-promo-message": "Buy", REASON: "workspace_owner_credits_depleted"}, FOR_N),
        ({"x-codex-limit-name": "N"}, FOR_N),
        ({"x-codex-limit-name": "Codex"}, "You’ve hit your usage limit. Try again later."),
        ({"x-codex-active-limit": "codex_other"}, "You’ve hit your usage limit. Try again later."),
        (
            {"x-codex-promo-message": "Buy", REASON: "workspace_owner_credits_depleted"},
            "Your workspace is out of credits. Add credits to continue.",
        ),
        (
            {REASON: "workspace_member_credits_depleted"},
            "Your workspace is out of credits. Ask your workspace owner to refill in order to continue.",
        ),
        (
            {REASON: "workspace_owner_usage_limit_reached"},
            "You hit your spend cap set in your workspace. Increase your spend cap to continue.",
        ),
        (
            {REASON: "workspace_member_usage_limit_reached"},
            "You hit your spend cap set by the owner of your workspace. Ask an owner to increase your spend cap to continue.",
        ),
    ],
)
def test_headers_override_the_plan(headers: dict[str, str], message: str) -> None:
    assert usage_limit_message({}, headers, NOW, UTC) == message
