"""The layers of configuration: reading them, merging them, and saying which one is to blame.

Lowest first: the machine's file, the user's file, the files of a trusted project from its root down to the working
directory, and the session's own settings (`-c`, `--enable`, a thread's `config`). A project that the user has not
trusted keeps its layers, disabled, so that they can be shown.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from app_server.core.config import schema
from app_server.core.config.kinds import Path as Key
from app_server.core.config.kinds import WrongValue
from app_server.core.config.overrides import merge
from app_server.core.config.toml_text import Span, TomlError, find, find_key, parse
from app_server.core.config.trust import DEFAULT_MARKERS, TRUSTED, UNTRUSTED, between, project_root, trust_level
from app_server.core.errors import ConfigError
from app_server.core.frozen import frozen

ReadText = Callable[[Path], str | None]
FILE_NAME = "config.toml"
FOLDER_NAME = ".codex"
SHOWN_UNKNOWN_KEYS = 3


class InvalidConfig(ConfigError):
    """A configuration that can't be used, with the place in the file where there is one.

    `plain` is the text without the place: what a reader of the merged configuration is told.
    """

    def __init__(self, detail: str, *, plain: str | None = None, path: Path | None = None, span: Span | None = None) -> None:
        super().__init__(detail)
        self.plain = plain or detail
        self.path = path
        self.span = span

    def to_warning(self) -> dict[str, Any]:
        """The `configWarning` of a server that starts all the same, on defaults."""
        warning: dict[str, Any] = {"summary": "Invalid configuration; using defaults.", "details": self.detail}
        if self.path is not None and self.span is not None:
            warning["path"] = str(self.path)
            warning["range"] = self.span.to_wire()
        return warning


@frozen
class Layer:
    """One source of settings. `data` is as written; relative paths in it count from `base`."""

    source: Mapping[str, Any]
    label: str
    data: Mapping[str, Any]
    base: Path
    file: Path | None = None
    text: str = ""
    disabled_reason: str | None = None
    refused_keys: tuple[str, ...] = ()

    def version(self) -> str:
        """The checksum by which writers notice that somebody else wrote."""
        canonical = json.dumps(self.data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
        return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()

    def to_wire(self) -> dict[str, Any]:
        """A row of `config/read`'s layers."""
        row = {"name": self.source, "version": self.version(), "config": self.data}
        if self.disabled_reason is not None:
            row["disabledReason"] = self.disabled_reason
        return row


@frozen
class Stack:
    """All layers for one working directory, lowest first, and what they amount to."""

    layers: tuple[Layer, ...]
    merged: Mapping[str, Any]
    root: Path
    trust: str | None
    trust_key: str

    def origins(self) -> dict[str, dict[str, Any]]:
        """For each value of the merged table the layer that it comes from, by dotted key."""
        found: dict[str, dict[str, Any]] = {}
        for layer in self.layers:
            if layer.disabled_reason is None:
                tag = {"name": layer.source, "version": layer.version()}
                _tag(layer.data, "", tag, found)
        return found


def _tag(data: Mapping[str, Any], prefix: str, tag: dict[str, Any], found: dict[str, dict[str, Any]]) -> None:
    for name, value in data.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            _tag(value, f"{key}.", tag, found)
        elif isinstance(value, list):
            for index, each in enumerate(value):
                inner = each if isinstance(each, Mapping) else None
                if inner is not None:
                    _tag(inner, f"{key}.{index}.", tag, found)
                else:
                    found[f"{key}.{index}"] = tag
        else:
            found[key] = tag


@frozen
class Sources:
    """Where configuration comes from. `home` is ours (CODEX_HOME), `user_home` what `~` stands for."""

    home: Path
    user_home: Path
    system: Path
    process_cwd: Path
    read_text: ReadText
    exists: Callable[[Path], bool]


def read(sources: Sources, cwd: Path, session: Mapping[str, Any]) -> Stack:
    """Read all layers that hold for `cwd`. Raises: InvalidConfig, when a file that counts is no TOML."""
    read_text = sources.read_text
    system_file = sources.system / FILE_NAME
    user_file = sources.home / FILE_NAME
    layers = [
        _from_file(system_file, {"type": "system", "file": str(system_file)}, "system", read_text),
        _from_file(user_file, {"type": "user", "file": str(user_file), "profile": None}, "user", read_text),
    ]
    own = Layer({"type": "sessionFlags"}, "session-flags", session, sources.process_cwd)
    outside = merged([*layers, own], sources.user_home)

    markers = outside.get("project_root_markers", list(DEFAULT_MARKERS))
    if not isinstance(markers, list) or not all(isinstance(marker, str) for marker in markers):
        raise InvalidConfig("project_root_markers must be an array of strings")
    root = project_root(cwd, markers, sources.exists)
    level, key = trust_level(_tables(outside.get("projects")), cwd, root)
    for directory in between(root, cwd):
        folder = directory / FOLDER_NAME
        if folder != sources.home and sources.exists(folder):
            layers.append(_project_layer(folder, level, key, user_file, read_text))
    if session:
        layers.append(own)
    return Stack(tuple(layers), merged(layers, sources.user_home), root, level, key)


def merged(layers: Iterable[Layer], user_home: Path) -> dict[str, Any]:
    """What the enabled layers amount to, with absolute paths."""
    table: dict[str, Any] = {}
    for layer in layers:
        if layer.disabled_reason is None and layer.data:
            table = merge(table, _with_absolute_paths(layer.data, schema.PATH_KEYS, layer.base, user_home))
    return table


def validated(stack: Stack) -> list[tuple[Layer, list[Key]]]:
    """Check the merged table and return the unknown keys of each layer. Raises: InvalidConfig, naming file and place."""
    try:
        unknown = schema.check(stack.merged)
    except WrongValue as wrong:
        raise _blamed(stack.layers, wrong) from None
    if not unknown:
        return []
    return [(layer, own) for layer in stack.layers if layer.disabled_reason is None and (own := _unknown_keys(layer))]


def unknown_keys_warning(unknown: list[tuple[Layer, list[Key]]]) -> str | None:
    """The text about settings that nobody reads."""
    lines = [
        f"  {layer.label}{f' ({layer.file})' if layer.file else ''}: `{schema.dotted(path)}` is ignored."
        for layer, paths in unknown
        for path in paths
    ]
    if not lines:
        return None
    plural = "" if len(lines) == 1 else "s"
    hidden = len(lines) - SHOWN_UNKNOWN_KEYS
    more = [f"  ... and {hidden} more ignored setting{'' if hidden == 1 else 's'}."] if hidden > 0 else []
    return "\n".join(
        [
            f"Codex is ignoring {len(lines)} unrecognized configuration setting{plural}. Check for typos or deprecated settings.",
            *lines[:SHOWN_UNKNOWN_KEYS],
            *more,
        ]
    )


def unknown_key_error(unknown: list[tuple[Layer, list[Key]]]) -> str | None:
    """The text with which `--strict-config` ends the server."""
    for layer, paths in unknown:
        for path in paths:
            field = f"unknown configuration field `{schema.dotted(path)}`"
            if layer.file is None:
                return f"{field} in -c/--config override"
            span = find_key(layer.text, path)
            place = f":{span.start[0]}:{span.start[1]}" if span else ""
            return f"{layer.file}{place}: {field}"
    return None


def _unknown_keys(layer: Layer) -> list[Key]:
    try:
        return schema.check(layer.data)
    except WrongValue:
        return []  # overridden by another layer, or the whole would not have passed


def _blamed(layers: Iterable[Layer], wrong: WrongValue) -> InvalidConfig:
    """The error with the place of the wrong value, if a file is to blame."""
    plain = f"{wrong.message}\nin `{schema.dotted(wrong.shown)}`\n"
    for layer in layers:
        if layer.file is None or layer.disabled_reason is not None:
            continue
        try:
            schema.check(layer.data)
        except WrongValue as own:
            span = find(layer.text, own.path)
            if span is not None:
                place = f"{layer.file}:{span.start[0]}:{span.start[1]}"
                return InvalidConfig(f"{place}: {own.file_message}", plain=plain, path=layer.file, span=span)
    return InvalidConfig(plain)


def _from_file(file: Path, source: Mapping[str, Any], label: str, read_text: ReadText) -> Layer:
    text = read_text(file)
    if not text:
        return Layer(source, label, {}, file.parent, file)
    return Layer(source, label, parse_file(file, text), file.parent, file, text)


def parse_file(file: Path, text: str) -> dict[str, Any]:
    """The data of a file's text. Raises: InvalidConfig."""
    try:
        return parse(text)
    except TomlError as error:
        line, column = error.span.start
        raise InvalidConfig(f"{file}:{line}:{column}: {error.message}", path=file, span=error.span) from None


def _project_layer(folder: Path, level: str | None, key: str, user_file: Path, read_text: ReadText) -> Layer:
    """The layer of a project's folder, which may hold other things than settings: it needs trust all the same."""
    file = folder / FILE_NAME
    source = {"type": "project", "dotCodexFolder": str(folder)}
    if level != TRUSTED:
        try:
            layer = _from_file(file, source, "project", read_text)
        except InvalidConfig:
            layer = Layer(source, "project", {}, folder, file)
        reason = _reason(level, key, user_file)
    else:
        layer = _from_file(file, source, "project", read_text)
        reason = None
    refused = tuple(name for name in schema.MACHINE_KEYS if name in layer.data)
    data = {name: value for name, value in layer.data.items() if name not in refused}
    return Layer(source, "project", data, folder, file, layer.text, reason, refused)


def _reason(level: str | None, key: str, user_file: Path) -> str:
    """Why a project's settings don't count, and what to do about it."""
    if level == UNTRUSTED:
        return (
            f"{key} is marked as untrusted in the effective configuration. To load project-local config, hooks, and exec "
            "policies, update its trust setting. If that setting is managed by your organization, contact your administrator."
        )
    return f"To load project-local config, hooks, and exec policies, add {key} as a trusted project in {user_file}."


def disabled_warning(layers: Iterable[Layer]) -> str | None:
    """The text about project folders whose settings don't count yet."""
    lines: list[str] = []
    for layer in layers:
        if layer.disabled_reason is not None and layer.file is not None:
            number = f"    {len(lines) + 1}. "
            lines.append(f"{number}{layer.file.parent}\n{' ' * len(number)}{layer.disabled_reason}\n")
    if not lines:
        return None
    return (
        "Project-local config, hooks, and exec policies are disabled in the following folders until the project is trusted, "
        "but skills still load.\n" + "".join(lines)
    )


def refused_keys_warnings(layers: Iterable[Layer]) -> list[str]:
    """The texts about settings that a project may not make."""
    return [
        f"Ignored unsupported project-local config keys in {layer.file}: {', '.join(layer.refused_keys)}. "
        "If you want these settings to apply, manually set them in your user-level config.toml."
        for layer in layers
        if layer.refused_keys and layer.disabled_reason is None
    ]


def _tables(value: Any) -> dict[str, Any]:
    """Only the members that are tables, of what should be a table of tables; it is not checked yet."""
    if not isinstance(value, Mapping):
        return {}
    return {name: each for name, each in value.items() if isinstance(each, Mapping)}


def _with_absolute_paths(data: Mapping[str, Any], keys: Mapping[str, Any], base: Path, user_home: Path) -> dict[str, Any]:
    """The table with its paths made absolute; a value of the wrong kind stays for the check to find."""
    result = dict(data)
    for name in keys.keys() & data.keys():
        inner = keys[name]
        value = data[name]
        if isinstance(inner, dict):
            if isinstance(value, Mapping):
                result[name] = _with_absolute_paths(value, inner, base, user_home)
        elif isinstance(value, str):
            result[name] = absolute(value, base, user_home)
        elif isinstance(value, list):
            result[name] = [absolute(each, base, user_home) if isinstance(each, str) else each for each in value]
    return result


def absolute(text: str, base: Path, user_home: Path) -> str:
    """A path as written, made absolute and without `.` and `..`; links are not followed."""
    if text == "~" or text.startswith("~/"):
        base, text = user_home, text[2:]
    parts: list[str] = []
    for part in (base / text).parts[1:]:
        if part == "..":
            del parts[-1:]
        else:
            parts.append(part)
    return "/" + "/".join(parts)
