"""Attempts to get out of a sandbox: scripts that leave a trace in the folder `$OUT`, or exit with 0 if they got what they wanted.

The current folder is the workspace. `$OUTER` is a process outside, `$PORT` and `$UDP` are open on this machine, `$UNIX` and
`$ABSTRACT` are sockets of it.
"""

PYTHON = "python3 -c"
SOCKET = "python3 -c 'import os, socket; "
LIBC = "python3 -c 'import ctypes, os; libc = ctypes.CDLL(None); "

LEAVES_A_TRACE = {
    "writes a file outside": 'echo x > "$OUT/trace"',
    "appends to a file outside": 'echo x >> "$OUT/kept"; grep -q x "$OUT/kept" && touch "$OUT/trace"',
    "makes a folder outside": 'mkdir "$OUT/trace"',
    "removes a file outside": 'rm "$OUT/kept" && touch "$OUT/trace"',
    "renames into the outside": 'echo x > mine && mv mine "$OUT/trace"',
    "renames within the outside": 'mv "$OUT/kept" "$OUT/trace"',
    "writes through a symbolic link": 'ln -s "$OUT" link && echo x > link/trace',
    "writes through a chain of links": 'ln -s "$OUT" a && ln -s a b && echo x > b/trace',
    "writes through a hard link": 'ln "$OUT/kept" mine && echo more > mine && grep -q more "$OUT/kept" && touch "$OUT/trace"',
    "writes by a path with dots": 'echo x > "$PWD/../outside/trace"',
    "writes through /proc/self/root": 'echo x > "/proc/self/root$OUT/trace"',
    "writes through /proc/self/cwd": 'cd "$OUT" && echo x > /proc/self/cwd/trace',
    "writes through the root of a process outside": 'echo x > "/proc/$OUTER/root$OUT/trace"',
    "writes through an open descriptor": 'exec 9>"$OUT/trace" && echo x >&9',
    "truncates a file outside": f"""{PYTHON} 'import os; os.truncate(os.environ["OUT"] + "/kept", 0)' && touch "$OUT/trace" """,
    "makes a fifo outside": 'mkfifo "$OUT/trace"',
    "makes a socket outside": f"""{SOCKET}socket.socket(socket.AF_UNIX).bind(os.environ["OUT"] + "/trace")'""",
    "unpacks an archive outside": 'echo x > mine && tar cf - mine | tar xf - -C "$OUT" && mv "$OUT/mine" "$OUT/trace"',
    "lets a background process write": '(echo x > "$OUT/trace") & wait',
    "lets a new session write": 'setsid sh -c "echo x > $OUT/trace"; sync',
    "makes everything writable again in namespaces of its own": 'unshare -rm sh -c "mount -o remount,rw,bind / && echo x > $OUT/trace"',  # noqa: E501
    "moves the workspace away and puts the outside there": 'mv "$PWD" "$PWD.old"; ln -s "$OUT" "$PWD" && echo x > "$PWD/trace"; rm -f "$PWD"; mv "$PWD.old" "$PWD"',  # noqa: E501
}
EXITS_WELL = {
    "changes the mode of a file outside": 'chmod 777 "$OUT/kept"',
    "changes the times of a file outside": 'touch -d 2001-01-01 "$OUT/kept"',
    "plants a git hook": "mkdir -p .git/hooks && echo x > .git/hooks/pre-commit",
    "changes the git configuration": "mkdir -p .git && echo x > .git/config",
    "plants our configuration": "mkdir -p .codex && echo x > .codex/config.toml",
    "plants instructions for agents": "mkdir -p .agents/skills && echo x > .agents/skills/one",
    "plants credentials": "mkdir -p .aws && echo x > .aws/credentials",
    "moves a protected folder away": "mkdir -p .git && mv .git old",
    "connects by TCP": f"""{SOCKET}socket.create_connection(("127.0.0.1", int(os.environ["PORT"])), 2)'""",
    "sends by UDP": f"""{SOCKET}socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", int(os.environ["UDP"])))'""",  # noqa: E501
    "asks a name server": f"""{SOCKET}s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(("127.0.0.1", int(os.environ["UDP"]))); s.send(bytes(12)) or exit(1)'""",  # noqa: E501
    "opens a netlink socket": f"{SOCKET}socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)'",
    "listens": f'{SOCKET}socket.create_server(("127.0.0.1", 0))\'',
    "connects to a socket of the machine": f"""{SOCKET}socket.socket(socket.AF_UNIX).connect(os.environ["UNIX"])'""",
    "connects to an abstract socket": f"""{SOCKET}socket.socket(socket.AF_UNIX).connect(chr(0) + os.environ["ABSTRACT"])'""",
    "signals a process outside": 'kill -0 "$OUTER"',
    "sees a process outside": 'test -d "/proc/$OUTER" && grep -q python "/proc/$OUTER/cmdline"',
    "traces itself for its parent": f"{LIBC}exit(libc.ptrace(0, 0, 0, 0) < 0)'",
    "submits work past the filter": f"{LIBC}exit(libc.syscall(425, 1, ctypes.create_string_buffer(120)) < 0)'",
    "reads the keys of the session": f"{LIBC}exit(libc.syscall(250, 0, -3, 1) < 0)'",
}
AS_ROOT_LEAVES_A_TRACE = {
    "makes a device outside": 'mknod "$OUT/trace" c 1 3',
    "changes its root and writes": 'chroot / sh -c "echo x > $OUT/trace"',
    "mounts the outside over the workspace": 'mount --bind "$OUT" "$PWD" && echo x > "$PWD/trace"; umount "$PWD" 2>/dev/null; test -e "$OUT/trace"',  # noqa: E501
}
AS_ROOT_EXITS_WELL = {
    "mounts a file system": "mkdir here && mount -t tmpfs none here && umount here",
    "enters the namespaces of another process": 'nsenter -t "$OUTER" -m true',
    "opens a raw socket": f"{SOCKET}socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)'",
    "opens a packet socket": f"{SOCKET}socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'",
    "sets the name of the machine": "name=$(cat /proc/sys/kernel/hostname) && echo $name > /proc/sys/kernel/hostname",
    "sets where the kernel sends its crashes": 'pattern=$(cat /proc/sys/kernel/core_pattern) && echo "$pattern" > /proc/sys/kernel/core_pattern',  # noqa: E501
    "becomes another user": f"{PYTHON} 'import os; os.setuid(65534)'",
}
FOR_ALL = {**LEAVES_A_TRACE, **EXITS_WELL}
FOR_ROOT = {**AS_ROOT_LEAVES_A_TRACE, **AS_ROOT_EXITS_WELL}
ATTEMPTS = {**FOR_ALL, **FOR_ROOT}
NOT_PROMISED = {
    "landlock": frozenset(
        {
            "changes the mode of a file outside",
            "changes the times of a file outside",
            "plants a git hook",
            "changes the git configuration",
            "plants our configuration",
            "plants instructions for agents",
            "plants credentials",
            "moves a protected folder away",
            "sees a process outside",
        }
    ),
    "bubblewrap": frozenset[str](),
}
"""What a rung does not keep back, and says so."""


def leaves_a_trace(name: str) -> bool:
    """Whether an attempt has succeeded if there is a trace; else if it has exited with 0."""
    return name in LEAVES_A_TRACE or name in AS_ROOT_LEAVES_A_TRACE
