"""The handlers of the protocol's methods, one module per family, under the same names as in `protocol`.

This is the one table from a method to its handler. A family's module is imported when one of its methods is first called.
"""

from importlib import import_module

from app_server.services import Route
from protocol.methods import CLIENT_REQUESTS_BY_NAME

_ROUTES: dict[str, Route] = {}
_LOADED: set[str] = set()


def find_route(method: str) -> Route | None:
    """The route of a method of the protocol, or None when no handler serves it."""
    route = _ROUTES.get(method)
    if route is None and (row := CLIENT_REQUESTS_BY_NAME.get(method)) is not None and row.family not in _LOADED:
        _LOADED.add(row.family)
        for each in import_module(f"app_server.methods.{row.family}").ROUTES:
            _ROUTES[each.method.name] = each
        route = _ROUTES.get(method)
    return route
