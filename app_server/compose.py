"""Builds the services out of the settings. What a first `thread/start` does not need is named here and loaded later."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from app_server.cli import Settings, UsageError
from app_server.client_commands import ClientCommands
from app_server.core.auth.logins import Logins
from app_server.core.clock import Clock
from app_server.core.config.store import ConfigStore
from app_server.core.errors import ConfigError
from app_server.core.history_item import sent_again
from app_server.core.models.manager import ModelsManager
from app_server.core.models.remote import RemoteModels, source_of
from app_server.core.providers import Providers
from app_server.core.runtime import Runtime
from app_server.core.threads import Threads
from app_server.fanout import Fanout
from app_server.identity import Identity, installation_id
from app_server.lazy import lazy, load, shared
from app_server.outside import ClientsOutside
from app_server.routing import Scopes
from app_server.server import Server
from app_server.services import Services
from app_server.tasks import Tasks


def compose(settings: Settings, identity: Identity, clock: Clock, tasks: Tasks) -> Server:
    """A server that is ready for clients. Raises: UsageError, if what the command line sets can't hold."""
    fanout = Fanout(clock)
    config = ConfigStore(
        settings.home,
        settings.environment,
        settings.overrides,
        clock,
        is_strict=settings.is_strict,
        with_plugins=lazy("app_server.core.plugins.parts:with_servers"),
    )
    try:
        startup = config.startup()[0]
    except ConfigError as error:
        raise UsageError(f"Error: {error.detail.rstrip()}", 1) from error
    may_be_observed = "otel" in startup.raw or any(name.startswith("OTEL_EXPORTER_") for name in settings.environment)
    outside: ClientsOutside = (
        load("app_server.telemetry:outside_of")(fanout, startup.raw.get("otel"), settings.environment)
        if may_be_observed
        else ClientsOutside(fanout)
    )
    logins = Logins(settings.home, lambda: config.startup()[0])
    session = shared("app_server.core.auth.session:LoginSession", logins, settings.environment, lambda: identity, clock, outside)
    providers = _providers(settings.environment, identity, config, session)
    remote = RemoteModels(settings.home, clock, lambda chosen: source_of(chosen, providers.settings, logins.account_id))
    refresher = shared("app_server.core.models.refresh:ModelsRefresher", remote, providers, clock)
    models = ModelsManager(remote=remote, is_chatgpt=lambda: logins.is_chatgpt)
    known_id = installation_id(settings.home, clock)
    sandbox = shared("app_server.core.sandbox.ladder:Sandbox", settings.environment)
    watcher = shared("app_server.core.watching:Watcher")
    skills = shared("app_server.core.skills.skills:Skills", settings.environment, lazy("app_server.core.skills.files:read"))
    watch = shared("app_server.core.skills.watch:SkillsWatch", watcher, skills, outside, tasks.start_soon)
    follow_skills = partial(tasks.start_soon, lazy("app_server.warm_up:follow_skills"), watch)
    credentials = shared("app_server.core.mcp.credentials:Credentials", settings.home)
    ways = shared(
        "app_server.core.mcp_ways:McpWays",
        lazy("app_server.warm_up:load_mcp"),
        lazy("app_server.core.mcp.connect:to_program"),
        lazy("app_server.core.mcp.connect:to_address"),
        lazy("app_server.core.mcp.login:renewing"),
        credentials,
    )
    servers = shared("app_server.core.mcp.pool:Pool", settings.environment, tasks.start_soon, ways)
    runtime = Runtime(
        home=settings.home,
        environment=settings.environment,
        clock=clock,
        outside=outside,
        config=config,
        models=models,
        models_refresher=refresher,
        spawn=tasks.start_soon,
        originator=lambda: identity.originator,
        installation_id=lambda: known_id,
        run_turn=lazy("app_server.core.turn.loop:run_turn"),
        providers=providers,
        warm_up=lazy("app_server.warm_up:warm_up"),
        make_toolbox=lazy("app_server.core.tools.toolbox:Toolbox"),
        make_reviewer=lazy("app_server.core.auto_review.reviewer:Reviewer"),
        make_gate=lazy("app_server.core.approvals:gate_of"),
        make_hooks=lazy("app_server.core.hooks.thread_hooks:hooks_of"),
        make_turn_hooks=lazy("app_server.core.turn.turn_hooks:TurnHooks"),
        checked_tools=lazy("app_server.core.tools.dynamic:checked"),
        sandbox=sandbox,
        catalogue=shared("app_server.core.catalogue:Catalogue", settings.home),
        user_state=shared("app_server.core.store.user_state:UserState", settings.home),
        in_worker=lazy("app_server.core.durable:in_worker"),
        save_read_state=lazy("app_server.core.durable:save_read_state"),
        sync_file=lazy("app_server.core.durable:sync_file"),
        run_beside=lazy("app_server.core.turn.shell:run_beside"),
        agents=shared("app_server.core.agents.agents:Agents", lambda: threads),
        next_turn=lazy("app_server.core.next_turn:next_turn"),
        goal_used=lazy("app_server.core.goals:used"),
        goal_told=lazy("app_server.core.goals:told"),
        goal_turn_ends=lazy("app_server.core.goals:turn_ends"),
        attach_servers=partial(lazy("app_server.warm_up:attach_servers"), servers),
        require_servers=lazy("app_server.core.required:require_servers"),
        watch_idle=fanout.note_idle,
        read_media=lazy("app_server.core.turn.input_media:read_media"),
        view_image=lazy("app_server.core.tools.tool_media:view_image"),
        image_of_url=lazy("app_server.core.tools.tool_media:image_of_url"),
        skills=skills,
        skill_instructions=lazy("app_server.core.skills.told:instructions"),
        with_mentions=lazy("app_server.core.skills.mentions:with_mentions"),
        follow_skills=follow_skills,
        prewarm=lazy("app_server.core.turn.prewarm:prewarm"),
    )
    access = shared("app_server.core.voice_access:VoiceAccess", settings.environment, logins, session, lambda: identity)
    voices = shared("app_server.core.realtime.manager:Conversations", lambda thread: access().provider_of(thread))
    threads: Threads = Threads(runtime)
    if models.is_remote(config.usable()):
        tasks.start_soon(lazy("app_server.warm_up:ask_for_models"), refresher, config.usable())
    unload = lazy("app_server.core.unload:unload_when_idle")
    fanout.when_unheard(lambda thread_id: tasks.start_soon(unload, threads, thread_id))
    services = Services(
        settings=settings,
        home=settings.home,
        installation_id=known_id,
        clock=clock,
        identity=identity,
        started_at_ms=clock.now_ms(),
        scopes=Scopes(),
        fanout=fanout,
        outside=outside,
        config=config,
        models=models,
        threads=threads,
        logins=logins,
        login_session=session,
        login_attempts=shared("app_server.core.auth.attempts:Attempts", logins, settings.environment, clock, tasks.start_soon),
        models_refresher=refresher,
        commands=ClientCommands(),
        skills=skills,
        samples=shared("app_server.core.sampling:Samples", threads),
        follow_skills=follow_skills,
        watcher=watcher,
        sandbox=sandbox,
        spawn=tasks.start_soon,
        mcp_pool=servers,
        mcp_logins=shared(
            "app_server.core.mcp.logins:ServerLogins",
            credentials,
            clock,
            outside,
            tasks.start_soon,
            lazy("app_server.warm_up:load_mcp"),
            lazy("app_server.core.mcp.login:log_in"),
            lazy("app_server.core.mcp.login:offers_login"),
            threads.logged_in,
        ),
        voices=voices,
        rules_warnings=lazy("app_server.core.exec_policy.files:rules_warnings"),
    )
    return Server(services, tasks)


def _providers(environment: Mapping[str, str], identity: Identity, config: ConfigStore, session: Callable[[], Any]) -> Providers:
    rehearsal = lazy("app_server.core.provider.rehearsal:Rehearsal")
    responses = lazy("app_server.core.provider.responses:ResponsesProvider")
    chat = lazy("app_server.core.provider.chat:ChatProvider")
    litellm = lazy("app_server.core.provider.litellm:LiteLlmProvider")
    socket = lazy("app_server.core.provider.responses_ws:ResponsesSocket")
    return Providers(
        environment,
        {
            "rehearsal": lambda _: rehearsal(),
            "chat": lambda chosen: chat(chosen, environment, lambda: identity, login=session()),
            "litellm": lambda chosen: litellm(chosen, environment),
            "responses": lambda chosen: responses(
                chosen,
                environment,
                lambda: identity,
                login=session(),
                is_compression_enabled=config.startup()[0].features.is_enabled("enable_request_compression"),
            ),
        },
        lambda provider, is_declared: socket(
            provider, partial(sent_again, has_note=provider.settings.is_openai), is_declared=is_declared
        ),
    )
