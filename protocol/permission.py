"""Permissions in detail: files by path, pattern or meaning, and the network; the named profiles."""

from typing import Annotated, Any, Literal

from pydantic import Field

from protocol.base import OMIT_NONE, U32, Method, Params, PositiveInt, Record, Response, TypeAliasType, Variant
from protocol.scalars import LegacyAppPathString


class PermissionProfileListParams(Params):
    """Which page of the profiles."""

    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""
    cwd: str | None = None
    """The directory whose project configuration counts; null: none."""


class PermissionProfileSummary(Record):
    """A profile to choose."""

    id: str
    """Its name."""
    description: str | None = None
    """What it is for; null: no word."""
    allowed: bool
    """Whether the administrator lets it be chosen."""


class PermissionProfileListResponse(Response):
    """The profiles."""

    data: list[PermissionProfileSummary]
    """One page of them."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""


FileSystemAccessMode = TypeAliasType("FileSystemAccessMode", Literal["read", "write", "deny"])
"""What may be done with a path."""


class RootSpecialPath(Variant):
    """Everything."""

    kind: Literal["root"] = "root"
    """The tag of this alternative."""


class MinimalSpecialPath(Variant):
    """What programs need to run at all."""

    kind: Literal["minimal"] = "minimal"
    """The tag of this alternative."""


class ProjectRootsSpecialPath(Variant):
    """The directories of the workspace."""

    kind: Literal["project_roots"] = "project_roots"
    """The tag of this alternative."""
    subpath: LegacyAppPathString | None = None
    """Something in each of them; null: all of it."""


class TmpdirSpecialPath(Variant):
    """The directory named by `TMPDIR`."""

    kind: Literal["tmpdir"] = "tmpdir"
    """The tag of this alternative."""


class SlashTmpSpecialPath(Variant):
    """`/tmp`."""

    kind: Literal["slash_tmp"] = "slash_tmp"
    """The tag of this alternative."""


class UnknownSpecialPath(Variant):
    """Something that this version does not know."""

    kind: Literal["unknown"] = "unknown"
    """The tag of this alternative."""
    path: str
    """Its name."""
    subpath: LegacyAppPathString | None = None
    """Something in it; null: all of it."""


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
"""A path by what it means."""


class PathFileSystemPath(Variant):
    """A path."""

    type: Literal["path"] = "path"
    """The tag of this alternative."""
    path: LegacyAppPathString
    """The path and everything below it."""


class GlobPatternFileSystemPath(Variant):
    """Paths by a pattern."""

    type: Literal["glob_pattern"] = "glob_pattern"
    """The tag of this alternative."""
    pattern: str
    """The pattern."""


class SpecialFileSystemPath(Variant):
    """A path by its meaning."""

    type: Literal["special"] = "special"
    """The tag of this alternative."""
    value: FileSystemSpecialPath
    """The meaning."""


FileSystemPath = TypeAliasType(
    "FileSystemPath",
    Annotated[PathFileSystemPath | GlobPatternFileSystemPath | SpecialFileSystemPath, Field(discriminator="type")],
)
"""Which paths a permission is about."""


class FileSystemSandboxEntry(Record):
    """A permission for paths."""

    path: FileSystemPath
    """Which paths."""
    access: FileSystemAccessMode
    """What may be done."""


class AdditionalFileSystemPermissions(Record):
    """Permissions for files."""

    read: list[LegacyAppPathString] | None = None
    """Paths to read; `entries` is the newer form. Null: none."""
    write: list[LegacyAppPathString] | None = None
    """Paths to write; `entries` is the newer form. Null: none."""
    glob_scan_max_depth: Annotated[PositiveInt | None, OMIT_NONE] = None
    """How deep patterns are looked up; left out lets the server choose."""
    entries: Annotated[list[FileSystemSandboxEntry] | None, OMIT_NONE] = None
    """The permissions one by one; left out: none."""


class AdditionalNetworkPermissions(Record):
    """Permission for the network."""

    enabled: bool | None = None
    """Whether it can be reached; null leaves it as it is."""


class RequestPermissionProfile(Record, extra="forbid"):
    """Permissions that the agent asks for."""

    network: AdditionalNetworkPermissions | None = None
    """The network; null: not asked for."""
    file_system: AdditionalFileSystemPermissions | None = None
    """Files; null: not asked for."""


PERMISSION_PROFILE_LIST = Method("permissionProfile/list", PermissionProfileListParams, PermissionProfileListResponse)

METHODS: tuple[Method[Any, Any], ...] = (PERMISSION_PROFILE_LIST,)
