"""Params and results that are unions as a whole. Apart from `base`, since pydantic's root models are costly to import."""

from typing import Generic, TypeVar

from pydantic import ConfigDict, RootModel

T = TypeVar("T")


class OneOf(RootModel[T], Generic[T]):
    """Params or a result that is a union: `root` holds the alternative. To send one, send the alternative itself."""

    model_config = ConfigDict(defer_build=True, strict=True)
