"""Where logins are kept: in `auth.json`, in the system's keyring, or nowhere (`cli_auth_credentials_store`).

`auto` is the keyring where there is one, else the file. The keyring is loaded only where the configuration names it.
Source: spec/config-auth.md section 6.
"""

import json
import logging
from importlib import import_module
from pathlib import Path
from typing import Any

from app_server.core.auth import stored
from app_server.core.auth.stored import StoredLogin

KEYRING = "app_server.core.auth.in_keyring"
log = logging.getLogger(__name__)


class NotKept(Exception):
    """The login could not be kept, or not be removed; the text says why, without any of it."""


def read(home: Path, place: str) -> StoredLogin | None:
    """The login that is kept there, or None."""
    if place in ("keyring", "auto"):
        try:
            text = _keyring().read(home)
        except NotKept as error:
            log.warning("the keyring was not read: %s", error)
            text = None
        if text is not None:
            return _parsed(text)
    return stored.read(home) if place in ("file", "auto") else None


def write(home: Path, place: str, login: StoredLogin) -> None:
    """Keep a login. Raises: NotKept."""
    if place in ("keyring", "auto"):
        try:
            _keyring().write(home, json.dumps(login.document))
            stored.remove(home)
        except NotKept as error:
            if place == "keyring":
                raise
            log.warning("the login is kept in the file: %s", error)
        except OSError as error:
            raise NotKept(str(error)) from error
        else:
            return
    if place in ("file", "auto"):
        try:
            stored.write(home, login)
        except OSError as error:
            raise NotKept(str(error)) from error


def remove(home: Path, place: str) -> None:
    """Keep no login any more, wherever it was. Raises: NotKept."""
    if place in ("keyring", "auto"):
        try:
            _keyring().remove(home)
        except NotKept as error:
            log.warning("nothing was removed from the keyring: %s", error)
    try:
        stored.remove(home)
    except OSError as error:
        raise NotKept(str(error)) from error


def _keyring() -> Any:
    return import_module(KEYRING)


def _parsed(text: str) -> StoredLogin | None:
    try:
        return stored.parse(json.loads(text))
    except ValueError:
        return None
