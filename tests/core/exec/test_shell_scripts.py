"""Taking scripts apart and joining argv. The cases were put to the reference."""

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app_server.core.exec.script import join_argv, quote_word, simple_commands


@pytest.mark.parametrize(
    ("script", "commands"),
    [
        ("ls", [("ls",)]),
        (" ls  -la\t. ", [("ls", "-la", ".")]),
        ("a && b || c; d | e", [("a",), ("b",), ("c",), ("d",), ("e",)]),
        ("a\n\nb\n", [("a",), ("b",)]),
        ("a &&\n b |\nc;", [("a",), ("b",), ("c",)]),
        ("ls \\\n -la", [("ls", "-la")]),
        ("rg \"foo bar\" -g'*.py' 'a'\"b\"c", [("rg", "foo bar", "-g*.py", "abc")]),
        ('echo "a\\nb" "" !x A=1', [("echo", "a\\nb", "", "!x", "A=1")]),
        ("cat naïve.txt", [("cat", "naïve.txt")]),
    ],
)
def test_plain_scripts_come_apart(script: str, commands: list[tuple[str, ...]]) -> None:
    assert simple_commands(script) == commands


WHOLE = [
    "", "  ", "\n", "ls *", "cat $X", 'echo "$X"', "echo `x`", "ls > f", "ls 2>&1", "cat < f", "cat <<E\nE", "(ls)",
    "{ ls; }", "ls &", "a |& b", "! ls", "time ls", "FOO=1 ls", "X+=1 ls", "if a; then b; fi", "for x in y; do z; done",
    "ls # all", "~/x", "'ls' x", 'w"c"', "\\ls", "[ -f x ]", "a ;; b", "&& a", "a &&", "a | | b", "a\n&& b", "a; ; b",
    "; a", "echo 'open", 'e "o', "HEAD^", "a = b", "a\\ b", "fo\\\no", "$'x'", 'echo "a\\"b"', "export A=1", "x{a,b}",
    "cat a&&b&",
]  # fmt: skip


@pytest.mark.parametrize("script", WHOLE)
def test_other_scripts_stay_whole(script: str) -> None:
    assert simple_commands(script) is None


@pytest.mark.parametrize(
    ("word", "quoted"),
    [
        ("cat", "cat"),
        ("", "''"),
        ("+-./:@]_9", "+-./:@]_9"),
        ("echo hi", "'echo hi'"),
        ("--color=never", "'--color=never'"),
        ("it's", '"it\'s"'),
        ("a\\n", '"a\\\\n"'),
        ("^", "'^'"),
        ("a^b", "a'^b'"),
        ("$'", "'$'\"'\""),
        ("'$`!^\"", "\"'\"'$`!''^\"'"),
        ("awk '{print $1}' a", "\"awk '{print \"'$1}'\"' a\""),
        ("é", "'é'"),
        ("a\nb", "'a\nb'"),
    ],
)
def test_words_are_quoted_as_the_reference_does(word: str, quoted: str) -> None:
    assert quote_word(word) == quoted


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12), min_size=1, max_size=4))
def test_a_shell_would_take_the_joined_words_apart_again(words: list[str]) -> None:
    assert shlex.split(join_argv(words)) == words


def test_an_argv_is_shown_as_one_line() -> None:
    assert join_argv(("/bin/bash", "-lc", "echo bad >&2; exit 7")) == "/bin/bash -lc 'echo bad >&2; exit 7'"
