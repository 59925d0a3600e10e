"""Modules that are imported when they are first needed.

Start-up time is a feature, so what the handshake does not need is named here by path and loaded at its first use.
Only the composition root and the table of methods use this.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def lazy(path: str) -> Callable[..., Any]:
    """A callable that imports `package.module:name` at its first call and then is that function or class."""
    target: Callable[..., Any] | None = None

    def call(*arguments: Any, **options: Any) -> Any:
        nonlocal target
        if target is None:
            target = load(path)
        return target(*arguments, **options)

    return call


def shared(path: str, *arguments: Any) -> Callable[[], Any]:
    """A callable that makes `package.module:name` with these arguments at its first call, and then gives the same again."""
    made: list[Any] = []

    def get() -> Any:
        if not made:
            made.append(load(path)(*arguments))
        return made[0]

    return get


def load(path: str) -> Any:
    """The object named by `package.module:name`."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
