"""The configuration: reading it with its layers, and editing its files.

Members are spelled as in the file, in snake case. Which settings there are and how they are read is in the server's
configuration, not here; clients see those listed in `Config` by type and all others as they are.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from protocol.approval import ApprovalsReviewer, AskForApproval
from protocol.base import (
    EXPERIMENTAL,
    I64,
    OMIT_NONE,
    Method,
    OpenRecord,
    Params,
    Record,
    Response,
    SnakeRecord,
    TypeAliasType,
    Variant,
)
from protocol.config_tools import AppsConfig, BrowserUseConfig, ComputerUseConfig, ToolsV2, WebSearchProvider
from protocol.config_values import AutoCompactTokenLimitScope, ForcedLoginMethod, Verbosity, WebSearchMode
from protocol.mode import ReasoningEffort, ReasoningSummary
from protocol.sandbox import SandboxMode
from protocol.scalars import AbsolutePathBuf


class ConfigReadParams(Params):
    """Which configuration."""

    include_layers: bool = False
    """Whether to answer with the layers too."""
    cwd: str | None = None
    """The directory whose project layers count; null: none."""


class AnalyticsConfig(OpenRecord):
    """Statistics."""

    enabled: bool | None = None
    """Whether they are sent; null: as usual."""


ForcedChatgptWorkspaceIds = TypeAliasType("ForcedChatgptWorkspaceIds", str | list[str])
"""The workspaces that may log in."""


class SandboxWorkspaceWrite(SnakeRecord):
    """What the sandbox mode `workspace-write` allows besides the workspace."""

    writable_roots: list[str] = Field(default=[])
    """Further directories that may be written."""
    network_access: bool = False
    """Whether the network can be reached."""
    exclude_tmpdir_env_var: bool = False
    """Whether the directory named by `TMPDIR` stays read-only."""
    exclude_slash_tmp: bool = False
    """Whether `/tmp` stays read-only."""


class Config(OpenRecord):
    """The settings in force. Null: not set. Settings that are not listed here follow under their own names."""

    model: str | None = None
    """The model."""
    review_model: str | None = None
    """The model for reviews."""
    model_context_window: I64 | None = None
    """How many tokens fit into the context."""
    model_auto_compact_token_limit: I64 | None = None
    """At how many tokens the history is summarized."""
    model_auto_compact_token_limit_scope: AutoCompactTokenLimitScope | None = None
    """Which tokens count for that."""
    model_provider: str | None = None
    """The provider of the model."""
    approval_policy: AskForApproval | None = None
    """When the user is asked."""
    approvals_reviewer: ApprovalsReviewer | None = None
    """Who answers approval requests."""
    sandbox_mode: SandboxMode | None = None
    """What commands may touch."""
    sandbox_workspace_write: SandboxWorkspaceWrite | None = None
    """More about the mode `workspace-write`."""
    forced_chatgpt_workspace_id: ForcedChatgptWorkspaceIds | None = None
    """The workspaces that may log in."""
    forced_login_method: ForcedLoginMethod | None = None
    """The only way to log in."""
    web_search: WebSearchMode | None = None
    """How the web is searched."""
    client_search_provider: WebSearchProvider | None = None
    """Who searches the web when the model leaves it open."""
    tools: ToolsV2 | None = None
    """Settings of tools."""
    instructions: str | None = None
    """Instructions in place of the model's own."""
    developer_instructions: str | None = None
    """Instructions besides the base ones."""
    compact_prompt: str | None = None
    """What the model is told when it summarizes the history."""
    model_reasoning_effort: ReasoningEffort | None = None
    """How hard the model thinks."""
    model_reasoning_summary: ReasoningSummary | None = None
    """How its reasoning is summarized."""
    model_verbosity: Verbosity | None = None
    """How much it writes."""
    service_tier: str | None = None
    """The service tier to ask for."""
    analytics: AnalyticsConfig | None = None
    """Statistics."""
    apps: Annotated[AppsConfig | None, EXPERIMENTAL] = None
    """Settings of apps."""
    browser_use: BrowserUseConfig | None = None
    """Settings of the browser."""
    computer_use: ComputerUseConfig | None = None
    """Settings of using the computer."""
    desktop: dict[str, Any] | None = None
    """Settings of the desktop client, which the server only keeps."""


class PackagedDefaultsLayer(Variant):
    """Defaults that come with the server."""

    type: Literal["packagedDefaults"] = "packagedDefaults"
    """The tag of this alternative."""
    file: AbsolutePathBuf
    """The file."""


class MdmLayer(Variant):
    """Settings that a device management gives."""

    type: Literal["mdm"] = "mdm"
    """The tag of this alternative."""
    domain: str
    """The preference domain."""
    key: str
    """The key in it."""


class SystemLayer(Variant):
    """Settings of the machine."""

    type: Literal["system"] = "system"
    """The tag of this alternative."""
    file: AbsolutePathBuf
    """The file, which need not exist."""


class EnterpriseManagedLayer(Variant):
    """Settings that an organization gives."""

    type: Literal["enterpriseManaged"] = "enterpriseManaged"
    """The tag of this alternative."""
    id: str
    """The id of the layer."""
    name: str
    """Its name, for those who manage it."""


class UserLayer(Variant):
    """Settings of the user."""

    type: Literal["user"] = "user"
    """The tag of this alternative."""
    file: AbsolutePathBuf
    """The file, which need not exist."""
    profile: str | None = None
    """The profile that it is; null: the main file."""


class ProjectLayer(Variant):
    """Settings of a project."""

    type: Literal["project"] = "project"
    """The tag of this alternative."""
    dot_codex_folder: AbsolutePathBuf
    """The directory that holds them."""


class SessionFlagsLayer(Variant):
    """Settings of the command line and of the client."""

    type: Literal["sessionFlags"] = "sessionFlags"
    """The tag of this alternative."""


class LegacyManagedConfigTomlFromFileLayer(Variant):
    """Settings of an administrator, in the older form, from a file."""

    type: Literal["legacyManagedConfigTomlFromFile"] = "legacyManagedConfigTomlFromFile"
    """The tag of this alternative."""
    file: AbsolutePathBuf
    """The file."""


class LegacyManagedConfigTomlFromMdmLayer(Variant):
    """Settings of an administrator, in the older form, from a device management."""

    type: Literal["legacyManagedConfigTomlFromMdm"] = "legacyManagedConfigTomlFromMdm"
    """The tag of this alternative."""


ConfigLayerSource = TypeAliasType(
    "ConfigLayerSource",
    Annotated[
        PackagedDefaultsLayer
        | MdmLayer
        | SystemLayer
        | EnterpriseManagedLayer
        | UserLayer
        | ProjectLayer
        | SessionFlagsLayer
        | LegacyManagedConfigTomlFromFileLayer
        | LegacyManagedConfigTomlFromMdmLayer,
        Field(discriminator="type"),
    ],
)
"""Where a layer comes from."""


class ConfigLayer(Record):
    """A layer."""

    name: ConfigLayerSource
    """Where it comes from."""
    version: str
    """A hash of its content, by which a writer sees changes of others."""
    config: Any
    """Its settings."""
    disabled_reason: Annotated[str | None, OMIT_NONE] = None
    """Why it does not count; left out when it does."""


class ConfigLayerMetadata(Record):
    """A layer without its settings."""

    name: ConfigLayerSource
    """Where it comes from."""
    version: str
    """A hash of its content."""


class ConfigReadResponse(Response):
    """The configuration."""

    config: Config
    """The settings in force."""
    origins: dict[str, ConfigLayerMetadata]
    """The layer that each setting comes from, by dotted key."""
    layers: Annotated[list[ConfigLayer] | None, OMIT_NONE] = None
    """The layers, the strongest first; left out unless asked for."""


MergeStrategy = TypeAliasType("MergeStrategy", Literal["replace", "upsert"])
"""Whether a value takes the place of the old one or is merged into it."""


class ConfigValueWriteParams(Params):
    """A setting to write."""

    key_path: str
    """Its dotted key."""
    value: Any
    """The value; null removes the setting."""
    merge_strategy: MergeStrategy
    """What becomes of the old value."""
    file_path: str | None = None
    """The file to write; null: that of the user."""
    expected_version: str | None = None
    """The version that the file must still have; null: any."""


class OverriddenMetadata(Record):
    """A stronger layer keeps the setting from having an effect."""

    message: str
    """That, for the user."""
    overriding_layer: ConfigLayerMetadata
    """The layer."""
    effective_value: Any
    """The value in force."""


WriteStatus = TypeAliasType("WriteStatus", Literal["ok", "okOverridden"])
"""Whether what was written is in force."""


class ConfigWriteResponse(Response):
    """It is written."""

    status: WriteStatus
    """Whether it is in force."""
    version: str
    """The version of the file now."""
    file_path: AbsolutePathBuf
    """The file."""
    overridden_metadata: OverriddenMetadata | None = None
    """Why it is not in force; null when it is."""


class ConfigEdit(Record):
    """One setting of several."""

    key_path: str
    """Its dotted key."""
    value: Any
    """The value; null removes the setting."""
    merge_strategy: MergeStrategy
    """What becomes of the old value."""


class ConfigBatchWriteParams(Params):
    """Settings to write at once: all or none."""

    edits: list[ConfigEdit]
    """The settings."""
    file_path: str | None = None
    """The file to write; null: that of the user."""
    expected_version: str | None = None
    """The version that the file must still have; null: any."""
    reload_user_config: bool = False
    """Whether loaded threads take over the settings that can change while they run."""


CONFIG_READ = Method("config/read", ConfigReadParams, ConfigReadResponse)
CONFIG_VALUE_WRITE = Method("config/value/write", ConfigValueWriteParams, ConfigWriteResponse)
CONFIG_BATCH_WRITE = Method("config/batchWrite", ConfigBatchWriteParams, ConfigWriteResponse)

METHODS: tuple[Method[Any, Any], ...] = (CONFIG_READ, CONFIG_VALUE_WRITE, CONFIG_BATCH_WRITE)
