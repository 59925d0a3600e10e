"""Questions that an MCP server has for the user: a form, or a page to visit.

The schemas of forms are those of the Model Context Protocol.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import HOISTED, OMIT_NONE, U32, U64, Method, Record, Response, TypeAliasType, Variant
from protocol.one_of import OneOf

McpElicitationStringType = TypeAliasType("McpElicitationStringType", Literal["string"])
"""Says that a field holds text."""


class McpElicitationUntitledSingleSelectEnumSchema(Record, extra="forbid"):
    """One of several words."""

    type: McpElicitationStringType
    """Always `string`."""
    title: Annotated[str | None, OMIT_NONE] = None
    """The label."""
    description: Annotated[str | None, OMIT_NONE] = None
    """The explanation."""
    enum: list[str]
    """The words."""
    default: Annotated[str | None, OMIT_NONE] = None
    """The word chosen at first."""


class McpElicitationConstOption(Record, extra="forbid"):
    """A word with a label."""

    const: str
    """The word."""
    title: str
    """The label."""


class McpElicitationTitledSingleSelectEnumSchema(Record, extra="forbid"):
    """One of several words with labels."""

    type: McpElicitationStringType
    """Always `string`."""
    title: Annotated[str | None, OMIT_NONE] = None
    """The label."""
    description: Annotated[str | None, OMIT_NONE] = None
    """The explanation."""
    one_of: list[McpElicitationConstOption]
    """The words."""
    default: Annotated[str | None, OMIT_NONE] = None
    """The word chosen at first."""


McpElicitationSingleSelectEnumSchema = TypeAliasType(
    "McpElicitationSingleSelectEnumSchema",
    McpElicitationUntitledSingleSelectEnumSchema | McpElicitationTitledSingleSelectEnumSchema,
)
"""One of several words."""


class McpElicitationUntitledEnumItems(Record, extra="forbid"):
    """Words to choose from."""

    type: McpElicitationStringType
    """Always `string`."""
    enum: list[str]
    """The words."""


McpElicitationArrayType = TypeAliasType("McpElicitationArrayType", Literal["array"])
"""Says that a field holds a list."""


class McpElicitationUntitledMultiSelectEnumSchema(Record, extra="forbid"):
    """Some of several words."""

    type: McpElicitationArrayType
    """Always `array`."""
    title: Annotated[str | None, OMIT_NONE] = None
    """The label."""
    description: Annotated[str | None, OMIT_NONE] = None
    """The explanation."""
    min_items: Annotated[U64 | None, OMIT_NONE] = None
    """The fewest to choose."""
    max_items: Annotated[U64 | None, OMIT_NONE] = None
    """The most to choose."""
    items: McpElicitationUntitledEnumItems
    """The words."""
    default: Annotated[list[str] | None, OMIT_NONE] = None
    """The words chosen at first."""


class McpElicitationTitledEnumItems(Record, extra="forbid"):
    """Words with labels to choose from."""

    any_of: list[McpElicitationConstOption]
    """The words."""


class McpElicitationTitledMultiSelectEnumSchema(Record, extra="forbid"):
    """Some of several words with labels."""

    type: McpElicitationArrayType
    """Always `array`."""
    title: Annotated[str | None, OMIT_NONE] = None
    """The label."""
    description: Annotated[str | None, OMIT_NONE] = None
    """The explanation."""
    min_items: Annotated[U64 | None, OMIT_NONE] = None
    """The fewest to choose."""
    max_items: Annotated[U64 | None, OMIT_NONE] = None
    """The most to choose."""
    items: McpElicitationTitledEnumItems
    """The words."""
    default: Annotated[list[str] | None, OMIT_NONE] = None
    """The words chosen at first."""


McpElicitationMultiSelectEnumSchema = TypeAliasType(
    "McpElicitationMultiSelectEnumSchema", McpElicitationUntitledMultiSelectEnumSchema | McpElicitationTitledMultiSelectEnumSchema
)
"""Some of several words."""


class McpElicitationLegacyTitledEnumSchema(Record, extra="forbid"):
    """One of several words with labels, in the older form."""

    type: McpElicitationStringType
    """Always `string`."""
    title: Annotated[str | None, OMIT_NONE] = None
    """The label."""
    description: Annotated[str | None, OMIT_NONE] = None
    """The explanation."""
    enum: list[str]
    """The words."""
    enum_names: Annotated[list[str] | None, OMIT_NONE] = None
    """Their labels, in the same order."""
    default: Annotated[str | None, OMIT_NONE] = None
    """The word chosen at first."""


McpElicitationEnumSchema = TypeAliasType(
    "McpElicitationEnumSchema",
    McpElicitationSingleSelectEnumSchema | McpElicitationMultiSelectEnumSchema | McpElicitationLegacyTitledEnumSchema,
)
"""A choice."""

McpElicitationStringFormat = TypeAliasType("McpElicitationStringFormat", Literal["email", "uri", "date", "date-time"])
"""What kind of text."""


class McpElicitationStringSchema(Record, extra="forbid"):
    """Text."""

    type: McpElicitationStringType
    """Always `string`."""
    title: Annotated[str | None, OMIT_NONE] = None
    """The label."""
    description: Annotated[str | None, OMIT_NONE] = None
    """The explanation."""
    min_length: Annotated[U32 | None, OMIT_NONE] = None
    """The least length."""
    max_length: Annotated[U32 | None, OMIT_NONE] = None
    """The greatest length."""
    format: Annotated[McpElicitationStringFormat | None, OMIT_NONE] = None
    """What kind of text."""
    default: Annotated[str | None, OMIT_NONE] = None
    """The text at first."""


McpElicitationNumberType = TypeAliasType("McpElicitationNumberType", Literal["number", "integer"])
"""Says that a field holds a number."""


class McpElicitationNumberSchema(Record, extra="forbid"):
    """A number."""

    type: McpElicitationNumberType
    """Whether it may have a fraction."""
    title: Annotated[str | None, OMIT_NONE] = None
    """The label."""
    description: Annotated[str | None, OMIT_NONE] = None
    """The explanation."""
    minimum: Annotated[float | None, OMIT_NONE] = None
    """The least number."""
    maximum: Annotated[float | None, OMIT_NONE] = None
    """The greatest number."""
    default: Annotated[float | None, OMIT_NONE] = None
    """The number at first."""


McpElicitationBooleanType = TypeAliasType("McpElicitationBooleanType", Literal["boolean"])
"""Says that a field holds yes or no."""


class McpElicitationBooleanSchema(Record, extra="forbid"):
    """Yes or no."""

    type: McpElicitationBooleanType
    """Always `boolean`."""
    title: Annotated[str | None, OMIT_NONE] = None
    """The label."""
    description: Annotated[str | None, OMIT_NONE] = None
    """The explanation."""
    default: Annotated[bool | None, OMIT_NONE] = None
    """The answer at first."""


McpElicitationPrimitiveSchema = TypeAliasType(
    "McpElicitationPrimitiveSchema",
    McpElicitationEnumSchema | McpElicitationStringSchema | McpElicitationNumberSchema | McpElicitationBooleanSchema,
)
"""A field of a form."""

McpElicitationObjectType = TypeAliasType("McpElicitationObjectType", Literal["object"])
"""Says that something is an object."""


class McpElicitationSchema(Record, extra="forbid"):
    """A form."""

    schema_: Annotated[str | None, Field(alias="$schema"), OMIT_NONE] = None
    """The dialect of JSON Schema."""
    type: McpElicitationObjectType
    """Always `object`."""
    properties: dict[str, McpElicitationPrimitiveSchema]
    """The fields by name."""
    required: Annotated[list[str] | None, OMIT_NONE] = None
    """The fields that must be filled."""


class Elicitation(Variant):
    """What all questions have."""

    thread_id: Annotated[str, HOISTED]
    """The thread."""
    turn_id: Annotated[str | None, HOISTED] = None
    """The turn; null outside of one."""
    server_name: Annotated[str, HOISTED]
    """The MCP server that asks."""


class OpenaiUserVerificationElicitation(Elicitation):
    """Prove that the user is there."""

    experimental: ClassVar[bool] = True

    mode: Literal["openai/userVerification"] = "openai/userVerification"
    """The tag of this alternative."""
    meta: Annotated[Any, Field(alias="_meta")] = None
    """What the server adds; null: nothing."""
    title: str
    """The heading."""
    description: str
    """The text."""
    challenge: str
    """What to sign."""


class FormElicitation(Elicitation):
    """Fill a form."""

    mode: Literal["form"] = "form"
    """The tag of this alternative."""
    meta: Annotated[Any, Field(alias="_meta")] = None
    """What the server adds; null: nothing."""
    message: str
    """What it is about."""
    requested_schema: McpElicitationSchema
    """The form."""


class OpenaiFormElicitation(Elicitation):
    """Fill a form of the provider's own kind."""

    mode: Literal["openai/form"] = "openai/form"
    """The tag of this alternative."""
    meta: Annotated[Any, Field(alias="_meta")] = None
    """What the server adds; null: nothing."""
    message: str
    """What it is about."""
    requested_schema: Any
    """The form."""


class LegacyOpenaiFormElicitation(Elicitation):
    """The same, for clients that know the older tag."""

    mode: Literal["openaiForm"] = "openaiForm"
    """The tag of this alternative."""
    meta: Annotated[Any, Field(alias="_meta")] = None
    """What the server adds; null: nothing."""
    message: str
    """What it is about."""
    requested_schema: Any
    """The form."""


class UrlElicitation(Elicitation):
    """Visit a page."""

    mode: Literal["url"] = "url"
    """The tag of this alternative."""
    meta: Annotated[Any, Field(alias="_meta")] = None
    """What the server adds; null: nothing."""
    message: str
    """What it is about."""
    url: str
    """The page."""
    elicitation_id: str
    """The server's id of the question."""


class McpServerElicitationRequestParams(
    OneOf[
        Annotated[
            OpenaiUserVerificationElicitation
            | FormElicitation
            | OpenaiFormElicitation
            | LegacyOpenaiFormElicitation
            | UrlElicitation,
            Field(discriminator="mode"),
        ]
    ]
):
    """A question of an MCP server."""


McpServerElicitationAction = TypeAliasType("McpServerElicitationAction", Literal["accept", "decline", "cancel"])
"""What the user did with the question."""


class McpServerElicitationRequestResponse(Response):
    """The answer."""

    action: McpServerElicitationAction
    """What the user did."""
    content: Any = None
    """What was filled in; null unless accepted."""
    meta: Annotated[Any, Field(alias="_meta")] = None
    """What the client adds; null: nothing."""


MCP_SERVER_ELICITATION_REQUEST = Method(
    "mcpServer/elicitation/request", McpServerElicitationRequestParams, McpServerElicitationRequestResponse
)

SERVER_METHODS: tuple[Method[Any, Any], ...] = (MCP_SERVER_ELICITATION_REQUEST,)
