"""Files for the client, over a connection. Texts and codes are the reference's; what differs is said where it does."""

import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.client import Client, RpcError, connected
from tests.support.deterministic import served
from tests.support.home import make_home


@asynccontextmanager
async def client(folder: Path) -> AsyncIterator[tuple[Client, Path]]:
    home = make_home(folder, "http://127.0.0.1:9/v1")
    async with served(home) as pipe, connected(pipe) as connection:
        await connection.initialize()
        yield connection, home.work


async def refusal(connection: Client, method: str, **params: Any) -> tuple[int, str]:
    with pytest.raises(RpcError) as caught:
        await connection.request(method, {name: str(each) if isinstance(each, Path) else each for name, each in params.items()})
    assert caught.value.data["reason"] in {"io_error", "invalid_value"}
    return caught.value.code, caught.value.message


async def test_what_is_written_is_read(tmp_path: Path) -> None:
    async with client(tmp_path) as (connection, work):
        path = str(work / "note.bin")
        assert await connection.request("fs/writeFile", {"path": path, "dataBase64": "AAEC/w=="}) == {}
        assert await connection.request("fs/readFile", {"path": path}) == {"dataBase64": "AAEC/w=="}
        await connection.request("fs/writeFile", {"path": f"{work}/x/../note.bin", "dataBase64": ""})
        assert (work / "note.bin").read_bytes() == b""


async def test_what_cannot_be_read_or_written_is_told_as_the_system_tells_it(tmp_path: Path) -> None:
    async with client(tmp_path) as (connection, work):
        (work / "d").mkdir()
        (work / "f").write_text("f")
        assert await refusal(connection, "fs/readFile", path=work / "none") == (-32603, "No such file or directory (os error 2)")
        assert await refusal(connection, "fs/readFile", path=work / "f" / "x") == (-32603, "Not a directory (os error 20)")
        assert await refusal(connection, "fs/readFile", path=work / "d") == (-32600, f"path `{work}/d` is not a file")
        assert await refusal(connection, "fs/readFile", path="/dev/zero") == (-32600, "path `/dev/zero` is not a file")
        not_there = await refusal(connection, "fs/writeFile", path=work / "none" / "x", dataBase64="")
        assert not_there == (-32603, "No such file or directory (os error 2)")
        assert await refusal(connection, "fs/writeFile", path=work / "d", dataBase64="") == (
            -32603,
            "Is a directory (os error 21)",
        )
        assert await refusal(connection, "fs/writeFile", path=work / "x", dataBase64="%") == (
            -32600,
            "fs/writeFile requires valid base64 dataBase64: Invalid symbol 37, offset 0.",
        )
        assert not (work / "x").exists()


async def test_metadata_is_that_of_the_target_but_for_whether_it_is_a_link(tmp_path: Path) -> None:
    async with client(tmp_path) as (connection, work):
        (work / "f").write_text("f")
        os.utime(work / "f", ns=(0, 1_700_000_000_123_456_789))
        (work / "link").symlink_to("f")
        (work / "dangling").symlink_to("none")
        os.mkfifo(work / "pipe")
        facts = {"isDirectory": False, "isFile": True, "createdAtMs": 0, "modifiedAtMs": 1_700_000_000_123}
        assert await connection.request("fs/getMetadata", {"path": f"{work}/f"}) == {**facts, "isSymlink": False}
        assert await connection.request("fs/getMetadata", {"path": f"{work}/link"}) == {**facts, "isSymlink": True}
        pipe = await connection.request("fs/getMetadata", {"path": f"{work}/pipe"})
        assert (pipe["isDirectory"], pipe["isFile"], pipe["isSymlink"]) == (False, False, False)
        assert await refusal(connection, "fs/getMetadata", path=work / "dangling") == (
            -32603,
            "No such file or directory (os error 2)",
        )


async def test_a_directory_is_listed_without_links_to_nothing(tmp_path: Path) -> None:
    async with client(tmp_path) as (connection, work):
        (work / "d").mkdir()
        (work / ".hidden").write_text("h")
        (work / "link").symlink_to("d")
        (work / "dangling").symlink_to("none")
        listed = await connection.request("fs/readDirectory", {"path": str(work)})
        assert sorted(listed["entries"], key=lambda entry: entry["fileName"]) == [
            {"fileName": ".hidden", "isDirectory": False, "isFile": True},
            {"fileName": "d", "isDirectory": True, "isFile": False},
            {"fileName": "link", "isDirectory": True, "isFile": False},
        ]


async def test_directories_are_made_with_those_above_them_unless_told_otherwise(tmp_path: Path) -> None:
    async with client(tmp_path) as (connection, work):
        (work / "f").write_text("f")
        for params in ({"path": f"{work}/a/b"}, {"path": f"{work}/a/b"}, {"path": f"{work}/c", "recursive": False}):
            assert await connection.request("fs/createDirectory", params) == {}
        assert (work / "a" / "b").is_dir()
        exists = (-32603, "File exists (os error 17)")
        assert await refusal(connection, "fs/createDirectory", path=work / "c", recursive=False) == exists
        assert await refusal(connection, "fs/createDirectory", path=work / "f") == exists
        missing = await refusal(connection, "fs/createDirectory", path=work / "p" / "q", recursive=False)
        assert missing == (-32603, "No such file or directory (os error 2)")


async def test_removing_takes_what_is_inside_and_never_what_a_link_leads_to(tmp_path: Path) -> None:
    async with client(tmp_path) as (connection, work):
        (work / "d" / "e").mkdir(parents=True)
        (work / "link").symlink_to("d")
        not_empty = await refusal(connection, "fs/remove", path=work / "d", recursive=False)
        assert not_empty == (-32603, "Directory not empty (os error 39)")
        assert await connection.request("fs/remove", {"path": f"{work}/link"}) == {}
        assert (work / "d" / "e").is_dir()
        assert await connection.request("fs/remove", {"path": f"{work}/d"}) == {}
        assert await connection.request("fs/remove", {"path": f"{work}/d"}) == {}
        assert await refusal(connection, "fs/remove", path=work / "d", force=False) == (
            -32603,
            "No such file or directory (os error 2)",
        )
        assert list(work.iterdir()) == []


async def test_a_tree_is_copied_with_modes_and_links_into_what_is_there(tmp_path: Path) -> None:
    async with client(tmp_path) as (connection, work):
        tree = work / "tree"
        (tree / "inner").mkdir(parents=True)
        (tree / "inner" / "run").write_text("#!/bin/sh\n")
        (tree / "inner" / "run").chmod(0o750)
        (tree / "link").symlink_to("inner/run")
        os.mkfifo(tree / "pipe")
        (work / "copy").mkdir()
        (work / "copy" / "kept").write_text("kept")
        params = {"sourcePath": str(tree), "destinationPath": f"{work}/copy", "recursive": True}
        assert await connection.request("fs/copy", params) == {}
        copy = work / "copy"
        assert sorted(path.relative_to(copy).as_posix() for path in copy.rglob("*")) == ["inner", "inner/run", "kept", "link"]
        assert stat.S_IMODE((copy / "inner" / "run").stat().st_mode) == 0o750
        assert (copy / "link").readlink() == Path("inner/run")


async def test_copies_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    async with client(tmp_path) as (connection, work):
        (work / "d").mkdir()
        (work / "f").write_text("f")
        os.mkfifo(work / "pipe")
        for params, refused in (
            (("d", "e", False), (-32600, "fs/copy requires recursive: true when sourcePath is a directory")),
            (("d", "d/x", True), (-32600, "fs/copy cannot copy a directory to itself or one of its descendants")),
            (("d", "d", True), (-32600, "fs/copy cannot copy a directory to itself or one of its descendants")),
            (("pipe", "x", False), (-32600, "fs/copy only supports regular files, directories, and symlinks")),
            (("f", "d", False), (-32603, "Is a directory (os error 21)")),
            (("none", "x", False), (-32603, "No such file or directory (os error 2)")),
        ):
            source, destination, recursive = params
            got = await refusal(
                connection, "fs/copy", sourcePath=work / source, destinationPath=work / destination, recursive=recursive
            )
            assert got == refused


async def test_a_file_that_is_copied_onto_itself_stays_as_it_is(tmp_path: Path) -> None:
    async with client(tmp_path) as (connection, work):
        (work / "f").write_text("precious")
        assert await connection.request("fs/copy", {"sourcePath": f"{work}/f", "destinationPath": f"{work}/f"}) == {}
        assert (work / "f").read_text() == "precious"
