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


class Shared:
    """A callable that makes `package.module:name` with these arguments at its first call, and then gives the same again."""

    def __init__(self, path: str, arguments: tuple[Any, ...]) -> None:
        self._path = path
        self._arguments = arguments
        self._made: list[Any] = []

    def __call__(self) -> Any:
        """The object."""
        if not self._made:
            self._made.append(load(self._path)(*self._arguments))
        return self._made[0]

    @property
    def made(self) -> list[Any]:
        """The object, if it has been made."""
        return self._made


def shared(path: str, *arguments: Any) -> Shared:
    """An object of the process that is made when it is first needed."""
    return Shared(path, arguments)


def load(path: str) -> Any:
    """The object named by `package.module:name`."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
