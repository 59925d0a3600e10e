"""Reads one file of rules. The only module that loads the Starlark interpreter.

A file is a program that calls `prefix_rule`, `host_executable` and `network_rule`; it can't read files, and it has two
seconds. Examples that a rule is given are checked at once. Source: spec/approvals-sandbox.md section 4.
"""

import re
import shlex
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import starlark

from app_server.core.exec_policy.rulebook import Decision, PrefixRule, Rulebook

DEADLINE_S = 2.0
DECISIONS = {"allow": Decision.ALLOW, "prompt": Decision.PROMPT, "forbidden": Decision.FORBIDDEN}
NETWORK_DECISIONS = ("allow", "prompt", "deny")
PROTOCOLS = ("http", "https", "socks5_tcp", "socks5_udp")
PLACE = re.compile(r"^ *--> .*:(\d+):(\d+)$", re.MULTILINE)
MARK = re.compile(r"^ *\| +(\^+)", re.MULTILINE)
OUR_ERRORS = re.compile(r"^error: (?:ValueError|TypeError): (?:_Reader\.)?", re.MULTILINE)


class RulesError(Exception):
    """A file of rules that can't be used. `span` is the place: line, first column, column behind the last."""

    def __init__(self, path: Path, detail: str, span: tuple[int, int, int] | None = None) -> None:
        super().__init__(detail)
        self.path = path
        self.detail = detail
        self.span = span

    def to_warning(self) -> dict[str, Any]:
        """The `configWarning` of it."""
        warning: dict[str, Any] = {"summary": "Error parsing rules; custom rules not applied.", "details": self.detail}
        if self.span is not None:
            line, first, end = self.span
            warning["path"] = str(self.path)
            warning["range"] = {"start": {"line": line, "column": first}, "end": {"line": line, "column": end}}
        return warning


def read_rules(path: Path, text: str) -> Rulebook:
    """The rules of a file. Raises: RulesError."""
    reader = _Reader()
    module = starlark.Module()
    for function in (reader.prefix_rule, reader.host_executable, reader.network_rule):
        module.add_callable(function.__name__, function)
    deadline = time.monotonic() + DEADLINE_S
    options = starlark.EvalOptions(check_cancelled=lambda: time.monotonic() > deadline)
    dialect = starlark.Dialect.extended()
    dialect.enable_f_strings = True
    try:
        starlark.eval_with(options, module, starlark.parse(str(path), text, dialect), starlark.Globals.standard())
    except starlark.StarlarkError as error:
        raise _rules_error(path, OUR_ERRORS.sub("error: ", str(error))) from None
    return Rulebook(reader.rules, reader.hosts)


def _rules_error(path: Path, text: str) -> RulesError:
    place, mark = PLACE.search(text), MARK.search(text)
    span = None
    if place is not None:
        line, column = int(place[1]), int(place[2])
        span = (line, column, column + (len(mark[1]) if mark else 0))
    return RulesError(path, f"failed to parse rules file {path}: starlark error: {text}", span)


class _Reader:
    """The functions that a file calls, and what they have gathered."""

    def __init__(self) -> None:
        self.rules: list[PrefixRule] = []
        self.hosts: dict[str, frozenset[str]] = {}

    def prefix_rule(
        self,
        pattern: Any,
        decision: Any = None,
        match: Any = None,
        not_match: Any = None,
        justification: Any = None,
    ) -> None:
        """Say what happens with commands that begin so."""
        words = tuple(_alternatives(element) for element in _list("pattern", pattern))
        if not words:
            raise ValueError("invalid pattern element: pattern cannot be empty")
        if justification is not None and not _text("justification", justification).strip():
            raise ValueError("invalid rule: justification cannot be empty")
        chosen = "allow" if decision is None else _text("decision", decision)
        if chosen not in DECISIONS:
            raise ValueError(f"invalid decision: {chosen}")
        rule = PrefixRule(words, DECISIONS[chosen], justification)
        unmatched = [each for each in _examples(match) if not rule.matches(each)]
        if unmatched:
            raise ValueError(f"expected every example to match at least one rule; unmatched examples: {_shown(unmatched)}")
        matched = [each for each in _examples(not_match) if rule.matches(each)]
        if matched:
            raise ValueError(f"expected example to not match rule: {_shown(matched)}")
        self.rules.append(rule)

    def host_executable(self, name: Any, paths: Any) -> None:
        """Say which files count as a program of this name."""
        program = _text("name", name)
        if not program or "/" in program:
            raise ValueError(f"invalid rule: host_executable name must be a bare executable name (got {program})")
        for path in _list("paths", paths):
            if not _text("paths", path).startswith("/"):
                raise ValueError(f"invalid rule: host_executable paths must be absolute (got {path})")
            if path.rpartition("/")[2] != program:
                raise ValueError(f"invalid rule: host_executable path `{path}` must have basename `{program}`")
        self.hosts[program] = frozenset(paths)

    def network_rule(self, host: Any, protocol: Any, decision: Any, justification: Any = None) -> None:  # noqa: ARG002
        """Checked and not kept: whether a command reaches the network is the sandbox's to say, which knows no hosts."""
        if not _text("host", host):
            raise ValueError("invalid rule: network_rule host cannot be empty")
        if protocol not in PROTOCOLS:
            raise ValueError(f"invalid rule: network_rule protocol must be one of {', '.join(PROTOCOLS)} (got {protocol})")
        if decision not in NETWORK_DECISIONS:
            raise ValueError(f"invalid decision: {decision}")


def _alternatives(element: Any) -> tuple[str, ...]:
    if isinstance(element, str):
        return (element,)
    if not isinstance(element, list | tuple) or not all(isinstance(each, str) for each in element):
        kind = type(element).__name__
        raise ValueError(f"invalid pattern element: pattern element must be a string or list of strings (got {kind})")
    if not element:
        raise ValueError("invalid pattern element: pattern alternatives cannot be empty")
    return tuple(element)


def _examples(given: Any) -> list[tuple[str, ...]]:
    """The words of each example; one that is a text is split as a shell would."""
    examples = []
    for example in _list("match", given) if given is not None else ():
        try:
            words = tuple(shlex.split(example)) if isinstance(example, str) else tuple(example)
        except ValueError:
            raise ValueError("invalid example: example string has invalid shell syntax") from None
        if not words or not all(isinstance(word, str) for word in words):
            raise ValueError("invalid example: example cannot be empty")
        examples.append(words)
    return examples


def _shown(examples: Sequence[tuple[str, ...]]) -> str:
    return ", ".join(shlex.join(example) for example in examples)


def _list(name: str, value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"Type of parameter `{name}` doesn't match, expected `list`, actual `{type(value).__name__}`")
    return value


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"Type of parameter `{name}` doesn't match, expected `string`, actual `{type(value).__name__}`")
    return value
