"""The threads that are loaded: starting one, finding one, ending all. Source: spec/threads.md sections 2 and 6."""

from app_server.core import git
from app_server.core.config.config import Config
from app_server.core.errors import ThreadNotFound
from app_server.core.ids import checked_thread_id
from app_server.core.recorder import Recorder
from app_server.core.runtime import Runtime
from app_server.core.settings import StartOptions, Wishes, start_settings
from app_server.core.thread import Thread

WRITABLE = frozenset({"workspaceWrite", "dangerFullAccess"})


class Threads:
    """All loaded threads of the process, by id."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._loaded: dict[str, Thread] = {}

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
        config = self._load(wishes, options)
        settings = start_settings(wishes, config, wishes.model or config.model or runtime.models.default(config).slug)
        if (
            wishes.cwd is not None
            and settings.sandbox.type in WRITABLE
            and config.trust_level is None
            and git.git_dir(config.cwd)
        ):
            runtime.config.trust(config)
            config = self._load(wishes, options)
            settings = start_settings(wishes, config, settings.model)
        thread_id = runtime.clock.uuid7()
        recorder = Recorder.for_new_thread(runtime, thread_id, options.is_ephemeral)
        thread = Thread(thread_id, runtime, config, settings, options, recorder)
        if not self._loaded:
            runtime.spawn(runtime.warm_up)
        self._loaded[thread_id] = thread
        return thread

    def _load(self, wishes: Wishes, options: StartOptions) -> Config:
        """The configuration of the thread's folder, with the request's own `config` and provider on top."""
        overrides = dict(options.config or {})
        if wishes.model_provider is not None:
            overrides["model_provider"] = wishes.model_provider
        return self._runtime.config.load(wishes.cwd, overrides)

    async def aclose(self) -> None:
        """The turns have ended: let other processes have the threads, and close the connections to providers."""
        for thread in self._loaded.values():
            thread.recorder.close()
        await self._runtime.providers.aclose()

    def loaded(self) -> list[Thread]:
        """All loaded threads."""
        return list(self._loaded.values())
