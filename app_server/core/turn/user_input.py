"""The user's input: as clients see it again, and as the model gets it. Source: spec/turns.md sections 3 and 6.6."""

from typing import Any

from app_server.core.errors import INVALID_PARAMS, CallerError
from protocol.input import ImageInput, TextInput, UserInput
from protocol.item import UserMessageItem

MAX_CHARACTERS = 1 << 20


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


def message(item_id: str, content: list[UserInput]) -> dict[str, Any]:
    """The user message for the model. Images and skills come with their own issues' modules; texts are sent as they are."""
    parts = [{"type": "input_text", "text": part.text} for part in content if isinstance(part, TextInput)]
    return {"type": "message", "id": item_id, "role": "user", "content": parts}


def preview(content: list[UserInput]) -> str:
    """The text by which a thread is recognized in lists."""
    return "\n".join(part.text for part in content if isinstance(part, TextInput))
