"""One model of the protocol as the text of a TypeScript type.

The rule for a member, as the reference has it: what a client may leave out of its params is `x?: T | null`; what is
left out of messages when empty is `x?: T`; everything else is always written, as `T | null` where it may be null. What
departs from the rule stands in `typescript_facts`. This module knows nothing of files: it reports which types a text
mentions.
"""

import json
import re
import textwrap
import types
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeGuard, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType

from protocol.base import EXPERIMENTAL, HOISTED, OMIT_EMPTY, OMIT_NONE, OneMember, OpenRecord, Params, Record, Variant
from protocol.export.typescript_facts import BIGINTS, BODIES, FORMS, INLINED, JSON_VALUE, NAMED, REST, UNKNOWN, path_of
from protocol.one_of import OneOf

LINE = 100
"""A type longer than this is broken into lines."""
NOTHING = "Record<string, never>"
_SCALARS: dict[Any, str] = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")


@dataclass
class TypeWriter:
    """Writes the body of one type.

    path          the type's own, by which `typescript_facts` knows its members
    experimental  whether the members are there that need the capability
    doc_of        the docstring of a model's member, by its Python name
    is_asked      the type is the params of one of the server's own requests, which are always complete
    uses          the paths of the types that the text mentions
    """

    path: str
    experimental: bool
    doc_of: Callable[[type[Record], str], str]
    is_asked: bool = False
    uses: set[str] = field(default_factory=set)

    def body(self, named: Any) -> str:
        """The type as it stands right of `export type X =`: of an alias, a union, or a model."""
        if isinstance(named, TypeAliasType):
            return self.text(named.__value__)
        if issubclass(named, OneOf):
            return self.text(named.model_fields["root"].annotation)
        return self.object(named)

    def text(self, annotation: Any) -> str:
        """The annotation of a member as a type."""
        origin, arguments = get_origin(annotation), get_args(annotation)
        if annotation is Any:
            return "unknown" if self.path in UNKNOWN else self.mention(JSON_VALUE)
        if origin is Annotated:
            return self.text(arguments[0])
        if origin is Literal:
            return union(json.dumps(each) for each in arguments)
        if origin is list:
            return f"Array<{self.text(arguments[0])}>"
        if origin is dict:
            return f"{{ [key in string]?: {self.text(arguments[1])} }}"
        if origin in (Union, types.UnionType):
            return self.union(arguments)
        if annotation in _SCALARS:
            return _SCALARS[annotation]
        if is_variant(annotation) or annotation.__name__ in INLINED:
            return self.body(annotation)
        return self.mention(path_of(annotation.__name__))

    def mention(self, path: str) -> str:
        """The name of the type that a path leads to."""
        self.uses.add(path)
        return path.rpartition("/")[2]

    def union(self, alternatives: tuple[Any, ...]) -> str:
        """Alternatives; members that all of them share stand once, before them."""
        shared = [name for name, info in self.fields(alternatives[0]) if HOISTED in info.metadata]
        texts: list[str] = []
        for each in alternatives:
            if not self.experimental and getattr(each, "experimental", False):
                continue
            if get_origin(each) is Literal:
                texts += [json.dumps(value) for value in get_args(each)]
            else:
                texts.append(self.object(each, without=shared) if is_variant(each) else self.text(each))
        return f"{self.braces(alternatives[0], shared)} & ({union(texts)})" if shared else union(texts)

    def object(self, model: type[Record], without: Collection[str] = ()) -> str:
        """The members of a model, then the choice of which it has only one, then members of any name."""
        if is_variant(model) and BODIES.get(model, self.path) != self.path:
            return f"{self.braces(model, tags(model))} & {self.mention(BODIES[model])}"
        choices = model.one_of if issubclass(model, OneMember) else ()
        names = [name for name, _ in self.fields(model) if name not in choices and name not in without]
        parts = [self.braces(model, names)] if names else []
        if choices:
            parts.append(f"({union(braces([self.member(model, name, ': {}')]) for name in choices)})")
        if issubclass(model, OpenRecord):
            parts.append(f"{{ [key in string]?: {self.text(REST.get(model.__name__, Any))} }}")
        return " & ".join(parts) or NOTHING

    def fields(self, model: Any) -> Iterator[tuple[str, FieldInfo]]:
        """The fields that this surface shows, by Python name; none if it is no model."""
        if isinstance(model, type) and issubclass(model, Record):
            for name, info in model.model_fields.items():
                if self.experimental or EXPERIMENTAL not in info.metadata:
                    yield name, info

    def braces(self, model: type[Record], names: Iterable[str]) -> str:
        """Some members of a model as an object type."""
        return braces([self.member(model, name) for name in names])

    def member(self, model: type[Record], name: str, form: str = "") -> str:
        """One member with its doc comment."""
        info = model.model_fields[name]
        alias = info.alias or _wire_name(model, name)
        key = f"{self.path}.{alias}"
        text = self.mention(NAMED[key]) if key in NAMED else self.union_without_null(info.annotation)
        if key in BIGINTS:
            text = text.replace("number", "bigint")
        form = FORMS.get(key) or form or self.form(model, info)
        label = alias if _IDENTIFIER.fullmatch(alias) else json.dumps(alias)
        return f"{comment(self.doc_of(model, name))}{label}{form.replace('{}', text)}"

    def union_without_null(self, annotation: Any) -> str:
        """The type of a member apart from whether it may be null."""
        if get_origin(annotation) not in (Union, types.UnionType):
            return self.text(annotation)
        return self.union(tuple(each for each in get_args(annotation) if each is not type(None)))

    def form(self, model: type[Record], info: FieldInfo) -> str:
        """What follows the name of a member, by the rule; `{}` stands for its type without null."""
        or_null = " | null" if type(None) in get_args(info.annotation) else ""
        if OMIT_NONE in info.metadata or OMIT_EMPTY in info.metadata:
            return f"?: {{}}{or_null}" if self.is_asked and issubclass(model, Params) else "?: {}"
        is_optional = self.is_lenient and not info.is_required() and not is_tag(model, info)
        return f"?: {{}}{or_null}" if is_optional else f": {{}}{or_null}"

    @property
    def is_lenient(self) -> bool:
        """Whether this is what a client asks with, so that what has a default may be left out; not so in the first generation."""
        return self.path.startswith("v2/") and self.path.endswith("Params") and not self.is_asked


def is_variant(annotation: Any) -> TypeGuard[type[Variant]]:
    """Whether this is an alternative without a name of its own."""
    return isinstance(annotation, type) and issubclass(annotation, Variant)


def tags(model: type[Variant]) -> list[str]:
    """The members that tell an alternative of a union from the others, by Python name."""
    return [name for name, info in model.model_fields.items() if is_tag(model, info)]


def is_tag(model: type[Record], info: FieldInfo) -> bool:
    """Whether a member of an alternative has one value alone."""
    return is_variant(model) and get_origin(info.annotation) is Literal and not info.is_required()


def braces(members: Sequence[str]) -> str:
    """An object type of members."""
    line = f"{{ {'; '.join(members)} }}"
    if len(line) <= LINE and "\n" not in line:
        return line
    return "{" + "".join(indented(f"\n{member};") for member in members) + "\n}"


def union(alternatives: Iterable[str]) -> str:
    """Either of some types."""
    texts = list(dict.fromkeys(alternatives))
    line = " | ".join(texts)
    if len(texts) == 1 or (len(line) <= LINE and "\n" not in line):
        return line
    return "".join(indented(f"\n| {text}") for text in texts)


def comment(text: str) -> str:
    """A doc comment of its own lines; nothing for an empty text."""
    if not text:
        return ""
    safe = text.replace("*/", "*\\/")
    if len(safe) <= LINE and "\n" not in safe:
        return f"/** {safe} */\n"
    lines = [line for paragraph in safe.splitlines() for line in textwrap.wrap(paragraph, LINE) or [""]]
    return "/**\n" + "".join(f" * {line}".rstrip() + "\n" for line in lines) + " */\n"


def indented(text: str) -> str:
    """Lines after the first, two spaces further in."""
    return text.replace("\n", "\n  ")


def _wire_name(model: type[Record], name: str) -> str:
    generator = model.model_config.get("alias_generator")
    return generator(name) if callable(generator) else name
