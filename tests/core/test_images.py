"""Images as models take them: which bytes stay, which sizes come out, what is refused."""

import base64
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from app_server.core.image_size import image_size
from app_server.core.images import HIGH, ORIGINAL, Limits, UnreadableImage, data_url, fit


def picture(kind: str, size: tuple[int, int], mode: str = "RGB", **options: Any) -> bytes:
    out = BytesIO()
    Image.new(mode, size).save(out, kind, **options)
    return out.getvalue()


def decoded(url: str) -> tuple[str, bytes]:
    head, _, payload = url.partition(",")
    return head, base64.b64decode(payload)


@pytest.mark.parametrize(
    ("limits", "size", "sent"),
    [
        (ORIGINAL, (4000, 3000), (3669, 2752)),
        (ORIGINAL, (3201, 3200), (3168, 3168)),
        (ORIGINAL, (7000, 300), (6000, 257)),
        (ORIGINAL, (3200, 3200), (3200, 3200)),
        (ORIGINAL, (5103, 2093), (4991, 2047)),
        (HIGH, (4000, 3000), (1824, 1368)),
        (HIGH, (2048, 2048), (1600, 1600)),
        (HIGH, (3000, 2000), (1920, 1280)),
        (HIGH, (3000, 2600), (1696, 1469)),
        (HIGH, (1601, 1600), (1568, 1568)),
        (HIGH, (1000, 3000), (683, 2048)),
        (HIGH, (5000, 500), (2048, 205)),
        (HIGH, (2020, 3120), (1280, 1976)),
        (HIGH, (4498, 3432), (1802, 1376)),
        (HIGH, (3344, 2290), (1916, 1312)),
        (HIGH, (9000, 1), (2048, 1)),
    ],
)
def test_an_image_beyond_the_limits_gets_the_size_that_the_reference_gives_it(
    limits: Limits, size: tuple[int, int], sent: tuple[int, int]
) -> None:
    assert fit(*size, limits) == sent


@pytest.mark.parametrize(("kind", "name"), [("PNG", "png"), ("JPEG", "jpeg"), ("WEBP", "webp")])
def test_an_image_within_the_limits_keeps_its_bytes(kind: str, name: str) -> None:
    data = picture(kind, (40, 30))
    assert decoded(data_url(data, HIGH)) == (f"data:image/{name};base64", data)


@pytest.mark.parametrize(("kind", "name"), [("PNG", "png"), ("JPEG", "jpeg"), ("WEBP", "webp")])
def test_an_image_beyond_the_limits_is_written_anew_in_its_own_format(kind: str, name: str) -> None:
    head, data = decoded(data_url(picture(kind, (3000, 2600)), HIGH))
    written = Image.open(BytesIO(data))
    assert (head, written.format, written.size) == (f"data:image/{name};base64", kind, (1696, 1469))


def test_an_animation_becomes_a_png_of_its_first_picture() -> None:
    head, data = decoded(data_url(picture("GIF", (20, 10)), HIGH))
    assert (head, image_size(data)) == ("data:image/png;base64", (20, 10))


def test_a_smaller_picture_keeps_the_orientation_that_the_camera_noted() -> None:
    exif = Image.Exif()
    exif[0x112] = 6
    _, data = decoded(data_url(picture("JPEG", (3000, 2600), exif=exif.tobytes()), HIGH))
    assert Image.open(BytesIO(data)).getexif()[0x112] == 6


@pytest.mark.parametrize(
    "data",
    [b"", b"not an image", picture("PNG", (300, 300))[:150], picture("BMP", (4, 4)), picture("TIFF", (4, 4)), b"<svg/>"],
)
def test_what_is_torn_or_of_another_format_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableImage):
        data_url(data, HIGH)


def test_a_small_file_that_claims_to_be_enormous_is_refused_before_it_is_decoded() -> None:
    data = bytearray(picture("PNG", (4, 4)))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    with pytest.raises(UnreadableImage):
        data_url(bytes(data), ORIGINAL)


@pytest.mark.parametrize("size", [(1, 1), (20, 10), (3000, 17)])
def test_the_size_of_an_image_is_read_without_decoding_it(size: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[0x10E] = "x" * 40_000
    files = [
        picture("PNG", size),
        picture("GIF", size),
        picture("JPEG", size),
        picture("JPEG", size, exif=exif.tobytes()),
        picture("WEBP", size),
        picture("WEBP", size, lossless=True),
        picture("WEBP", size, exif=exif.tobytes()),
    ]
    assert [image_size(data) for data in files] == [size] * len(files)
    assert [image_size(data[:9]) for data in files] == [None] * len(files)
    assert image_size(b"") is None
