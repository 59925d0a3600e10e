"""What the model says to another agent: a text or items, checked, as input of that agent's thread and as clients are shown it.

Source: the reference's answers to malformed calls.
"""

from collections.abc import Mapping
from typing import Any

from app_server.core.errors import InvalidThreadId
from app_server.core.ids import HEX, checked_thread_id
from app_server.core.tools.arguments import TEXT, Many, Maybe, Member, Struct
from app_server.core.tools.base import ToolFailure
from protocol.input import AudioInput, ImageInput, LocalImageInput, MentionInput, SkillInput, TextInput, UserInput

_ITEM = Struct("UserInput", *(Member(name, Maybe(TEXT)) for name in ("type", "text", "image_url", "audio_url", "path", "name")))
MEMBERS = (Member("message", Maybe(TEXT)), Member("items", Maybe(Many(_ITEM))))
"""How the words are given among the arguments of a call."""
_TEXT = {"type": "string"}
PARAMETERS: dict[str, dict[str, Any]] = {
    "items": {
        "type": "array",
        "description": "What to say in parts, where a text alone would not do. Not together with `message`.",
        "items": {
            "type": "object",
            "properties": {
                "audio_url": {**_TEXT, "description": "The data of a recording (`audio`)."},
                "image_url": {**_TEXT, "description": "The data of a picture (`image`)."},
                "name": {**_TEXT, "description": "What a `skill` or `mention` is called."},
                "path": {**_TEXT, "description": "Where a `local_image`, `skill` or `mention` is."},
                "text": {**_TEXT, "description": "The words (`text`)."},
                "type": {**_TEXT, "description": "One of text, image, local_image, audio, skill, mention."},
            },
            "additionalProperties": False,
        },
    },
    "message": {**_TEXT, "description": "What to say, as a text. Not together with `items`."},
}


def words_of(given: Mapping[str, Any]) -> list[UserInput]:
    """The words of a call. Raises: ToolFailure (none, or two kinds of them)."""
    message, items = given.get("message"), given.get("items")
    if message is not None and items is not None:
        raise ToolFailure("Provide either message or items, but not both")
    if items is not None:
        if not items:
            raise ToolFailure("Items can't be empty")
        return [_input(item) for item in items]
    if message is None:
        raise ToolFailure("Provide one of: message or items")
    if not message.strip():
        raise ToolFailure("Empty message can't be sent to an agent")
    return [TextInput(text=message)]


def _input(item: Mapping[str, Any]) -> UserInput:
    match item:
        case {"type": "text", "text": str(text)}:
            return TextInput(text=text)
        case {"type": "image", "image_url": str(url)}:
            return ImageInput(url=url)
        case {"type": "local_image", "path": str(path)}:
            return LocalImageInput(path=path)
        case {"type": "audio", "audio_url": str(url)}:
            return AudioInput(url=url)
        case {"type": "skill", "name": str(name), "path": str(path)}:
            return SkillInput(name=name, path=path)
        case {"type": "mention", "name": str(name), "path": str(path)}:
            return MentionInput(name=name, path=path)
    raise ToolFailure(f"an item of type `{item.get('type')}` can't be sent to an agent like this")


def shown(content: list[UserInput]) -> str:
    """The words in short, for clients."""
    return "\n".join(_shown(part) for part in content)


def _shown(part: UserInput) -> str:
    match part:
        case TextInput():
            return part.text
        case SkillInput():
            return f"[skill:${part.name}]({part.path})"
        case MentionInput():
            return f"[mention:${part.name}]({part.path})"
        case LocalImageInput():
            return f"[local_image:{part.path}]"
    return f"[{part.type}]"


def agent_id(text: str) -> str:
    """The id of an agent in its usual form. Raises: ToolFailure."""
    try:
        return checked_thread_id(text)
    except InvalidThreadId as error:
        for position, letter in enumerate(text):
            if letter not in HEX:
                detail = f"Error(ParseChar {{ character: '{letter}', index: {position + 1} }})"
                break
        else:
            detail = str(error)
        raise ToolFailure(f"invalid agent id {text}: {detail}") from None
