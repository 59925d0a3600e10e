"""Commands held against rules and nature: decisions, reasons, and the rules that are offered."""

from pathlib import Path

import pytest

from app_server.core.exec_policy.judge import Nature, Weighed, canonical, weigh
from app_server.core.exec_policy.rulebook import Decision, Rulebook
from app_server.core.exec_policy.starlark_file import read_rules

ALLOW, PROMPT, FORBIDDEN = Decision.ALLOW, Decision.PROMPT, Decision.FORBIDDEN
QUIET = Nature(ALLOW, PROMPT)
ASKING = Nature(PROMPT, PROMPT)
BOOK = read_rules(
    Path("/my.rules"),
    """
prefix_rule(["ls"])
prefix_rule(["git", "status"])
prefix_rule(["touch", ["pa", "pb"]], "prompt", justification="why touch")
prefix_rule(["mkdir"], "prompt")
prefix_rule(["unlink"], "forbidden")
prefix_rule(["rmdir", "x"], "forbidden", justification="no rmdir")
prefix_rule(["make"])
host_executable("make", ["/usr/bin/make"])
""",
)


def judged(script: str, nature: Nature = QUIET, book: Rulebook = BOOK, wanted: tuple[str, ...] | None = None) -> Weighed:
    """The judgement of a shell command."""
    return weigh(("/bin/bash", "-lc", script), book, nature, wanted)


CASES = [
    ("ls -a", ALLOW, True),
    ("/bin/ls", ALLOW, True),
    ("ls && git status", ALLOW, True),
    ("ls && echo x", ALLOW, False),
    ("ls > x", ALLOW, False),
    ("make", ALLOW, True),
    ("/usr/bin/make all", ALLOW, True),
    ("/opt/make all", ALLOW, False),
    ("touch pa", PROMPT, False),
    ("touch pc", ALLOW, False),
    ("ls | touch pb", PROMPT, False),
    ("touch pa && unlink q", FORBIDDEN, False),
    ("rm -rf x", PROMPT, False),
    ("echo > x; rm -rf $Y", PROMPT, False),
    ("rm x", ALLOW, False),
]


@pytest.mark.parametrize(("script", "decision", "is_allowed"), CASES)
def test_the_strictest_part_decides_and_all_parts_have_to_be_allowed(script: str, decision: Decision, is_allowed: bool) -> None:
    weighed = judged(script)
    assert (weighed.decision, weighed.is_allowed) == (decision, is_allowed)


HIDDEN = [
    ("(unlink q)", FORBIDDEN),
    ("A=1 unlink q", FORBIDDEN),
    ("unlink q > /dev/null", FORBIDDEN),
    ("for f in *; do unlink $f; done", FORBIDDEN),
    ("rmdir $X", PROMPT),
    ("rmdir *", PROMPT),
    ("rmdir -v $X", ALLOW),
    ("rmdir y$(date)", PROMPT),
    ("rmdir y $(date)", ALLOW),
    ("$CMD x", PROMPT),
    ("bash -c 'unlink q'", FORBIDDEN),
    ("sudo unlink q", FORBIDDEN),
    ("echo unlink $X", ALLOW),
]


@pytest.mark.parametrize(("script", "decision"), HIDDEN)
def test_rules_against_a_command_hold_wherever_it_stands_and_for_what_it_might_be(script: str, decision: Decision) -> None:
    assert judged(script).decision is decision


def test_nothing_is_looked_for_where_no_rule_is_against_anything() -> None:
    book = read_rules(Path("/my.rules"), "prefix_rule(['ls'])")
    assert judged("$CMD x", book=book).decision is ALLOW


REASONS = [
    ("mkdir d && touch pb", "`/bin/bash -lc 'mkdir d && touch pb'` requires approval: why touch"),
    ("mkdir d", "`/bin/bash -lc 'mkdir d'` requires approval by policy"),
    ("unlink a", "`/bin/bash -lc 'unlink a'` rejected: policy forbids commands starting with `unlink`"),
    ("rmdir x", "`/bin/bash -lc 'rmdir x'` rejected: no rmdir"),
    ("ls", None),
    ("rm -f x", None),
]


@pytest.mark.parametrize(("script", "reason"), REASONS)
def test_the_rule_that_says_most_about_the_command_gives_the_reason(script: str, reason: str | None) -> None:
    assert judged(script).reason == reason


AMENDMENTS = [
    ("touch foo.txt && echo hi", None, ("touch", "foo.txt")),
    ("ls && echo hi", None, ("echo", "hi")),
    ("cd /tmp && npm install", None, ("cd", "/tmp")),
    ("echo > x", None, ("/bin/bash", "-lc", "echo > x")),
    ("echo a && echo b", ("echo",), ("echo",)),
    ("echo a && cat b", ("echo",), ("echo", "a")),
    ("ls && echo a", ("echo",), ("echo", "a")),
    ("python3 -c 1", ("python3",), ("python3", "-c", "1")),
    ("python3 -c 1", ("python3", "-c"), ("python3", "-c", "1")),
    ("python3 x.py", ("python3", "x.py"), ("python3", "x.py")),
    ("rm -f q", ("rm",), ("rm", "-f", "q")),
    ("echo > x", ("echo",), ("/bin/bash", "-lc", "echo > x")),
    ("touch pa", ("touch",), None),
    ("rm -f q && mkdir x", None, None),
    ("ls", None, None),
]


@pytest.mark.parametrize(("script", "wanted", "amendment"), AMENDMENTS)
def test_the_rule_that_is_offered(script: str, wanted: tuple[str, ...] | None, amendment: tuple[str, ...] | None) -> None:
    assert judged(script, ASKING, wanted=wanted).amendment == amendment


def test_what_an_approval_is_about_does_not_depend_on_spelling() -> None:
    spellings = [("/bin/bash", "-lc", "touch  k1"), ("/bin/bash", "-c", "touch 'k1'"), ("/bin/sh", "-lc", "touch k1\n")]
    assert {canonical(argv) for argv in spellings} == {("touch", "k1")}
    assert canonical(("/bin/bash", "-lc", "touch a && touch b")) == ("-lc", "touch a && touch b")
    assert canonical(("/bin/bash", "-lc", "/usr/bin/touch k1")) == ("/usr/bin/touch", "k1")
