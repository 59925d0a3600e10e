"""Logins at MCP servers, kept in `.credentials.json` in the home, readable by its user alone.

An entry has the members that the reference writes, so that both find each other's logins; what it has beside them is
`client`, the registration that the tokens belong to, and `server`, where they are renewed. Source: spec/config-auth.md section 7.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app_server.core.frozen import frozen

FILE = ".credentials.json"
Json = dict[str, Any]


@frozen
class ServerLogin:
    """What a login at a server has given. `expires_at_ms` None: not told."""

    client: Json
    server: Json | None
    access_token: str
    refresh_token: str | None
    scopes: tuple[str, ...]
    expires_at_ms: int | None


def key_of(name: str, url: str) -> str:
    """The name of an entry."""
    identity = json.dumps({"headers": {}, "type": "http", "url": url}, separators=(",", ":"), sort_keys=True)
    return f"{name}|{hashlib.sha256(identity.encode()).hexdigest()[:16]}"


class Credentials:
    """The logins of a home. Files that can't be read count as empty."""

    def __init__(self, home: Path) -> None:
        self._file = home / FILE

    def has(self, name: str, url: str) -> bool:
        """Whether there is a login at a server."""
        return self.read(name, url) is not None

    def read(self, name: str, url: str) -> ServerLogin | None:
        """The login at a server, or None."""
        entry = self._entries().get(key_of(name, url))
        if not isinstance(entry, Mapping) or not isinstance(entry.get("access_token"), str):
            return None
        client = entry.get("client")
        scopes, server = entry.get("scopes"), entry.get("server")
        return ServerLogin(
            client=dict(client) if isinstance(client, Mapping) else {"client_id": entry.get("client_id", "")},
            server=dict(server) if isinstance(server, Mapping) else None,
            access_token=entry["access_token"],
            refresh_token=entry.get("refresh_token"),
            scopes=tuple(scopes) if isinstance(scopes, list) else (),
            expires_at_ms=entry.get("expires_at"),
        )

    def write(self, name: str, url: str, login: ServerLogin) -> None:
        """Keep a login in the place of an older one. Raises: OSError."""
        entries = self._entries()
        entries[key_of(name, url)] = {
            "server_name": name,
            "server_url": url,
            "client_id": login.client.get("client_id", ""),
            "access_token": login.access_token,
            "expires_at": login.expires_at_ms,
            "refresh_token": login.refresh_token,
            "scopes": list(login.scopes),
            "client": login.client,
            "server": login.server,
        }
        self._replace(entries)

    def _entries(self) -> Json:
        try:
            found = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _replace(self, entries: Json) -> None:
        fresh = self._file.with_name(f"{FILE}.{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(entries, file)
            fresh.replace(self._file)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
