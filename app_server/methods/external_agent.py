"""Taking over from another agent what people have set up there: what there is, doing it, and what was done when.

Source: the reference's migration. Not taken over: sessions, memory, and plugins, which lie in repositories.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import anyio.to_thread

from app_server.core.config.store import os_text
from app_server.core.config.trust import project_root
from app_server.core.external_agent.imports import record, recorded
from app_server.core.external_agent.migration import Kind, Place, bring, can_bring, detect, for_project, for_user
from app_server.routing import route
from app_server.services import Context, Services
from protocol.base import to_wire
from protocol.external_agent import (
    EXTERNAL_AGENT_CONFIG_DETECT,
    EXTERNAL_AGENT_CONFIG_IMPORT,
    EXTERNAL_AGENT_CONFIG_IMPORT_READ_HISTORIES,
    EXTERNAL_AGENT_CONFIG_IMPORT_RECORD_HISTORY,
    ExternalAgentConfigDetectParams,
    ExternalAgentConfigDetectResponse,
    ExternalAgentConfigImportCompletedNotification,
    ExternalAgentConfigImportHistoriesReadResponse,
    ExternalAgentConfigImportHistory,
    ExternalAgentConfigImportHistoryRecordParams,
    ExternalAgentConfigImportHistoryRecordResponse,
    ExternalAgentConfigImportItemTypeFailure,
    ExternalAgentConfigImportItemTypeSuccess,
    ExternalAgentConfigImportParams,
    ExternalAgentConfigImportProgressNotification,
    ExternalAgentConfigImportResponse,
    ExternalAgentConfigImportTypeResult,
    ExternalAgentConfigMigrationItem,
    MigrationDetails,
)

ORDER = ("CONFIG", "SKILLS", "AGENTS_MD", "MCP_SERVER_CONFIG", "SUBAGENTS", "HOOKS", "COMMANDS", "PLUGINS", "MEMORY", "SESSIONS")
"""The order of kinds in the whole result."""
Result = ExternalAgentConfigImportTypeResult


async def find(context: Context, params: ExternalAgentConfigDetectParams) -> ExternalAgentConfigDetectResponse:
    """What there is to take over, of the user and of the projects of some folders."""
    places = [place(context.services, None)] if params.include_home else []
    places += [place(context.services, cwd) for cwd in params.cwds or ()]
    items = await anyio.to_thread.run_sync(partial(items_of, places))
    return ExternalAgentConfigDetectResponse(items=items, connectors=[])


def place(services: Services, cwd: str | None) -> Place:
    """The user's place, or that of a folder's project."""
    if cwd is not None:
        return for_project(project_root(Path(services.config.cwd, cwd), (".git",)))
    return for_user(Path(services.settings.environment.get("HOME") or services.home.parent), services.home)


def items_of(places: Sequence[Place]) -> list[ExternalAgentConfigMigrationItem]:
    """What there is in some places, as items."""
    return [item(at, kind, names) for at in places for kind, names in detect(at)]


def item(at: Place, kind: Kind, names: list[str]) -> ExternalAgentConfigMigrationItem:
    """A kind of which there is something, as clients see it."""
    details = None
    if kind.member is not None:
        lists: dict[str, Any] = {
            name: [] for name in ("plugins", "skills", "sessions", "mcpServers", "hooks", "subagents", "commands")
        }
        details = MigrationDetails.model_validate({**lists, kind.member: [{"name": name} for name in names]})
    cwd = str(at.cwd) if at.cwd is not None else None
    return ExternalAgentConfigMigrationItem.model_validate(
        {"itemType": kind.item_type, "description": kind.describe(at), "cwd": cwd, "details": details and to_wire(details)}
    )


async def take_over(context: Context, params: ExternalAgentConfigImportParams) -> None:
    """Take over what the items name, one after another, and tell how each has ended."""
    services = context.services
    import_id = services.clock.uuid4()
    context.reply(ExternalAgentConfigImportResponse(import_id=import_id))
    results = []
    for wanted in params.migration_items:
        result = await anyio.to_thread.run_sync(taken, place(services, wanted.cwd), wanted)
        results.append(result)
        told = ExternalAgentConfigImportProgressNotification(import_id=import_id, item_type_results=[result])
        services.fanout.publish(None, told)
    whole = merged(results)
    keep(services, import_id, params.provider_id, whole)
    services.fanout.publish(None, ExternalAgentConfigImportCompletedNotification(import_id=import_id, item_type_results=whole))


def taken(at: Place, wanted: ExternalAgentConfigMigrationItem) -> Result:
    """One item, and how it has ended."""
    kind, cwd = wanted.item_type, wanted.cwd
    try:
        if not can_bring(kind):
            return failure(kind, cwd, "unsupported", f"{kind} can't be taken over")
        pairs = bring(at, kind, names_of(wanted))
    except (OSError, UnicodeError) as error:
        return failure(kind, cwd, "write", os_text(error) if isinstance(error, OSError) else str(error))
    done = [ExternalAgentConfigImportItemTypeSuccess(item_type=kind, cwd=cwd, source=old, target=new) for old, new in pairs]
    return Result(item_type=kind, successes=done, failures=[])


def failure(kind: Any, cwd: str | None, stage: str, message: str) -> Result:
    """An item that could not be taken over."""
    told = ExternalAgentConfigImportItemTypeFailure(item_type=kind, failure_stage=stage, message=message, cwd=cwd)
    return Result(item_type=kind, successes=[], failures=[told])


def names_of(wanted: ExternalAgentConfigMigrationItem) -> list[str] | None:
    """The names that an item lists; None when it lists none, which means all."""
    told = wanted.details
    if told is None:
        return None
    names = [each.name for each in told.mcp_servers] + [each.name for each in told.hooks] + [each.name for each in told.skills]
    return names + [each.name for each in told.commands] + [each.name for each in told.subagents] or None


def merged(results: Sequence[Result]) -> list[Result]:
    """The results by kind."""
    return [
        Result(
            item_type=of_kind[0].item_type,
            successes=[each for result in of_kind for each in result.successes],
            failures=[each for result in of_kind for each in result.failures],
        )
        for kind in ORDER
        if (of_kind := [result for result in results if result.item_type == kind])
    ]


def keep(services: Services, import_id: str, provider_id: str | None, results: Sequence[Any]) -> None:
    """Remember what was taken over. Raises: OSError."""
    entry = ExternalAgentConfigImportHistory(
        import_id=import_id,
        provider_id=provider_id,
        completed_at_ms=services.clock.now_ms(),
        successes=[each for result in results for each in result.successes],
        failures=[each for result in results for each in result.failures],
    )
    record(services.home, to_wire(entry))


def record_history(
    context: Context, params: ExternalAgentConfigImportHistoryRecordParams
) -> ExternalAgentConfigImportHistoryRecordResponse:
    """Remember what a client has taken over by itself."""
    import_id = context.services.clock.uuid4()
    keep(context.services, import_id, params.provider_id, params.item_type_results)
    return ExternalAgentConfigImportHistoryRecordResponse(import_id=import_id)


def histories(context: Context, _params: None) -> ExternalAgentConfigImportHistoriesReadResponse:
    """All that was taken over, the latest first."""
    data = [ExternalAgentConfigImportHistory.model_validate(entry) for entry in recorded(context.services.home)]
    return ExternalAgentConfigImportHistoriesReadResponse(data=data, connectors=[])


ROUTES = [
    route(EXTERNAL_AGENT_CONFIG_DETECT, find),
    route(EXTERNAL_AGENT_CONFIG_IMPORT, take_over),
    route(EXTERNAL_AGENT_CONFIG_IMPORT_RECORD_HISTORY, record_history),
    route(EXTERNAL_AGENT_CONFIG_IMPORT_READ_HISTORIES, histories),
]
