"""The capability family of the wire contract."""

from typing import Annotated, Any, Literal

from pydantic import Field

from protocol.base import Record, TypeAliasType, Variant
from protocol.scalars import LegacyAppPathString


class FunctionNamespaceTool(Variant):
    """Function namespace tool."""

    type: Literal["function"] = "function"
    name: str
    description: str
    input_schema: Any
    defer_loading: bool = False


DynamicToolNamespaceTool = TypeAliasType("DynamicToolNamespaceTool", FunctionNamespaceTool)
"""Dynamic tool namespace tool."""


class FunctionToolSpec(Variant):
    """Function tool spec."""

    type: Literal["function"] = "function"
    name: str
    description: str
    input_schema: Any
    defer_loading: bool = False


class NamespaceToolSpec(Variant):
    """Namespace tool spec."""

    type: Literal["namespace"] = "namespace"
    name: str
    description: str
    tools: list[DynamicToolNamespaceTool]


DynamicToolSpec = TypeAliasType("DynamicToolSpec", Annotated[FunctionToolSpec | NamespaceToolSpec, Field(discriminator="type")])
"""Dynamic tool spec."""


class TurnEnvironmentParams(Record):
    """Turn environment params."""

    environment_id: str
    cwd: LegacyAppPathString
    runtime_workspace_roots: list[LegacyAppPathString] | None = None


class EnvironmentCapabilityRoot(Variant):
    """Environment capability root."""

    type: Literal["environment"] = "environment"
    environment_id: str
    path: str


CapabilityRootLocation = TypeAliasType("CapabilityRootLocation", EnvironmentCapabilityRoot)
"""Capability root location."""


class SelectedCapabilityRoot(Record):
    """Selected capability root."""

    id: str
    location: CapabilityRootLocation


class ThreadEnvironment(Record):
    """Thread environment."""

    environment_id: str
    cwd: LegacyAppPathString
    runtime_workspace_roots: list[LegacyAppPathString]


class EnvironmentSkillsParams(Record):
    """Environment skills params."""

    required: list[str] | None = None


class EnvironmentShellInfo(Record):
    """Environment shell info."""

    name: str
    path: str


EnvironmentStatusKind = TypeAliasType("EnvironmentStatusKind", Literal["ready", "pending", "disconnected", "unknown"])
"""Environment status kind."""
