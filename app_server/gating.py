"""What a client may use before it opted into the experimental surface.

Checked after decoding and after the handshake, as in the reference: the message names the method, `method.member`, or
the variant, and of several the first in the order of the model. A present empty list counts as set; null, absent, an
empty path and, where a member is no more than a switch, false do not (spec/server.md section 4).
"""

from typing import Any, NamedTuple

from pydantic import BaseModel

from app_server.connection import Connection
from app_server.core.errors import CallerError
from app_server.routing import Route
from protocol.base import EXPERIMENTAL
from protocol.methods import Row

INITIALIZE = "initialize"
UNION_VARIANTS = {"account/login/start": ("chatgptAuthTokens", "amazonBedrockAccessKeys")}
"""Methods whose params are a union, with the alternatives that are experimental."""
NULL_COUNTS = frozenset({"thread/list.projectId"})
"""Members in which null says something too."""


class Gated(NamedTuple):
    """A member that is experimental, or (`has_variant`) whose value may be."""

    name: str
    wire_name: str
    is_switch: bool
    has_variant: bool

    def is_set(self, value: Any) -> bool:
        """Whether a value says anything."""
        if self.is_switch:
            return value is True
        return value is not None and not (value == "" and self.wire_name == "path")


class ExperimentalGate:
    """The handshake and capability checks of a request; remembers which members of a model are experimental."""

    def __init__(self) -> None:
        self._known: dict[type[BaseModel], tuple[Gated, ...]] = {}

    def check(self, connection: Connection, row: Row, route: Route[Any], params: Any, raw: Any) -> None:
        """Raises: CallerError when the request may not be served to this client."""
        if not connection.is_initialized and row.name != INITIALIZE:
            raise CallerError("Not initialized", reason="not_initialized", remedy="send initialize first")
        if connection.is_experimental or row.name == INITIALIZE:
            return
        if row.is_experimental:
            raise requires(row.name)
        if row.name in UNION_VARIANTS and raw["type"] in UNION_VARIANTS[row.name]:
            raise requires(f"{row.name}.{raw['type']}")
        if route.method.params is None:
            return
        for member in self._gated(route.method.params):
            value = getattr(params, member.name)
            descriptor = f"{row.name}.{member.wire_name}"
            if member.has_variant:
                if isinstance(value, BaseModel):
                    raise requires("askForApproval.granular")
            elif member.is_set(value) or (descriptor in NULL_COUNTS and member.name in params.model_fields_set):
                raise requires(descriptor)

    def _gated(self, model: type[BaseModel]) -> tuple[Gated, ...]:
        known = self._known.get(model)
        if known is None:
            known = self._known[model] = tuple(gated(model))
        return known


def gated(model: type[BaseModel]) -> list[Gated]:
    """The members of a model that have to be looked at, in their order."""
    generator = model.model_config.get("alias_generator")
    found = []
    for name, field in model.model_fields.items():
        wire_name = field.alias or (generator(name) if callable(generator) else name)
        has_variant = wire_name == "approvalPolicy"
        if has_variant or EXPERIMENTAL in field.metadata:
            found.append(Gated(name, wire_name, field.annotation is bool, has_variant))
    return found


def requires(descriptor: str) -> CallerError:
    """The reference's refusal."""
    return CallerError(
        f"{descriptor} requires experimentalApi capability",
        reason="experimental_required",
        data={"field": descriptor, "expected": "a client that opted into the experimental surface"},
        remedy="initialize with capabilities.experimentalApi = true",
    )
