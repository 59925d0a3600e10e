"""Frozen, slotted value classes that cost next to nothing to define.

A dataclass compiles its methods when the class is made: about half a millisecond each, several for a wide one. What
configuration and models need would cost more than reading the configuration, on the way to the first thread. The
classes made here share their methods instead; type checkers see them as frozen dataclasses. Defaults must be
immutable.
"""

from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")
_set = object.__setattr__


@dataclass_transform(frozen_default=True)
def frozen(cls: type[T]) -> type[T]:
    """Make a class of annotated members into a frozen, slotted value class."""
    names = tuple(cls.__annotations__)
    defaults = {name: cls.__dict__[name] for name in names if name in cls.__dict__}
    left_out = {*defaults, "__dict__", "__weakref__"}
    body = {name: member for name, member in cls.__dict__.items() if name not in left_out}
    body.update(_SHARED, __slots__=names, __match_args__=names, _defaults=defaults)
    made: type[T] = type(cls.__name__, cls.__bases__, body)
    return made


def replace(value: T, **changes: Any) -> T:
    """A copy with some members changed."""
    members = {name: getattr(value, name) for name in type(value).__slots__}  # type: ignore[attr-defined]
    return type(value)(**{**members, **changes})


def _init(self: Any, *positional: Any, **named: Any) -> None:
    cls = type(self)
    values = dict(cls._defaults)
    values.update(zip(cls.__slots__, positional, strict=False))
    values.update(named)
    if len(values) != len(cls.__slots__) or len(positional) > len(cls.__slots__):
        wrong = set(cls.__slots__).symmetric_difference(values)
        raise TypeError(f"{cls.__name__} takes {', '.join(cls.__slots__)}; missing or unknown: {', '.join(sorted(wrong))}")
    for name, value in values.items():
        _set(self, name, value)


def _refuse(self: Any, name: str, _value: Any = None) -> None:
    raise AttributeError(f"{type(self).__name__} is frozen; {name} can't change")


def _members(self: Any) -> tuple[Any, ...]:
    return tuple(getattr(self, name) for name in type(self).__slots__)


def _equals(self: Any, other: object) -> Any:
    return _members(self) == _members(other) if type(other) is type(self) else NotImplemented


def _hash(self: Any) -> int:
    return hash(_members(self))


def _shown(self: Any) -> str:
    members = ", ".join(f"{name}={getattr(self, name)!r}" for name in type(self).__slots__)
    return f"{type(self).__name__}({members})"


_SHARED: dict[str, Callable[..., Any]] = {
    "__init__": _init,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
    "__eq__": _equals,
    "__hash__": _hash,
    "__repr__": _shown,
}
