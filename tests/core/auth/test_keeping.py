"""Where logins are kept, with a keyring of our own in place of the system's."""

import hashlib
import json
import logging
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordDeleteError

from app_server.core.auth import keeping
from app_server.core.auth.keeping import NotKept
from app_server.core.auth.stored import of_key


class Ring(KeyringBackend):
    """A keyring in memory, or one that fails."""

    priority = 1  # type: ignore[assignment] - keyring's own backends do so

    def __init__(self, *, is_broken: bool = False) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.is_broken = is_broken

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("nothing there")

    def _check(self) -> None:
        if self.is_broken:
            raise KeyringError("no secret service")


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    made = Ring()
    monkeypatch.setattr(keyring.core, "_keyring_backend", made)
    return made


def test_the_keyring_has_a_login_of_each_home_and_the_file_none(tmp_path: Path, ring: Ring) -> None:
    (tmp_path / "auth.json").write_text('{"OPENAI_API_KEY": "older"}')
    keeping.write(tmp_path, "keyring", of_key("sk-1"))
    name = "cli|" + hashlib.sha256(str(tmp_path).encode()).hexdigest()[:16]
    assert {key: json.loads(text) for key, text in ring.kept.items()} == {
        ("Codex Auth", name): {"auth_mode": "apikey", "OPENAI_API_KEY": "sk-1"}
    }
    assert not (tmp_path / "auth.json").exists()
    found = keeping.read(tmp_path, "keyring")
    assert found is not None
    assert found.token == "sk-1"
    assert keeping.read(tmp_path / "other", "keyring") is None
    assert keeping.read(tmp_path, "file") is None
    keeping.remove(tmp_path, "keyring")
    keeping.remove(tmp_path, "keyring")
    assert keeping.read(tmp_path, "keyring") is None
    assert ring.kept == {}


def test_without_a_keyring_auto_is_the_file(tmp_path: Path, ring: Ring, caplog: pytest.LogCaptureFixture) -> None:
    ring.is_broken = True
    with pytest.raises(NotKept, match=r"^failed to write OAuth tokens to keyring: no secret service$"):
        keeping.write(tmp_path, "keyring", of_key("sk-secret"))
    assert keeping.read(tmp_path, "keyring") is None
    with caplog.at_level(logging.DEBUG):
        keeping.write(tmp_path, "auto", of_key("sk-secret"))
        found = keeping.read(tmp_path, "auto")
        keeping.remove(tmp_path, "auto")
    assert found is not None
    assert found.token == "sk-secret"
    assert not (tmp_path / "auth.json").exists()
    assert "no secret service" in caplog.text
    assert "sk-secret" not in caplog.text


def test_auto_prefers_the_keyring(tmp_path: Path, ring: Ring) -> None:
    (tmp_path / "auth.json").write_text('{"OPENAI_API_KEY": "in the file"}')
    found = keeping.read(tmp_path, "auto")
    assert found is not None
    assert found.token == "in the file"
    keeping.write(tmp_path, "auto", of_key("in the ring"))
    found = keeping.read(tmp_path, "auto")
    assert found is not None
    assert found.token == "in the ring"


def test_what_makes_no_sense_in_the_keyring_is_no_login(tmp_path: Path, ring: Ring) -> None:
    keeping.write(tmp_path, "keyring", of_key("k"))
    for text in ("", "{", "[]", "{}"):
        ring.kept = dict.fromkeys(ring.kept, text)
        assert keeping.read(tmp_path, "keyring") is None


def test_an_ephemeral_login_is_nowhere(tmp_path: Path, ring: Ring) -> None:
    keeping.write(tmp_path, "ephemeral", of_key("k"))
    assert keeping.read(tmp_path, "ephemeral") is None
    assert list(tmp_path.iterdir()) == []
    assert ring.kept == {}


def test_a_file_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotKept, match="No such file"):
        keeping.write(tmp_path / "missing", "file", of_key("k"))
