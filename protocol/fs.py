"""The fs family of the wire contract."""

from typing import Any, ClassVar

from protocol.base import I64, Method, Notification, Params, Record, Response
from protocol.scalars import AbsolutePathBuf


class FsReadFileParams(Params):
    """What `fs/readFile` asks with."""

    path: AbsolutePathBuf


class FsReadFileResponse(Response):
    """What `fs/readFile` is answered with."""

    data_base64: str


class FsWriteFileParams(Params):
    """What `fs/writeFile` asks with."""

    path: AbsolutePathBuf
    data_base64: str


class FsWriteFileResponse(Response):
    """What `fs/writeFile` is answered with."""


class FsCreateDirectoryParams(Params):
    """What `fs/createDirectory` asks with."""

    path: AbsolutePathBuf
    recursive: bool | None = None


class FsCreateDirectoryResponse(Response):
    """What `fs/createDirectory` is answered with."""


class FsGetMetadataParams(Params):
    """What `fs/getMetadata` asks with."""

    path: AbsolutePathBuf


class FsGetMetadataResponse(Response):
    """What `fs/getMetadata` is answered with."""

    is_directory: bool
    is_file: bool
    is_symlink: bool
    created_at_ms: I64
    modified_at_ms: I64


class FsReadDirectoryParams(Params):
    """What `fs/readDirectory` asks with."""

    path: AbsolutePathBuf


class FsReadDirectoryEntry(Record):
    """Fs read directory entry."""

    file_name: str
    is_directory: bool
    is_file: bool


class FsReadDirectoryResponse(Response):
    """What `fs/readDirectory` is answered with."""

    entries: list[FsReadDirectoryEntry]


class FsRemoveParams(Params):
    """What `fs/remove` asks with."""

    path: AbsolutePathBuf
    recursive: bool | None = None
    force: bool | None = None


class FsRemoveResponse(Response):
    """What `fs/remove` is answered with."""


class FsCopyParams(Params):
    """What `fs/copy` asks with."""

    source_path: AbsolutePathBuf
    destination_path: AbsolutePathBuf
    recursive: bool = False


class FsCopyResponse(Response):
    """What `fs/copy` is answered with."""


class FsWatchParams(Params):
    """What `fs/watch` asks with."""

    watch_id: str
    path: AbsolutePathBuf


class FsWatchResponse(Response):
    """What `fs/watch` is answered with."""

    path: AbsolutePathBuf


class FsUnwatchParams(Params):
    """What `fs/unwatch` asks with."""

    watch_id: str


class FsUnwatchResponse(Response):
    """What `fs/unwatch` is answered with."""


class FsChangedNotification(Notification):
    """Announced as `fs/changed`."""

    method: ClassVar[str] = "fs/changed"

    watch_id: str
    changed_paths: list[AbsolutePathBuf]


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
