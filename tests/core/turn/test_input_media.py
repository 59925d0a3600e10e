"""Images and recordings in the user's input, as the model gets them."""

import base64
import os
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app_server.core.turn.input_media import read_media
from app_server.core.turn.user_input import message
from protocol.input import AudioInput, ImageInput, LocalAudioInput, LocalImageInput, TextInput

pytestmark = pytest.mark.anyio


def png(width: int, height: int) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height)).save(out, "PNG")
    return out.getvalue()


def url(data: bytes, head: str = "data:image/png;base64,") -> str:
    return head + base64.b64encode(data).decode()


async def parts(content: list[Any], cwd: Path, *, sees_originals: bool = False) -> list[dict[str, Any]]:
    media = await read_media(content, str(cwd), sees_originals)
    made: list[dict[str, Any]] = message("msg_1", content, media)["content"]
    return made


def texts(*lines: str) -> list[dict[str, str]]:
    return [{"type": "input_text", "text": line} for line in lines]


async def test_a_local_image_stands_between_two_texts_that_name_it(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(20, 10))
    content = [TextInput(text="look"), LocalImageInput(path=str(path))]
    assert await parts(content, tmp_path) == [
        *texts("look", f'<image name=[Image #1] path="{path}">'),
        {"type": "input_image", "image_url": url(png(20, 10)), "detail": "high"},
        *texts("</image>"),
    ]


async def test_images_are_numbered_through_with_those_that_came_as_data(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(2, 2))
    content = [ImageInput(url=url(png(4, 4))), LocalImageInput(path="/nowhere/x.png"), LocalImageInput(path="a.png")]
    made = await parts(content, tmp_path)
    assert made[1:3] == texts(
        "Codex could not read the local image at `/nowhere/x.png`: No such file or directory (os error 2)",
        '<image name=[Image #3] path="a.png">',
    )
    assert [part["type"] for part in made] == ["input_image", "input_text", "input_text", "input_image", "input_text"]


@pytest.mark.parametrize(
    ("detail", "sees_originals", "size", "sent"),
    [
        (None, True, (3000, 2600), "original"),
        ("low", True, (3000, 2600), "original"),
        (None, False, (1696, 1469), "high"),
        ("auto", False, (1696, 1469), "auto"),
        ("high", False, (1696, 1469), "high"),
        ("original", False, (3000, 2600), "high"),
    ],
)
async def test_the_model_and_the_wanted_detail_decide_the_size(
    tmp_path: Path, detail: Any, sees_originals: bool, size: tuple[int, int], sent: str
) -> None:
    [part] = await parts([ImageInput(url=url(png(3000, 2600)), detail=detail)], tmp_path, sees_originals=sees_originals)
    assert part["detail"] == sent
    assert Image.open(BytesIO(base64.b64decode(part["image_url"].partition(",")[2]))).size == size


async def test_little_detail_is_refused_where_the_model_does_not_decide_itself(tmp_path: Path) -> None:
    assert await parts([ImageInput(url=url(png(4, 4)), detail="low")], tmp_path) == texts(
        "image content omitted because detail 'low' is not supported; use 'high', 'original', or 'auto'"
    )


@pytest.mark.parametrize(
    "address",
    ["data:image/png;base64,!!!", "data:image/png,abc", url(b"hi", "data:text/plain;base64,"), "data:image/png;base64,"],
)
async def test_data_that_is_no_image_is_replaced_by_a_text(tmp_path: Path, address: str) -> None:
    assert await parts([ImageInput(url=address)], tmp_path) == texts("image content omitted because it could not be processed")


async def test_the_type_of_an_image_is_told_by_its_bytes(tmp_path: Path) -> None:
    [part] = await parts([ImageInput(url=url(png(4, 4), "DATA:image/gif;BASE64,"))], tmp_path)
    assert part["image_url"] == url(png(4, 4))


async def test_other_addresses_and_files_of_the_provider_are_passed_on(tmp_path: Path) -> None:
    assert await parts([ImageInput(url="sediment://1"), ImageInput(file_id="file-1")], tmp_path) == [
        {"type": "input_image", "image_url": "sediment://1", "detail": "high"},
        {"type": "input_image", "file_id": "file-1", "detail": "high"},
    ]


async def test_a_folder_a_pipe_and_an_impossible_name_are_told_to_the_model(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    made = await parts(
        [LocalImageInput(path=str(tmp_path)), LocalImageInput(path="pipe"), LocalImageInput(path="a\0b")], tmp_path
    )
    assert [part["text"].partition(": ")[2] for part in made] == [
        "Is a directory (os error 21)",
        "Invalid argument (os error 22)",
        "file name contained an unexpected NUL byte (os error 22)",
    ]


async def test_recordings_are_read_by_the_ending_of_their_name(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"hi")
    content = [AudioInput(url="data:audio/ogg;base64,aGk="), LocalAudioInput(path="a.wav"), LocalAudioInput(path="a.txt")]
    assert await parts(content, tmp_path) == [
        {"type": "input_audio", "audio_url": "data:audio/ogg;base64,aGk="},
        {"type": "input_audio", "audio_url": "data:audio/wav;base64,aGk="},
        *texts("Codex cannot attach audio at `a.txt`: unsupported audio format; use wav, mp3, m4a, webm, or ogg."),
    ]
