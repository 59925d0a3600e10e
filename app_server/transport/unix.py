"""A listening socket with a name in the file system, for this user alone.

The names of sockets are short; where one would be too long, the socket lies in a private folder under a short name,
and a link stands in its place. Source: spec/server.md section 10.
"""

import fcntl
import hashlib
import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app_server.transport.socket import BACKLOG

LONGEST_BYTES = 107
"""How long the name of a socket may be."""


class NotToBeServed(Exception):
    """Another server listens there, or something else is in the way."""


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """Listen at a path, which is free again at the end. Raises: OSError, NotToBeServed."""
    if path.exists() and not path.is_socket():
        raise NotToBeServed(f"app-server control socket path exists and is not a socket: {path}")
    place = path if len(os.fsencode(path)) <= LONGEST_BYTES else short_place(path)
    with bound(place, path) as listener:
        if place != path:
            path.unlink(missing_ok=True)
            path.symlink_to(place)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)
            place.unlink(missing_ok=True)


def bound(place: Path, shown: Path) -> socket.socket:
    """A socket bound to a place. What a server left there that ended badly makes way; a socket on which somebody answers
    does not. The folder is locked meanwhile, so that of two servers that start at once one is the second."""
    folder = os.open(place.parent, os.O_RDONLY)
    mask = os.umask(0o177)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if is_served(place):
            raise NotToBeServed(f"app-server control socket is already in use at {shown}")
        place.unlink(missing_ok=True)
        listener.bind(str(place))
        listener.listen(BACKLOG)
    except (OSError, NotToBeServed):
        listener.close()
        raise
    finally:
        os.umask(mask)
        os.close(folder)
    listener.setblocking(False)
    return listener


def is_served(place: Path) -> bool:
    """Whether somebody answers at a socket. Raises: OSError (nobody can tell)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(place))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
    return True


def short_place(path: Path) -> Path:
    """A short name for a long one, in a folder that is ours alone. Raises: OSError, NotToBeServed."""
    folder = Path(tempfile.gettempdir(), f"app-server-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise NotToBeServed(f"{folder} is not a folder of this user alone")
    return folder / hashlib.sha256(os.fsencode(path)).hexdigest()[:32]
