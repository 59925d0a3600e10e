"""What commands there are in scripts that are not plain, and which of them remove by force."""

import shlex

import pytest

from app_server.core.exec.script_tree import commands_within, removes_by_force

COMMANDS = [
    ("(rmdir x); for i in a b; do ls $i; done", [("rmdir", "x"), ("ls", None)]),
    ("FOO=1 rmdir x", [("rmdir", "x")]),
    ("wc *.py ~/a {b,c}", [("wc", None, None, None)]),
    ("$X y", [(None, "y")]),
    ("echo $(unlink a) `unlink b`", [("echo", None, None), ("unlink", "a"), ("unlink", "b")]),
    ("sort > /dev/null -u x", [("sort", "-u", "x")]),
    ("sort <<EOF -u\nx\nEOF", [("sort", "-u")]),
    ("cat <<EOF\nrmdir x\nEOF\n", [("cat",)]),
    ("f() { rmdir x; }; f", [("rmdir", "x"), ("f",)]),
    ("if test -d x; then rmdir x; fi", [("test", "-d", "x"), ("rmdir", "x")]),
    ("""r\\mdir "x y" 'z'w""", [("rmdir", "x y", "zw")]),
    ("""$'rmdir' "$x" "a\\"b\"""", [("rmdir", None, 'a"b')]),
    ("bash -c 'rmdir x'", [("bash", "-c", "rmdir x"), ("rmdir", "x")]),
    ("env A=1 sudo rmdir x", [("env", "A=1", "sudo", "rmdir", "x"), ("sudo", "rmdir", "x"), ("rmdir", "x")]),
    ("é $(x) ü", [("é", None, "ü"), ("x",)]),
    ("", []),
    ("'", []),
]


@pytest.mark.parametrize(("script", "commands"), COMMANDS)
def test_commands_are_found_however_nested(script: str, commands: list[tuple[str | None, ...]]) -> None:
    assert commands_within(script) == commands


def test_scripts_within_scripts_are_followed_only_so_far() -> None:
    script = "rmdir x"
    for _ in range(3):
        script = shlex.join(("sh", "-c", script))
    assert commands_within(script)[-1] == ("rmdir", "x")
    assert len(commands_within("sudo " * 50 + "ls")) < 20


FORCED = ["rm -f x", "rm -rf x", "rm x -Rf", "rm --force x", "/bin/rm -fv x", "sudo rm -f x", "env rm -f x", "bash -c 'rm -f x'"]
UNFORCED = [
    "rm -r x",
    "rm x",
    "xargs rm -f",
    "command rm -f x",
    "echo 'rm -f x'",
    "rm --interactive x",
    "bash -c 'rm x'",
    "rmf -f",
]


@pytest.mark.parametrize("script", FORCED)
def test_a_removal_by_force_is_seen(script: str) -> None:
    assert removes_by_force(commands_within(script)[0])


@pytest.mark.parametrize("script", UNFORCED)
def test_other_commands_are_none(script: str) -> None:
    assert not any(removes_by_force(words) for words in commands_within(script))
