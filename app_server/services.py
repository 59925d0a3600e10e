"""What handlers may use: the process-wide services, filled in by the composition root."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from app_server import routing
from app_server.cli import Settings
from app_server.client_commands import ClientCommands
from app_server.core.auth.logins import Logins
from app_server.core.clock import Clock
from app_server.core.config.config import Config
from app_server.core.config.store import ConfigStore
from app_server.core.frozen import frozen
from app_server.core.models.manager import ModelsManager
from app_server.core.runtime import Spawn
from app_server.core.threads import Threads
from app_server.fanout import Fanout
from app_server.identity import Identity
from app_server.lazy import Shared
from app_server.outside import ClientsOutside
from app_server.routing import Scopes


@frozen
class Services:
    """The services of one process."""

    settings: Settings
    home: Path
    installation_id: str
    clock: Clock
    identity: Identity
    started_at_ms: int
    """When the server was started."""
    scopes: Scopes
    """Which requests wait for which."""
    fanout: Fanout
    outside: ClientsOutside
    config: ConfigStore
    models: ModelsManager
    threads: Threads
    logins: Logins
    login_session: Callable[[], Any]
    """The `LoginSession`, which is loaded when it is first needed."""
    login_attempts: Callable[[], Any]
    """The `Attempts` to log in, likewise."""
    models_refresher: Callable[[], Any]
    """The `ModelsRefresher`, likewise."""
    commands: ClientCommands
    skills: Callable[[], Any]
    """The `Skills`, likewise."""
    samples: Callable[[], Any]
    """The `Samples`, likewise."""
    follow_skills: Callable[[Config], None]
    """Watch where the skills of a configuration lie."""
    watcher: Callable[[], Any]
    """The `Watcher` of files, likewise."""
    sandbox: Callable[[], Any]
    """The `Sandbox`, which is tried when it is first needed."""
    spawn: Spawn
    mcp_pool: Shared
    """The running MCP servers (`core.mcp.pool.Pool`), once there are some."""
    mcp_logins: Callable[[], Any]
    """The logins at them (`core.mcp.logins.ServerLogins`), likewise."""
    voices: Callable[[], Any]
    """The threads' spoken conversations (`core.realtime.manager.Conversations`), loaded when they are first needed."""
    rules_warnings: Callable[[Config], list[dict[str, Any]]]
    """What is wrong with the user's rules about commands; loaded only where there are any."""


Context: TypeAlias = routing.Context[Services]
Route: TypeAlias = routing.Route[Services]
