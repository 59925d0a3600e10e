"""Images among the outputs of tools, as parts for the model. Loaded with the library for images when one is first needed."""

from pathlib import Path
from typing import Any

import anyio.to_thread

from app_server.core.tools.base import ToolFailure
from app_server.core.turn.input_media import MAX_FILE_BYTES, UNPROCESSED, image_part, os_text, payload


async def view_image(path: str, sees_originals: bool) -> dict[str, Any]:
    """The image in a file. Raises: ToolFailure (no file, or no image)."""
    return await anyio.to_thread.run_sync(read_image, path, sees_originals)


def read_image(path: str, sees_originals: bool) -> dict[str, Any]:
    """The same, in this thread. Raises: ToolFailure."""
    file = Path(path)
    try:
        size = file.stat().st_size
        if not file.is_file():
            raise ToolFailure(f"image path `{path}` is not a file")
        if size > MAX_FILE_BYTES:
            raise ToolFailure(f"unable to read image at `{path}`: it is larger than {MAX_FILE_BYTES} bytes")
        data = file.read_bytes()
    except OSError as error:
        raise ToolFailure(f"unable to locate image at `{path}`: {os_text(error)}") from None
    except ValueError as error:
        raise ToolFailure(f"unable to locate image at `{path}`: {error}") from None
    part = image_part(data, None, sees_originals)
    if part.get("text") == UNPROCESSED:
        raise ToolFailure("unable to process image: invalid or unsupported image data")
    return part


async def image_of_url(url: str, sees_originals: bool) -> dict[str, Any]:
    """The image of a `data:` URL; another URL is passed on as it is."""
    if url[:5].lower() != "data:":
        return {"type": "input_image", "image_url": url, "detail": "high"}
    return await anyio.to_thread.run_sync(lambda: image_part(payload(url), None, sees_originals))
