"""A place where only loopback exists, for measuring a program that might speak to the outside.

The whole benchmark is executed again inside new user and network namespaces; there the loopback device is switched on
by the kernel's own call, so that no further tool is needed.
"""

import fcntl
import os
import shutil
import socket
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

SIOCGIFFLAGS = 0x8913
SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1


class NotIsolated(Exception):
    """The namespaces cannot be made, or there is a way out of them."""


def execute_isolated(arguments: Sequence[str]) -> None:
    """Replace this process by the same benchmark in its own network. Does not return. Raises: NotIsolated."""
    unshare = shutil.which("unshare")
    if unshare is None:
        raise NotIsolated("a reference is only measured without a network, and `unshare` (util-linux) is missing")
    os.execv(unshare, [unshare, "--user", "--map-root-user", "--net", sys.executable, "-m", "benchmarks", *arguments])


def switch_loopback_on() -> None:
    """Bring `lo` up in the new network. Raises: NotIsolated (a route leads out)."""
    if len(Path("/proc/net/route").read_text().splitlines()) > 1:  # the first line is the heading
        raise NotIsolated("there is a route to a network")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("16sH14x", b"lo", 0)
        name, flags = struct.unpack("16sH14x", fcntl.ioctl(probe, SIOCGIFFLAGS, request))
        fcntl.ioctl(probe, SIOCSIFFLAGS, struct.pack("16sH14x", name, flags | IFF_UP))
