"""What a thread is given to work with: environments, tools of the client, directories of skills."""

from typing import Annotated, Any, Literal

from pydantic import Field

from protocol.base import Record, TypeAliasType, Variant
from protocol.scalars import LegacyAppPathString


class FunctionNamespaceTool(Variant):
    """A function within a namespace."""

    type: Literal["function"] = "function"
    """The tag of this alternative."""
    name: str
    """Its name."""
    description: str
    """What it does, for the model."""
    input_schema: Any
    """A JSON Schema of its arguments."""
    defer_loading: bool = False
    """Whether the model has to look for it before it sees it."""


DynamicToolNamespaceTool = TypeAliasType("DynamicToolNamespaceTool", FunctionNamespaceTool)
"""A tool within a namespace."""


class FunctionToolSpec(Variant):
    """A function."""

    type: Literal["function"] = "function"
    """The tag of this alternative."""
    name: str
    """Its name."""
    description: str
    """What it does, for the model."""
    input_schema: Any
    """A JSON Schema of its arguments."""
    defer_loading: bool = False
    """Whether the model has to look for it before it sees it."""


class NamespaceToolSpec(Variant):
    """A group of tools."""

    type: Literal["namespace"] = "namespace"
    """The tag of this alternative."""
    name: str
    """Its name."""
    description: str
    """What the group is about, for the model."""
    tools: list[DynamicToolNamespaceTool]
    """The tools."""


DynamicToolSpec = TypeAliasType("DynamicToolSpec", Annotated[FunctionToolSpec | NamespaceToolSpec, Field(discriminator="type")])
"""A tool that the client carries out."""


class TurnEnvironmentParams(Record):
    """Somewhere to act."""

    environment_id: str
    """The environment; `local` is the machine of the server."""
    cwd: LegacyAppPathString
    """The working directory there."""
    runtime_workspace_roots: list[LegacyAppPathString] | None = None
    """The directories there that count as the workspace; null takes the working directory."""


class EnvironmentCapabilityRoot(Variant):
    """In an environment."""

    type: Literal["environment"] = "environment"
    """The tag of this alternative."""
    environment_id: str
    """The environment."""
    path: str
    """The absolute path there."""


CapabilityRootLocation = TypeAliasType("CapabilityRootLocation", EnvironmentCapabilityRoot)
"""Where a directory of capabilities is."""


class SelectedCapabilityRoot(Record):
    """A directory that brings skills and the like."""

    id: str
    """The platform's id of it."""
    location: CapabilityRootLocation
    """Where it is."""


class ThreadEnvironment(Record):
    """Somewhere the thread can act."""

    environment_id: str
    """The environment."""
    cwd: LegacyAppPathString
    """The working directory there."""
    runtime_workspace_roots: list[LegacyAppPathString]
    """The directories there that count as the workspace."""
