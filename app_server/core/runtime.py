"""What all threads share: the home, the clock, the configuration, the models, the providers, the outside.

The composition root fills it in; the core's rooms meet here instead of importing each other.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app_server.core.clock import Clock
from app_server.core.config.config import Config
from app_server.core.config.store import ConfigStore
from app_server.core.models.manager import ModelsManager
from app_server.core.ports import Outside
from app_server.core.providers import Providers


class Spawn(Protocol):
    """Starts a task in the root task group."""

    def __call__(self, function: Callable[..., Awaitable[Any]], *arguments: Any) -> None:
        """Run `function(*arguments)`."""
        ...


@dataclass(slots=True)
class Runtime:
    """The shared services. `run_turn`, `make_toolbox`, `make_gate` and `read_media` are loaded when the first turn needs them."""

    home: Path
    environment: Mapping[str, str]
    clock: Clock
    outside: Outside
    config: ConfigStore
    models: ModelsManager
    models_refresher: Callable[[], Any]
    spawn: Spawn
    originator: Callable[[], str]
    installation_id: Callable[[], str]
    run_turn: Callable[..., Awaitable[None]]
    providers: Providers
    make_toolbox: Callable[..., Any]
    make_gate: Callable[..., Any]
    make_hooks: Callable[..., Any]
    """Finds the hooks of a thread."""
    make_turn_hooks: Callable[..., Any]
    """What a turn asks of them, a `core.turn.turn_hooks.TurnHooks`."""
    make_reviewer: Callable[..., Any]
    checked_tools: Callable[..., Any]
    """What is kept of the tools that a client brings; refuses those that can't be offered."""
    sandbox: Callable[[], Any]
    """What confines commands on this machine, a `core.sandbox.ladder.Sandbox`."""
    read_media: Callable[..., Awaitable[Any]]
    view_image: Callable[..., Awaitable[Any]]
    image_of_url: Callable[..., Awaitable[Any]]
    skills: Callable[[], Any]
    """The `Skills`, loaded when they are first asked for."""
    skill_instructions: Callable[..., str | None]
    with_mentions: Callable[..., Awaitable[Any]]
    follow_skills: Callable[[Config], None]
    """Watch where the skills of a configuration lie."""
    prewarm: Callable[..., Awaitable[Any]]
    warm_up: Callable[[Callable[[], float]], Awaitable[None]]
    """Import what a first turn needs; told by `time.monotonic` when a thread was last started."""
    catalogue: Callable[[], Any]
    """The stored threads, a `core.catalogue.Catalogue`."""
    user_state: Callable[[], Any]
    """What users have read and corrected, a `core.store.user_state.UserState`."""
    in_worker: Callable[..., Awaitable[Any]]
    """Does something that waits for the disk."""
    save_read_state: Callable[..., Awaitable[None]]
    sync_file: Callable[..., Awaitable[None]]
    run_beside: Callable[..., Awaitable[None]]
    """Runs a command of the user's beside a turn."""
    agents: Callable[[], Any]
    """The threads that other threads have started, a `core.agents.agents.Agents`."""
    next_turn: Callable[..., None]
    """Begins what waits for a thread to be idle."""
    goal_used: Callable[..., None]
    """Tokens were used in a turn of a thread that has a goal."""
    goal_told: Callable[..., None]
    """Clients were told of them."""
    goal_turn_ends: Callable[..., None]
    """Such a turn is about to end."""
    attach_servers: Callable[[Any], Awaitable[None]]
    """Starts the MCP servers of a thread that has some, unless they are started already."""
    require_servers: Callable[..., Awaitable[None]]
    """Waits for those that a thread can't do without."""
    watch_idle: Callable[[str], None]
    """Called when a thread has nothing to do, or nobody listens to it any more: it may be unloaded after a while."""
