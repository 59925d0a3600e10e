"""Files on the machine of the server, for clients that are elsewhere. No sandbox and no approval: they are the user's own."""

from typing import Any, ClassVar

from protocol.base import I64, Method, Notification, Params, Record, Response
from protocol.scalars import AbsolutePathBuf


class FsReadFileParams(Params):
    """A file to read."""

    path: AbsolutePathBuf
    """The file."""


class FsReadFileResponse(Response):
    """The file."""

    data_base64: str
    """Its bytes, in base64."""


class FsWriteFileParams(Params):
    """A file to write."""

    path: AbsolutePathBuf
    """The file; its directory must exist."""
    data_base64: str
    """Its bytes, in base64."""


class FsWriteFileResponse(Response):
    """It is written."""


class FsCreateDirectoryParams(Params):
    """A directory to make."""

    path: AbsolutePathBuf
    """The directory."""
    recursive: bool | None = None
    """Whether those above it are made too; null: yes."""


class FsCreateDirectoryResponse(Response):
    """It is there."""


class FsGetMetadataParams(Params):
    """A path to look at."""

    path: AbsolutePathBuf
    """The path."""


class FsGetMetadataResponse(Response):
    """What it is. Links are followed except where said."""

    is_directory: bool
    """Whether it is a directory."""
    is_file: bool
    """Whether it is a regular file."""
    is_symlink: bool
    """Whether the path itself is a link."""
    created_at_ms: I64
    """When it was made, in Unix milliseconds; 0 when unknown."""
    modified_at_ms: I64
    """When it was changed, in Unix milliseconds; 0 when unknown."""


class FsReadDirectoryParams(Params):
    """A directory to list."""

    path: AbsolutePathBuf
    """The directory."""


class FsReadDirectoryEntry(Record):
    """Something in it. Links are followed."""

    file_name: str
    """Its name."""
    is_directory: bool
    """Whether it is a directory."""
    is_file: bool
    """Whether it is a regular file."""


class FsReadDirectoryResponse(Response):
    """The directory."""

    entries: list[FsReadDirectoryEntry]
    """What is in it, in no order."""


class FsRemoveParams(Params):
    """A path to remove."""

    path: AbsolutePathBuf
    """The path."""
    recursive: bool | None = None
    """Whether a directory goes with all that is in it; null: yes."""
    force: bool | None = None
    """Whether it may be missing; null: yes."""


class FsRemoveResponse(Response):
    """It is gone."""


class FsCopyParams(Params):
    """A path to copy."""

    source_path: AbsolutePathBuf
    """The path."""
    destination_path: AbsolutePathBuf
    """Where to."""
    recursive: bool = False
    """Whether it may be a directory."""


class FsCopyResponse(Response):
    """It is copied."""


class FsWatchParams(Params):
    """A path to watch."""

    watch_id: str
    """What the client calls the watch."""
    path: AbsolutePathBuf
    """The path, which need not exist yet."""


class FsWatchResponse(Response):
    """It is watched."""

    path: AbsolutePathBuf
    """The path as it is watched."""


class FsUnwatchParams(Params):
    """A watch to end."""

    watch_id: str
    """The watch."""


class FsUnwatchResponse(Response):
    """It is ended."""


class FsChangedNotification(Notification):
    """Something changed under a watch. Sent only to its client."""

    method: ClassVar[str] = "fs/changed"

    watch_id: str
    """The watch."""
    changed_paths: list[AbsolutePathBuf]
    """What changed."""


FS_READ_FILE = Method("fs/readFile", FsReadFileParams, FsReadFileResponse)
FS_WRITE_FILE = Method("fs/writeFile", FsWriteFileParams, FsWriteFileResponse)
FS_CREATE_DIRECTORY = Method("fs/createDirectory", FsCreateDirectoryParams, FsCreateDirectoryResponse)
FS_GET_METADATA = Method("fs/getMetadata", FsGetMetadataParams, FsGetMetadataResponse)
FS_READ_DIRECTORY = Method("fs/readDirectory", FsReadDirectoryParams, FsReadDirectoryResponse)
FS_REMOVE = Method("fs/remove", FsRemoveParams, FsRemoveResponse)
FS_COPY = Method("fs/copy", FsCopyParams, FsCopyResponse)
FS_WATCH = Method("fs/watch", FsWatchParams, FsWatchResponse)
FS_UNWATCH = Method("fs/unwatch", FsUnwatchParams, FsUnwatchResponse)

METHODS: tuple[Method[Any, Any], ...] = (
    FS_READ_FILE,
    FS_WRITE_FILE,
    FS_CREATE_DIRECTORY,
    FS_GET_METADATA,
    FS_READ_DIRECTORY,
    FS_REMOVE,
    FS_COPY,
    FS_WATCH,
    FS_UNWATCH,
)
NOTIFICATIONS: tuple[type[Notification], ...] = (FsChangedNotification,)
