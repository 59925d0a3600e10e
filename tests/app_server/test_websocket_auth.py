"""Who may come in over the network, and what is wrong with the others. The texts are the reference's."""

import base64
import hashlib
import time
from pathlib import Path
from typing import Any

import jwt
import pytest

from app_server.transport.auth import WrongOptions, admission

SECRET = "0123456789abcdef0123456789abcdef"
TOKEN = "my token"
DEEP = base64.urlsafe_b64encode(b"[" * 6000).decode()
EXPIRED, EARLY, INVALID = "expired websocket jwt", "websocket jwt is not valid yet", "invalid websocket jwt"
AUDIENCE, ISSUER = "websocket jwt audience mismatch", "websocket jwt issuer mismatch"


@pytest.fixture
def signed(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "secret").write_text(f" {SECRET}\n")
    return {"ws-auth": "signed-bearer-token", "ws-shared-secret-file": str(tmp_path / "secret")}


def said(options: dict[str, str], header: str | None) -> str | None:
    admit = admission(options)
    assert admit is not None
    return admit(header)


def bearer(key: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    return "Bearer " + jwt.encode(claims, key, algorithm)


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        (f"Bearer {TOKEN}", None),
        (f"bearer  {TOKEN} ", None),
        ("Bearer my", "invalid websocket bearer token"),
        (None, "missing websocket bearer token"),
        (f"Basic {TOKEN}", "invalid authorization header"),
        ("Bearer ", "invalid authorization header"),
        ("", "invalid authorization header"),
    ],
)
def test_a_capability_token_is_that_of_the_file_or_of_the_hash(tmp_path: Path, header: str | None, complaint: str | None) -> None:
    (tmp_path / "token").write_text(f" {TOKEN} \n")
    assert said({"ws-auth": "capability-token", "ws-token-file": str(tmp_path / "token")}, header) == complaint
    digest = hashlib.sha256(TOKEN.encode()).hexdigest().upper()
    assert said({"ws-auth": "capability-token", "ws-token-sha256": digest}, header) == complaint


def test_a_signed_token_needs_a_time_in_which_it_is_good(signed: dict[str, str]) -> None:
    now = int(time.time())
    assert said(signed, bearer(exp=now + 60)) is None
    assert said(signed, bearer(exp=now - 20)) is None  # clocks may differ by half a minute
    assert said(signed, bearer(exp=now - 60)) == EXPIRED
    assert said({**signed, "ws-max-clock-skew-seconds": "90"}, bearer(exp=now - 60)) is None
    assert said(signed, bearer(exp=now + 90, nbf=now + 60)) == EARLY
    assert said(signed, bearer(exp=now + 90, nbf=now + 10)) is None
    assert said(signed, bearer(exp=now + 90, iat=now + 80)) is None
    assert said(signed, bearer(sub="me")) == INVALID
    assert said(signed, bearer(exp=now + 60.5)) == INVALID
    assert said(signed, bearer(exp=str(now + 60))) == INVALID


def test_a_signed_token_needs_our_signature(signed: dict[str, str]) -> None:
    later = int(time.time()) + 60
    assert said(signed, bearer(exp=later, key="x" * 32)) == INVALID
    assert said(signed, bearer(exp=later, key="x" * 48, algorithm="HS384")) == INVALID
    assert said(signed, bearer(exp=later, key=SECRET * 2, algorithm="HS512")) == INVALID
    assert said(signed, "Bearer " + jwt.encode({"exp": later}, None, "none")) == INVALID  # type: ignore[arg-type]
    for token in ("a.b.c", "a.b", "\udcff", bearer(exp=later)[7:-1], f"{DEEP}.e30.e30"):
        assert said(signed, f"Bearer {token}") == INVALID
    assert said(signed, None) == "missing websocket bearer token"


def test_a_signed_token_is_made_by_whom_and_for_whom_it_has_to_be(signed: dict[str, str]) -> None:
    later = int(time.time()) + 60
    options = {**signed, "ws-issuer": "i", "ws-audience": "a"}
    assert said(options, bearer(exp=later, iss="i", aud="a")) is None
    assert said(options, bearer(exp=later, iss="i", aud=["b", "a"])) is None
    assert said(options, bearer(exp=later, iss="j", aud="a")) == ISSUER
    assert said(options, bearer(exp=later, aud="a")) == ISSUER
    assert said(options, bearer(exp=later, iss="i", aud="b")) == AUDIENCE
    assert said(options, bearer(exp=later, iss="i")) == AUDIENCE
    assert said(options, bearer(exp=later - 200, iss="j", aud="b")) == EXPIRED
    assert said(signed, bearer(exp=later, iss="anybody", aud="anybody")) is None


def test_without_a_mode_nobody_has_to_prove_anything() -> None:
    assert admission({"allow-unauthenticated-network": ""}) is None


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (
            {"ws-auth": "capability-token"},
            "`--ws-token-file` or `--ws-token-sha256` is required when `--ws-auth capability-token` is set",
        ),
        ({"ws-auth": "capability-token", "ws-token-file": "T", "ws-token-sha256": "0" * 64}, "are mutually exclusive"),
        ({"ws-auth": "capability-token", "ws-token-sha256": "0" * 63}, "must be a 64-character hex SHA-256 digest"),
        (
            {"ws-auth": "capability-token", "ws-token-file": "missing"},
            "/missing: No such file or directory (os error 2)",
        ),
        ({"ws-auth": "capability-token", "ws-token-file": "empty"}, "/empty is empty"),
        ({"ws-auth": "capability-token", "ws-token-file": "T", "ws-issuer": "x"}, "require `--ws-auth signed-bearer-token`"),
        (
            {"ws-auth": "signed-bearer-token"},
            "`--ws-shared-secret-file` is required when `--ws-auth signed-bearer-token` is set",
        ),
        ({"ws-auth": "signed-bearer-token", "ws-shared-secret-file": "T"}, "/T must be at least 32 bytes"),
        ({"ws-auth": "signed-bearer-token", "ws-token-file": "T"}, "not `signed-bearer-token`"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, str], complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "T").write_text("short")
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(WrongOptions) as caught:
        admission(options)
    assert str(caught.value).endswith(complaint)
