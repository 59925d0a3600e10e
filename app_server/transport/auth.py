"""How clients on the network prove who they are: a shared token, or a token signed with a shared secret.

Either becomes a function from the request's `Authorization` header to what is wrong with it, in the reference's words.
Comparing takes the same time whatever was sent. Source: spec/server.md section 10; the rules of the options come from
the reference itself.
"""

import hashlib
import hmac
import os
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

CAPABILITY, SIGNED = "capability-token", "signed-bearer-token"
CAPABILITY_OPTIONS = ("ws-token-file", "ws-token-sha256")
SIGNED_OPTIONS = ("ws-shared-secret-file", "ws-issuer", "ws-audience", "ws-max-clock-skew-seconds")
DIGEST = re.compile(r"[0-9a-fA-F]{64}")
SECRET_BYTES = 32
"""The least length of a secret that signs."""
SKEW_S = 30

Check = Callable[[str], str | None]


class WrongOptions(Exception):
    """The options do not say how clients prove who they are; the text says what is missing."""


def admission(options: Mapping[str, str]) -> Callable[[str | None], str | None] | None:
    """What checks the `Authorization` header, for the `--ws-*` options by name; None: nobody has to prove anything.

    Raises: WrongOptions.
    """
    mode = options.get("ws-auth")
    has_capability, has_signed = _any(options, CAPABILITY_OPTIONS), _any(options, SIGNED_OPTIONS)
    if mode is None:
        return None
    if mode == CAPABILITY:
        if has_signed:
            named = ", ".join(f"`--{name}`" for name in SIGNED_OPTIONS[:-1]) + f", and `--{SIGNED_OPTIONS[-1]}`"
            raise WrongOptions(f"{named} require `--ws-auth {SIGNED}`")
        return _bearer(capability_check(_token_digest(options)))
    if has_capability:
        raise WrongOptions(f"`--ws-token-file` and `--ws-token-sha256` require `--ws-auth {CAPABILITY}`, not `{SIGNED}`")
    return _bearer(_signed_check(options))


def _any(options: Mapping[str, str], names: tuple[str, ...]) -> bool:
    return any(name in options for name in names)


def _bearer(check: Check) -> Callable[[str | None], str | None]:
    """The check of a header whose token is checked by `check`."""

    def checked(header: str | None) -> str | None:
        if header is None:
            return "missing websocket bearer token"
        kind, _, token = header.partition(" ")
        token = token.strip()
        if kind.lower() != "bearer" or not token:
            return "invalid authorization header"
        return check(token)

    return checked


def capability_check(digest: bytes) -> Check:
    """The check of a token by its SHA-256."""

    def checked(token: str) -> str | None:
        own = hashlib.sha256(token.encode("latin-1", "replace")).digest()
        return None if hmac.compare_digest(own, digest) else "invalid websocket bearer token"

    return checked


def _token_digest(options: Mapping[str, str]) -> bytes:
    file, digest = options.get("ws-token-file"), options.get("ws-token-sha256")
    if file is not None and digest is not None:
        raise WrongOptions("`--ws-token-file` and `--ws-token-sha256` are mutually exclusive")
    if digest is not None:
        if DIGEST.fullmatch(digest.strip()) is None:
            raise WrongOptions("--ws-token-sha256 must be a 64-character hex SHA-256 digest")
        return bytes.fromhex(digest.strip())
    if file is None:
        raise WrongOptions(f"`--ws-token-file` or `--ws-token-sha256` is required when `--ws-auth {CAPABILITY}` is set")
    path, token = _read(file)
    if not token:
        raise WrongOptions(f"websocket auth secret {path} is empty")
    return hashlib.sha256(token).digest()


def _signed_check(options: Mapping[str, str]) -> Check:
    file = options.get("ws-shared-secret-file")
    if file is None:
        raise WrongOptions(f"`--ws-shared-secret-file` is required when `--ws-auth {SIGNED}` is set")
    path, secret = _read(file)
    if len(secret) < SECRET_BYTES:
        raise WrongOptions(f"signed websocket bearer secret {path} must be at least {SECRET_BYTES} bytes")
    skew_s = int(options.get("ws-max-clock-skew-seconds", SKEW_S))
    made: Check = import_module("app_server.transport.signed_token").signed_check(
        secret, options.get("ws-issuer"), options.get("ws-audience"), skew_s
    )
    return made


def _read(name: str) -> tuple[Path, bytes]:
    """A file's absolute path and its contents without white space around them."""
    path = Path(name).absolute()
    try:
        return path, path.read_bytes().strip()
    except OSError as error:
        text = f"{os.strerror(error.errno)} (os error {error.errno})" if error.errno else str(error)
        raise WrongOptions(f"failed to read websocket auth secret {path}: {text}") from error
