"""What a client may use before it opted into the experimental surface.

Checked after decoding and after the handshake, as in the reference: the message names the method, `method.field`, or
the variant. A present empty list counts as set; null and absent do not (spec/server.md section 4).
"""

from typing import Any

from app_server.connection import Connection
from app_server.core.errors import CallerError
from app_server.routing import Route
from protocol.base import EXPERIMENTAL, Record
from protocol.methods import Row

INITIALIZE = "initialize"


class ExperimentalGate:
    """The handshake and capability checks of a request; remembers which fields of a model are experimental."""

    def __init__(self) -> None:
        self._fields: dict[type[Record], tuple[tuple[str, str], ...]] = {}

    def check(self, connection: Connection, row: Row, route: Route[Any], params: Any, raw: Any) -> None:
        """Raises: CallerError when the request may not be served to this client."""
        if not connection.is_initialized and row.name != INITIALIZE:
            raise CallerError("Not initialized", reason="not_initialized", remedy="send initialize first")
        if connection.is_experimental or row.name == INITIALIZE:
            return
        if row.is_experimental:
            raise requires(row.name)
        if route.method.params is None:
            return
        for name, alias in self._experimental(route.method.params):
            if getattr(params, name) is not None and raw.get(alias) is not None:
                raise requires(f"{row.name}.{alias}")
        for descriptor in experimental_variants(row.name, raw):
            raise requires(descriptor)

    def _experimental(self, model: type[Record]) -> tuple[tuple[str, str], ...]:
        known = self._fields.get(model)
        if known is None:
            generator = model.model_config.get("alias_generator")
            known = self._fields[model] = tuple(
                (name, field.alias or (generator(name) if callable(generator) else name))
                for name, field in model.model_fields.items()
                if EXPERIMENTAL in field.metadata
            )
        return known


def experimental_variants(method: str, raw: dict[str, Any]) -> list[str]:
    """The experimental alternatives of otherwise stable members that this request uses."""
    found = []
    policy = raw.get("approvalPolicy")
    if isinstance(policy, dict) and "granular" in policy:
        found.append("askForApproval.granular")
    if method == "account/login/start" and raw.get("type") == "chatgptAuthTokens":
        found.append("account/login/start.chatgptAuthTokens")
    return found


def requires(descriptor: str) -> CallerError:
    """The reference's refusal."""
    return CallerError(
        f"{descriptor} requires experimentalApi capability",
        reason="experimental_required",
        data={"field": descriptor},
        remedy="initialize with capabilities.experimentalApi = true",
    )
