"""Files of rules: what they say, what is wrong with them, where they are, and what is added to them."""

from pathlib import Path
from typing import Any

import pytest

from app_server.core.clock import Clock
from app_server.core.config.store import ConfigStore
from app_server.core.exec_policy.files import append_rule, load_rules, rules_warnings
from app_server.core.exec_policy.rulebook import Decision, PrefixRule
from app_server.core.exec_policy.starlark_file import RulesError, read_rules

FILE = Path("/home/rules/my.rules")


def test_rules_are_read_with_alternatives_decisions_and_words_of_the_file() -> None:
    book = read_rules(
        FILE,
        """
NETWORK = ["curl", "wget"]
prefix_rule(["ls"])
prefix_rule(pattern=[NETWORK, "-O"], decision="prompt", justification="loads files", match=["curl -O x", ["wget", "-O"]])
prefix_rule(["git", "push"], "forbidden", not_match=["git pull"])
[prefix_rule([name]) for name in ("cat", "tac")]
def allow(name):
    prefix_rule([f"{name}x"])
allow("a")
host_executable(name="ls", paths=["/usr/bin/ls"])
network_rule(host="example.com", protocol="https", decision="deny", justification="no")
""",
    )
    assert book.rules == (
        PrefixRule((("ls",),), Decision.ALLOW),
        PrefixRule((("curl", "wget"), ("-O",)), Decision.PROMPT, "loads files"),
        PrefixRule((("git",), ("push",)), Decision.FORBIDDEN),
        PrefixRule((("cat",),), Decision.ALLOW),
        PrefixRule((("tac",),), Decision.ALLOW),
        PrefixRule((("ax",),), Decision.ALLOW),
    )
    assert book.hosts == {"ls": frozenset({"/usr/bin/ls"})}


WRONG = [
    ("prefix_rule(pattern=[])", "invalid pattern element: pattern cannot be empty", (1, 1, 24)),
    ("prefix_rule(pattern=[[]])", "invalid pattern element: pattern alternatives cannot be empty", (1, 1, 26)),
    ("\n\nprefix_rule(['a'], decision='maybe')", "invalid decision: maybe", (3, 1, 37)),
    ("prefix_rule(['a', 3])", "pattern element must be a string or list of strings (got int)", (1, 1, 22)),
    ("prefix_rule('a')", "Type of parameter `pattern` doesn't match, expected `list`", (1, 1, 17)),
    ("prefix_rule(['a'], justification=' ')", "justification cannot be empty", (1, 1, 38)),
    ("prefix_rule(['a'], match=['b c'])", "expected every example to match at least one rule", (1, 1, 34)),
    ("prefix_rule(['a'], not_match=[['a', 'c']])", "expected example to not match rule: a c", (1, 1, 43)),
    ("prefix_rule(['a'], match=[\"'b\"])", "example string has invalid shell syntax", (1, 1, 33)),
    ("prefix_rule(['a'], foo=1)", "prefix_rule() got an unexpected keyword argument 'foo'", (1, 1, 26)),
    ("host_executable(name='a/b', paths=['/x/a'])", "must be a bare executable name (got a/b)", (1, 1, 44)),
    ("host_executable(name='a', paths=['x/a'])", "paths must be absolute (got x/a)", (1, 1, 41)),
    ("host_executable(name='a', paths=['/x/b'])", "path `/x/b` must have basename `a`", (1, 1, 42)),
    ("network_rule('', 'https', 'allow')", "network_rule host cannot be empty", (1, 1, 35)),
    ("network_rule('a', 'gopher', 'allow')", "must be one of http, https, socks5_tcp, socks5_udp (got gopher)", (1, 1, 37)),
    ("network_rule('a', 'https', 'x')", "invalid decision: x", (1, 1, 32)),
    ("frob('a')", "Variable `frob` not found", (1, 1, 5)),
    ("prefix_rule(['a'\nfoo", "Parse error: unexpected identifier 'foo'", (2, 1, 4)),
    ("load('a.star', 'b')", "No imports are available", (1, 1, 20)),
]


@pytest.mark.parametrize(("text", "why", "span"), WRONG)
def test_a_wrong_file_is_told_with_its_place(text: str, why: str, span: tuple[int, int, int]) -> None:
    with pytest.raises(RulesError) as raised:
        read_rules(FILE, text)
    assert f"error: {why}" in raised.value.detail or why in raised.value.detail
    assert "ValueError" not in raised.value.detail
    line, first, end = span
    assert raised.value.to_warning() == {
        "summary": "Error parsing rules; custom rules not applied.",
        "details": raised.value.detail,
        "path": str(FILE),
        "range": {"start": {"line": line, "column": first}, "end": {"line": line, "column": end}},
    }


def test_a_file_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app_server.core.exec_policy.starlark_file.DEADLINE_S", 0.05)
    with pytest.raises(RulesError):
        read_rules(FILE, "def f():\n  for i in range(100000000):\n    str(i)\nf()")


@pytest.fixture
def project(tmp_path: Path) -> Any:
    """A home, a system folder and a project, each with a rule; `load` reads them with a level of trust."""
    home, system, work = tmp_path / "home", tmp_path / "etc", tmp_path / "work"
    (work / "sub").mkdir(parents=True)
    (work / ".git").mkdir()
    for folder, names in ((home, "bz"), (system, "a"), (work / ".codex", "c"), (work / "sub" / ".codex", "d")):
        (folder / "rules").mkdir(parents=True)
        for name in names:
            (folder / "rules" / f"{name}.rules").write_text(f"prefix_rule(['{name}'])")
    (home / "rules" / "other.txt").write_text("nonsense")

    def load(trust: str | None) -> ConfigStore:
        table = f'[projects."{work}"]\ntrust_level = "{trust}"\n' if trust else ""
        (home / "config.toml").write_text(table)
        return ConfigStore(home, {"HOME": str(tmp_path)}, {}, Clock(), cwd=work / "sub", system=system)

    return load


@pytest.mark.parametrize(("trust", "names"), [("trusted", "abzcd"), ("untrusted", "abz"), (None, "abz")])
def test_rules_of_a_project_hold_once_it_is_trusted(project: Any, trust: str | None, names: str) -> None:
    rules = load_rules(project(trust).load()).rules
    assert [rule.pattern[0][0] for rule in rules] == list(names)


def test_where_one_file_is_wrong_no_rule_holds_and_the_client_is_told(project: Any, tmp_path: Path) -> None:
    config = project(None).load()
    assert rules_warnings(config) == []
    (tmp_path / "home" / "rules" / "m.rules").write_text("prefix_rule(")
    with pytest.raises(RulesError):
        load_rules(config)
    [warning] = rules_warnings(config)
    assert warning["path"] == str(tmp_path / "home" / "rules" / "m.rules")
    (tmp_path / "home" / "rules" / "m.rules").write_bytes(b"\xff")
    [warning] = rules_warnings(config)
    assert warning["details"].startswith(f"failed to read rules file {tmp_path}")


def test_a_rule_is_added_once_and_reads_back(tmp_path: Path) -> None:
    words = ["echo", 'say "hi"\n', "ü\\"]
    append_rule(tmp_path, words)
    file = tmp_path / "rules" / "default.rules"
    assert file.read_text() == 'prefix_rule(pattern=["echo", "say \\"hi\\"\\n", "ü\\\\"], decision="allow")\n'
    file.write_text(file.read_text().rstrip() + "\n# mine")
    append_rule(tmp_path, words)
    append_rule(tmp_path, ["ls"])
    assert file.read_text().splitlines()[1:] == ["# mine", 'prefix_rule(pattern=["ls"], decision="allow")']
    assert [rule.pattern for rule in read_rules(file, file.read_text()).rules] == [
        tuple((word,) for word in words),
        (("ls",),),
    ]
