"""The input family of the wire contract."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from protocol.base import OMIT_NONE, U64, OneMember, Record, SnakeVariant, TypeAliasType, Variant


class ByteRange(Record):
    """Byte range."""

    start: U64
    end: U64


class TextElement(Record):
    """Text element."""

    byte_range: ByteRange
    placeholder: str | None = None


ImageDetail = TypeAliasType("ImageDetail", Literal["auto", "low", "high", "original"])
"""Image detail."""


class TextInput(SnakeVariant):
    """Text input."""

    type: Literal["text"] = "text"
    text: str
    text_elements: list[TextElement] = Field(default=[])


class ImageInput(OneMember, Variant):
    """Image input."""

    one_of: ClassVar[tuple[str, ...]] = ("url", "file_id")
    type: Literal["image"] = "image"
    detail: ImageDetail | None = None
    url: Annotated[str | None, OMIT_NONE] = None
    file_id: Annotated[str | None, OMIT_NONE] = None


class LocalImageInput(Variant):
    """Local image input."""

    type: Literal["localImage"] = "localImage"
    detail: ImageDetail | None = None
    path: str


class AudioInput(OneMember, Variant):
    """Audio input."""

    one_of: ClassVar[tuple[str, ...]] = ("url", "file_id")
    type: Literal["audio"] = "audio"
    url: Annotated[str | None, OMIT_NONE] = None
    file_id: Annotated[str | None, OMIT_NONE] = None


class LocalAudioInput(Variant):
    """Local audio input."""

    type: Literal["localAudio"] = "localAudio"
    path: str


class SkillInput(Variant):
    """Skill input."""

    type: Literal["skill"] = "skill"
    name: str
    path: str


class MentionInput(Variant):
    """Mention input."""

    type: Literal["mention"] = "mention"
    name: str
    path: str


UserInput = TypeAliasType(
    "UserInput",
    Annotated[
        TextInput | ImageInput | LocalImageInput | AudioInput | LocalAudioInput | SkillInput | MentionInput,
        Field(discriminator="type"),
    ],
)
"""User input."""


class TextOutput(Variant):
    """Text output."""

    type: Literal["input_text"] = "input_text"
    text: str


class ImageOutput(OneMember, SnakeVariant):
    """Image output."""

    one_of: ClassVar[tuple[str, ...]] = ("image_url", "file_id")
    type: Literal["input_image"] = "input_image"
    detail: Annotated[ImageDetail | None, OMIT_NONE] = None
    image_url: Annotated[str | None, OMIT_NONE] = None
    file_id: Annotated[str | None, OMIT_NONE] = None


class AudioOutput(OneMember, SnakeVariant):
    """Audio output."""

    one_of: ClassVar[tuple[str, ...]] = ("audio_url", "file_id")
    type: Literal["input_audio"] = "input_audio"
    audio_url: Annotated[str | None, OMIT_NONE] = None
    file_id: Annotated[str | None, OMIT_NONE] = None


class EncryptedOutput(SnakeVariant):
    """Encrypted output."""

    type: Literal["encrypted_content"] = "encrypted_content"
    encrypted_content: str


FunctionCallOutputContentItem = TypeAliasType(
    "FunctionCallOutputContentItem",
    Annotated[TextOutput | ImageOutput | AudioOutput | EncryptedOutput, Field(discriminator="type")],
)
"""Function call output content item."""

FunctionCallOutputBody = TypeAliasType("FunctionCallOutputBody", str | list[FunctionCallOutputContentItem])
"""Function call output body."""

AdditionalContextKind = TypeAliasType("AdditionalContextKind", Literal["untrusted", "application"])
"""Additional context kind."""


class AdditionalContextEntry(Record):
    """Additional context entry."""

    value: str
    kind: AdditionalContextKind
    name: str | None = None
