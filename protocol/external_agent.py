"""Moving from other agents: finding what can be taken over, taking it over, and the record of it."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import I64, OMIT_EMPTY, U32, Method, Notification, Params, Record, Response, TypeAliasType


class ExternalAgentConfigDetectParams(Params):
    """Where to look."""

    include_home: bool = False
    """Whether to look in the home of the user."""
    cwds: list[str] | None = None
    """Directories to look in; null: none."""
    max_session_age_days: U32 | None = None
    """How old conversations may be, in days; null: as usual."""
    max_sessions: U32 | None = None
    """The most conversations; null: as usual."""
    source: str | None = None
    """Ignored; `migrationSource` took its place."""
    migration_source: str | None = None
    """Which agent to move from; null: the usual one."""


ExternalAgentDetectedConnectorSource = TypeAliasType(
    "ExternalAgentDetectedConnectorSource", Literal["remoteMcpServersConfig", "sessionToolUse"]
)
"""Where a connection was found."""


class ExternalAgentDetectedConnectorCandidate(Record):
    """A service that the other agent was connected to."""

    name: str
    """Its name."""
    session_count: U32
    """In how many conversations it was used."""
    source: ExternalAgentDetectedConnectorSource
    """Where it was found."""


class CommandMigration(Record):
    """A command of the user's."""

    name: str
    """Its name."""


class SessionMigration(Record):
    """A conversation."""

    path: str
    """Its file."""
    cwd: str
    """Its working directory."""
    title: str | None = None
    """Its title; null: none."""


class SubagentMigration(Record):
    """A sub-agent."""

    name: str
    """Its name."""


class HookMigration(Record):
    """A hook."""

    name: str
    """Its name."""


class McpServerMigration(Record):
    """An MCP server."""

    name: str
    """Its name."""


class SkillMigration(Record):
    """A skill."""

    name: str
    """Its name."""


class PluginsMigration(Record):
    """Plugins of a marketplace."""

    marketplace_name: str
    """The marketplace."""
    plugin_names: list[str]
    """The plugins."""


class MigrationDetails(Record):
    """What exactly can be taken over."""

    plugins: list[PluginsMigration] = Field(default=[])
    """Plugins."""
    skills: list[SkillMigration] = Field(default=[])
    """Skills."""
    sessions: list[SessionMigration] = Field(default=[])
    """Conversations."""
    mcp_servers: list[McpServerMigration] = Field(default=[])
    """MCP servers."""
    hooks: list[HookMigration] = Field(default=[])
    """Hooks."""
    subagents: list[SubagentMigration] = Field(default=[])
    """Sub-agents."""
    commands: list[CommandMigration] = Field(default=[])
    """Commands of the user's."""
    memory: Annotated[list[str], OMIT_EMPTY] = Field(default=[])
    """Files of memories; left out when there are none."""


ExternalAgentConfigMigrationItemType = TypeAliasType(
    "ExternalAgentConfigMigrationItemType",
    Literal[
        "AGENTS_MD", "CONFIG", "SKILLS", "PLUGINS", "MCP_SERVER_CONFIG", "SUBAGENTS", "HOOKS", "COMMANDS", "MEMORY", "SESSIONS"
    ],
)
"""What kind of thing."""


class ExternalAgentConfigMigrationItem(Record):
    """Something that can be taken over."""

    item_type: ExternalAgentConfigMigrationItemType
    """What kind of thing."""
    description: str
    """What would be done, for the user."""
    cwd: str | None = None
    """The directory it belongs to; null or empty: the home of the user."""
    details: MigrationDetails | None = None
    """What exactly; null: all of that kind."""


class ExternalAgentConfigDetectResponse(Response):
    """What was found."""

    items: list[ExternalAgentConfigMigrationItem]
    """What can be taken over."""
    connectors: list[ExternalAgentDetectedConnectorCandidate] = Field(default=[])
    """Services to connect to."""


class ExternalAgentConfigImportParams(Params):
    """What to take over."""

    migration_items: list[ExternalAgentConfigMigrationItem]
    """As it was found."""
    source: str | None = None
    """The product that wants it, for statistics; null: not told."""
    provider_id: str | None = None
    """A name for the record; null: none."""
    migration_source: str | None = None
    """Which agent to move from, as when looking; null: the usual one."""


class ExternalAgentConfigImportResponse(Response):
    """It is being taken over; notifications tell how it goes."""

    import_id: str
    """The id of the import."""


class ExternalAgentConfigImportItemTypeFailure(Record):
    """Something that could not be taken over."""

    item_type: ExternalAgentConfigMigrationItemType
    """What kind of thing."""
    error_type: str | None = None
    """A word for what went wrong; null: none."""
    sub_error_type: str | None = None
    """A finer word; null: none."""
    failure_stage: str
    """How far it got."""
    message: str
    """A sentence."""
    cwd: str | None = None
    """The directory it belongs to; null: the home of the user."""
    source: str | None = None
    """Where it was; null when not told."""


class ExternalAgentConfigImportHistoryRecordSuccessParams(Record):
    """Something that was taken over."""

    item_type: ExternalAgentConfigMigrationItemType
    """What kind of thing."""
    cwd: str | None = None
    """The directory it belongs to; null: the home of the user."""
    source: str | None = None
    """Where it was; null when not told."""
    target: str | None = None
    """Where it is now; null when not told."""
    title: str | None = None
    """The title of a conversation; null: none."""


class ExternalAgentConfigImportHistoryRecordTypeResultParams(Record):
    """What became of one kind of things."""

    item_type: ExternalAgentConfigMigrationItemType
    """The kind."""
    successes: list[ExternalAgentConfigImportHistoryRecordSuccessParams]
    """What was taken over."""
    failures: list[ExternalAgentConfigImportItemTypeFailure]
    """What was not."""


class ExternalAgentConfigImportHistoryRecordParams(Params):
    """An import that the client made itself, for the record."""

    provider_id: str
    """A name for the record."""
    item_type_results: list[ExternalAgentConfigImportHistoryRecordTypeResultParams]
    """What became of it."""


class ExternalAgentConfigImportHistoryRecordResponse(Response):
    """It is recorded."""

    import_id: str
    """The id of the import."""


ExternalAgentImportedConnectorSource = TypeAliasType("ExternalAgentImportedConnectorSource", Literal["remoteMcpServersConfig"])
"""Where a connection came from."""


class ExternalAgentImportedConnectorCandidate(Record):
    """A service to connect to."""

    name: str
    """Its name."""
    session_count: U32
    """In how many conversations it was used."""
    source: ExternalAgentImportedConnectorSource
    """Where it came from."""


class ExternalAgentConfigImportItemTypeSuccess(Record):
    """Something that was taken over."""

    item_type: ExternalAgentConfigMigrationItemType
    """What kind of thing."""
    cwd: str | None = None
    """The directory it belongs to; null: the home of the user."""
    source: str | None = None
    """Where it was; null when not told."""
    target: str | None = None
    """Where it is now; null when not told."""
    title: str | None = None
    """The title of a conversation; null: none."""


class ExternalAgentConfigImportHistory(Record):
    """An import."""

    import_id: str
    """Its id."""
    provider_id: str | None = None
    """Its name in the record; null: none."""
    completed_at_ms: I64
    """When it was done, in Unix milliseconds."""
    successes: list[ExternalAgentConfigImportItemTypeSuccess]
    """What was taken over."""
    failures: list[ExternalAgentConfigImportItemTypeFailure]
    """What was not."""


class ExternalAgentConfigImportHistoriesReadResponse(Response):
    """The record."""

    data: list[ExternalAgentConfigImportHistory]
    """The imports."""
    connectors: list[ExternalAgentImportedConnectorCandidate]
    """Services to connect to."""


class ExternalAgentConfigImportTypeResult(Record):
    """What became of one kind of things."""

    item_type: ExternalAgentConfigMigrationItemType
    """The kind."""
    successes: list[ExternalAgentConfigImportItemTypeSuccess]
    """What was taken over."""
    failures: list[ExternalAgentConfigImportItemTypeFailure]
    """What was not."""


class ExternalAgentConfigImportProgressNotification(Notification):
    """An import got further."""

    method: ClassVar[str] = "externalAgentConfig/import/progress"

    import_id: str
    """The import."""
    item_type_results: list[ExternalAgentConfigImportTypeResult]
    """What became of it so far."""


class ExternalAgentConfigImportCompletedNotification(Notification):
    """An import is done."""

    method: ClassVar[str] = "externalAgentConfig/import/completed"

    import_id: str
    """The import."""
    item_type_results: list[ExternalAgentConfigImportTypeResult]
    """What became of it."""


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
