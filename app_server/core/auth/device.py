"""A login on another device: the user types a short code there, and the issuer is asked until that is done.

Source: spec/config-auth.md section 5; the forms of requests and answers come from the reference itself.
"""

from collections.abc import Mapping
from typing import Any

import anyio
from pydantic_core import to_json

from app_server.core.auth.oauth import CLIENT_ID, TIMEOUT_S, LoginFailed, decoded, issuer, trade, words
from app_server.core.frozen import frozen
from app_server.core.provider.errors import status_phrase
from app_server.core.provider.fetch import Fetched, NoAnswerError, fetch
from app_server.core.provider.outgoing import encoded

USUAL_INTERVAL_S = 5.0
NOT_YET = (403, 404)


@frozen
class DeviceCode:
    """What the user has to do, and what the issuer knows the login by."""

    user_code: str
    verification_url: str
    device_id: str
    interval_s: float


async def ask_for_code(environment: Mapping[str, str]) -> DeviceCode:
    """Begin a login. Raises: LoginFailed."""
    answer = await _post(environment, "usercode", {"client_id": CLIENT_ID})
    told = decoded(answer)
    if answer.status == 404:
        raise LoginFailed("device code login is not enabled for this issuer; use the browser login")
    if answer.status != 200:
        raise LoginFailed(f"device code request failed with status {answer.status} {status_phrase(answer.status)}{words(told)}")
    user_code = told.get("user_code") or told.get("usercode")
    device_id = told.get("device_auth_id")
    if not isinstance(user_code, str) or not isinstance(device_id, str):
        raise LoginFailed("device code request failed: the answer has no code")
    return DeviceCode(user_code, f"{issuer(environment)}/codex/device", device_id, _seconds(told.get("interval")))


async def wait(environment: Mapping[str, str], code: DeviceCode) -> dict[str, Any]:
    """The tokens, once the user has typed the code. Raises: LoginFailed. Cancel: at any time."""
    while True:
        answer = await _post(environment, "token", {"device_auth_id": code.device_id, "user_code": code.user_code})
        told = decoded(answer)
        if answer.status == 200:
            break
        if answer.status not in NOT_YET:
            raise LoginFailed(f"device auth failed with status {answer.status} {status_phrase(answer.status)}{words(told)}")
        await anyio.sleep(code.interval_s)
    given, verifier = told.get("authorization_code"), told.get("code_verifier")
    if not isinstance(given, str) or not isinstance(verifier, str):
        raise LoginFailed("device auth failed: the answer has no code")
    return await trade(environment, given, verifier, f"{issuer(environment)}/deviceauth/callback")


async def _post(environment: Mapping[str, str], what: str, body: Mapping[str, str]) -> Fetched:
    url = f"{issuer(environment)}/api/accounts/deviceauth/{what}"
    headers = encoded({"content-type": "application/json", "accept": "*/*"})
    try:
        return await fetch("POST", url, headers, environment, content=to_json(body), timeout_s=TIMEOUT_S)
    except NoAnswerError as error:
        raise LoginFailed(str(error)) from error


def _seconds(value: Any) -> float:
    """The interval, which comes as a number or as a text."""
    try:
        return max(float(value), 0.0)
    except (TypeError, ValueError):
        return USUAL_INTERVAL_S
