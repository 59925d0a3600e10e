"""Permissions among the arguments of a call: their form for the model and for clients. Source: spec/tools.md section 10."""

import os.path
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app_server.core.tools.arguments import BOOL, TEXT, Many, Maybe, Member, Struct
from app_server.core.tools.permissions import Permissions
from protocol.permission import (
    AdditionalFileSystemPermissions,
    AdditionalNetworkPermissions,
    FileSystemAccessMode,
    FileSystemSandboxEntry,
    PathFileSystemPath,
)

_FILES = Struct("FileSystemPermissions", Member("read", Maybe(Many(TEXT))), Member("write", Maybe(Many(TEXT))))
_NETWORK = Struct("NetworkPermissions", Member("enabled", Maybe(BOOL)))
PROFILE = Struct("RequestPermissionProfile", Member("network", Maybe(_NETWORK)), Member("file_system", Maybe(_FILES)))
"""What a call may ask for."""
_PATHS = {"type": "array", "items": {"type": "string"}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "file_system": {
            "type": "object",
            "properties": {
                "read": {**_PATHS, "description": "Absolute paths to read."},
                "write": {**_PATHS, "description": "Absolute paths to write, with everything below them."},
            },
            "additionalProperties": False,
        },
        "network": {
            "type": "object",
            "properties": {"enabled": {"type": "boolean", "description": "Whether to reach the network."}},
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}
"""The same as models see it."""


def permissions_of(given: Mapping[str, Any], cwd: str) -> Permissions:
    """What a call asks for; relative paths count from a folder."""
    files, network = given.get("file_system") or {}, given.get("network") or {}
    return Permissions(
        read=_absolute(files.get("read"), cwd), write=_absolute(files.get("write"), cwd), network=network.get("enabled")
    )


def _absolute(paths: Sequence[str] | None, cwd: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(os.path.normpath(Path(cwd, path)) for path in paths or ()))


def wire_files(wanted: Permissions) -> AdditionalFileSystemPermissions | None:
    """The files that are asked for, as clients see them."""
    if not wanted.read and not wanted.write:
        return None
    entries = [*(_entry(path, "read") for path in wanted.read), *(_entry(path, "write") for path in wanted.write)]
    return AdditionalFileSystemPermissions(read=list(wanted.read) or None, write=list(wanted.write) or None, entries=entries)


def wire_network(wanted: Permissions) -> AdditionalNetworkPermissions | None:
    """The network, if it is asked for."""
    return AdditionalNetworkPermissions(enabled=wanted.network) if wanted.network is not None else None


def _entry(path: str, access: FileSystemAccessMode) -> FileSystemSandboxEntry:
    return FileSystemSandboxEntry(path=PathFileSystemPath(path=path), access=access)
