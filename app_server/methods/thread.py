"""`thread/start`."""

from collections.abc import Awaitable

from app_server.core.config.config import Config
from app_server.core.errors import INVALID_REQUEST
from app_server.core.models.reasoning import offered_tier
from app_server.core.providers import speaks_websocket
from app_server.core.settings import StartOptions, Wishes, given
from app_server.core.thread import Thread
from app_server.core.thread_wire import shown_sandbox, wire_thread
from app_server.methods.places import with_environments
from app_server.routing import route
from app_server.services import Context
from protocol.notice import ConfigWarningNotification, WarningNotification
from protocol.thread import THREAD_START, ThreadStartedNotification, ThreadStartParams, ThreadStartResponse


def start(context: Context, params: ThreadStartParams) -> Awaitable[None] | None:
    """Start a thread and subscribe the asking client to it."""
    services = context.services
    wishes = Wishes(
        model=params.model,
        model_provider=params.model_provider,
        service_tier=given(params, "service_tier"),
        cwd=params.cwd,
        runtime_workspace_roots=params.runtime_workspace_roots,
        approval_policy=params.approval_policy,
        approvals_reviewer=params.approvals_reviewer,
        sandbox=params.sandbox,
        permissions=params.permissions,
        personality=params.personality,
    )
    wishes = with_environments(wishes, params.environments)
    options = StartOptions(
        config=params.config,
        base_instructions=params.base_instructions,
        developer_instructions=params.developer_instructions,
        is_ephemeral=bool(params.ephemeral),
        start_source=params.session_start_source or "startup",
        thread_source=params.thread_source,
        history_mode=params.history_mode or "paginated",
        dynamic_tools=services.threads.runtime.checked_tools(params.dynamic_tools) if params.dynamic_tools else (),
    )
    if params.project_id is not None:
        return start_in_project(context, wishes, options, params.project_id)
    config = services.threads.load_config(wishes, options)
    if services.models.is_refresh_due(config) or config.requires_servers:
        return start_after_asking(context, wishes, options, config)
    begin(context, services.threads.start(wishes, options))
    return None


async def start_after_asking(context: Context, wishes: Wishes, options: StartOptions, config: Config) -> None:
    """The same where the provider has to be asked for its models first, which decide what the thread begins with, or where
    MCP servers have to be there.
    """
    if context.services.models.is_refresh_due(config):
        await context.services.models_refresher().refresh(config)
    begin(context, await start_with_servers(context, wishes, options))


async def start_with_servers(context: Context, wishes: Wishes, options: StartOptions) -> Thread:
    """A thread with the MCP servers that it can't do without. Raises: CallerError (they are not there)."""
    threads = context.services.threads
    thread = threads.start(wishes, options)
    try:
        await threads.runtime.require_servers(thread, "creating")
    except BaseException:
        threads.remove(thread)
        raise
    return thread


async def start_in_project(context: Context, wishes: Wishes, options: StartOptions, project_id: str) -> None:
    """The same for a thread that belongs to a project from its start."""
    threads, models = context.services.threads, context.services.models
    projects = threads.runtime.user_state().projects
    await threads.runtime.in_worker(projects.get, project_id, INVALID_REQUEST)
    config = threads.load_config(wishes, options)
    if models.is_refresh_due(config):
        await context.services.models_refresher().refresh(config)
    thread = await start_with_servers(context, wishes, options)
    thread.project_id = project_id
    begin(context, thread)
    if not options.is_ephemeral:
        await threads.runtime.in_worker(projects.assign, thread.id, project_id)


def begin(context: Context, thread: Thread) -> None:
    """Answer with the thread, and announce it."""
    services = context.services
    services.fanout.subscribe(thread.id, context.connection)
    wire, settings = wire_thread(thread, []), thread.settings
    docs = thread.briefing.own_docs()
    tier, tier_warning = offered_tier(thread.model().info, settings.service_tier)
    context.reply(
        ThreadStartResponse(
            thread=wire,
            model=settings.model,
            model_provider=settings.model_provider,
            service_tier=tier,
            disabled_plugin_ids=list(settings.disabled_plugin_ids),
            cwd=settings.cwd,
            runtime_workspace_roots=list(settings.runtime_workspace_roots),
            instruction_sources=[str(path) for path in docs.sources],
            approval_policy=settings.approval_policy,
            approvals_reviewer=settings.approvals_reviewer,
            sandbox=shown_sandbox(settings),
            active_permission_profile=settings.active_permission_profile,
            reasoning_effort=settings.effort,
            multi_agent_mode="explicitRequestOnly",
        )
    )
    for text in services.config.untold(thread.config.warnings):
        services.fanout.publish(None, ConfigWarningNotification(summary=text, details=None))
    services.fanout.publish(thread.id, ThreadStartedNotification(thread=wire))
    odd_hooks = thread.hooks.warnings if thread.hooks is not None else ()
    for text in (*thread.config.warnings, *odd_hooks, *([tier_warning] if tier_warning else []), *docs.warnings):
        services.fanout.publish(thread.id, WarningNotification(thread_id=thread.id, message=text))
    runtime = services.threads.runtime
    if speaks_websocket(
        runtime.providers.settings(settings.model_provider, thread.config), thread.model().info.prefer_websockets
    ):
        runtime.spawn(runtime.prewarm, thread)


ROUTES = [route(THREAD_START, start)]
