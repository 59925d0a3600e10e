"""The permission family of the wire contract."""

from typing import Annotated, Any, Literal

from pydantic import Field

from protocol.base import OMIT_NONE, U32, Method, Params, PositiveInt, Record, Response, TypeAliasType, Variant
from protocol.scalars import LegacyAppPathString


class PermissionProfileListParams(Params):
    """What `permissionProfile/list` asks with."""

    cursor: str | None = None
    limit: U32 | None = None
    cwd: str | None = None


class PermissionProfileSummary(Record):
    """Permission profile summary."""

    id: str
    description: str | None = None
    allowed: bool


class PermissionProfileListResponse(Response):
    """What `permissionProfile/list` is answered with."""

    data: list[PermissionProfileSummary]
    next_cursor: str | None = None


FileSystemAccessMode = TypeAliasType("FileSystemAccessMode", Literal["read", "write", "deny"])
"""File system access mode."""


class RootSpecialPath(Variant):
    """Root special path."""

    kind: Literal["root"] = "root"


class MinimalSpecialPath(Variant):
    """Minimal special path."""

    kind: Literal["minimal"] = "minimal"


class ProjectRootsSpecialPath(Variant):
    """Project roots special path."""

    kind: Literal["project_roots"] = "project_roots"
    subpath: LegacyAppPathString | None = None


class TmpdirSpecialPath(Variant):
    """Tmpdir special path."""

    kind: Literal["tmpdir"] = "tmpdir"


class SlashTmpSpecialPath(Variant):
    """Slash tmp special path."""

    kind: Literal["slash_tmp"] = "slash_tmp"


class UnknownSpecialPath(Variant):
    """Unknown special path."""

    kind: Literal["unknown"] = "unknown"
    path: str
    subpath: LegacyAppPathString | None = None


FileSystemSpecialPath = TypeAliasType(
    "FileSystemSpecialPath",
    Annotated[
        RootSpecialPath
        | MinimalSpecialPath
        | ProjectRootsSpecialPath
        | TmpdirSpecialPath
        | SlashTmpSpecialPath
        | UnknownSpecialPath,
        Field(discriminator="kind"),
    ],
)
"""File system special path."""


class PathFileSystemPath(Variant):
    """Path file system path."""

    type: Literal["path"] = "path"
    path: LegacyAppPathString


class GlobPatternFileSystemPath(Variant):
    """Glob pattern file system path."""

    type: Literal["glob_pattern"] = "glob_pattern"
    pattern: str


class SpecialFileSystemPath(Variant):
    """Special file system path."""

    type: Literal["special"] = "special"
    value: FileSystemSpecialPath


FileSystemPath = TypeAliasType(
    "FileSystemPath",
    Annotated[PathFileSystemPath | GlobPatternFileSystemPath | SpecialFileSystemPath, Field(discriminator="type")],
)
"""File system path."""


class FileSystemSandboxEntry(Record):
    """File system sandbox entry."""

    path: FileSystemPath
    access: FileSystemAccessMode


class AdditionalFileSystemPermissions(Record):
    """Additional file system permissions."""

    read: list[LegacyAppPathString] | None = None
    write: list[LegacyAppPathString] | None = None
    glob_scan_max_depth: Annotated[PositiveInt | None, OMIT_NONE] = None
    entries: Annotated[list[FileSystemSandboxEntry] | None, OMIT_NONE] = None


class AdditionalNetworkPermissions(Record):
    """Additional network permissions."""

    enabled: bool | None = None


class RequestPermissionProfile(Record, extra="forbid"):
    """Request permission profile."""

    network: AdditionalNetworkPermissions | None = None
    file_system: AdditionalFileSystemPermissions | None = None


PERMISSION_PROFILE_LIST = Method("permissionProfile/list", PermissionProfileListParams, PermissionProfileListResponse)

METHODS: tuple[Method[Any, Any], ...] = (PERMISSION_PROFILE_LIST,)
