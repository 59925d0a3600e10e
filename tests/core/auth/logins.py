"""Logins for tests: documents as `auth.json` holds them, with tokens that nobody has signed."""

import base64
import json
from pathlib import Path
from typing import Any

LATER = 4_102_444_800


def token(**claims: Any) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + ".c2ln"


def chatgpt(number: int = 0, *, expires_at: int = LATER, account: str = "a-1", **members: Any) -> dict[str, Any]:
    """A ChatGPT login; `number` tells its tokens from others."""
    facts = {"chatgpt_plan_type": "pro", "chatgpt_user_id": "u-1", "chatgpt_account_id": account}
    return {
        "auth_mode": "chatgpt",
        "OPENAI_API_KEY": None,
        "tokens": {
            "id_token": token(email="t@example.invalid", **{"https://api.openai.com/auth": facts}),
            "access_token": token(number=number, exp=expires_at),
            "refresh_token": f"r-{number}",
            "account_id": account,
        },
        "last_refresh": "2026-01-01T00:00:00Z",
        **members,
    }


def put(home: Path, document: Any) -> None:
    (home / "auth.json").write_text(document if isinstance(document, str) else json.dumps(document))
