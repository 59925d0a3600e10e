"""The system call filter of sandboxed commands, as the program that the kernel runs.

Everything is allowed but what is listed: without network, all sockets but those between processes of one machine, and
what could reach into other processes. Source: spec/approvals-sandbox.md sections 11 and 12.
"""

import os
import struct
from collections.abc import Mapping

ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050001, 0x80000000
"""What the kernel does: go on, fail with EPERM, end the process."""
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER_AT, ARCHITECTURE_AT, FIRST_ARGUMENT_AT = 0, 4, 16
AF_UNIX = 1
X32_BIT = 0x40000000
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALWAYS = ("io_uring_setup", "io_uring_enter", "io_uring_register", "add_key", "request_key", "keyctl")
NO_NETWORK = (
    "ptrace", "process_vm_readv", "process_vm_writev", "connect", "accept", "accept4", "bind", "listen", "getpeername",
    "getsockname", "shutdown", "sendto", "sendmmsg", "recvmmsg", "getsockopt", "setsockopt",
)  # fmt: skip
UNIX_ONLY = ("socket", "socketpair")
NUMBERS: Mapping[str, Mapping[str, int]] = {
    "x86_64": {
        "add_key": 248, "request_key": 249, "keyctl": 250,
        "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "ptrace": 101, "process_vm_readv": 310,
        "process_vm_writev": 311, "connect": 42, "accept": 43, "accept4": 288, "bind": 49, "listen": 50, "getpeername": 52,
        "getsockname": 51, "shutdown": 48, "sendto": 44, "sendmmsg": 307, "recvmmsg": 299, "getsockopt": 55, "setsockopt": 54,
        "socket": 41, "socketpair": 53,
    },
    "aarch64": {
        "add_key": 217, "request_key": 218, "keyctl": 219,
        "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "ptrace": 117, "process_vm_readv": 270,
        "process_vm_writev": 271, "connect": 203, "accept": 202, "accept4": 242, "bind": 200, "listen": 201, "getpeername": 205,
        "getsockname": 204, "shutdown": 210, "sendto": 206, "sendmmsg": 269, "recvmmsg": 243, "getsockopt": 209,
        "setsockopt": 208, "socket": 198, "socketpair": 199,
    },
}  # fmt: skip


def program(machine: str, has_network: bool) -> bytes:
    """The filter for a machine (`os.uname().machine`). Raises: KeyError, for one whose call numbers are not known."""
    numbers = NUMBERS[machine]
    body = [_load(NUMBER_AT)]
    if machine == "x86_64":
        body += _refuse_if(AT_LEAST, X32_BIT)
    for name in (*ALWAYS, *(() if has_network else NO_NETWORK)):
        body += _refuse_if(EQUAL, numbers[name])
    if not has_network:
        for name in UNIX_ONLY:
            body += [
                _step(EQUAL, numbers[name], 0, 4),
                _load(FIRST_ARGUMENT_AT),
                _step(EQUAL, AF_UNIX, 1, 0),
                _step(RETURN, REFUSE),
                _load(NUMBER_AT),
            ]
    head = [_load(ARCHITECTURE_AT), _step(EQUAL, ARCHITECTURES[machine], 1, 0), _step(RETURN, KILL)]
    return b"".join([*head, *body, _step(RETURN, ALLOW)])


def open_program(data: bytes) -> int:
    """A descriptor from which a program is read; the caller closes it."""
    descriptor = os.memfd_create("seccomp")
    os.write(descriptor, data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)


def _load(offset: int) -> bytes:
    return _step(LOAD, offset)


def _refuse_if(test: int, value: int) -> list[bytes]:
    return [_step(test, value, 0, 1), _step(RETURN, REFUSE)]
