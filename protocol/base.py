"""The base models of the wire contract: how Python names become JSON members and what null means.

Two policies meet here on purpose. What comes from outside is validated: `Model.model_validate(data)`, strict,
unknown members ignored. What we build ourselves is trusted: `Model(member=value)` stores the values as they are,
so that publishing a message never builds a validator and costs about a microsecond. `to_wire` turns a model
into plain JSON data by the same rules as pydantic's own `model_dump(mode="json", by_alias=True)`; a test holds them equal.
"""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import TypeAliasType

__all__ = [
    "EXPERIMENTAL",
    "HOISTED",
    "I32",
    "I64",
    "OMIT_EMPTY",
    "OMIT_NONE",
    "SNAKE_IN_SCHEMA",
    "U16",
    "U32",
    "U64",
    "Method",
    "Notification",
    "OneMember",
    "OpenRecord",
    "Params",
    "PositiveInt",
    "Record",
    "Response",
    "SnakeRecord",
    "SnakeVariant",
    "TypeAliasType",
    "Variant",
    "to_wire",
]


@dataclass(frozen=True, slots=True)
class Marker:
    """A remark on a field, put into its `Annotated` type."""

    name: str


EXPERIMENTAL = Marker("experimental")
"""The member is refused from clients without the `experimentalApi` capability and left out of the stable schema."""
OMIT_NONE = Marker("omit_none")
"""The member is left out of messages when it is null; all others are written as null."""
OMIT_EMPTY = Marker("omit_empty")
"""The member is left out of messages when it is false or empty."""
SNAKE_IN_SCHEMA = Marker("snake_in_schema")
"""The reference's schema spells the member in snake_case, although the wire has it in camelCase; ours repeats the slip."""
HOISTED = Marker("hoisted")
"""Shared by all alternatives of a union: schemas list the member once, beside the alternatives instead of in each."""

U16 = Annotated[int, Field(ge=0, le=0xFFFF)]
U32 = Annotated[int, Field(ge=0, le=0xFFFF_FFFF)]
U64 = Annotated[int, Field(ge=0, le=0xFFFF_FFFF_FFFF_FFFF)]
I32 = Annotated[int, Field(ge=-0x8000_0000, le=0x7FFF_FFFF)]
I64 = Annotated[int, Field(ge=-0x8000_0000_0000_0000, le=0x7FFF_FFFF_FFFF_FFFF)]
PositiveInt = Annotated[int, Field(ge=1, le=0xFFFF_FFFF_FFFF_FFFF)]


def camel(name: str) -> str:
    """`thread_id` -> `threadId`."""
    head, *rest = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)


_set = object.__setattr__
P = TypeVar("P")
R = TypeVar("R")


class Record(BaseModel):
    """Any object on the wire; members are camelCase there and snake_case here."""

    model_config = ConfigDict(alias_generator=camel, defer_build=True, strict=True, extra="ignore", protected_namespaces=())

    _trusted_defaults: ClassVar[dict[str, Any]]
    _wire_fields: ClassVar[tuple[tuple[str, str, Marker | None], ...]] = ()

    def __init__(self, /, **values: Any) -> None:
        """Build from trusted values by Python names, without validation; absent members take their defaults."""
        cls = type(self)
        defaults = cls.__dict__.get("_trusted_defaults")
        if defaults is None:
            defaults = _learn(cls)
        _set(self, "__dict__", {**defaults, **values})
        _set(self, "__pydantic_fields_set__", set(values))
        _set(self, "__pydantic_extra__", None)
        _set(self, "__pydantic_private__", None)

    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]  # validation fills fields itself, past this __init__


class SnakeRecord(Record):
    """An object whose members are snake_case on the wire too (configuration, Responses API items)."""

    model_config = ConfigDict(alias_generator=None)


class OpenRecord(SnakeRecord):
    """An object that may hold members of any name besides those listed."""

    model_config = ConfigDict(extra="allow")

    def __init__(self, /, **values: Any) -> None:
        fields = type(self).model_fields
        super().__init__(**{name: value for name, value in values.items() if name in fields})
        _set(self, "__pydantic_extra__", {name: value for name, value in values.items() if name not in fields})

    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]  # as in Record


class Params(Record):
    """What a request asks with. A member with the default None may be absent or null."""


class Response(Record):
    """What a request is answered with. Every member is written, null when empty, unless marked OMIT_NONE."""

    is_shared_base: ClassVar[bool] = False
    """Whether the class only holds what several results have in common; such a class has no name on the wire."""


class Notification(Record):
    """What is announced without being asked for; `method` is its name on the wire."""

    method: ClassVar[str]


class Variant(Record):
    """One alternative of a named union, told apart by a literal member. Schemas inline it; it has no name on the wire."""

    experimental: ClassVar[bool] = False
    """Whether the alternative is left out of the stable schema."""


class SnakeVariant(Variant):
    """An alternative whose members are snake_case on the wire too."""

    model_config = ConfigDict(alias_generator=None)


class OneMember(Record):
    """An object that has at least one of the members named in `one_of`; the others stay away."""

    one_of: ClassVar[tuple[str, ...]]

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if all(getattr(self, name) is None for name in self.one_of):
            raise ValueError(f"data did not match any variant of untagged enum {type(self).__name__}")
        return self


@dataclass(frozen=True, slots=True)
class Method(Generic[P, R]):
    """A request: its name, what it asks with (None: no params) and what it is answered with."""

    name: str
    params: type[P] | None
    result: type[R]
    params_optional: bool = False
    """Whether `params` may be absent or null, which reads as `{}`."""


def _learn(cls: type[Record]) -> dict[str, Any]:
    """Work out, once per class, the defaults of trusted construction and the order and names of wire members."""
    defaults: dict[str, Any] = {}
    wire = []
    generator = cls.model_config.get("alias_generator")
    for name, field in cls.model_fields.items():
        if not field.is_required():
            defaults[name] = field.get_default(call_default_factory=True, validated_data={})
        alias = field.alias or (generator(name) if callable(generator) else name)
        omit = next((marker for marker in field.metadata if marker is OMIT_NONE or marker is OMIT_EMPTY), None)
        wire.append((name, alias, omit))
    cls._trusted_defaults = defaults
    cls._wire_fields = tuple(wire)
    return defaults


_PLAIN = frozenset({str, int, bool, float, type(None)})


def to_wire(value: Any) -> Any:
    """Plain JSON data for a model, or for a list or dict that holds models. Plain values pass through."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is list or kind is tuple:
        return [to_wire(each) for each in value]
    if kind is dict:
        return {key: to_wire(each) for key, each in value.items()}
    if not isinstance(value, Record):
        return to_wire(value.__dict__["root"]) if isinstance(value, BaseModel) else value  # a OneOf holds its alternative there
    if "_trusted_defaults" not in kind.__dict__:
        _learn(kind)
    members = value.__dict__
    data = {}
    for name, alias, omit in kind._wire_fields:
        member = members[name]
        if omit is not None and (member is None or (omit is OMIT_EMPTY and not member)):
            continue
        data[alias] = member if type(member) in _PLAIN else to_wire(member)
    if value.__pydantic_extra__:
        data.update(to_wire(value.__pydantic_extra__))
    return data
