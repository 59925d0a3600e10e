"""The config family of the wire contract."""

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
    """What `config/read` asks with."""

    include_layers: bool = False
    cwd: str | None = None


class AnalyticsConfig(OpenRecord):
    """Analytics config."""

    enabled: bool | None = None


ForcedChatgptWorkspaceIds = TypeAliasType("ForcedChatgptWorkspaceIds", str | list[str])
"""Forced chatgpt workspace ids."""


class SandboxWorkspaceWrite(SnakeRecord):
    """Sandbox workspace write."""

    writable_roots: list[str] = Field(default=[])
    network_access: bool = False
    exclude_tmpdir_env_var: bool = False
    exclude_slash_tmp: bool = False


class Config(OpenRecord):
    """Config."""

    model: str | None = None
    review_model: str | None = None
    model_context_window: I64 | None = None
    model_auto_compact_token_limit: I64 | None = None
    model_auto_compact_token_limit_scope: AutoCompactTokenLimitScope | None = None
    model_provider: str | None = None
    approval_policy: AskForApproval | None = None
    approvals_reviewer: ApprovalsReviewer | None = None
    sandbox_mode: SandboxMode | None = None
    sandbox_workspace_write: SandboxWorkspaceWrite | None = None
    forced_chatgpt_workspace_id: ForcedChatgptWorkspaceIds | None = None
    forced_login_method: ForcedLoginMethod | None = None
    web_search: WebSearchMode | None = None
    client_search_provider: WebSearchProvider | None = None
    tools: ToolsV2 | None = None
    instructions: str | None = None
    developer_instructions: str | None = None
    compact_prompt: str | None = None
    model_reasoning_effort: ReasoningEffort | None = None
    model_reasoning_summary: ReasoningSummary | None = None
    model_verbosity: Verbosity | None = None
    service_tier: str | None = None
    analytics: AnalyticsConfig | None = None
    apps: Annotated[AppsConfig | None, EXPERIMENTAL] = None
    browser_use: BrowserUseConfig | None = None
    computer_use: ComputerUseConfig | None = None
    desktop: dict[str, Any] | None = None


class PackagedDefaultsLayer(Variant):
    """Packaged defaults layer."""

    type: Literal["packagedDefaults"] = "packagedDefaults"
    file: AbsolutePathBuf


class MdmLayer(Variant):
    """Mdm layer."""

    type: Literal["mdm"] = "mdm"
    domain: str
    key: str


class SystemLayer(Variant):
    """System layer."""

    type: Literal["system"] = "system"
    file: AbsolutePathBuf


class EnterpriseManagedLayer(Variant):
    """Enterprise managed layer."""

    type: Literal["enterpriseManaged"] = "enterpriseManaged"
    id: str
    name: str


class UserLayer(Variant):
    """User layer."""

    type: Literal["user"] = "user"
    file: AbsolutePathBuf
    profile: str | None = None


class ProjectLayer(Variant):
    """Project layer."""

    type: Literal["project"] = "project"
    dot_codex_folder: AbsolutePathBuf


class SessionFlagsLayer(Variant):
    """Session flags layer."""

    type: Literal["sessionFlags"] = "sessionFlags"


class LegacyManagedConfigTomlFromFileLayer(Variant):
    """Legacy managed config toml from file layer."""

    type: Literal["legacyManagedConfigTomlFromFile"] = "legacyManagedConfigTomlFromFile"
    file: AbsolutePathBuf


class LegacyManagedConfigTomlFromMdmLayer(Variant):
    """Legacy managed config toml from mdm layer."""

    type: Literal["legacyManagedConfigTomlFromMdm"] = "legacyManagedConfigTomlFromMdm"


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
"""Config layer source."""


class ConfigLayer(Record):
    """Config layer."""

    name: ConfigLayerSource
    version: str
    config: Any
    disabled_reason: Annotated[str | None, OMIT_NONE] = None


class ConfigLayerMetadata(Record):
    """Config layer metadata."""

    name: ConfigLayerSource
    version: str


class ConfigReadResponse(Response):
    """What `config/read` is answered with."""

    config: Config
    origins: dict[str, ConfigLayerMetadata]
    layers: Annotated[list[ConfigLayer] | None, OMIT_NONE] = None


MergeStrategy = TypeAliasType("MergeStrategy", Literal["replace", "upsert"])
"""Merge strategy."""


class ConfigValueWriteParams(Params):
    """What `config/value/write` asks with."""

    key_path: str
    value: Any
    merge_strategy: MergeStrategy
    file_path: str | None = None
    expected_version: str | None = None


class OverriddenMetadata(Record):
    """Overridden metadata."""

    message: str
    overriding_layer: ConfigLayerMetadata
    effective_value: Any


WriteStatus = TypeAliasType("WriteStatus", Literal["ok", "okOverridden"])
"""Write status."""


class ConfigWriteResponse(Response):
    """What `config/value/write` is answered with."""

    status: WriteStatus
    version: str
    file_path: AbsolutePathBuf
    overridden_metadata: OverriddenMetadata | None = None


class ConfigEdit(Record):
    """Config edit."""

    key_path: str
    value: Any
    merge_strategy: MergeStrategy


class ConfigBatchWriteParams(Params):
    """What `config/batchWrite` asks with."""

    edits: list[ConfigEdit]
    file_path: str | None = None
    expected_version: str | None = None
    reload_user_config: bool = False


CONFIG_READ = Method("config/read", ConfigReadParams, ConfigReadResponse)
CONFIG_VALUE_WRITE = Method("config/value/write", ConfigValueWriteParams, ConfigWriteResponse)
CONFIG_BATCH_WRITE = Method("config/batchWrite", ConfigBatchWriteParams, ConfigWriteResponse)

METHODS: tuple[Method[Any, Any], ...] = (CONFIG_READ, CONFIG_VALUE_WRITE, CONFIG_BATCH_WRITE)
