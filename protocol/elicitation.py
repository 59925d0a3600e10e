"""The elicitation family of the wire contract."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import HOISTED, OMIT_NONE, U32, U64, Method, OneOf, Record, Response, TypeAliasType, Variant

McpElicitationStringType = TypeAliasType("McpElicitationStringType", Literal["string"])
"""Mcp elicitation string type."""


class McpElicitationUntitledSingleSelectEnumSchema(Record, extra="forbid"):
    """Mcp elicitation untitled single select enum schema."""

    type: McpElicitationStringType
    title: Annotated[str | None, OMIT_NONE] = None
    description: Annotated[str | None, OMIT_NONE] = None
    enum: list[str]
    default: Annotated[str | None, OMIT_NONE] = None


class McpElicitationConstOption(Record, extra="forbid"):
    """Mcp elicitation const option."""

    const: str
    title: str


class McpElicitationTitledSingleSelectEnumSchema(Record, extra="forbid"):
    """Mcp elicitation titled single select enum schema."""

    type: McpElicitationStringType
    title: Annotated[str | None, OMIT_NONE] = None
    description: Annotated[str | None, OMIT_NONE] = None
    one_of: list[McpElicitationConstOption]
    default: Annotated[str | None, OMIT_NONE] = None


McpElicitationSingleSelectEnumSchema = TypeAliasType(
    "McpElicitationSingleSelectEnumSchema",
    McpElicitationUntitledSingleSelectEnumSchema | McpElicitationTitledSingleSelectEnumSchema,
)
"""Mcp elicitation single select enum schema."""


class McpElicitationUntitledEnumItems(Record, extra="forbid"):
    """Mcp elicitation untitled enum items."""

    type: McpElicitationStringType
    enum: list[str]


McpElicitationArrayType = TypeAliasType("McpElicitationArrayType", Literal["array"])
"""Mcp elicitation array type."""


class McpElicitationUntitledMultiSelectEnumSchema(Record, extra="forbid"):
    """Mcp elicitation untitled multi select enum schema."""

    type: McpElicitationArrayType
    title: Annotated[str | None, OMIT_NONE] = None
    description: Annotated[str | None, OMIT_NONE] = None
    min_items: Annotated[U64 | None, OMIT_NONE] = None
    max_items: Annotated[U64 | None, OMIT_NONE] = None
    items: McpElicitationUntitledEnumItems
    default: Annotated[list[str] | None, OMIT_NONE] = None


class McpElicitationTitledEnumItems(Record, extra="forbid"):
    """Mcp elicitation titled enum items."""

    any_of: list[McpElicitationConstOption]


class McpElicitationTitledMultiSelectEnumSchema(Record, extra="forbid"):
    """Mcp elicitation titled multi select enum schema."""

    type: McpElicitationArrayType
    title: Annotated[str | None, OMIT_NONE] = None
    description: Annotated[str | None, OMIT_NONE] = None
    min_items: Annotated[U64 | None, OMIT_NONE] = None
    max_items: Annotated[U64 | None, OMIT_NONE] = None
    items: McpElicitationTitledEnumItems
    default: Annotated[list[str] | None, OMIT_NONE] = None


McpElicitationMultiSelectEnumSchema = TypeAliasType(
    "McpElicitationMultiSelectEnumSchema", McpElicitationUntitledMultiSelectEnumSchema | McpElicitationTitledMultiSelectEnumSchema
)
"""Mcp elicitation multi select enum schema."""


class McpElicitationLegacyTitledEnumSchema(Record, extra="forbid"):
    """Mcp elicitation legacy titled enum schema."""

    type: McpElicitationStringType
    title: Annotated[str | None, OMIT_NONE] = None
    description: Annotated[str | None, OMIT_NONE] = None
    enum: list[str]
    enum_names: Annotated[list[str] | None, OMIT_NONE] = None
    default: Annotated[str | None, OMIT_NONE] = None


McpElicitationEnumSchema = TypeAliasType(
    "McpElicitationEnumSchema",
    McpElicitationSingleSelectEnumSchema | McpElicitationMultiSelectEnumSchema | McpElicitationLegacyTitledEnumSchema,
)
"""Mcp elicitation enum schema."""

McpElicitationStringFormat = TypeAliasType("McpElicitationStringFormat", Literal["email", "uri", "date", "date-time"])
"""Mcp elicitation string format."""


class McpElicitationStringSchema(Record, extra="forbid"):
    """Mcp elicitation string schema."""

    type: McpElicitationStringType
    title: Annotated[str | None, OMIT_NONE] = None
    description: Annotated[str | None, OMIT_NONE] = None
    min_length: Annotated[U32 | None, OMIT_NONE] = None
    max_length: Annotated[U32 | None, OMIT_NONE] = None
    format: Annotated[McpElicitationStringFormat | None, OMIT_NONE] = None
    default: Annotated[str | None, OMIT_NONE] = None


McpElicitationNumberType = TypeAliasType("McpElicitationNumberType", Literal["number", "integer"])
"""Mcp elicitation number type."""


class McpElicitationNumberSchema(Record, extra="forbid"):
    """Mcp elicitation number schema."""

    type: McpElicitationNumberType
    title: Annotated[str | None, OMIT_NONE] = None
    description: Annotated[str | None, OMIT_NONE] = None
    minimum: Annotated[float | None, OMIT_NONE] = None
    maximum: Annotated[float | None, OMIT_NONE] = None
    default: Annotated[float | None, OMIT_NONE] = None


McpElicitationBooleanType = TypeAliasType("McpElicitationBooleanType", Literal["boolean"])
"""Mcp elicitation boolean type."""


class McpElicitationBooleanSchema(Record, extra="forbid"):
    """Mcp elicitation boolean schema."""

    type: McpElicitationBooleanType
    title: Annotated[str | None, OMIT_NONE] = None
    description: Annotated[str | None, OMIT_NONE] = None
    default: Annotated[bool | None, OMIT_NONE] = None


McpElicitationPrimitiveSchema = TypeAliasType(
    "McpElicitationPrimitiveSchema",
    McpElicitationEnumSchema | McpElicitationStringSchema | McpElicitationNumberSchema | McpElicitationBooleanSchema,
)
"""Mcp elicitation primitive schema."""

McpElicitationObjectType = TypeAliasType("McpElicitationObjectType", Literal["object"])
"""Mcp elicitation object type."""


class McpElicitationSchema(Record, extra="forbid"):
    """Mcp elicitation schema."""

    schema_: Annotated[str | None, Field(alias="$schema"), OMIT_NONE] = None
    type: McpElicitationObjectType
    properties: dict[str, McpElicitationPrimitiveSchema]
    required: Annotated[list[str] | None, OMIT_NONE] = None


class Elicitation(Variant):
    """Elicitation."""

    thread_id: Annotated[str, HOISTED]
    turn_id: Annotated[str | None, HOISTED] = None
    server_name: Annotated[str, HOISTED]


class OpenaiUserVerificationElicitation(Elicitation):
    """Openai user verification elicitation."""

    experimental: ClassVar[bool] = True

    mode: Literal["openai/userVerification"] = "openai/userVerification"
    meta: Annotated[Any, Field(alias="_meta")] = None
    title: str
    description: str
    challenge: str


class FormElicitation(Elicitation):
    """Form elicitation."""

    mode: Literal["form"] = "form"
    meta: Annotated[Any, Field(alias="_meta")] = None
    message: str
    requested_schema: McpElicitationSchema


class OpenaiFormElicitation(Elicitation):
    """Openai form elicitation."""

    mode: Literal["openai/form"] = "openai/form"
    meta: Annotated[Any, Field(alias="_meta")] = None
    message: str
    requested_schema: Any


class LegacyOpenaiFormElicitation(Elicitation):
    """Legacy openai form elicitation."""

    mode: Literal["openaiForm"] = "openaiForm"
    meta: Annotated[Any, Field(alias="_meta")] = None
    message: str
    requested_schema: Any


class UrlElicitation(Elicitation):
    """Url elicitation."""

    mode: Literal["url"] = "url"
    meta: Annotated[Any, Field(alias="_meta")] = None
    message: str
    url: str
    elicitation_id: str


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
    """What `mcpServer/elicitation/request` asks with."""


McpServerElicitationAction = TypeAliasType("McpServerElicitationAction", Literal["accept", "decline", "cancel"])
"""Mcp server elicitation action."""


class McpServerElicitationRequestResponse(Response):
    """What `mcpServer/elicitation/request` is answered with."""

    action: McpServerElicitationAction
    content: Any = None
    meta: Annotated[Any, Field(alias="_meta")] = None


MCP_SERVER_ELICITATION_REQUEST = Method(
    "mcpServer/elicitation/request", McpServerElicitationRequestParams, McpServerElicitationRequestResponse
)

SERVER_METHODS: tuple[Method[Any, Any], ...] = (MCP_SERVER_ELICITATION_REQUEST,)
