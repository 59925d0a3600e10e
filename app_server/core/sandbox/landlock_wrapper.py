"""Confines itself by Landlock and a system call filter, and becomes a command: a program of its own, with the standard library
alone, since it is started anew for each command.

    python -I -S landlock_wrapper.py PARENT NETWORK FILTER_FD PLACE... -- COMMAND...

It must not outlive the process PARENT; NETWORK is 1 if TCP may be used; each PLACE may be written. It leaves nothing to
chance: what can't be set up ends it with 126, and the command is not run.
Source: spec/approvals-sandbox.md section 12.
"""

import ctypes
import os
import sys

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
FLAG_VERSION, RULE_PATH_BENEATH = 1, 1
SET_PDEATHSIG, SET_NO_NEW_PRIVS, SET_SECCOMP, CAPBSET_DROP, CAP_AMBIENT = 1, 38, 22, 24, 47
CLEAR_AMBIENT, FILTER_MODE, KILL, LAST_CAPABILITY = 4, 2, 9, 63
FILE_WRITE, TRUNCATE, DEVICE_IOCTL = 1 << 1, 1 << 14, 1 << 15
WRITES = FILE_WRITE | 0x1FF0
"""Writing files, removing and making everything that can be in a folder."""
FILE_RIGHTS = FILE_WRITE | TRUNCATE | DEVICE_IOCTL
SINCE = ((2, 1 << 13), (3, TRUNCATE), (5, DEVICE_IOCTL))
"""Rights that came with later versions: moving between folders, cutting files off, operating devices."""
TCP, TCP_SINCE = 3, 4
SCOPES, SCOPES_SINCE = 3, 6
"""Abstract Unix sockets and signals stay within."""
LIBC = ctypes.CDLL(None, use_errno=True)


class Ruleset(ctypes.Structure):
    """`struct landlock_ruleset_attr`."""

    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64)]


class Beneath(ctypes.Structure):
    """`struct landlock_path_beneath_attr`."""

    _pack_ = 1
    _fields_ = [("rights", ctypes.c_uint64), ("folder", ctypes.c_int32)]


class Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = [("length", ctypes.c_uint16), ("steps", ctypes.c_char_p)]


def must(result: int) -> int:
    """The result of a call that may not fail. Raises: OSError."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def restrict_files(writable: list[str], has_network: bool) -> None:
    """From now on only these places can be written. Raises: OSError."""
    version = must(LIBC.syscall(CREATE_RULESET, None, 0, FLAG_VERSION))
    rights = WRITES
    for since, right in SINCE:
        rights |= right if version >= since else 0
    network = TCP if version >= TCP_SINCE and not has_network else 0
    attributes = Ruleset(rights, network, SCOPES if version >= SCOPES_SINCE else 0)
    size = 24 if version >= SCOPES_SINCE else 16 if version >= TCP_SINCE else 8
    ruleset = must(LIBC.syscall(CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), 0))
    for place in writable:
        try:
            folder = os.open(place, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # it is not there
        allowed = rights if os.path.isdir(place) else rights & FILE_RIGHTS  # noqa: PTH112  # pathlib costs 10 ms
        must(LIBC.syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, ctypes.byref(Beneath(allowed, folder)), 0))
        os.close(folder)
    must(LIBC.syscall(RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def give_up_privileges() -> None:
    """No capabilities, not even for root, and none to be had again. Raises: OSError."""
    LIBC.prctl(CAP_AMBIENT, CLEAR_AMBIENT, 0, 0, 0)
    for capability in range(LAST_CAPABILITY + 1):
        LIBC.prctl(CAPBSET_DROP, capability, 0, 0, 0)  # those that do not exist, or are not ours to drop, are no loss
    must(LIBC.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def filter_calls(descriptor: int) -> None:
    """From now on the kernel refuses what the filter says. Raises: OSError."""
    steps = os.read(descriptor, 1 << 16)
    os.close(descriptor)
    program = Program(len(steps) // 8, steps)
    must(LIBC.prctl(SET_SECCOMP, FILTER_MODE, ctypes.byref(program), 0, 0))


def main(argv: list[str]) -> None:
    """Confine this process and become the command."""
    end = argv.index("--")
    (parent, network, descriptor), places, command = argv[1:4], argv[4:end], argv[end + 1 :]
    must(LIBC.prctl(SET_PDEATHSIG, KILL, 0, 0, 0))
    if os.getppid() != int(parent):
        raise OSError(3, "the parent has ended")
    give_up_privileges()
    restrict_files(places, network == "1")
    filter_calls(int(descriptor))
    os.execvp(command[0], command)  # noqa: S606  # this is what it is for


if __name__ == "__main__":
    try:
        main(sys.argv)
    except OSError as error:
        sys.stderr.write(f"the sandbox could not be set up: {error}\n")
        sys.exit(126)
