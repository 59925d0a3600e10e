"""Holds a command against the rules and against what is dangerous in itself: may it run, and what would an answer allow.

A plain script is judged command by command, any other as the one command that the shell is. Rules that forbid or ask
hold for commands inside of other scripts too, and where a word is not known, for what it might be.
Source: spec/approvals-sandbox.md section 2; differs: the reference's rules overlook everything in a script that is not plain.
"""

from collections.abc import Sequence

from app_server.core.exec.script import join_argv, simple_commands
from app_server.core.exec.script_tree import commands_behind, commands_within, removes_by_force
from app_server.core.exec_policy.rulebook import Decision, Match, Rulebook, Words, allow
from app_server.core.frozen import frozen

_SHELLS = frozenset({"bash", "sh", "zsh"})
_SCRIPT_FLAGS = frozenset({"-c", "-lc"})
_INTERPRETERS = {
    **dict.fromkeys(("python", "python3", "py", "pythonw", "pypy", "pypy3"), ("-", "-c", "-3")),
    **dict.fromkeys(("bash", "sh", "zsh", "/bin/bash", "/bin/sh", "/bin/zsh"), ("-c", "-lc")),
    **dict.fromkeys(("node", "perl", "ruby", "lua"), ("-e",)),
    "php": ("-r",),
    **dict.fromkeys(("powershell", "pwsh"), ("-Command", "-c", "-EncodedCommand", "-File")),
    **dict.fromkeys(("Rscript", "julia", "ksh", "deno", "cmd", "osascript", "git", "env", "sudo"), ()),
}
"""Programs that run whatever they are given, with the flags that say so: a rule that allows only so much allows everything."""


@frozen
class Weighed:
    """What is to happen with a command by rules and nature.

    `reason` says why, for the user or the model. `is_ruled`: a rule asks. `is_allowed`: rules allow every part of it.
    `amendment` are the words that a new rule would allow.
    """

    decision: Decision
    reason: str | None
    is_ruled: bool
    is_allowed: bool
    amendment: Words | None


@frozen
class Nature:
    """What happens with commands that no rule is about: plain ones, and removals by force."""

    plain: Decision
    forced_removal: Decision


def weigh(argv: Words, book: Rulebook, nature: Nature, wanted_rule: Words | None = None) -> Weighed:
    """Judge a command. `wanted_rule` are the words of a rule that the model would like to have."""
    plain = plain_commands(argv)
    parts: Sequence[Words] = plain or [argv]
    matches: list[Match] = []
    by_nature: list[tuple[Words, Decision]] = []
    for words in parts:
        found = book.matches(words)
        matches += found
        if not found:
            by_nature.append((words, nature.forced_removal if _removes(words) else nature.plain))
    matches += _hidden_restrictions(argv, plain, book)
    decision = max([match.decision for match in matches] + [decision for _, decision in by_nature])
    return Weighed(
        decision,
        _reason(argv, decision, matches),
        is_ruled=decision is Decision.PROMPT and any(match.decision is Decision.PROMPT for match in matches),
        is_allowed=not by_nature and decision is Decision.ALLOW,
        amendment=_amendment(parts, matches, by_nature, book, wanted_rule),
    )


def shell_script(argv: Words) -> str | None:
    """The script, where the command is a shell that runs one."""
    is_shell = len(argv) == 3 and argv[0].rpartition("/")[2] in _SHELLS and argv[1] in _SCRIPT_FLAGS
    return argv[2] if is_shell else None


def plain_commands(argv: Words) -> list[Words] | None:
    """The commands of a plain script, or None."""
    script = shell_script(argv)
    return simple_commands(script) if script is not None else None


def canonical(argv: Words) -> tuple[str, ...]:
    """What an approval is about: the words of a single plain command, however they were spelled, else the script as it is."""
    commands = plain_commands(argv)
    return commands[0] if commands is not None and len(commands) == 1 else argv[1:] if shell_script(argv) is not None else argv


def _removes(words: Words) -> bool:
    # The parser is slow beside a look for the two letters.
    return any("rm" in word for word in words) and removes_by_force(words)


def _hidden_restrictions(argv: Words, plain: list[Words] | None, book: Rulebook) -> list[Match]:
    """What rules say against commands that the parts do not show."""
    if not book.has_restrictions:
        return []
    if plain is not None:
        hidden = [inner for words in plain for inner in commands_behind(words)]
    else:
        script = shell_script(argv)
        hidden = commands_within(script) if script is not None else commands_behind(argv)
    return [match for words in hidden for match in book.restrictions(words)]


def _reason(argv: Words, decision: Decision, matches: list[Match]) -> str | None:
    """Why a rule asks or forbids, in the words of the one that says most about the command; None where no rule does."""
    command = join_argv(argv)
    deciding = [match for match in matches if match.decision is decision]
    if decision is Decision.ALLOW or not deciding:
        return None
    match = max(deciding, key=lambda each: len(each.prefix))
    if decision is Decision.PROMPT:
        why = f": {match.justification}" if match.justification else " by policy"
        return f"`{command}` requires approval{why}"
    why = match.justification or f"policy forbids commands starting with `{join_argv(match.prefix)}`"
    return f"`{command}` rejected: {why}"


def _amendment(
    parts: Sequence[Words],
    matches: list[Match],
    by_nature: list[tuple[Words, Decision]],
    book: Rulebook,
    wanted_rule: Words | None,
) -> Words | None:
    """The rule to offer with the question: the model's wish if it would do, else one for the first part that is asked about."""
    if any(match.decision is not Decision.ALLOW for match in matches):
        return None
    is_harmless = not any(_removes(words) for words, _ in by_nature)
    if wanted_rule and not matches and is_harmless and not _allows_everything(wanted_rule):
        amended = book + Rulebook([allow(wanted_rule)])
        if all(amended.matches(words) for words in parts):
            return wanted_rule
    return next((words for words, decision in by_nature if decision is Decision.PROMPT), None)


def _allows_everything(words: Words) -> bool:
    flags = _INTERPRETERS.get(words[0])
    return flags is not None and (len(words) == 1 or (len(words) == 2 and words[1] in flags))
