"""The tool by which the model looks at an image on this machine. Source: spec/tools.md section 7, spec/models.md section 9."""

import os.path
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from app_server.core.tools.arguments import TEXT, Maybe, Member, Struct, parse_arguments
from app_server.core.tools.base import Denial, Permit, Prepared, ToolCall, ToolFailure, ToolHost, ToolOutput
from app_server.core.tools.specs import function_spec
from protocol.item import ImageViewItem

_ARGUMENTS = Struct("ViewImageArgs", Member("path", TEXT, is_required=True), Member("detail", Maybe(TEXT)))
_DETAILS = ("high", "original")
_NO_IMAGES = "view_image is not allowed because you do not support image inputs"
_WRONG_DETAIL = (
    "view_image.detail only supports `high` or `original`; omit `detail` for default high resized behavior, got `{detail}`"
)

ReadImage = Callable[[str], Awaitable[dict[str, Any]]]
"""The image at a path as a part for the model. Raises: ToolFailure (there is none)."""


class ViewImage:
    """The tool `view_image`."""

    name = "view_image"
    is_parallel = True

    def __init__(self, sees_images: Callable[[], bool], read: ReadImage) -> None:
        """`sees_images`: whether the model of the moment reads images."""
        self._sees_images = sees_images
        self._read = read

    def spec(self) -> dict[str, Any]:
        """The tool as the model sees it."""
        return function_spec(self.name, _DESCRIPTION, _PARAMETERS, ["path"])

    def prepare(self, call: ToolCall, host: ToolHost) -> Prepared:
        """Parse the call. Raises: ToolFailure (malformed, or the model reads no images)."""
        if not self._sees_images():
            raise ToolFailure(_NO_IMAGES)
        given = parse_arguments(call.arguments, _ARGUMENTS)
        detail = given.get("detail")
        if detail is not None and detail not in _DETAILS:
            raise ToolFailure(_WRONG_DETAIL.format(detail=detail))
        return Prepared(os.path.normpath(Path(host.cwd, given["path"])))

    async def run(self, call: ToolCall, prepared: Prepared, permit: Permit, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Read the image. Raises: ToolFailure (there is none)."""
        path: str = prepared.arguments
        part = await self._read(path)
        host.close_item(ImageViewItem(id=call.call_id, path=path))
        return ToolOutput([part])

    def declined(self, call: ToolCall, prepared: Prepared, denial: Denial, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Never asked for; reading is allowed everywhere."""
        return ToolOutput(denial.reason)


_DESCRIPTION = "Look at an image file on this machine (PNG, JPEG, WebP or GIF), when seeing it helps with the task."
_PARAMETERS = {"path": {"type": "string", "description": "The file, relative to the turn's folder."}}
