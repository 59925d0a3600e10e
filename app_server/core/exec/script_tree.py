"""Every command in a shell script, however nested. The only module that loads tree-sitter.

`core.exec.script` takes plain scripts apart exactly; this one is for all others, where something must not be overlooked:
commands in subshells, loops, substitutions, behind assignments and redirections, in scripts that are handed to another
shell, and behind `sudo` and `env`. Words that only the running shell knows are None.
"""

import re
from collections.abc import Iterator
from pathlib import PurePath

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from app_server.core.exec.script import ASSIGNMENT

PartlyKnown = tuple[str | None, ...]
_PARSER = Parser(Language(tree_sitter_bash.language()))
_SHELLS = frozenset({"bash", "sh", "zsh"})
_SCRIPT_FLAGS = frozenset({"-c", "-lc"})
_WRAPPERS = frozenset({"env", "sudo"})
_MAX_DEPTH = 8
_EXPANDING = re.compile(r"[*?\[{~$`]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED_IN_QUOTES = re.compile(r'\\([\\"$`])')


def commands_within(script: str, depth: int = 0) -> list[PartlyKnown]:
    """The words of every command that a script may run."""
    found: list[PartlyKnown] = []
    for node in _nodes(_PARSER.parse(script.encode(errors="replace")).root_node):
        if node.type == "command":
            words = tuple(_words(node))
            if words:
                found += [words, *commands_behind(words, depth)]
    return found


def commands_behind(words: PartlyKnown, depth: int = 0) -> list[PartlyKnown]:
    """The commands that a command is told to run: behind `sudo` and `env`, or in a script for another shell."""
    program = words[0]
    if program is None or depth >= _MAX_DEPTH:
        return []
    name = PurePath(program).name
    if name in _WRAPPERS:
        rest = words[1:]
        while rest and rest[0] is not None and ASSIGNMENT.match(rest[0]):
            rest = rest[1:]
        return [rest, *commands_behind(rest, depth + 1)] if rest else []
    if name in _SHELLS and len(words) > 2 and words[1] in _SCRIPT_FLAGS and words[2] is not None:
        return commands_within(words[2], depth + 1)
    return []


def removes_by_force(words: PartlyKnown) -> bool:
    """Whether a command, or one behind it, is `rm` with its flag to ask nobody."""
    return any(_is_forced_removal(each) for each in (words, *commands_behind(words)))


def _is_forced_removal(words: PartlyKnown) -> bool:
    if words[0] is None or PurePath(words[0]).name != "rm":
        return False
    return any(word is not None and _is_force_flag(word) for word in words[1:])


def _is_force_flag(word: str) -> bool:
    return word == "--force" or (word.startswith("-") and not word.startswith("--") and "f" in word)


def _nodes(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.children)


def _words(command: Node) -> Iterator[str | None]:
    """The words of a command, with those that stand behind its redirections, which the grammar counts to these."""
    for child in command.named_children:
        if child.type == "command_name":
            yield _literal(child.named_children[0]) if child.named_children else _bare(_text(child))
        elif child.type not in ("variable_assignment", "file_redirect", "heredoc_redirect", "herestring_redirect"):
            yield _literal(child)
        elif child.type == "file_redirect":
            yield from _behind_redirect(child)
    parent = command.parent
    if parent is not None and parent.type == "redirected_statement":
        for redirect in parent.children_by_field_name("redirect"):
            yield from _behind_redirect(redirect)


def _behind_redirect(redirect: Node) -> Iterator[str | None]:
    extra = redirect.children_by_field_name("destination")[1:] if redirect.type == "file_redirect" else []
    for word in (*extra, *redirect.children_by_field_name("argument")):
        yield _literal(word)


def _literal(node: Node) -> str | None:
    """A word as the command gets it, or None where that is not known before the shell runs it."""
    match node.type:
        case "word" | "number" | "extglob_pattern" | "regex":
            return _bare(_text(node))
        case "raw_string":
            return _text(node)[1:].removesuffix("'")
        case "string":
            if all(child.type in ('"', "string_content") for child in node.children):
                return _ESCAPED_IN_QUOTES.sub(r"\1", _text(node)[1:].removesuffix('"'))
        case "ansi_c_string":
            inner = _text(node)[2:].removesuffix("'")
            return inner if "\\" not in inner else None
        case "concatenation":
            parts = [_literal(child) for child in node.children]
            known = [part for part in parts if part is not None]
            return "".join(known) if len(known) == len(parts) else None
    return None


def _bare(text: str) -> str | None:
    return None if _EXPANDING.search(_ESCAPED.sub("", text)) else _ESCAPED.sub(r"\1", text)


def _text(node: Node) -> str:
    return (node.text or b"").decode(errors="replace")
