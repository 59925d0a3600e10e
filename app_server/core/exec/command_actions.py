"""What a command does, in the four kinds that clients show: reading, listing, searching, and anything else.

A best effort for display; nothing is decided by it. Helpers behind a pipe (`| head -5`, `| sort`) are left out, `cd`
moves the paths of what follows, and a script of which any part isn't understood is one "unknown".
Source: spec/turns.md section 3, and the reference's answers to some 200 scripts.
"""

import os.path
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from app_server.core.exec.script import join_argv, simple_commands
from protocol.item_parts import CommandAction, ListFilesAction, ReadAction, SearchAction, UnknownAction

_Words = tuple[str, ...]
_LINE_RANGE = re.compile(r"\d+(,\d+)?p")
_LINE_COUNT = re.compile(r"\+?\d+")
_DULL_FOLDERS = frozenset({"build", "dist", "node_modules", "src"})
_LS_VALUES = frozenset({"-I", "--ignore", "-w", "--width", "-T", "--block-size", "--format", "--time-style", "--sort"})
_TREE_VALUES = frozenset({"-L", "-P", "-I", "--charset", "--filelimit", "--sort"})
_RG_VALUES = frozenset(
    {
        "-A", "-B", "-C", "-M", "-T", "-d", "-g", "-j", "-m", "-r", "-t", "--after-context", "--before-context", "--context",
        "--glob", "--iglob", "--max-columns", "--max-count", "--max-depth", "--replace", "--sort", "--sortr", "--type",
        "--type-not",
    }
)  # fmt: skip
_GREP_VALUES = frozenset(
    {
        "-A", "-B", "-C", "-m", "--include", "--exclude", "--exclude-dir", "--max-count", "-d", "-D", "--context",
        "--after-context", "--before-context", "--color", "--label", "-f", "--file",
    }
)  # fmt: skip
_AG_VALUES = frozenset({"-A", "-B", "-C", "-G", "-m", "--ignore", "--ignore-dir", "--depth", "--max-count", "-g", "--type"})
_FD_VALUES = frozenset({"-t", "--type", "-e", "--extension", "-E", "--exclude", "-d", "--max-depth", "-x", "--exec", "-c", "-S"})
_PAGER_VALUES = {
    "cat": frozenset[str](),
    "bat": frozenset({"--theme", "--language", "-l", "--style", "--line-range", "-r", "--terminal-width", "--tabs"}),
    "less": frozenset({"-p", "-P", "-x", "-y", "-z", "-j", "--pattern", "--prompt", "--tabs", "--window"}),
    "more": frozenset[str](),
    "nl": frozenset({"-s", "-w", "-v", "-i", "-b", "-d", "-f", "-h", "-l", "-n"}),
}
_PAGER_VALUES["batcat"] = _PAGER_VALUES["bat"]
_AWK_VALUES = frozenset({"-F", "-v", "-f", "--field-separator", "--assign", "--file"})
_ALWAYS_HELPERS = frozenset({"wc", "tr", "cut", "sort", "uniq", "tee", "column", "yes", "printf"})
_EDITORS_IN_PLACE = re.compile(r"-(?!-)\w*i|--in-place")


def command_actions(script: str, cwd: str) -> list[CommandAction]:
    """What a script does, for display; paths of files that are read are absolute, under `cwd`."""
    unknown: list[CommandAction] = [UnknownAction(command=script)]
    commands = simple_commands(script)
    if commands is None:
        return unknown
    main = [words for words in commands if not _is_helper(words)]
    if not main:
        return unknown
    actions = _distinct(_without_noise(_actions_in_order(main, cwd)))
    if any(action is None for action in actions):
        return unknown
    if len(actions) == 1 and isinstance(actions[0], ReadAction) and _is_read_by_lines(script, commands):
        return [actions[0].model_copy(update={"command": script})]
    return [action for action in actions if action is not None]


def _actions_in_order(commands: Sequence[_Words], cwd: str) -> list[tuple[_Words, CommandAction | None]]:
    """Each command with what it does (None: not understood); `cd` only moves the folder."""
    actions: list[tuple[_Words, CommandAction | None]] = []
    for words in commands:
        if words[0] == "cd":
            target = next((word for word in words[1:] if word != "--"), None)
            cwd = str(Path(cwd, target)) if target is not None else cwd
        else:
            actions.append((words, _action(words, cwd)))
    return actions


def _without_noise(actions: list[tuple[_Words, CommandAction | None]]) -> list[CommandAction | None]:
    """Without `true`, and without an `echo` in front, as long as something else is left."""
    if len(actions) > 1:
        actions = [(words, action) for words, action in actions if words != ("true",)]
    while len(actions) > 1 and actions[0][0][0] == "echo":
        actions = actions[1:]
    return [action for _, action in actions]


def _distinct(actions: list[CommandAction | None]) -> list[CommandAction | None]:
    """Without immediate repetitions."""
    return [action for index, action in enumerate(actions) if index == 0 or action != actions[index - 1]]


def _is_read_by_lines(script: str, commands: Sequence[_Words]) -> bool:
    """Whether a pipe picks lines with `sed -n`: then the script as a whole says best what is read."""
    return len(commands) > 1 and "|" in script and any(words[:2] == ("sed", "-n") for words in commands)


def _is_helper(words: _Words) -> bool:
    """Whether a command only shapes the output of others."""
    name, arguments = words[0], words[1:]
    if name in _ALWAYS_HELPERS:
        return True
    if name == "xargs":
        return not any(_EDITORS_IN_PLACE.match(word) for word in arguments)
    if name in ("head", "tail"):
        return len(arguments) == 0 or (len(arguments) == 1 and arguments[0].startswith("-")) or _is_flag_with_number(arguments)
    if name == "awk":
        return len(_operands(arguments, _AWK_VALUES)) < 2
    if name == "nl":
        return not _operands(arguments, _PAGER_VALUES["nl"])
    return name == "sed" and _sed_file(arguments) is None and not any(_EDITORS_IN_PLACE.match(word) for word in arguments)


def _is_flag_with_number(arguments: _Words) -> bool:
    return len(arguments) == 2 and arguments[0] in ("-n", "-c") and bool(_LINE_COUNT.fullmatch(arguments[1]))


def _action(words: _Words, cwd: str) -> CommandAction | None:
    """What one command does; None if it isn't understood."""
    recognize = _RECOGNIZERS.get(words[0])
    return recognize(words, cwd) if recognize else None


def _list_with(values: frozenset[str]) -> "_Recognizer":
    def recognize(words: _Words, _: str) -> CommandAction | None:
        return _listing(words, _operands(words[1:], values))

    return recognize


def _search_with(values: frozenset[str]) -> "_Recognizer":
    def recognize(words: _Words, _: str) -> CommandAction | None:
        return _search(words, words[1:], values)

    return recognize


def _rg(words: _Words, _: str) -> CommandAction | None:
    if "--files" in words:
        return _listing(words, _operands(words[1:], _RG_VALUES))
    return _search(words, words[1:], _RG_VALUES)


def _git(words: _Words, _: str) -> CommandAction | None:
    match words[1:2]:
        case ("grep",):
            return _search(words, words[2:], _GREP_VALUES)
        case ("ls-files",):
            return _listing(words, _operands(words[2:], frozenset({"--exclude", "-x", "--exclude-from", "-X"})))
    return None


def _find(words: _Words, _: str) -> CommandAction | None:
    arguments = words[1:]
    path = _shown(arguments[0]) if arguments and not arguments[0].startswith("-") else None
    for flag, value in pairwise(arguments):
        if flag in ("-name", "-iname", "-path", "-regex"):
            return SearchAction(command=join_argv(words), query=value, path=path)
    return ListFilesAction(command=join_argv(words), path=path)


def _fd(words: _Words, _: str) -> CommandAction | None:
    operands = _operands(words[1:], _FD_VALUES)
    if not operands:
        return ListFilesAction(command=join_argv(words), path=None)
    path = _shown(operands[1]) if len(operands) > 1 else None
    return SearchAction(command=join_argv(words), query=operands[0], path=path)


def _pager(words: _Words, cwd: str) -> CommandAction | None:
    operands = _operands(words[1:], _PAGER_VALUES[words[0]])
    return _read(words, operands[0], cwd) if len(operands) == 1 else None


def _head_or_tail(words: _Words, cwd: str) -> CommandAction | None:
    match words[1:]:
        case ("-n", count, path) if _LINE_COUNT.fullmatch(count):
            return _read(words, path, cwd)
        case (flag, path) if re.fullmatch(r"-n\+?\d+", flag):
            return _read(words, path, cwd)
        case (path,) if not path.startswith("-"):
            return _read(words, path, cwd)
    return None


def _sed(words: _Words, cwd: str) -> CommandAction | None:
    path = _sed_file(words[1:])
    return None if path is None else _read(words, path, cwd)


def _sed_file(arguments: _Words) -> str | None:
    """The file of `sed -n 'M,Np' FILE`."""
    if "-n" not in arguments:
        return None
    operands = [word for word in arguments if not word.startswith("-")]
    return operands[1] if len(operands) == 2 and _LINE_RANGE.fullmatch(operands[0]) else None


def _awk(words: _Words, cwd: str) -> CommandAction | None:
    operands = _operands(words[1:], _AWK_VALUES)
    return _read(words, operands[1], cwd) if len(operands) == 2 else None


def _read(words: _Words, path: str, cwd: str) -> CommandAction:
    full = os.path.normpath(Path(cwd, path))
    return ReadAction(command=join_argv(words), name=_shown(path), path=full)


def _listing(words: _Words, operands: Sequence[str]) -> CommandAction:
    return ListFilesAction(command=join_argv(words), path=_shown(operands[0]) if operands else None)


def _search(words: _Words, arguments: _Words, values: frozenset[str]) -> CommandAction:
    """A search for a pattern, given by `-e` or as the first operand, in a place."""
    pattern = next((value for flag, value in pairwise(arguments) if flag in ("-e", "--regexp")), None)
    operands = _operands(arguments, values | {"-e", "--regexp"})
    if pattern is None and operands:
        pattern, operands = operands[0], operands[1:]
    return SearchAction(command=join_argv(words), query=pattern, path=_shown(operands[0]) if operands else None)


def _operands(arguments: Sequence[str], flags_with_value: frozenset[str]) -> list[str]:
    """The arguments that are neither flags nor values of flags."""
    operands: list[str] = []
    is_value = False
    for index, word in enumerate(arguments):
        if is_value:
            is_value = False
        elif word == "--":
            return [*operands, *arguments[index + 1 :]]
        elif word.startswith("-"):
            is_value = word in flags_with_value
        else:
            operands.append(word)
    return operands


def _shown(path: str) -> str:
    """The last telling component of a path: clients show it in a narrow place."""
    trimmed = path.rstrip("/")
    return next((part for part in reversed(trimmed.split("/")) if part and part not in _DULL_FOLDERS), trimmed or path)


_Recognizer = Callable[[_Words, str], CommandAction | None]
_RECOGNIZERS: dict[str, _Recognizer] = {
    "ls": _list_with(_LS_VALUES),
    "eza": _list_with(_LS_VALUES),
    "exa": _list_with(_LS_VALUES),
    "tree": _list_with(_TREE_VALUES),
    "rg": _rg,
    "rga": _rg,
    "grep": _search_with(_GREP_VALUES),
    "egrep": _search_with(_GREP_VALUES),
    "fgrep": _search_with(_GREP_VALUES),
    "ag": _search_with(_AG_VALUES),
    "ack": _search_with(_AG_VALUES),
    "pt": _search_with(_AG_VALUES),
    "git": _git,
    "find": _find,
    "fd": _fd,
    "fdfind": _fd,
    "head": _head_or_tail,
    "tail": _head_or_tail,
    "sed": _sed,
    "awk": _awk,
    **dict.fromkeys(_PAGER_VALUES, _pager),
}
