"""Writing settings into the user's file: checked as a whole first, then replaced at once.

Only the user's file can be written. A version that is not the file's any more is refused, so that two writers do not
undo each other. Source: spec/config-auth.md section 3.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app_server.core.config.edit import Edit, edited
from app_server.core.config.layers import InvalidConfig, Layer, parse_file
from app_server.core.config.store import ConfigStore
from app_server.core.errors import INTERNAL_ERROR, CallerError, ConfigError
from app_server.core.frozen import frozen

LEGACY = {
    "profile": "`profile` is a legacy config selector and can no longer be written; use `--profile <name>` with "
    "`<name>.config.toml` instead",
    "profiles": "`profiles` contains legacy config profile tables and can no longer be written; use `--profile <name>` with "
    "`<name>.config.toml` instead",
}
LAYER_NAMES = {
    "sessionFlags": "session flags",
    "system": "system config",
    "enterpriseManaged": "managed config",
}


@frozen
class Overridden:
    """A stronger layer keeps what was written from having an effect."""

    message: str
    source: Mapping[str, Any]
    version: str
    value: Any


@frozen
class Written:
    """What became of a write."""

    version: str
    file: Path
    overridden: Overridden | None


def refused(message: str, code: str) -> CallerError:
    """A refusal with the reference's own error code in its data."""
    return CallerError(message, reason="config_write_refused", data={"config_write_error_code": code})


def write(store: ConfigStore, edits: Sequence[Edit], file_path: str | None, expected_version: str | None) -> Written:
    """Write all edits or none. Raises: CallerError, OSError."""
    try:
        return _write(store, edits, file_path, expected_version)
    except ConfigError as error:  # what is there can't be read, which is no fault of the request
        raise CallerError(error.message, code=INTERNAL_ERROR, reason=error.reason) from None


def _write(store: ConfigStore, edits: Sequence[Edit], file_path: str | None, expected_version: str | None) -> Written:
    if file_path is not None and Path(file_path) != store.user_file:
        raise refused("Only writes to the user config are allowed", "configLayerReadonly")
    text = store.user_text()
    before = _user_layer(store, text)
    if expected_version is not None and expected_version != before.version():
        message = "Configuration was modified since last read. Fetch latest version and retry."
        raise refused(message, "configVersionConflict")
    for edit in edits:
        if edit.path[0] in LEGACY and edit.value is not None:
            raise refused(LEGACY[edit.path[0]], "configValidationError")
    fresh = edited(text, edits)
    try:
        store.check(fresh)
    except InvalidConfig as error:
        raise refused(f"Invalid configuration: {error.plain}", "configValidationError") from None
    store.replace_user_text(fresh)
    return Written(_user_layer(store, fresh).version(), store.user_file, _overridden(store, edits))


def _user_layer(store: ConfigStore, text: str) -> Layer:
    return Layer({"type": "user"}, "user", parse_file(store.user_file, text), store.home, store.user_file, text)


def _overridden(store: ConfigStore, edits: Sequence[Edit]) -> Overridden | None:
    """The first written setting that another layer overrides, wherever one works: projects do not count."""
    layers = [layer for layer in store.layers().layers if layer.source["type"] != "project"]
    for edit in edits:
        for layer in reversed(layers):
            if layer.source["type"] == "user":
                break
            found = _at(layer.data, edit.path)
            if layer.disabled_reason is None and found is not None and found != edit.value:
                name = LAYER_NAMES.get(layer.source["type"], layer.label)
                return Overridden(f"Overridden by {name}", layer.source, layer.version(), found)
    return None


def _at(data: Any, path: Sequence[str]) -> Any:
    for name in path:
        if not isinstance(data, Mapping):
            return None
        data = data.get(name)
    return data
