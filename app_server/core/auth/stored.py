"""A login: an API key, or the tokens of a ChatGPT account; and `auth.json`, which holds it.

Reading is lenient: a file that makes no sense means that nobody is logged in. Writing keeps whatever else the file has,
since other programs use it too. Source: spec/config-auth.md section 6; that a key beside tokens counts without an
`auth_mode` comes from the reference itself.
"""

import binascii
import json
import os
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from app_server.core.frozen import frozen, replace

FILE = "auth.json"
CLAIMS = "https://api.openai.com/auth"
"""The claim of an id token under which OpenAI's own facts stand."""


@frozen
class StoredLogin:
    """One login. `document` is what is stored; `token` is what requests carry. A client that holds the tokens itself, and
    renews them, gives the mode `chatgptAuthTokens`, and perhaps the plan; such a login is never stored."""

    mode: Literal["apikey", "chatgpt", "chatgptAuthTokens"]
    token: str
    document: Mapping[str, Any]
    account_id: str | None = None
    refresh_token: str | None = None
    id_token: str = ""
    told_plan: str | None = None

    @property
    def is_chatgpt(self) -> bool:
        """Whether the tokens are those of a ChatGPT account."""
        return self.mode != "apikey"

    @property
    def is_external(self) -> bool:
        """Whether a client holds the tokens."""
        return self.mode == "chatgptAuthTokens"

    @property
    def plan(self) -> str | None:
        """The plan of the account, in the provider's words."""
        return self.told_plan or self.fact("chatgpt_plan_type")

    @property
    def expires_at_s(self) -> float | None:
        """When the token expires, in Unix seconds; None when it does not tell."""
        expiry = claims_of(self.token).get("exp")
        return float(expiry) if isinstance(expiry, int | float) and not isinstance(expiry, bool) else None

    def fact(self, name: str) -> str | None:
        """What the id token tells under one of OpenAI's names, such as `chatgpt_plan_type`."""
        value = facts_of(self.id_token).get(name)
        return value if isinstance(value, str) else None

    @property
    def email(self) -> str | None:
        """The account's address."""
        value = claims_of(self.id_token).get("email")
        return value if isinstance(value, str) else None

    @property
    def is_fedramp(self) -> bool:
        """Whether the account belongs to a government's own cloud."""
        return facts_of(self.id_token).get("chatgpt_account_is_fedramp") is True

    def renewed(self, tokens: Mapping[str, Any], now: str) -> "StoredLogin":
        """The same login with the tokens that a refresh gave; those that it did not give stay."""
        known = self.document.get("tokens")
        fresh = {
            name: tokens[name] for name in ("id_token", "access_token", "refresh_token") if isinstance(tokens.get(name), str)
        }
        merged = {**(known if isinstance(known, dict) else {}), **fresh}
        return replace(
            self,
            token=merged["access_token"],
            refresh_token=merged.get("refresh_token"),
            id_token=merged.get("id_token", ""),
            document={**self.document, "tokens": merged, "last_refresh": now},
        )


def of_key(key: str) -> StoredLogin:
    """A login with an API key, as it is."""
    return StoredLogin("apikey", key, {"auth_mode": "apikey", "OPENAI_API_KEY": key})


def of_tokens(tokens: Mapping[str, Any], now: str) -> StoredLogin | None:
    """A login with the tokens that a ChatGPT account was given, or None when they make no sense."""
    kept = {name: tokens.get(name) for name in ("id_token", "access_token", "refresh_token")}
    account_id = facts_of(str(kept["id_token"])).get("chatgpt_account_id")
    document = {
        "auth_mode": "chatgpt",
        "OPENAI_API_KEY": None,
        "tokens": {**kept, "account_id": account_id},
        "last_refresh": now,
    }
    return parse(document) if all(isinstance(value, str) for value in kept.values()) else None


def of_client(access_token: str, account_id: str, plan: str | None) -> StoredLogin | None:
    """A login whose tokens a client holds, or None when the token is no JSON web token."""
    if not claims_of(access_token):
        return None
    return StoredLogin("chatgptAuthTokens", access_token, {}, account_id, id_token=access_token, told_plan=plan)


def read(home: Path) -> StoredLogin | None:
    """The stored login, or None: nobody is logged in."""
    try:
        document = json.loads((home / FILE).read_bytes())
    except (OSError, ValueError):
        return None
    return parse(document)


def parse(document: Any) -> StoredLogin | None:
    """The login that a document describes, or None."""
    if not isinstance(document, dict):
        return None
    key, tokens, mode = document.get("OPENAI_API_KEY"), document.get("tokens"), document.get("auth_mode")
    if mode is None:
        mode = "apikey" if isinstance(key, str) else "chatgpt"
    if mode == "apikey" and isinstance(key, str):
        return StoredLogin("apikey", key, document)
    if mode != "chatgpt" or not isinstance(tokens, dict) or not isinstance(tokens.get("access_token"), str):
        return None
    login = StoredLogin(
        "chatgpt",
        tokens["access_token"],
        document,
        refresh_token=_text(tokens, "refresh_token"),
        id_token=_text(tokens, "id_token") or "",
    )
    return replace(login, account_id=_text(tokens, "account_id") or login.fact("chatgpt_account_id"))


def write(home: Path, login: StoredLogin) -> None:
    """Store a login, readable by nobody else; a reader sees the old file or the new one. Raises: OSError."""
    path = home / FILE
    fresh = path.with_name(f".{FILE}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(login.document, file, indent=2)
    fresh.replace(path)


def remove(home: Path) -> None:
    """Store no login any more. Raises: OSError."""
    (home / FILE).unlink(missing_ok=True)


def facts_of(token: str) -> Mapping[str, Any]:
    """What an id token says under OpenAI's own claim."""
    facts = claims_of(token).get(CLAIMS)
    return facts if isinstance(facts, dict) else {}


def claims_of(token: str) -> Mapping[str, Any]:
    """What a JSON web token says, unchecked: it is the provider's to check it. Empty for anything else."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _text(table: Mapping[str, Any], key: str) -> str | None:
    value = table.get(key)
    return value if isinstance(value, str) else None
