"""Rules about commands, as values, and which of them match.

A rule is about the first words of a command. A command whose words are not all known (expansions stand for them) can
only be said to perhaps match. Pure; where rules come from is not known here.
Source: spec/approvals-sandbox.md section 4.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum

from app_server.core.frozen import frozen

Words = tuple[str, ...]
PartlyKnown = tuple[str | None, ...]
"""The words of a command; None stands for one that is known only when the shell runs it, which may be several or no words."""


class Decision(IntEnum):
    """What is to happen with a command; the strictest of several wins."""

    ALLOW = 0
    PROMPT = 1
    FORBIDDEN = 2


@frozen
class PrefixRule:
    """What happens with commands that begin so; each word has its alternatives."""

    pattern: tuple[tuple[str, ...], ...]
    decision: Decision
    justification: str | None = None

    def matches(self, words: PartlyKnown) -> bool:
        """Whether the command surely begins so."""
        return len(words) >= len(self.pattern) and all(
            word in alternatives for word, alternatives in zip(words, self.pattern, strict=False)
        )

    def may_match(self, words: PartlyKnown) -> bool:
        """Whether the command begins so for some value of its unknown words."""
        for index, alternatives in enumerate(self.pattern):
            if index >= len(words):
                return False
            word = words[index]
            if word is None:
                return True
            if word not in alternatives:
                return False
        return True


@frozen
class Match:
    """A rule that matches a command, with the words that it is about."""

    prefix: Words
    decision: Decision
    justification: str | None = None


class Rulebook:
    """All rules that hold for a thread. `hosts` names, for some programs, the only paths that count as that program."""

    def __init__(self, rules: Iterable[PrefixRule] = (), hosts: Mapping[str, frozenset[str]] | None = None) -> None:
        self.rules = tuple(rules)
        self.hosts = dict(hosts or {})

    def __add__(self, other: "Rulebook") -> "Rulebook":
        return Rulebook((*self.rules, *other.rules), {**self.hosts, **other.hosts})

    def matches(self, words: Words) -> list[Match]:
        """The rules that match a command: by its program as written, else by the name of a program that is a path."""
        for spelling in self._spellings(words):
            found = [rule for rule in self.rules if rule.matches(spelling)]
            if found:
                return [Match(words[: len(rule.pattern)], rule.decision, rule.justification) for rule in found]
        return []

    def restrictions(self, words: PartlyKnown) -> list[Match]:
        """The rules against a command of which not all words are known.

        One that may match has to be asked for, whatever it says, since nobody can know.
        """
        against = [rule for rule in self.rules if rule.decision is not Decision.ALLOW]
        found = []
        for spelling in self._spellings(words):
            for rule in against:
                prefix = tuple(word for word in spelling[: len(rule.pattern)] if word is not None)
                if rule.matches(spelling):
                    found.append(Match(prefix, rule.decision, rule.justification))
                elif rule.may_match(spelling):
                    found.append(Match(prefix, Decision.PROMPT, rule.justification))
            if found:
                break
        return found

    @property
    def has_restrictions(self) -> bool:
        """Whether any rule does more than to allow."""
        return any(rule.decision is not Decision.ALLOW for rule in self.rules)

    def _spellings(self, words: PartlyKnown) -> list[PartlyKnown]:
        """The command as written and, where its program is a path that counts as the program of that name, with the name."""
        program = words[0] if words else None
        if program is None or not program.startswith("/"):
            return [words]
        name = program.rpartition("/")[2]
        if program not in self.hosts.get(name, {program}):
            return [words]
        return [words, (name, *words[1:])]


def allow(words: Sequence[str]) -> PrefixRule:
    """The rule that allows commands that begin with these words."""
    return PrefixRule(tuple((word,) for word in words), Decision.ALLOW)
