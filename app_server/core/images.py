"""Images as models take them: the formats they read, at the sizes they see. The one module that knows Pillow.

An image that fits is passed on byte for byte; a bigger one is made smaller, and an animation becomes its first
picture. Everything here is arithmetic on bytes in memory: callers run it in a worker thread.
Source: spec/models.md section 9.3. Differs: a picture that is written anew keeps its orientation tag.
"""

import base64
import math
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, UnidentifiedImageError

PATCH_PX = 32
"""Models see an image in squares of this side."""
LARGEST_PIXELS = 200_000_000
"""What is decoded at most: beyond it, a small file could fill the memory."""
JPEG_QUALITY = 85
READ_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
SENT_FORMATS = {"PNG": "png", "JPEG": "jpeg", "MPO": "jpeg", "WEBP": "webp"}
"""Formats that models take, with their names in media types. (MPO is a JPEG with a second picture behind it.)"""

Image.MAX_IMAGE_PIXELS = None  # `LARGEST_PIXELS` is checked instead, without a warning halfway


class UnreadableImage(ValueError):
    """The bytes are no image, or none of a format that models take."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a model sees of an image at most: so many pixels a side, so many squares in all."""

    side: int
    patches: int


ORIGINAL = Limits(side=6000, patches=10_000)
HIGH = Limits(side=2048, patches=2_500)


def data_url(data: bytes, limits: Limits) -> str:
    """The image as a `data:` URL within the limits. Raises: UnreadableImage."""
    try:
        with Image.open(BytesIO(data), formats=READ_FORMATS) as image:
            if image.width * image.height > LARGEST_PIXELS:
                raise UnreadableImage(f"an image of {image.width} x {image.height} pixels is too large")
            image.load()  # a torn file is found out here, not by the provider
            size = fit(*image.size, limits)
            kind = image.format or ""
            if size != image.size or kind not in SENT_FORMATS:
                kind, data = "PNG" if kind == "GIF" else kind, _written(image, size, kind)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise UnreadableImage(str(error)) from error
    return f"data:image/{SENT_FORMATS[kind]};base64,{base64.b64encode(data).decode()}"


def fit(width: int, height: int, limits: Limits) -> tuple[int, int]:
    """The size at which an image is sent: its own if it is within the limits, else made smaller by side, then by squares."""
    by_side = limits.side / max(width, height)
    if by_side < 1:
        width, height = max(_rounded(width * by_side), 1), max(_rounded(height * by_side), 1)
    if math.ceil(width / PATCH_PX) * math.ceil(height / PATCH_PX) > limits.patches:
        scale = _patch_scale(width, height, limits.patches)
        width, height = max(int(width * scale), 1), max(int(height * scale), 1)
    return width, height


def _patch_scale(width: int, height: int, budget: int) -> float:
    """The scale at which whole squares cover the image and stay within the budget."""
    scale = math.sqrt(PATCH_PX * PATCH_PX * budget / (width * height))
    across, down = width * scale / PATCH_PX, height * scale / PATCH_PX
    return scale * min(math.floor(across) / across, math.floor(down) / down)


def _rounded(value: float) -> int:
    """Rounded with halves going up, which Python's own `round` does not do."""
    return math.floor(value + 0.5)


def _written(image: Image.Image, size: tuple[int, int], kind: str) -> bytes:
    """The image at another size or in another format, as a file of the kind."""
    exif = image.info.get("exif", b"")
    is_jpeg = kind in ("JPEG", "MPO")
    picture = image.convert("RGB" if is_jpeg or image.mode == "RGB" else "RGBA")
    if size != image.size:
        picture = picture.resize(size, Image.Resampling.BILINEAR)
    out = BytesIO()
    if is_jpeg:
        picture.save(out, "JPEG", quality=JPEG_QUALITY, exif=exif)
    elif kind == "WEBP":
        picture.save(out, "WEBP", lossless=True, exif=exif)
    else:
        picture.save(out, "PNG", exif=exif)
    return out.getvalue()
