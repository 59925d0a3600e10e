"""The external agent family of the wire contract."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import I64, OMIT_EMPTY, U32, Method, Notification, Params, Record, Response, TypeAliasType


class ExternalAgentConfigDetectParams(Params):
    """What `externalAgentConfig/detect` asks with."""

    include_home: bool = False
    cwds: list[str] | None = None
    max_session_age_days: U32 | None = None
    max_sessions: U32 | None = None
    source: str | None = None
    migration_source: str | None = None


ExternalAgentDetectedConnectorSource = TypeAliasType(
    "ExternalAgentDetectedConnectorSource", Literal["remoteMcpServersConfig", "sessionToolUse"]
)
"""External agent detected connector source."""


class ExternalAgentDetectedConnectorCandidate(Record):
    """External agent detected connector candidate."""

    name: str
    session_count: U32
    source: ExternalAgentDetectedConnectorSource


class CommandMigration(Record):
    """Command migration."""

    name: str


class SessionMigration(Record):
    """Session migration."""

    path: str
    cwd: str
    title: str | None = None


class SubagentMigration(Record):
    """Subagent migration."""

    name: str


class HookMigration(Record):
    """Hook migration."""

    name: str


class McpServerMigration(Record):
    """Mcp server migration."""

    name: str


class SkillMigration(Record):
    """Skill migration."""

    name: str


class PluginsMigration(Record):
    """Plugins migration."""

    marketplace_name: str
    plugin_names: list[str]


class MigrationDetails(Record):
    """Migration details."""

    plugins: list[PluginsMigration] = Field(default=[])
    skills: list[SkillMigration] = Field(default=[])
    sessions: list[SessionMigration] = Field(default=[])
    mcp_servers: list[McpServerMigration] = Field(default=[])
    hooks: list[HookMigration] = Field(default=[])
    subagents: list[SubagentMigration] = Field(default=[])
    commands: list[CommandMigration] = Field(default=[])
    memory: Annotated[list[str], OMIT_EMPTY] = Field(default=[])


ExternalAgentConfigMigrationItemType = TypeAliasType(
    "ExternalAgentConfigMigrationItemType",
    Literal[
        "AGENTS_MD", "CONFIG", "SKILLS", "PLUGINS", "MCP_SERVER_CONFIG", "SUBAGENTS", "HOOKS", "COMMANDS", "MEMORY", "SESSIONS"
    ],
)
"""External agent config migration item type."""


class ExternalAgentConfigMigrationItem(Record):
    """External agent config migration item."""

    item_type: ExternalAgentConfigMigrationItemType
    description: str
    cwd: str | None = None
    details: MigrationDetails | None = None


class ExternalAgentConfigDetectResponse(Response):
    """What `externalAgentConfig/detect` is answered with."""

    items: list[ExternalAgentConfigMigrationItem]
    connectors: list[ExternalAgentDetectedConnectorCandidate] = Field(default=[])


class ExternalAgentConfigImportParams(Params):
    """What `externalAgentConfig/import` asks with."""

    migration_items: list[ExternalAgentConfigMigrationItem]
    source: str | None = None
    provider_id: str | None = None
    migration_source: str | None = None


class ExternalAgentConfigImportResponse(Response):
    """What `externalAgentConfig/import` is answered with."""

    import_id: str


class ExternalAgentConfigImportItemTypeFailure(Record):
    """External agent config import item type failure."""

    item_type: ExternalAgentConfigMigrationItemType
    error_type: str | None = None
    sub_error_type: str | None = None
    failure_stage: str
    message: str
    cwd: str | None = None
    source: str | None = None


class ExternalAgentConfigImportHistoryRecordSuccessParams(Record):
    """External agent config import history record success params."""

    item_type: ExternalAgentConfigMigrationItemType
    cwd: str | None = None
    source: str | None = None
    target: str | None = None
    title: str | None = None


class ExternalAgentConfigImportHistoryRecordTypeResultParams(Record):
    """External agent config import history record type result params."""

    item_type: ExternalAgentConfigMigrationItemType
    successes: list[ExternalAgentConfigImportHistoryRecordSuccessParams]
    failures: list[ExternalAgentConfigImportItemTypeFailure]


class ExternalAgentConfigImportHistoryRecordParams(Params):
    """What `externalAgentConfig/import/recordHistory` asks with."""

    provider_id: str
    item_type_results: list[ExternalAgentConfigImportHistoryRecordTypeResultParams]


class ExternalAgentConfigImportHistoryRecordResponse(Response):
    """What `externalAgentConfig/import/recordHistory` is answered with."""

    import_id: str


ExternalAgentImportedConnectorSource = TypeAliasType("ExternalAgentImportedConnectorSource", Literal["remoteMcpServersConfig"])
"""External agent imported connector source."""


class ExternalAgentImportedConnectorCandidate(Record):
    """External agent imported connector candidate."""

    name: str
    session_count: U32
    source: ExternalAgentImportedConnectorSource


class ExternalAgentConfigImportItemTypeSuccess(Record):
    """External agent config import item type success."""

    item_type: ExternalAgentConfigMigrationItemType
    cwd: str | None = None
    source: str | None = None
    target: str | None = None
    title: str | None = None


class ExternalAgentConfigImportHistory(Record):
    """External agent config import history."""

    import_id: str
    provider_id: str | None = None
    completed_at_ms: I64
    successes: list[ExternalAgentConfigImportItemTypeSuccess]
    failures: list[ExternalAgentConfigImportItemTypeFailure]


class ExternalAgentConfigImportHistoriesReadResponse(Response):
    """What `externalAgentConfig/import/readHistories` is answered with."""

    data: list[ExternalAgentConfigImportHistory]
    connectors: list[ExternalAgentImportedConnectorCandidate]


class ExternalAgentConfigImportTypeResult(Record):
    """External agent config import type result."""

    item_type: ExternalAgentConfigMigrationItemType
    successes: list[ExternalAgentConfigImportItemTypeSuccess]
    failures: list[ExternalAgentConfigImportItemTypeFailure]


class ExternalAgentConfigImportProgressNotification(Notification):
    """Announced as `externalAgentConfig/import/progress`."""

    method: ClassVar[str] = "externalAgentConfig/import/progress"

    import_id: str
    item_type_results: list[ExternalAgentConfigImportTypeResult]


class ExternalAgentConfigImportCompletedNotification(Notification):
    """Announced as `externalAgentConfig/import/completed`."""

    method: ClassVar[str] = "externalAgentConfig/import/completed"

    import_id: str
    item_type_results: list[ExternalAgentConfigImportTypeResult]


EXTERNAL_AGENT_CONFIG_DETECT = Method(
    "externalAgentConfig/detect", ExternalAgentConfigDetectParams, ExternalAgentConfigDetectResponse
)
EXTERNAL_AGENT_CONFIG_IMPORT = Method(
    "externalAgentConfig/import", ExternalAgentConfigImportParams, ExternalAgentConfigImportResponse
)
EXTERNAL_AGENT_CONFIG_IMPORT_RECORD_HISTORY = Method(
    "externalAgentConfig/import/recordHistory",
    ExternalAgentConfigImportHistoryRecordParams,
    ExternalAgentConfigImportHistoryRecordResponse,
)
EXTERNAL_AGENT_CONFIG_IMPORT_READ_HISTORIES: Method[None, ExternalAgentConfigImportHistoriesReadResponse] = Method(
    "externalAgentConfig/import/readHistories", None, ExternalAgentConfigImportHistoriesReadResponse
)

METHODS: tuple[Method[Any, Any], ...] = (
    EXTERNAL_AGENT_CONFIG_DETECT,
    EXTERNAL_AGENT_CONFIG_IMPORT,
    EXTERNAL_AGENT_CONFIG_IMPORT_RECORD_HISTORY,
    EXTERNAL_AGENT_CONFIG_IMPORT_READ_HISTORIES,
)
NOTIFICATIONS: tuple[type[Notification], ...] = (
    ExternalAgentConfigImportProgressNotification,
    ExternalAgentConfigImportCompletedNotification,
)
