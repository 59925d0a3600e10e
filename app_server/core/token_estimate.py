"""How many tokens an item of the history costs, estimated where no provider has counted them.

Four bytes of its JSON count as a token. Images do not count by their bytes: one that is sent at its original
resolution costs what its squares cost, any other a fixed amount. What the provider has encrypted is worth less than
its length. Source: spec/models.md section 9.5, spec/mission.md M16.
"""

import base64
import binascii
import math
from typing import Any

from app_server.core.image_size import ENOUGH_BYTES, image_size

BYTES_PER_TOKEN = 4
IMAGE_BYTES = 7_373
"""What an image counts for unless it is sent at its original resolution."""
PATCH_PX = 32
PATCH_BYTES = 4
ENCRYPTED_OVERHEAD_BYTES = 650
ENCRYPTED_KINDS = frozenset({"reasoning", "compaction", "context_compaction"})

BASE64_MARK = ";base64,"
HEAD_CHARACTERS = ENOUGH_BYTES // 3 * 4


def item_tokens(kind: str, item: dict[str, Any], json_bytes: int) -> int:
    """The estimate for an item of `json_bytes` bytes."""
    encrypted = item.get("encrypted_content") if kind in ENCRYPTED_KINDS else None
    if isinstance(encrypted, str):
        return _tokens(max(len(encrypted) * 3 // 4 - ENCRYPTED_OVERHEAD_BYTES, 0))
    parts = item.get("content") or item.get("output")
    if isinstance(parts, list):
        for part in parts:
            if isinstance(part, dict) and part.get("type") == "input_image":
                json_bytes += _image_correction(part)
    return _tokens(json_bytes)


def _tokens(size: int) -> int:
    return -(-size // BYTES_PER_TOKEN)


def _image_correction(part: dict[str, Any]) -> int:
    """What to add to the bytes of an item for one of its images, whose base64 is among them."""
    url = part.get("image_url")
    if not isinstance(url, str) or not url[:11].lower().startswith("data:image/"):
        return 0
    _, mark, payload = url.partition(BASE64_MARK)
    if not mark:
        return 0
    return _image_bytes(payload, part.get("detail")) - len(payload)


def _image_bytes(payload: str, detail: object) -> int:
    if detail != "original":
        return IMAGE_BYTES
    try:
        size = image_size(base64.b64decode(payload[:HEAD_CHARACTERS]))
    except binascii.Error:
        size = None
    if size is None:
        return IMAGE_BYTES
    return PATCH_BYTES * math.ceil(size[0] / PATCH_PX) * math.ceil(size[1] / PATCH_PX)
