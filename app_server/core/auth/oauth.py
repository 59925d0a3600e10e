"""Talking to the issuer of tokens: where it is, codes for tokens, tokens that are good no more.

The issuer and its addresses can be set by the environment. Errors never hold a code or a token: of an answer only the
words are told that are meant to be. Source: spec/config-auth.md section 5; RFC 6749, RFC 7636.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from pydantic_core import from_json, to_json

from app_server.core.clock import Clock
from app_server.core.frozen import frozen
from app_server.core.provider.errors import status_phrase
from app_server.core.provider.fetch import Fetched, NoAnswerError, fetch
from app_server.core.provider.outgoing import encoded

CLIENT_ID = "app_EMoamEEZ73f0CkXaXp7hrann"
ISSUER = "https://auth.openai.com"
ISSUER_VARIABLE = "CODEX_APP_SERVER_LOGIN_ISSUER"
REFRESH_VARIABLE = "CODEX_REFRESH_TOKEN_URL_OVERRIDE"
REVOKE_VARIABLE = "CODEX_REVOKE_TOKEN_URL_OVERRIDE"
SCOPE = "openid profile email offline_access api.connectors.read api.connectors.invoke"
TIMEOUT_S = 30.0
REVOKE_S = 5.0

Environment = Mapping[str, str]


class LoginFailed(Exception):
    """The login did not come about; the text is for the user."""


@frozen
class Proof:
    """What shows that who trades the code is who asked for it."""

    verifier: str
    challenge: str


def new_proof() -> Proof:
    """A fresh one."""
    verifier = secrets.token_urlsafe(64)
    digest = hashlib.sha256(verifier.encode()).digest()
    return Proof(verifier, base64.urlsafe_b64encode(digest).decode().rstrip("="))


def issuer(environment: Environment) -> str:
    """Where tokens come from."""
    return (environment.get(ISSUER_VARIABLE) or ISSUER).rstrip("/")


def refresh_url(environment: Environment) -> str:
    """Where tokens are renewed."""
    return environment.get(REFRESH_VARIABLE) or f"{issuer(environment)}/oauth/token"


def authorize_url(environment: Environment, redirect_uri: str, proof: Proof, state: str, originator: str, workspaces: str) -> str:
    """The page on which the user logs in."""
    query = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": redirect_uri,
        "code_challenge": proof.challenge,
        "code_challenge_method": "S256",
        "state": state,
        "scope": SCOPE,
        "id_token_add_organizations": "true",
        "codex_cli_simplified_flow": "true",
        "originator": originator,
        **({"allowed_workspace_id": workspaces} if workspaces else {}),
    }
    return f"{issuer(environment)}/oauth/authorize?{urlencode(query)}"


async def trade(environment: Environment, code: str, verifier: str, redirect_uri: str) -> dict[str, Any]:
    """The tokens for a code. Raises: LoginFailed."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": CLIENT_ID,
        "code_verifier": verifier,
    }
    headers = encoded({"content-type": "application/x-www-form-urlencoded", "accept": "*/*"})
    url = f"{issuer(environment)}/oauth/token"
    try:
        answer = await fetch("POST", url, headers, environment, content=urlencode(form).encode(), timeout_s=TIMEOUT_S)
    except NoAnswerError as error:
        raise LoginFailed(f"Token exchange failed: {error}") from error
    told = decoded(answer)
    if not 200 <= answer.status < 300:
        status = f"{answer.status} {status_phrase(answer.status)}"
        raise LoginFailed(f"Token exchange failed: token endpoint returned status {status}{words(told)}")
    if not all(isinstance(told.get(name), str) for name in ("id_token", "access_token", "refresh_token")):
        raise LoginFailed("Token exchange failed: the answer has no tokens")
    return told


async def revoke(environment: Environment, refresh_token: str) -> None:
    """Tell the issuer that a token is good no more, as far as it listens."""
    url = environment.get(REVOKE_VARIABLE) or f"{issuer(environment)}/oauth/revoke"
    body = {"token": refresh_token, "token_type_hint": "refresh_token", "client_id": CLIENT_ID}
    headers = encoded({"content-type": "application/json", "accept": "*/*"})
    try:
        await fetch("POST", url, headers, environment, content=to_json(body), timeout_s=REVOKE_S)
    except NoAnswerError:
        return  # the tokens are forgotten here in any case


def decoded(answer: Fetched) -> dict[str, Any]:
    """The object that an answer is, or an empty one."""
    try:
        told = from_json(answer.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def words(told: Mapping[str, Any]) -> str:
    """What an answer says for people about what went wrong, behind a colon."""
    error = told.get("error")
    inner = error.get("message") or error.get("code") if isinstance(error, dict) else error
    text = told.get("error_description") or inner
    return f": {text}" if isinstance(text, str) else ""


def iso_time(clock: Clock) -> str:
    """The time, as it is stored beside tokens."""
    return datetime.fromtimestamp(clock.now_ms() / 1000, UTC).isoformat().replace("+00:00", "Z")
