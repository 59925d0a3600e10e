"""Editing the text of a configuration file: comments, order and spacing of everything else stay as they are.

The only module that uses tomlkit; it is imported when somebody first writes a setting. Source: spec/config-auth.md section 3.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.container import OutOfOrderTableProxy
from tomlkit.items import AbstractTable

from app_server.core.frozen import frozen

SEGMENT = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|([^."\']+?))\s*(?:\.|$)')


class BadKeyPath(ValueError):
    """A key path that names nothing."""


@frozen
class Edit:
    """One setting to write. `value` None removes it; `is_merge`: tables are merged instead of replaced."""

    path: tuple[str, ...]
    value: Any
    is_merge: bool


def split_path(text: str) -> tuple[str, ...]:
    """The segments of a dotted key; quoted ones may hold dots. Raises: BadKeyPath."""
    if not text.strip():
        raise BadKeyPath("keyPath must not be empty")
    segments, at = [], 0
    while at < len(text):
        found = SEGMENT.match(text, at)
        if found is None or found.end() == at:
            raise BadKeyPath("keyPath segments must not be empty")
        quoted, literal, bare = found.groups()
        segments.append(quoted.encode().decode("unicode_escape") if quoted is not None else literal or bare or "")
        at = found.end()
    if text.rstrip().endswith(".") or not all(segments):
        raise BadKeyPath("keyPath segments must not be empty")
    return tuple(segments)


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The text with the edits, in their order."""
    document = tomlkit.parse(text)
    for edit in edits:
        _apply(document, edit)
    return tomlkit.dumps(document)


def _apply(document: Any, edit: Edit) -> None:
    *parents, last = edit.path
    table = document
    for name in parents:
        inner = table.get(name)
        if not isinstance(inner, AbstractTable | OutOfOrderTableProxy):
            if edit.value is None:
                return
            if inner is not None:
                del table[name]
            table[name] = tomlkit.table(is_super_table=name != parents[-1])
            inner = table[name]
        table = inner
    old = table.get(last)
    if edit.value is None:
        if old is not None:
            del table[last]
    elif edit.is_merge and isinstance(edit.value, Mapping) and isinstance(old, AbstractTable | OutOfOrderTableProxy):
        for name, value in edit.value.items():
            _apply(old, Edit((name,), value, is_merge=True))
    else:
        table[last] = _without_null(edit.value)


def _without_null(value: Any) -> Any:
    """TOML has no null: members that are null are left out."""
    if isinstance(value, Mapping):
        return {name: _without_null(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_without_null(each) for each in value if each is not None]
    return value
