"""Sockets with a name in the file system."""

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app_server.transport.unix import LONGEST_BYTES, NotToBeServed, bound, listening, short_place


def test_a_socket_that_nobody_serves_makes_way_and_one_that_is_served_does_not(tmp_path: Path) -> None:
    path = tmp_path / "s"
    bound(path, path).close()
    assert path.is_socket()
    with listening(path):
        assert path.stat().st_mode & 0o777 == 0o600
        with pytest.raises(NotToBeServed, match=f"already in use at {path}"), listening(path):
            pass
    assert not path.exists()


def test_what_is_no_socket_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(NotToBeServed, match="exists and is not a socket"), listening(tmp_path / "file"):
        pass
    assert (tmp_path / "file").read_text() == "kept"


@pytest.fixture
def private(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a short name for temporary files; that of a test is long."""
    with tempfile.TemporaryDirectory(prefix="s", dir="/tmp") as folder:
        monkeypatch.setattr("tempfile.tempdir", folder)
        yield Path(folder)


def test_a_long_name_is_a_link_to_a_short_one(private: Path) -> None:
    path = private / ("n" * LONGEST_BYTES)
    for _ in range(2):
        with listening(path) as listener:
            assert path.is_symlink()
            assert path.resolve().parent.stat().st_mode & 0o777 == 0o700
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(path.resolve()))
            listener.accept()[0].close()
            place = path.resolve()
        assert not path.is_symlink()
        assert not place.exists()
    path.symlink_to(place)  # as a server leaves it that was killed
    with listening(path):
        assert path.is_socket()


def test_the_folder_of_short_names_is_nobody_elses(private: Path) -> None:
    folder = short_place(Path("x")).parent
    folder.chmod(0o755)
    with pytest.raises(NotToBeServed):
        short_place(Path("x"))
    folder.rmdir()
    folder.symlink_to(private)
    with pytest.raises(NotToBeServed):
        short_place(Path("x"))
