"""The user's input: as clients see it again, and as the model gets it. Source: spec/turns.md sections 1.2, 3 and 6.6."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from app_server.core.errors import INVALID_PARAMS, CallerError
from app_server.core.history_item import BOOKKEEPING, USERS_WORDS, named_output
from app_server.core.history_item import message as made_message
from app_server.core.turn.said import NOTHING, Said
from protocol.base import to_wire
from protocol.input import AudioInput, ImageInput, LocalAudioInput, LocalImageInput, SkillInput, TextInput, UserInput
from protocol.item import FunctionCallOutputItem, UserMessageItem

MAX_CHARACTERS = 1 << 20
IMAGES = (ImageInput, LocalImageInput)
MEDIA = (*IMAGES, AudioInput, LocalAudioInput)
AGENT = "agent"
"""The namespace of what is told to the model as if a tool had said it."""

Parts: TypeAlias = list[dict[str, Any]]
"""Parts of a message for the model."""
NO_MEDIA: Mapping[int, Parts] = {}
NewId: TypeAlias = Callable[[str], str]
"""Makes an id for the model with a prefix."""


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


def words(
    content: list[UserInput], client_id: str | None, item_id: str, new_id: NewId, media: Mapping[int, Parts] = NO_MEDIA
) -> Said:
    """What the user says. `media` is what `read_media` gave for those parts that have to be read first (`needs_reading`); what
    it has beyond the places of the input are skills that the words name."""
    if not content:
        return NOTHING
    skills = [media[index] for index, part in enumerate(content) if isinstance(part, SkillInput)]
    skills += [media[index] for index in sorted(media) if index >= len(content)]  # those that the words name
    return Said(
        item=UserMessageItem(id=item_id, client_id=client_id, content=content),
        message=message(new_id("msg"), content, media),
        after=tuple(made_message(new_id("msg"), "user", [text["text"] for text in texts], "skill") for texts in skills if texts),
        preview=preview(content),
    )


def tool_output(output: Any, item_id: str) -> Said:
    """The result of something that the client did."""
    item = FunctionCallOutputItem(id=item_id, name=output.name, namespace=output.namespace, output=output.output)
    return Said(item=item, message=named_output(item_id, output.name, plain(output.output), output.namespace))


def plain(output: Any) -> Any:
    """A tool's output as data."""
    return output if isinstance(output, str) else [to_wire(part) for part in output]


def context_items(news: list[tuple[str, Any]], new_id: NewId) -> tuple[dict[str, Any], ...]:
    """Context that a client adds: what an application says is an instruction, anything else is something that was read."""
    return tuple(
        made_message(new_id("msg"), "developer", [f"<{key}>{entry.value}</{key}>"])
        if entry.kind == "application"
        else named_output(new_id("fco"), entry.name or key, entry.value, AGENT)
        for key, entry in news
    )


def needs_reading(content: list[UserInput]) -> bool:
    """Whether there are images, recordings or skills, which have to be read before they can be recorded."""
    return any(isinstance(part, (*MEDIA, SkillInput)) for part in content) or may_name_skills(content)


def may_name_skills(content: list[UserInput]) -> bool:
    """Whether the words may name a skill, with a dollar sign before the name."""
    return any(isinstance(part, TextInput) and "$" in part.text for part in content)


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
    kinds = [f"{USERS_WORDS}{part['type'].removeprefix('input_')}" for part in parts] or [f"{USERS_WORDS}nothing"]
    bookkeeping = {"content_item_kinds": kinds}
    return {"type": "message", "id": item_id, "role": "user", "content": parts, BOOKKEEPING: bookkeeping}


def text_part(text: str) -> dict[str, Any]:
    """A text among the parts of a message."""
    return {"type": "input_text", "text": text}


def preview(content: list[UserInput]) -> str:
    """The text by which a thread is recognized in lists."""
    return "\n".join(part.text for part in content if isinstance(part, TextInput))
