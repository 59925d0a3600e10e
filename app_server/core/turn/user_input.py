"""The user's input: as clients see it again, and as the model gets it. Source: spec/turns.md sections 3 and 6.6."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from app_server.core.errors import INVALID_PARAMS, CallerError
from protocol.input import AudioInput, ImageInput, LocalAudioInput, LocalImageInput, TextInput, UserInput
from protocol.item import UserMessageItem

MAX_CHARACTERS = 1 << 20
IMAGES = (ImageInput, LocalImageInput)
MEDIA = (*IMAGES, AudioInput, LocalAudioInput)

Parts: TypeAlias = list[dict[str, Any]]
"""Parts of a message for the model."""
NO_MEDIA: Mapping[int, Parts] = {}


def check(content: list[UserInput]) -> None:
    """Refuse what can't be taken. Raises: CallerError."""
    count = sum(len(part.text) for part in content if isinstance(part, TextInput))
    if count > MAX_CHARACTERS:
        raise CallerError(
            f"Input exceeds the maximum length of {MAX_CHARACTERS} characters.",
            reason="input_too_large",
            code=INVALID_PARAMS,
            data={"input_error_code": "input_too_large", "max_chars": MAX_CHARACTERS, "actual_chars": count},
        )
    for part in content:
        if isinstance(part, ImageInput) and str(part.url or "").startswith(("http://", "https://")):
            raise CallerError(
                "remote image URLs are not supported; use an inline data URL instead",
                reason="remote_image",
                data={"field": "input"},
            )


def item(item_id: str, content: list[UserInput], client_id: str | None, now_ms: int) -> UserMessageItem:
    """The userMessage item, begun and completed at the same moment."""
    return UserMessageItem(id=item_id, client_id=client_id, content=content, started_at_ms=now_ms, completed_at_ms=now_ms)


def has_media(content: list[UserInput]) -> bool:
    """Whether there are images or recordings, which have to be read before they can be recorded."""
    return any(isinstance(part, MEDIA) for part in content)


def has_images(content: list[UserInput]) -> bool:
    """Whether there are images."""
    return any(isinstance(part, IMAGES) for part in content)


def message(item_id: str, content: list[UserInput], media: Mapping[int, Parts] = NO_MEDIA) -> dict[str, Any]:
    """The user message for the model. `media` holds what was read of images and recordings, by their place in the input."""
    parts: Parts = []
    for index, part in enumerate(content):
        if isinstance(part, TextInput):
            parts.append(text_part(part.text))
        elif isinstance(part, MEDIA):
            parts += media[index]
    return {"type": "message", "id": item_id, "role": "user", "content": parts}


def bare_message(item_id: str, content: list[UserInput]) -> dict[str, Any]:
    """The user message as far as it is known without reading any file."""
    parts: Parts = []
    for part in content:
        if isinstance(part, TextInput):
            parts.append(text_part(part.text))
        elif isinstance(part, ImageInput) and part.url:
            parts.append({"type": "input_image", "image_url": part.url})
    return {"type": "message", "id": item_id, "role": "user", "content": parts}


def text_part(text: str) -> dict[str, Any]:
    """A text among the parts of a message."""
    return {"type": "input_text", "text": text}


def preview(content: list[UserInput]) -> str:
    """The text by which a thread is recognized in lists."""
    return "\n".join(part.text for part in content if isinstance(part, TextInput))
