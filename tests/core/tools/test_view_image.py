"""Images that the model looks at: real files, read by the library for images."""

import base64
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app_server.core.tools import tool_media
from app_server.core.tools.view_image import ViewImage
from tests.core.tools.exec_support import Host, call

pytestmark = pytest.mark.anyio


def tool(*, sees_images: bool = True, sees_originals: bool = True) -> ViewImage:
    async def read(path: str) -> dict[str, Any]:
        return await tool_media.view_image(path, sees_originals)

    return ViewImage(lambda: sees_images, read)


def png(folder: Path, name: str, size: tuple[int, int]) -> bytes:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    Image.new("RGB", size, "teal").save(file, "PNG")
    return file.read_bytes()


def shown(output: Any) -> tuple[str, bytes]:
    """The detail and the bytes of the one image of an output."""
    (part,) = output
    assert part["type"] == "input_image"
    head, _, data = part["image_url"].partition(",")
    assert head == "data:image/png;base64"
    return part["detail"], base64.b64decode(data)


async def test_a_model_that_sees_originals_gets_the_bytes_of_the_file(tmp_path: Path) -> None:
    data = png(tmp_path, "large.png", (3000, 2600))
    host = Host(str(tmp_path))
    assert shown(await call(tool(), host, {"path": "large.png"})) == ("original", data)
    path = str(tmp_path / "large.png")
    assert host.events == [
        ("item/started", {"type": "imageView", "id": "call", "path": path}),
        ("item/completed", {"type": "imageView", "id": "call", "path": path}),
    ]


async def test_another_model_gets_a_large_image_made_smaller(tmp_path: Path) -> None:
    png(tmp_path, "large.png", (3000, 2600))
    detail, data = shown(await call(tool(sees_originals=False), Host("/"), {"path": str(tmp_path / "large.png")}))
    assert detail == "high"
    assert Image.open(BytesIO(data)).size == (1696, 1469)


async def test_paths_are_taken_from_the_folder_of_the_turn_and_made_plain(tmp_path: Path) -> None:
    data = png(tmp_path, "sub/small.png", (3, 2))
    host = Host(str(tmp_path / "sub"))
    assert shown(await call(tool(), host, {"path": "../sub/./small.png", "detail": "high"}))[1] == data
    assert host.of("item/completed")[0]["path"] == str(tmp_path / "sub" / "small.png")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("nope.png", "unable to locate image at `{cwd}/nope.png`: No such file or directory (os error 2)"),
        (".", "image path `{cwd}` is not a file"),
        ("words.txt", "unable to process image: invalid or unsupported image data"),
    ],
)
async def test_what_is_no_image_is_told_and_nothing_is_shown(tmp_path: Path, path: str, why: str) -> None:
    (tmp_path / "words.txt").write_text("not an image")
    host = Host(str(tmp_path))
    assert await call(tool(), host, {"path": path}) == why.format(cwd=tmp_path)
    assert host.events == []


async def test_a_model_that_reads_no_images_is_told_so(tmp_path: Path) -> None:
    png(tmp_path, "small.png", (3, 2))
    refusal = await call(tool(sees_images=False), Host(str(tmp_path)), {"path": "small.png"})
    assert refusal == "view_image is not allowed because you do not support image inputs"


async def test_an_unknown_detail_is_refused(tmp_path: Path) -> None:
    png(tmp_path, "small.png", (3, 2))
    host = Host(str(tmp_path))
    refusal = await call(tool(), host, {"path": "small.png", "detail": "low"})
    assert refusal.endswith("got `low`")
    assert host.events == []
