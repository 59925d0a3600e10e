"""A login in the system's keyring, under the same name as the reference's. The only module that needs keyring."""

import hashlib
import os
from pathlib import Path

import keyring
from keyring.errors import KeyringError, PasswordDeleteError

from app_server.core.auth.keeping import NotKept

SERVICE = "Codex Auth"


def name_of(home: Path) -> str:
    """What the login of a home is called there."""
    return f"cli|{hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:16]}"


def read(home: Path) -> str | None:
    """What is kept for a home, or None. Raises: NotKept (there is no keyring, or it does not answer)."""
    try:
        return keyring.get_password(SERVICE, name_of(home))
    except KeyringError as error:
        raise NotKept(f"failed to read OAuth tokens from keyring: {error}") from error


def write(home: Path, text: str) -> None:
    """Keep this for a home. Raises: NotKept."""
    try:
        keyring.set_password(SERVICE, name_of(home), text)
    except KeyringError as error:
        raise NotKept(f"failed to write OAuth tokens to keyring: {error}") from error


def remove(home: Path) -> None:
    """Keep nothing for a home. Raises: NotKept."""
    try:
        keyring.delete_password(SERVICE, name_of(home))
    except PasswordDeleteError:
        return  # there was nothing
    except KeyringError as error:
        raise NotKept(f"failed to delete OAuth tokens from keyring: {error}") from error
