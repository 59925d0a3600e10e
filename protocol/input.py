"""What the user and tools can give to the model: text, images, recordings, skills."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from protocol.base import OMIT_NONE, U64, OneMember, Record, SnakeVariant, TypeAliasType, Variant


class ByteRange(Record):
    """A stretch of a text, in bytes of UTF-8."""

    start: U64
    """Where it begins, counted from 0."""
    end: U64
    """Where it ends; this byte is no longer part of it."""


class TextElement(Record):
    """A stretch of a message that a client shows in its own way."""

    byte_range: ByteRange
    """Where it is."""
    placeholder: str | None = None
    """What to show in its place; null: the text itself."""


ImageDetail = TypeAliasType("ImageDetail", Literal["auto", "low", "high", "original"])
"""How closely the model looks at an image."""


class TextInput(SnakeVariant):
    """Text."""

    type: Literal["text"] = "text"
    """The tag of this alternative."""
    text: str
    """The text."""
    text_elements: list[TextElement] = Field(default=[])
    """Stretches of it that clients show in their own way."""


class ImageInput(OneMember, Variant):
    """An image by its address or as a file of the provider's."""

    one_of: ClassVar[tuple[str, ...]] = ("url", "file_id")
    type: Literal["image"] = "image"
    """The tag of this alternative."""
    detail: ImageDetail | None = None
    """How closely to look; null lets the provider choose."""
    url: Annotated[str | None, OMIT_NONE] = None
    """Its address, usually a `data:` URL."""
    file_id: Annotated[str | None, OMIT_NONE] = None
    """The file of the provider's."""


class LocalImageInput(Variant):
    """An image on the machine of the server."""

    type: Literal["localImage"] = "localImage"
    """The tag of this alternative."""
    detail: ImageDetail | None = None
    """How closely to look; null lets the provider choose."""
    path: str
    """The file."""


class AudioInput(OneMember, Variant):
    """A recording by its address or as a file of the provider's."""

    one_of: ClassVar[tuple[str, ...]] = ("url", "file_id")
    type: Literal["audio"] = "audio"
    """The tag of this alternative."""
    url: Annotated[str | None, OMIT_NONE] = None
    """Its address, usually a `data:` URL."""
    file_id: Annotated[str | None, OMIT_NONE] = None
    """The file of the provider's."""


class LocalAudioInput(Variant):
    """A recording on the machine of the server."""

    type: Literal["localAudio"] = "localAudio"
    """The tag of this alternative."""
    path: str
    """The file."""


class SkillInput(Variant):
    """A skill to use."""

    type: Literal["skill"] = "skill"
    """The tag of this alternative."""
    name: str
    """Its name."""
    path: str
    """Its `SKILL.md`."""


class MentionInput(Variant):
    """Something that the user points to, such as an app or a plugin."""

    type: Literal["mention"] = "mention"
    """The tag of this alternative."""
    name: str
    """Its name."""
    path: str
    """Its address within the server's world, such as `app://` and an id."""


UserInput = TypeAliasType(
    "UserInput",
    Annotated[
        TextInput | ImageInput | LocalImageInput | AudioInput | LocalAudioInput | SkillInput | MentionInput,
        Field(discriminator="type"),
    ],
)
"""A piece of what the user says."""


class TextOutput(Variant):
    """Text."""

    type: Literal["input_text"] = "input_text"
    """The tag of this alternative."""
    text: str
    """The text."""


class ImageOutput(OneMember, SnakeVariant):
    """An image by its address or as a file of the provider's."""

    one_of: ClassVar[tuple[str, ...]] = ("image_url", "file_id")
    type: Literal["input_image"] = "input_image"
    """The tag of this alternative."""
    detail: Annotated[ImageDetail | None, OMIT_NONE] = None
    """How closely to look; left out lets the provider choose."""
    image_url: Annotated[str | None, OMIT_NONE] = None
    """Its address, usually a `data:` URL."""
    file_id: Annotated[str | None, OMIT_NONE] = None
    """The file of the provider's."""


class AudioOutput(OneMember, SnakeVariant):
    """A recording by its address or as a file of the provider's."""

    one_of: ClassVar[tuple[str, ...]] = ("audio_url", "file_id")
    type: Literal["input_audio"] = "input_audio"
    """The tag of this alternative."""
    audio_url: Annotated[str | None, OMIT_NONE] = None
    """Its address, usually a `data:` URL."""
    file_id: Annotated[str | None, OMIT_NONE] = None
    """The file of the provider's."""


class EncryptedOutput(SnakeVariant):
    """Something that only the provider can read."""

    type: Literal["encrypted_content"] = "encrypted_content"
    """The tag of this alternative."""
    encrypted_content: str
    """As the provider made it."""


FunctionCallOutputContentItem = TypeAliasType(
    "FunctionCallOutputContentItem",
    Annotated[TextOutput | ImageOutput | AudioOutput | EncryptedOutput, Field(discriminator="type")],
)
"""A piece of what a tool answered."""

FunctionCallOutputBody = TypeAliasType("FunctionCallOutputBody", str | list[FunctionCallOutputContentItem])
"""What a tool answered: text, or pieces."""

AdditionalContextKind = TypeAliasType("AdditionalContextKind", Literal["untrusted", "application"])
"""Whether context comes from the application itself or from elsewhere, where it may try to mislead."""


class AdditionalContextEntry(Record):
    """A piece of context that a client adds to the input."""

    value: str
    """The text."""
    kind: AdditionalContextKind
    """Where it comes from."""
    name: str | None = None
    """What to call it, when it is not to be trusted; null: nothing."""
