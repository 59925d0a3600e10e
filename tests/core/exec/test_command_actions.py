"""What commands do, for display. The cases were put to the reference; those under "ours" differ on purpose."""

from typing import Any

import pytest

from app_server.core.exec.command_actions import command_actions
from protocol.base import to_wire


def read(command: str, path: str, name: str | None = None) -> dict[str, Any]:
    return {"type": "read", "command": command, "name": name or path.rpartition("/")[2], "path": path}


def listing(command: str, path: str | None = None) -> dict[str, Any]:
    return {"type": "listFiles", "command": command, "path": path}


def search(command: str, query: str | None, path: str | None = None) -> dict[str, Any]:
    return {"type": "search", "command": command, "query": query, "path": path}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("ls", [listing("ls")]),
        ("ls -I '*.py' sub x", [listing("ls -I '*.py' sub x", "sub")]),
        ("tree -L 2 src/a/b", [listing("tree -L 2 src/a/b", "b")]),
        ("ls build/dist", [listing("ls build/dist", "build/dist")]),
        ("rg --files | head -n 5", [listing("rg --files")]),
        ("git ls-files src", [listing("git ls-files src", "src")]),
        ("find src -type f", [listing("find src -type f", "src")]),
        ("fd", [listing("fd")]),
        ("rg -n \"foo bar\" -g '*.py' src", [search("rg -n 'foo bar' -g '*.py' src", "foo bar", "src")]),
        ("rg -A 3 foo", [search("rg -A 3 foo", "foo")]),
        ("grep -e x -e y src", [search("grep -e x -e y src", "x", "src")]),
        ("grep -R x --include='*.py' src", [search("grep -R x '--include=*.py' src", "x", "src")]),
        ("git grep -e foo -- src", [search("git grep -e foo -- src", "foo", "src")]),
        ("find . -type f -name '*.py'", [search("find . -type f -name '*.py'", "*.py", ".")]),
        ("fd -t f src", [search("fd -t f src", "src")]),
        ("cat a.txt", [read("cat a.txt", "/w/a.txt")]),
        ("cat -- 'sub dir/../z.txt'", [read("cat -- 'sub dir/../z.txt'", "/w/z.txt")]),
        ("bat --theme X sub/", [read("bat --theme X sub/", "/w/sub", "sub")]),
        ("head -n5 /etc/hosts", [read("head -n5 /etc/hosts", "/etc/hosts")]),
        ("tail -n +5 a", [read("tail -n +5 a", "/w/a")]),
        ("sed -n 1,2p a", [read("sed -n '1,2p' a", "/w/a")]),
        ("awk -F, '{print}' a", [read("awk '-F,' '{print}' a", "/w/a")]),
        ("nl -ba f | sed -n '1,5p'", [read("nl -ba f | sed -n '1,5p'", "/w/f")]),
        ("cat a | sort | uniq | wc -l", [read("cat a", "/w/a")]),
        ("cat a.txt | grep foo", [read("cat a.txt", "/w/a.txt"), search("grep foo", "foo")]),
        ("cd sub && cat y.txt", [read("cat y.txt", "/w/sub/y.txt")]),
        ("cd sub; cd ..; ls && cat a", [listing("ls"), read("cat a", "/w/a")]),
        ("cd sub", []),
        ("ls || true", [listing("ls")]),
        ("echo --- && ls", [listing("ls")]),
        ("cat a; cat a", [read("cat a", "/w/a")]),
        ("ls | xargs cat", [listing("ls")]),
    ],
)
def test_reading_listing_and_searching_are_told_apart(script: str, expected: list[dict[str, Any]]) -> None:
    assert to_wire(command_actions(script, "/w")) == expected


UNKNOWN = [
    "", "true", "git status", "bash -lc 'ls'", "cat a > b", "ls && echo x", "cat a b", "cat", "head -5 a", "sed 's/a/b/' f",
    "wc -l a", "ls *.txt", "/bin/ls", "cd sub && echo hi", "echo a | cat", "ls && echo x && cat a", "xargs sed -i s/a/b/",
]  # fmt: skip


@pytest.mark.parametrize("script", UNKNOWN)
def test_anything_else_is_one_unknown_command(script: str) -> None:
    assert to_wire(command_actions(script, "/w")) == [{"type": "unknown", "command": script}]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("find -name x", [search("find -name x", "x")]),
        ("ls;", [listing("ls")]),
        ("sed -i s/a/b/ f && cat f", [{"type": "unknown", "command": "sed -i s/a/b/ f && cat f"}]),
    ],
)
def test_ours_shows_less_that_is_wrong(script: str, expected: list[dict[str, Any]]) -> None:
    assert to_wire(command_actions(script, "/w")) == expected
