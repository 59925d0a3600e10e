"""The threads that are loaded: starting one, finding one, ending all. Source: spec/threads.md sections 2 and 6."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from app_server import PROTOCOL_VERSION
from app_server.core import git
from app_server.core.config.config import Config
from app_server.core.errors import ThreadNotFound
from app_server.core.frozen import replace
from app_server.core.hooks.presence import may_be_any
from app_server.core.ids import checked_thread_id
from app_server.core.model_settings import resolve
from app_server.core.recorder import Recorder
from app_server.core.runtime import Runtime
from app_server.core.settings import StartOptions, ThreadSettings, Wishes, beyond, start_settings
from app_server.core.store.head import Head
from app_server.core.thread import Thread


class Scope(AbstractContextManager[Any], Protocol):
    """What is needed of an anyio CancelScope."""

    def cancel(self) -> None:
        """Cancel what runs in it."""
        ...


WRITABLE = frozenset({"workspaceWrite", "dangerFullAccess"})


class Threads:
    """All loaded threads of the process, by id."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._loaded: dict[str, Thread] = {}
        self._timers: dict[str, Scope] = {}
        self._is_ending = False
        self._started_s = 0.0

    def ids(self) -> list[str]:
        """The loaded threads, in ascending order."""
        return sorted(self._loaded)

    def get(self, thread_id: str) -> Thread:
        """The loaded thread of this id. Raises: InvalidThreadId, ThreadNotFound."""
        thread = self._loaded.get(thread_id)
        if thread is None:
            thread = self._loaded.get(checked_thread_id(thread_id))
        if thread is None:
            raise ThreadNotFound(thread_id)
        return thread

    def start(self, wishes: Wishes, options: StartOptions) -> Thread:
        """A new thread; nothing of it is on disk before its first turn. Raises: ConfigError, CallerError."""
        runtime = self._runtime
        config = beyond(wishes, self.load_config(wishes, options))
        settings = start_settings(wishes, config, wishes.model or config.model or runtime.models.default(config).slug)
        if (
            wishes.cwd is not None
            and settings.sandbox.type in WRITABLE
            and config.trust_level is None
            and git.git_dir(config.cwd)
        ):
            runtime.config.trust(config)
            config = beyond(wishes, self.load_config(wishes, options))
            settings = start_settings(wishes, config, settings.model)
        head = new_head(runtime, settings, resolve(runtime.models, config, settings, options).base_instructions, options)
        recorder = Recorder.for_new_thread(runtime, head, options.is_ephemeral)
        if not self._loaded:
            runtime.spawn(runtime.warm_up, lambda: self._started_s)
        self._started_s = time.monotonic()
        return self.add(Thread(runtime, config, settings, options, recorder), options.start_source)

    def add(self, thread: Thread, source: str = "startup") -> Thread:
        """The thread is loaded now; it takes the place of one with the same id. `source` is what its hooks are told of it."""
        self._loaded[thread.id] = thread
        if may_be_any(thread.config):
            thread.hooks = self._runtime.make_hooks(thread)
            thread.hooks.start_source = source
        self._runtime.follow_skills(thread.config)
        if thread.config.mcp_servers:
            self._runtime.spawn(self._runtime.attach_servers, thread)
        return thread

    def reload(self) -> None:
        """All threads go on with the configuration as it is now; their MCP servers are started anew. Raises: ConfigError.

        How hard a thread thinks is a setting of its own, which it was started with.
        """
        for thread in self._loaded.values():
            fresh = self._runtime.config.load(thread.settings.cwd, thread.options.config)
            thread.config = replace(fresh, model_reasoning_effort=thread.config.model_reasoning_effort)
            if thread.servers is not None:
                thread.servers.restart()
            elif thread.config.mcp_servers:
                self._runtime.spawn(self._runtime.attach_servers, thread)

    def logged_in(self, server: str) -> None:
        """The user has logged in at an MCP server."""
        for thread in self._loaded.values():
            if thread.servers is not None:
                thread.servers.retry(server)

    def remove(self, thread: Thread) -> None:
        """The thread is not loaded any more."""
        if self._loaded.get(thread.id) is thread:
            del self._loaded[thread.id]

    def find(self, thread_id: str) -> Thread | None:
        """The loaded thread of this id, or None."""
        return self._loaded.get(thread_id)

    @property
    def is_ending(self) -> bool:
        """Whether the server ends."""
        return self._is_ending

    @property
    def runtime(self) -> Runtime:
        """What all threads share."""
        return self._runtime

    def load_config(self, wishes: Wishes, options: StartOptions) -> Config:
        """The configuration of the thread's folder, with the request's own `config` and provider on top."""
        overrides = dict(options.config or {})
        if wishes.model_provider is not None:
            overrides["model_provider"] = wishes.model_provider
        return self._runtime.config.load(wishes.cwd, overrides)

    @contextmanager
    def timer(self, thread: Thread, scope: Scope) -> Iterator[Callable[[], bool]]:
        """Run inside a cancel scope that ends with the server. Only the newest timer of a thread is due in the end."""
        with scope:
            if self._is_ending:
                scope.cancel()
            if (older := self._timers.get(thread.id)) is not None:
                older.cancel()
            self._timers[thread.id] = scope
            try:
                yield lambda: self._timers.get(thread.id) is scope and self._loaded.get(thread.id) is thread
            finally:
                if self._timers.get(thread.id) is scope:
                    del self._timers[thread.id]

    def end_timers(self) -> None:
        """The server ends: nothing waits for the time when a thread may be let go."""
        self._is_ending = True
        for scope in list(self._timers.values()):
            scope.cancel()

    async def aclose(self) -> None:
        """The turns have ended: let other processes have the threads, and close the databases and providers' connections."""
        for thread in self._loaded.values():
            thread.recorder.end()
        self._runtime.catalogue().close()
        self._runtime.user_state().close()
        await self._runtime.providers.aclose()

    def loaded(self) -> list[Thread]:
        """All loaded threads."""
        return list(self._loaded.values())


def new_head(runtime: Runtime, settings: ThreadSettings, base_instructions: str, options: StartOptions) -> Head:
    """What a thread that is made now is made as."""
    thread_id = runtime.clock.uuid7()
    return Head(
        thread_id=thread_id,
        session_id=thread_id,
        created_ms=runtime.clock.now_ms(),
        cwd=settings.cwd,
        workspace_roots=settings.runtime_workspace_roots,
        originator=runtime.originator(),
        cli_version=PROTOCOL_VERSION,
        thread_source=options.thread_source,
        model_provider=settings.model_provider,
        base_instructions=base_instructions,
        history_mode=options.history_mode,
        dynamic_tools=options.dynamic_tools,
        window_id=runtime.clock.uuid7(),
    )
