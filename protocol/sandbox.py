"""The sandbox family of the wire contract."""

from typing import Annotated, Literal

from pydantic import Field

from protocol.base import TypeAliasType, Variant
from protocol.scalars import AbsolutePathBuf

SandboxMode = TypeAliasType("SandboxMode", Literal["read-only", "workspace-write", "danger-full-access"])
"""Sandbox mode."""

NetworkAccess = TypeAliasType("NetworkAccess", Literal["restricted", "enabled"])
"""Network access."""


class DangerFullAccess(Variant):
    """Danger full access."""

    type: Literal["dangerFullAccess"] = "dangerFullAccess"


class ReadOnly(Variant):
    """Read only."""

    type: Literal["readOnly"] = "readOnly"
    network_access: bool = False


class ExternalSandbox(Variant):
    """External sandbox."""

    type: Literal["externalSandbox"] = "externalSandbox"
    network_access: NetworkAccess = "restricted"


class WorkspaceWrite(Variant):
    """Workspace write."""

    type: Literal["workspaceWrite"] = "workspaceWrite"
    writable_roots: list[AbsolutePathBuf] = Field(default=[])
    network_access: bool = False
    exclude_tmpdir_env_var: bool = False
    exclude_slash_tmp: bool = False


SandboxPolicy = TypeAliasType(
    "SandboxPolicy", Annotated[DangerFullAccess | ReadOnly | ExternalSandbox | WorkspaceWrite, Field(discriminator="type")]
)
"""Sandbox policy."""
