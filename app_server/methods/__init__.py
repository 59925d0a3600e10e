"""The handlers of the protocol's methods, one module per family, under the same names as in `protocol`.

This is the one table from a method to its handler. A family's module is imported when one of its methods is first
called; what no module serves yet is answered as `unbuilt` says.
"""

from importlib import import_module
from importlib.util import find_spec

from app_server.services import Route
from protocol.methods import CLIENT_REQUESTS_BY_NAME

_ROUTES: dict[str, Route] = {}
_LOADED: set[str] = set()


def find_route(method: str) -> Route | None:
    """The route of a method of the protocol, or None when there is no such method."""
    route = _ROUTES.get(method)
    if route is None and (row := CLIENT_REQUESTS_BY_NAME.get(method)) is not None:
        _load(row.family)
        route = _ROUTES.get(method)
        if route is None:
            unbuilt = import_module("app_server.methods.unbuilt")
            route = _ROUTES[method] = unbuilt.unbuilt_route(method)
    return route


def _load(family: str) -> None:
    if family in _LOADED:
        return
    _LOADED.add(family)
    path = f"app_server.methods.{family}"
    if find_spec(path) is not None:
        for each in import_module(path).ROUTES:
            _ROUTES[each.method.name] = each
