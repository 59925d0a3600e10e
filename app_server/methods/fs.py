"""Files of the server's machine, for the client: no sandbox, no approval. Source: spec/exec-fs.md section 4.

Every handler works in a worker thread, so that a slow disk holds up nobody else. Differs: copying a file onto itself
leaves it as it is.
"""

import os
import shutil
import stat
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import anyio.to_thread

from app_server.core.config.store import os_text
from app_server.core.errors import INTERNAL_ERROR, CallerError
from app_server.methods.base64_text import decode
from app_server.methods.fs_watch import unwatch, watch
from app_server.routing import route
from app_server.services import Context
from protocol.fs import (
    FS_COPY,
    FS_CREATE_DIRECTORY,
    FS_GET_METADATA,
    FS_READ_DIRECTORY,
    FS_READ_FILE,
    FS_REMOVE,
    FS_UNWATCH,
    FS_WATCH,
    FS_WRITE_FILE,
    FsCopyParams,
    FsCopyResponse,
    FsCreateDirectoryParams,
    FsCreateDirectoryResponse,
    FsGetMetadataParams,
    FsGetMetadataResponse,
    FsReadDirectoryEntry,
    FsReadDirectoryParams,
    FsReadDirectoryResponse,
    FsReadFileParams,
    FsReadFileResponse,
    FsRemoveParams,
    FsRemoveResponse,
    FsWriteFileParams,
    FsWriteFileResponse,
)

MAX_FILE_BYTES = 512 * 1024 * 1024
P = TypeVar("P")
R = TypeVar("R")


async def in_thread(work: Callable[[P], R], params: P) -> R:
    """Do the work in a worker thread. Raises: CallerError, also for what the system refuses."""
    try:
        return await anyio.to_thread.run_sync(work, params)
    except OSError as error:
        raise CallerError(os_text(error), code=INTERNAL_ERROR, reason="io_error") from None


def refused(text: str, field: str, expected: str) -> CallerError:
    """An argument that this method does not take."""
    return CallerError(text, reason="invalid_value", data={"field": field, "expected": expected})


async def read_file(_context: Context, params: FsReadFileParams) -> FsReadFileResponse:
    """The content of a file."""
    return await in_thread(_read_file, params)


def _read_file(params: FsReadFileParams) -> FsReadFileResponse:
    path = Path(params.path)
    if not stat.S_ISREG(path.stat().st_mode):
        raise refused(f"path `{params.path}` is not a file", "path", "a regular file")
    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise refused(f"file is too large to read: limit is {MAX_FILE_BYTES} bytes", "path", "a smaller file")
    return FsReadFileResponse(data_base64=b64encode(data).decode("ascii"))


async def write_file(_context: Context, params: FsWriteFileParams) -> FsWriteFileResponse:
    """Write a file, in place of what it held."""
    return await in_thread(_write_file, params)


def _write_file(params: FsWriteFileParams) -> FsWriteFileResponse:
    try:
        data = decode(params.data_base64)
    except ValueError as error:
        raise refused(f"fs/writeFile requires valid base64 dataBase64: {error}", "dataBase64", "base64") from None
    Path(params.path).write_bytes(data)
    return FsWriteFileResponse()


async def create_directory(_context: Context, params: FsCreateDirectoryParams) -> FsCreateDirectoryResponse:
    """Make a directory, with those above it unless told otherwise."""
    return await in_thread(_create_directory, params)


def _create_directory(params: FsCreateDirectoryParams) -> FsCreateDirectoryResponse:
    is_recursive = params.recursive is not False
    Path(params.path).mkdir(parents=is_recursive, exist_ok=is_recursive)
    return FsCreateDirectoryResponse()


async def get_metadata(_context: Context, params: FsGetMetadataParams) -> FsGetMetadataResponse:
    """What a path is. Kind and time are those of a link's target."""
    return await in_thread(_get_metadata, params)


def _get_metadata(params: FsGetMetadataParams) -> FsGetMetadataResponse:
    path = Path(params.path)
    target = path.stat()
    return FsGetMetadataResponse(
        is_directory=stat.S_ISDIR(target.st_mode),
        is_file=stat.S_ISREG(target.st_mode),
        is_symlink=path.is_symlink(),
        created_at_ms=0,  # the reference tells no birth time either
        modified_at_ms=target.st_mtime_ns // 1_000_000,
    )


async def read_directory(_context: Context, params: FsReadDirectoryParams) -> FsReadDirectoryResponse:
    """What a directory holds, in the system's order; links to nothing are left out."""
    return await in_thread(_read_directory, params)


def _read_directory(params: FsReadDirectoryParams) -> FsReadDirectoryResponse:
    entries = []
    with os.scandir(params.path) as found:
        for entry in found:
            try:
                mode = entry.stat().st_mode
            except FileNotFoundError:
                continue
            name = os.fsencode(entry.name).decode("utf-8", "replace")
            entries.append(FsReadDirectoryEntry(file_name=name, is_directory=stat.S_ISDIR(mode), is_file=stat.S_ISREG(mode)))
    return FsReadDirectoryResponse(entries=entries)


async def remove(_context: Context, params: FsRemoveParams) -> FsRemoveResponse:
    """Remove a file, a link or a directory, with what it holds unless told otherwise."""
    return await in_thread(_remove, params)


def _remove(params: FsRemoveParams) -> FsRemoveResponse:
    path = Path(params.path)
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        if params.force is False:
            raise
        return FsRemoveResponse()
    if not stat.S_ISDIR(mode):
        path.unlink()
    elif params.recursive is False:
        path.rmdir()
    else:
        shutil.rmtree(path)
    return FsRemoveResponse()


async def copy(_context: Context, params: FsCopyParams) -> FsCopyResponse:
    """Copy a file, a link as a link, or a directory into what may be there already."""
    return await in_thread(_copy, params)


def _copy(params: FsCopyParams) -> FsCopyResponse:
    source, destination = Path(params.source_path), Path(params.destination_path)
    mode = source.lstat().st_mode
    if stat.S_ISDIR(mode):
        if not params.recursive:
            raise refused("fs/copy requires recursive: true when sourcePath is a directory", "recursive", "true")
        if destination.resolve().is_relative_to(source.resolve()):
            text = "fs/copy cannot copy a directory to itself or one of its descendants"
            raise refused(text, "destinationPath", "a path outside of sourcePath")
        _copy_tree(source, destination)
    elif stat.S_ISLNK(mode) or stat.S_ISREG(mode):
        _copy_entry(source, destination)
    else:
        text = "fs/copy only supports regular files, directories, and symlinks"
        raise refused(text, "sourcePath", "a file, a directory or a link")
    return FsCopyResponse()


def _copy_tree(source: Path, destination: Path) -> None:
    """Copy what a directory holds; what is neither file, link nor directory is left out."""
    destination.mkdir(parents=True, exist_ok=True)
    with os.scandir(source) as found:
        for entry in found:
            target = destination / entry.name
            if entry.is_dir(follow_symlinks=False):
                _copy_tree(Path(entry.path), target)
            elif entry.is_symlink() or entry.is_file():
                _copy_entry(Path(entry.path), target)


def _copy_entry(source: Path, destination: Path) -> None:
    if source.is_symlink():
        destination.symlink_to(source.readlink())
    elif not (destination.exists() and destination.samefile(source)):
        shutil.copyfile(source, destination)
        shutil.copymode(source, destination)


ROUTES = [
    route(FS_READ_FILE, read_file),
    route(FS_WRITE_FILE, write_file),
    route(FS_CREATE_DIRECTORY, create_directory),
    route(FS_GET_METADATA, get_metadata),
    route(FS_READ_DIRECTORY, read_directory),
    route(FS_REMOVE, remove),
    route(FS_COPY, copy),
    route(FS_WATCH, watch),
    route(FS_UNWATCH, unwatch),
]
