"""Where params go wrong, found and worded in the way of the reference's parser.

`check` walks params along the types of their model and stops where that parser stops: at the first bad member in the
order of the client's text, else at the first missing one. It is asked only after pydantic has refused them, and knows
what the reference's types have that ours do not: their names, which strings are paths, which words stand where.
Source: the reference's own answers, asked for every member of every method.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo

from protocol.base import TypeAliasType, Variant

Path = tuple[str | int, ...]
Marks = tuple[Any, ...]

OTHER_NAMES = {
    "SandboxPolicy": "SandboxPolicyDeserialize",
    "ResponsesApiWebSearchAction": "WebSearchAction",
    "ImageInput": "ImageReference",
    "InputImageContent": "ImageReference",
    "AudioInput": "AudioReference",
    "InputAudioContent": "AudioReference",
}
"""Types that the reference's parser calls by another name than its schema."""
WORDS = {
    "AskForApproval": ("untrusted", "on-request", "granular", "never"),
    "ModeKind": ("plan", "code", "custom", "default", "execute", "pair_programming"),
    "MultiAgentMode": ("none", "custom", "explicitRequestOnly", "proactive"),
}
"""Unions whose words are listed in another order, or more of them, than their type has."""
PATHS = {
    "CommandExecParams": ("cwd",),
    "ExternalAgentConfigDetectParams": ("cwds",),
    "ExternalAgentConfigImportHistoryRecordSuccessParams": ("cwd",),
    "ExternalAgentConfigImportItemTypeFailure": ("cwd",),
    "ExternalAgentConfigMigrationItem": ("cwd",),
    "FeedbackUploadParams": ("extraLogFiles",),
    "GitDiffToRemoteParams": ("cwd",),
    "HooksListParams": ("cwds",),
    "LocalAudioInput": ("path",),
    "LocalImageInput": ("path",),
    "SessionMigration": ("path", "cwd"),
    "SkillInput": ("path",),
    "SkillsListParams": ("cwds",),
    "ThreadForkParams": ("path",),
    "ThreadResumeParams": ("path",),
    "ThreadSettingsUpdateParams": ("cwd",),
    "TurnStartParams": ("cwd",),
}
"""Members that are paths, which the reference tells apart from other strings."""
SIZES = {"ByteRange": ("start", "end"), "CommandExecParams": ("outputBytesCap",), "ProcessSpawnParams": ("outputBytesCap",)}
"""Members that count in the machine's own word size."""
INTEGERS = {
    (0, 0xFF): "u8",
    (0, 0xFFFF): "u16",
    (0, 0xFFFF_FFFF): "u32",
    (0, 0xFFFF_FFFF_FFFF_FFFF): "u64",
    (1, 0xFFFF_FFFF_FFFF_FFFF): "a nonzero usize",
    (-0x8000_0000, 0x7FFF_FFFF): "i32",
    (-0x8000_0000_0000_0000, 0x7FFF_FFFF_FFFF_FFFF): "i64",
}
SCALARS = {str: "a string", bool: "a boolean", float: "f64", int: "i64"}
ABSOLUTE = "AbsolutePathBuf"
PATH = "PathBuf"
SIZE = "usize"


class Mistake(Exception):
    """Where params are wrong. `expected` says in short what would be right."""

    def __init__(self, path: Path, reason: str, text: str, expected: str) -> None:
        super().__init__(text)
        self.path = path
        self.reason = reason
        self.text = text
        self.expected = expected


def check(kind: Any, value: Any, path: Path, name: str = "", marks: Marks = ()) -> None:
    """Walk a value along its type, which may have a name and marks (bounds, a tag). Raises: Mistake."""
    if isinstance(kind, TypeAliasType):
        return check(kind.__value__, value, path, OTHER_NAMES.get(kind.__name__, kind.__name__), marks)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return check(arguments[0], value, path, name, (*marks, *arguments[1:]))
    if origin in (Union, UnionType):
        return check_union(arguments, value, path, name, marks)
    if origin is Literal:
        return check_words(WORDS.get(name, arguments), {}, value, path)
    if origin is list:
        return check_list(arguments[0], value, path, name)
    if origin is dict:
        return check_map(arguments[1], value, path)
    if isinstance(kind, type) and issubclass(kind, RootModel):
        root = kind.model_fields["root"]
        return check(root.annotation, value, path, kind.__name__, (root,))
    if isinstance(kind, type) and issubclass(kind, Variant) and name and (tag := tag_of(kind)):
        return check_tagged(tag, [kind], value, path, name)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return check_struct(kind, value, path)
    if kind is not Any:
        check_scalar(kind, value, path, name, marks)
    return None


def check_union(alternatives: tuple[Any, ...], value: Any, path: Path, name: str, marks: Marks) -> None:
    """A value that may be null, or an alternative: by its tag, by the name of its only member, or by trying each."""
    kinds = [kind for kind in alternatives if kind is not NoneType]
    if value is None and len(kinds) < len(alternatives):
        return None
    if len(kinds) == 1:
        return check(kinds[0], value, path, name, marks)
    tag = next((mark.discriminator for mark in marks if isinstance(mark, FieldInfo) and mark.discriminator), None)
    if isinstance(tag, str):
        return check_tagged(tag, kinds, value, path, name)
    if any(get_origin(kind) is Literal for kind in kinds):
        plain = [word for kind in kinds if get_origin(kind) is Literal for word in get_args(kind)]
        variants = {members(kind)[0][0]: kind for kind in kinds if get_origin(kind) is not Literal}
        return check_words(WORDS.get(name, (*plain, *variants)), variants, value, path)
    for kind in kinds:
        try:
            return check(kind, value, path)
        except Mistake:
            continue
    text = f"data did not match any variant of untagged enum {name}"
    raise Mistake(path, "invalid_value", text, f"a {name}")


def check_tagged(tag: str, kinds: Sequence[Any], value: Any, path: Path, name: str) -> None:
    """An object that says in a member which alternative it is."""
    if isinstance(value, list):
        value = {tag: value[0]} if value else {}
    if not isinstance(value, dict):
        raise wrong_type(path, value, f"internally tagged enum {name}")
    variants = {word: kind for kind in kinds for word in get_args(kind.model_fields[tag].annotation)}
    words = tuple(variants)
    if tag not in value and name == "DynamicToolSpec":
        chosen = "function"
    elif tag not in value:
        raise missing((*path, tag), choice(words))
    else:
        chosen = check_tag(words, value[tag], (*path, tag))
    check_struct(variants[chosen], {**value, tag: chosen}, path)


def check_tag(words: tuple[str, ...], value: Any, path: Path) -> str:
    """The name of an alternative; its number will do as well."""
    if isinstance(value, str):
        if value not in words:
            raise unknown_word(value, words, path)
        return value
    if type(value) is not int or value < 0:
        raise wrong_type(path, value, "variant identifier")
    if value >= len(words):
        raise wrong_value(path, value, f"variant index 0 <= i < {len(words)}")
    return words[value]


def check_words(words: tuple[str, ...], variants: Mapping[str, type[BaseModel]], value: Any, path: Path) -> None:
    """One of some words, of which those in `variants` need an object that holds something under that name."""
    if isinstance(value, str):
        if value not in words:
            raise unknown_word(value, words, path)
        if value in variants:
            raise Mistake(path, "invalid_type", "invalid type: unit variant, expected struct variant", f"an object `{value}`")
        return
    if not isinstance(value, dict):
        raise wrong_type(path, value, "string or map", choice(words))
    if len(value) != 1:
        raise wrong_value(path, value, "map with a single key", choice(words))
    (word, content), *_ = value.items()
    if word not in words:
        raise unknown_word(word, words, path)
    if word not in variants:
        if content is not None:
            raise wrong_type((*path, word), content, "unit")
        return
    inner = members(variants[word])[0][1]
    is_struct = isinstance(inner.annotation, type) and issubclass(inner.annotation, BaseModel)
    if is_struct and not isinstance(content, list | dict):
        raise wrong_type((*path, word), content, "struct variant")
    check_struct(variants[word], value, path)


def check_struct(model: type[BaseModel], value: Any, path: Path) -> None:
    """An object, or its members in order as a list, which the reference takes too."""
    fields = members(model)
    name = OTHER_NAMES.get(model.__name__, model.__name__)
    if isinstance(value, list):
        for index, (each, (member, field)) in enumerate(zip(value, fields, strict=False)):
            check_member(model, member, field, each, (*path, index))
        count = f"{len(fields)} element{'' if len(fields) == 1 else 's'}"
        text = f"invalid length {len(value)}, expected struct {name} with {count}"
        raise Mistake(path, "invalid_type", text, "an object")
    if not isinstance(value, dict):
        raise wrong_type(path, value, f"struct {name}", "an object")
    known = dict(fields)
    alternatives = tuple(wire_name(model, member) for member in getattr(model, "one_of", ()))
    for member, each in value.items():
        if member in known and member not in alternatives:
            check_member(model, member, known[member], each, (*path, member))
        elif member not in known and model.model_config.get("extra") == "forbid":
            words = tuple(other for other, field in fields if get_origin(field.annotation) is not Literal)
            raise Mistake((*path, member), "unknown_field", f"unknown field `{member}`, expected {choice(words)}", choice(words))
    for member, field in fields:
        if field.is_required() and member not in value:
            raise missing((*path, member))
    if alternatives and not any(is_good(model, member, known[member], value.get(member)) for member in alternatives):
        text = f"data did not match any variant of untagged enum {name}"
        raise Mistake(path, "invalid_value", text, choice(alternatives))


def check_member(model: type[BaseModel], member: str, field: FieldInfo, value: Any, path: Path) -> None:
    """A member of an object."""
    name = PATH if member in PATHS.get(model.__name__, ()) else SIZE if member in SIZES.get(model.__name__, ()) else ""
    check(field.annotation, value, path, name, (field, *field.metadata))


def is_good(model: type[BaseModel], member: str, field: FieldInfo, value: Any) -> bool:
    """Whether a member of which an object needs one is there and right."""
    try:
        check_member(model, member, field, value, (member,))
    except Mistake:
        return False
    return value is not None


def check_list(kind: Any, value: Any, path: Path, name: str) -> None:
    """A list of values of one type."""
    if not isinstance(value, list):
        raise wrong_type(path, value, "a sequence", "a list")
    for index, each in enumerate(value):
        check(kind, each, (*path, index), name)


def check_map(kind: Any, value: Any, path: Path) -> None:
    """An object with members of any name and one type."""
    if not isinstance(value, dict):
        raise wrong_type(path, value, "a map", "an object")
    for name, each in value.items():
        check(kind, each, (*path, name))


def check_scalar(kind: Any, value: Any, path: Path, name: str, marks: Marks) -> None:
    """A string, a number or a boolean."""
    expected = SCALARS[kind]
    if kind is int:
        least, greatest = bounds_of(marks)
        expected = name if name == SIZE else INTEGERS[least, greatest]
        if type(value) is int and not least <= value <= greatest:
            raise wrong_value(path, value, expected)
    elif kind is str and name in (ABSOLUTE, PATH):
        expected = "path string"
    if type(value) is not kind and not (kind is float and type(value) is int):
        raise wrong_type(path, value, expected)
    if name == ABSOLUTE and not value.startswith("/"):
        raise Mistake(path, "invalid_value", "AbsolutePathBuf deserialized without a base path", "an absolute path")
    if name == "ReasoningEffort" and not value:
        raise Mistake(path, "invalid_value", "reasoning_effort must not be empty", "a word")


def bounds_of(marks: Marks) -> tuple[int, int]:
    """The least and the greatest integer that a type has."""
    found: dict[str, int] = {}
    for mark in marks:
        for each in mark.metadata if isinstance(mark, FieldInfo) else (mark,):
            found.update({bound: getattr(each, bound) for bound in ("ge", "le") if hasattr(each, bound)})
    return found.get("ge", -(2**63)), found.get("le", 2**63 - 1)


def members(model: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    """The members of an object under their names on the wire."""
    return [(wire_name(model, name), field) for name, field in model.model_fields.items()]


def wire_name(model: type[BaseModel], name: str) -> str:
    """The name of a member on the wire."""
    generator = model.model_config.get("alias_generator")
    return model.model_fields[name].alias or (generator(name) if callable(generator) else name)


def tag_of(model: type[BaseModel]) -> str | None:
    """The member by which an object says which alternative it is."""
    return next((name for name, field in members(model) if get_origin(field.annotation) is Literal), None)


def missing(path: Path, expected: str = "a value") -> Mistake:
    """A required member is not there."""
    return Mistake(path, "missing_field", f"missing field `{path[-1]}`", expected)


def wrong_type(path: Path, value: Any, expected: str, in_short: str | None = None) -> Mistake:
    """A value of another type."""
    return Mistake(path, "invalid_type", f"invalid type: {describe(value)}, expected {expected}", in_short or expected)


def wrong_value(path: Path, value: Any, expected: str, in_short: str | None = None) -> Mistake:
    """A value of the right type that is not allowed."""
    return Mistake(path, "invalid_value", f"invalid value: {describe(value)}, expected {expected}", in_short or expected)


def unknown_word(value: str, words: tuple[str, ...], path: Path) -> Mistake:
    """A word that is not among those known."""
    return Mistake(path, "unknown_variant", f"unknown variant `{value}`, expected {choice(words)}", choice(words))


def choice(words: tuple[str, ...]) -> str:
    """Words to choose from."""
    quoted = [f"`{word}`" for word in words]
    return " or ".join(quoted) if len(quoted) < 3 else f"one of {', '.join(quoted)}"


ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}


def describe(value: Any) -> str:
    """A JSON value as the reference names it in its errors."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"boolean `{str(value).lower()}`"
    if isinstance(value, int):
        return f"integer `{value}`"
    if isinstance(value, float):
        digits = format(Decimal(repr(value)), "f")
        return f"floating point `{digits if '.' in digits else f'{digits}.0'}`"
    if isinstance(value, str):
        letters = (ESCAPES.get(each) or (each if each.isprintable() else f"\\u{{{ord(each):x}}}") for each in value)
        return f'string "{"".join(letters)}"'
    return "sequence" if isinstance(value, list) else "map"
