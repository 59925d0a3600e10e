"""What commands may touch."""

from typing import Annotated, Literal

from pydantic import Field

from protocol.base import TypeAliasType, Variant
from protocol.scalars import AbsolutePathBuf

SandboxMode = TypeAliasType("SandboxMode", Literal["read-only", "workspace-write", "danger-full-access"])
"""The sandbox by one word, as the configuration has it."""

NetworkAccess = TypeAliasType("NetworkAccess", Literal["restricted", "enabled"])
"""Whether the network can be reached."""


class DangerFullAccess(Variant):
    """No sandbox."""

    type: Literal["dangerFullAccess"] = "dangerFullAccess"
    """The tag of this alternative."""


class ReadOnly(Variant):
    """Everything may be read, nothing written."""

    type: Literal["readOnly"] = "readOnly"
    """The tag of this alternative."""
    network_access: bool = False
    """Whether the network can be reached."""


class ExternalSandbox(Variant):
    """The client runs the server in a sandbox of its own; none is added."""

    type: Literal["externalSandbox"] = "externalSandbox"
    """The tag of this alternative."""
    network_access: NetworkAccess = "restricted"
    """Whether that one lets the network through."""


class WorkspaceWrite(Variant):
    """Everything may be read; the workspace, the temporary directories and what is listed may be written."""

    type: Literal["workspaceWrite"] = "workspaceWrite"
    """The tag of this alternative."""
    writable_roots: list[AbsolutePathBuf] = Field(default=[])
    """Further directories that may be written, absolute."""
    network_access: bool = False
    """Whether the network can be reached."""
    exclude_tmpdir_env_var: bool = False
    """Whether the directory named by `TMPDIR` stays read-only."""
    exclude_slash_tmp: bool = False
    """Whether `/tmp` stays read-only."""


SandboxPolicy = TypeAliasType(
    "SandboxPolicy", Annotated[DangerFullAccess | ReadOnly | ExternalSandbox | WorkspaceWrite, Field(discriminator="type")]
)
"""What commands may touch."""
