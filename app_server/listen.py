"""The composition root of a server that listens: for websockets, on an address or on a socket in the file system.

It serves any number of clients until it is told to end. Source: spec/server.md sections 1, 9 and 10.
"""

import gc
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import NoReturn

from app_server import lean_imports, listen_loop
from app_server.cli import Settings, UsageError
from app_server.cli_options import CONTROL_SOCKET
from app_server.compose import compose
from app_server.core.clock import Clock
from app_server.identity import Identity
from app_server.logs import configure
from app_server.serve_loop import SIGNALS
from app_server.tasks import Tasks
from app_server.transport.auth import WrongOptions, admission
from app_server.transport.socket import allow_many_descriptors, listen_tcp
from app_server.transport.unix import NotToBeServed, listening
from app_server.transport.websocket import Admit

__all__ = ["lean_imports", "listen"]
LOCAL_ONLY = "binds localhost only (use SSH port-forwarding for remote access)"
AUTHENTICATED = "clients have to prove who they are; the connection is not encrypted"
OPEN = "anybody who reaches this address can run commands as this user"


def listen(settings: Settings, make_clock: Callable[[], Clock] = Clock) -> int:
    """Serve clients until a signal ends the server. Returns the exit code. Raises: UsageError."""
    gc.disable()  # nothing of what is loaded now will ever be garbage
    for number in SIGNALS:
        signal.signal(number, leave)  # until the loop watches them
    configure(settings.environment)
    server = compose(settings, Identity(settings.environment), make_clock(), Tasks())
    with ExitStack() as stack:
        try:
            admit = admission(settings.websocket)
            place = tcp if settings.listen.startswith("ws://") else unix
            listener = stack.enter_context(place(settings, admit))
        except (WrongOptions, NotToBeServed) as error:
            raise UsageError(f"Error: {error}", 1) from error
        except OSError as error:
            raise UsageError(f"Error: cannot listen on {settings.listen}: {error.strerror or error}", 1) from error
        allow_many_descriptors()
        gc.freeze()
        gc.enable()
        listen_loop.run(server, listener, admit or admit_all)
    return 0


def leave(*_: object) -> NoReturn:
    """End the process at once, and well."""
    sys.exit(0)


def admit_all(_authorization: str | None) -> str | None:
    """Nobody has to prove anything."""
    return None


@contextmanager
def tcp(settings: Settings, admit: Admit | None) -> Iterator[socket.socket]:
    """Listen on the address of the settings and say where. Raises: WrongOptions, OSError."""
    host, _, port = settings.listen.removeprefix("ws://").rpartition(":")
    host = host.strip("[]")
    is_local = ip_address(host).is_loopback
    if not is_local and admit is None and "allow-unauthenticated-network" not in settings.websocket:
        raise WrongOptions(
            f"refusing to start non-loopback websocket listener {settings.listen.removeprefix('ws://')} without auth; configure "
            "`--ws-auth capability-token` or `--ws-auth signed-bearer-token`, or pass `--allow-unauthenticated-network`"
        )
    with listen_tcp(host, int(port)) as listener:
        port = listener.getsockname()[1]
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        note = LOCAL_ONLY if is_local else AUTHENTICATED if admit is not None else OPEN
        lines = [
            "app-server (WebSockets)",
            f"  listening on: ws://{address}",
            f"  readyz: http://{address}/readyz",
            f"  healthz: http://{address}/healthz",
            f"  note: {note}",
        ]
        _say(lines)
        yield listener


@contextmanager
def unix(settings: Settings, _admit: Admit | None) -> Iterator[socket.socket]:
    """Listen on a socket in the file system, which is removed at the end. Raises: NotToBeServed, OSError."""
    named = settings.listen.removeprefix("unix://")
    path = Path(named).absolute() if named else settings.home / CONTROL_SOCKET
    if not named:
        path.parent.mkdir(mode=0o700, exist_ok=True)
    with listening(path) as listener:
        _say(["app-server (WebSockets over a Unix socket)", f"  listening on: unix://{path}"])
        yield listener


def _say(lines: list[str]) -> None:
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    sys.stderr.flush()
