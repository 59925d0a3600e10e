"""The whole wire contract at once: every named type, method and notification, with their docstrings.

The only module that knows all families. A wire type is a model or a named alias (`TypeAliasType`) of a family; its name
in Python is its name on the wire. `Variant` classes have no name there: exporters inline them. Families with
`IN_SCHEMA = False` are served but exported nowhere.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, get_args

from typing_extensions import TypeAliasType

import protocol
from protocol.base import EXPERIMENTAL, Method, Notification, Record, Variant
from protocol.export.docs import ModuleDocs, read_docs
from protocol.methods import CLIENT_REQUESTS, SERVER_NOTIFICATIONS, SERVER_REQUESTS, Row
from protocol.one_of import OneOf

__all__ = ["Announcement", "Request", "Surface", "WireType", "load_surface", "nullable_params_name"]

NOT_FAMILIES = frozenset({"base", "errors", "export", "methods", "one_of"})
ROOT_FAMILIES = frozenset(
    {
        "approval_decision",
        "approval_legacy",
        "approval_request",
        "client_call",
        "elicitation",
        "initialize",
        "rpc",
        "search",
    }
)
"""Families whose types stand at the root of the reference's bundle; those of all others stand under `v2`."""
ROOT_AND_V2 = frozenset({"AbsolutePathBuf", "RequestId"})
"""Types that stand in both places."""
STANDALONE = frozenset(
    {
        "JSONRPCError",
        "JSONRPCErrorError",
        "JSONRPCMessage",
        "JSONRPCNotification",
        "JSONRPCRequest",
        "JSONRPCResponse",
        "ModelProviderError",
        "RequestId",
    }
)
"""Types that no method mentions and that clients need all the same."""
STANDALONE_EXPERIMENTAL = frozenset({"UserVerificationRpcError"})
"""The same, for clients of the experimental surface."""


@dataclass(frozen=True, slots=True)
class WireType:
    """A type with a name on the wire."""

    name: str
    family: str
    """The module of `protocol` that defines it."""
    value: Any
    """The model class or the TypeAliasType."""
    doc: str
    """Its docstring."""
    is_root: bool
    """Whether it stands at the root of the bundle."""
    is_v2: bool
    """Whether it stands under `v2`."""
    is_stable: bool
    """Whether clients without the experimental capability can meet it."""

    @property
    def model(self) -> type[Record] | None:
        """The class, unless the type is an alias or a union."""
        return self.value if isinstance(self.value, type) and issubclass(self.value, Record) else None


@dataclass(frozen=True, slots=True)
class Request:
    """A request with its types."""

    row: Row
    method: Method[Any, Any]
    params: str | None
    """The wire name of the params; None: the method has none."""
    result: str
    """The wire name of the result."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """A notification with its type."""

    row: Row
    params: str
    """The wire name of the params."""


@dataclass(frozen=True, slots=True)
class Surface:
    """Everything that crosses the wire."""

    types: dict[str, WireType]
    """By wire name, in order of the families and of definition within a family."""
    client_requests: tuple[Request, ...]
    """In the order of the methods table."""
    server_requests: tuple[Request, ...]
    notifications: tuple[Announcement, ...]
    """What the server announces."""
    docs: dict[str, ModuleDocs]
    """By family."""

    def requests(self, *, experimental: bool) -> Iterator[Request]:
        """Client requests then server requests; without `experimental`, those that all clients may use."""
        for request in (*self.client_requests, *self.server_requests):
            if experimental or not request.row.is_experimental:
                yield request

    def type_doc(self, python_type: type) -> str:
        """The docstring of a class, variants included; empty when it has none of its own."""
        docs = self.docs.get(_family_of(python_type))
        return docs.types.get(python_type.__name__, "") if docs else ""

    def member_doc(self, model: type[Record], name: str) -> str:
        """The docstring of a member by its Python name, inherited if need be."""
        for base in model.__mro__:
            docs = self.docs.get(_family_of(base))
            text = docs.members.get((base.__name__, name)) if docs else None
            if text:
                return text
        return ""


def load_surface() -> Surface:
    """Import every family and gather what it defines. Takes about half a second."""
    modules = {
        info.name: importlib.import_module(f"protocol.{info.name}")
        for info in pkgutil.iter_modules(protocol.__path__)
        if info.name not in NOT_FAMILIES
    }
    families = {name: module for name, module in modules.items() if getattr(module, "IN_SCHEMA", True)}
    docs = {name: read_docs(module) for name, module in families.items()}
    values = {name: (family, value) for family, module in families.items() for name, value in _types_of(module)}
    methods = {
        method.name: method
        for module in families.values()
        for method in (*getattr(module, "METHODS", ()), *getattr(module, "SERVER_METHODS", ()))
    }
    announced = {each.method: each for module in families.values() for each in getattr(module, "NOTIFICATIONS", ())}
    client = tuple(_request(row, methods[row.name]) for row in CLIENT_REQUESTS if row.family in families)
    server = tuple(_request(row, methods[row.name]) for row in SERVER_REQUESTS)
    notifications = tuple(Announcement(row, _notification_name(announced[row.name])) for row in SERVER_NOTIFICATIONS)
    stable = _stable_names({name: value for name, (_, value) in values.items()}, (*client, *server), notifications)
    types = {
        name: WireType(
            name=name,
            family=family,
            value=value,
            doc=docs[family].types.get(name, ""),
            is_root=family in ROOT_FAMILIES or name in ROOT_AND_V2,
            is_v2=family not in ROOT_FAMILIES,
            is_stable=name in stable,
        )
        for name, (family, value) in values.items()
    }
    return Surface(types, client, server, notifications, docs)


def nullable_params_name(request: Request) -> str | None:
    """The wire name of params that may be null, where the reference names that union."""
    return f"Nullable{request.params}" if request.method.params_optional else None


def _types_of(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The wire types that a module defines (not those that it imports), in order."""
    for name, value in vars(module).items():
        if getattr(value, "__module__", None) == module.__name__ and _is_wire_type(value):
            yield name, value


def _is_wire_type(value: Any) -> bool:
    if isinstance(value, TypeAliasType):
        return True
    if not isinstance(value, type) or issubclass(value, Variant) or not value.__name__.isidentifier():
        return False  # the last are parametrized generics, which pydantic leaves in the module
    if issubclass(value, Notification):
        return value is _named_notification(value)
    if value.__dict__.get("is_shared_base"):
        return False
    return issubclass(value, Record | OneOf)


def _named_notification(value: type[Notification]) -> type[Notification]:
    """Two notifications may share one type: each is then an empty subclass of it, which has no name on the wire."""
    parent = value.__bases__[0]
    return parent if issubclass(parent, Notification) and parent is not Notification else value


def _notification_name(value: type[Notification]) -> str:
    return _named_notification(value).__name__


def _request(row: Row, method: Method[Any, Any]) -> Request:
    return Request(row, method, method.params.__name__ if method.params else None, method.result.__name__)


def _stable_names(values: dict[str, Any], requests: tuple[Request, ...], notifications: tuple[Announcement, ...]) -> set[str]:
    """The names that can be reached from what is open to every client. Notifications count whole, as in the reference's
    stable schema."""
    found: set[str] = set()
    waiting = [each.params for each in notifications] + sorted(STANDALONE)
    for request in requests:
        if not request.row.is_experimental:
            waiting += [name for name in (request.params, nullable_params_name(request), request.result) if name]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _mentioned(values[name])
    return found


def _mentioned(value: Any) -> Iterator[str]:
    """The wire names in a type, through variants, without the members that are experimental."""
    if isinstance(value, TypeAliasType):
        yield from _mentioned_in(value.__value__)
    elif issubclass(value, OneOf):
        yield from _mentioned_in(value.model_fields["root"].annotation)
    else:
        for field in value.model_fields.values():
            if EXPERIMENTAL not in field.metadata:
                yield from _mentioned_in(field.annotation)


def _mentioned_in(annotation: Any) -> Iterator[str]:
    if isinstance(annotation, TypeAliasType):
        yield annotation.__name__
    elif isinstance(annotation, type) and issubclass(annotation, Variant):
        yield from _mentioned(annotation)
    elif isinstance(annotation, type) and issubclass(annotation, Record):
        yield annotation.__name__
    else:
        for argument in get_args(annotation):
            yield from _mentioned_in(argument)


def _family_of(python_type: type) -> str:
    return python_type.__module__.removeprefix("protocol.")
