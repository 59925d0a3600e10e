"""A loaded thread out of what its files say: settings, history, use of tokens, what the model was told.

Whatever a file does not say is decided anew from the configuration. Source: spec/threads.md section 3.
"""

from dataclasses import dataclass
from dataclasses import replace as replace_in
from pathlib import Path
from typing import Any

from app_server.core.catalogue import catalogue_of, user_state_of
from app_server.core.config.config import Config
from app_server.core.frozen import replace
from app_server.core.history_item import Entry, entry
from app_server.core.model_settings import resolve
from app_server.core.recorder import Recorder
from app_server.core.runtime import Runtime
from app_server.core.settings import StartOptions, ThreadSettings, Wishes, allowed, start_settings, within
from app_server.core.store.head import Head
from app_server.core.store.lock import WriterLock, lock_writer
from app_server.core.store.queue_file import queue_path
from app_server.core.store.rebuild import StoredThread, rebuild
from app_server.core.store.rollout import Rollout, continue_rollout
from app_server.core.store.settings import StoredSettings
from app_server.core.store.user_state import Corrections, ReadState
from app_server.core.thread import Thread
from app_server.core.threads import Threads
from app_server.core.usage import TokenTotals
from protocol.notice import WarningNotification

MODEL_KEYS = frozenset({"model", "model_reasoning_effort"})
"""Keys of a request's `config` that take the place of what the thread was last run with."""
RECORDED = (
    "cwd",
    "runtime_workspace_roots",
    "model",
    "model_provider",
    "approval_policy",
    "approvals_reviewer",
    "sandbox",
    "service_tier",
    "summary",
    "personality",
    "mode",
    "mode_instructions",
    "disabled_plugin_ids",
)


@dataclass(slots=True)
class Loaded:
    """What was read of a stored thread, with the right to write it."""

    stored: StoredThread
    past: list[Entry]
    """The items for the model, encoded."""
    rollout: Rollout
    lock: WriterLock
    preview: str
    name: str | None
    recency_ms: int
    updated_ms: int
    read_state: ReadState
    corrections: Corrections


def load(runtime: Runtime, path: Path, has_items: bool, lock: WriterLock | None = None) -> Loaded:
    """Take the right to write a stored thread, and read it. Blocks. Raises: WriterBusy, StoreError, NoRollout."""
    facts = catalogue_of(runtime).facts(path)
    head_id = facts.head.thread_id if facts is not None else path.stem[-36:]
    held = lock or lock_writer(runtime.home, head_id)
    try:
        stored = rebuild(runtime.home, path, has_items=has_items)
        past = encoded(stored)
        rollout = continue_rollout(path, runtime.clock)
    except BaseException:
        if lock is None:
            held.release()
        raise
    user_state = user_state_of(runtime)
    head = stored.head
    return Loaded(
        stored=stored,
        past=past,
        rollout=rollout,
        lock=held,
        preview=facts.preview if facts is not None else "",
        name=catalogue_of(runtime).names().get(head.thread_id),
        recency_ms=facts.recency_ms if facts is not None else head.created_ms,
        updated_ms=facts.updated_ms if facts is not None else head.created_ms,
        read_state=user_state.read_states([head.thread_id])[head.thread_id],
        corrections=user_state.corrections([head.thread_id])[head.thread_id],
    )


def encoded(stored: StoredThread) -> list[Entry]:
    """The items for the model as they are sent, which takes a while for a big thread. The items themselves are let go."""
    items, stored.model_items = stored.model_items, []
    return [entry(item) for item in items]


def thread_of(threads: Threads, loaded: Loaded, wishes: Wishes, options: StartOptions) -> Thread:
    """The thread, with a request's wishes on top of its settings; what they change is recorded.

    Raises: CallerError, ConfigError, StoreError; nothing is loaded then, and the caller gives the lock back.
    """
    stored, runtime = loaded.stored, threads.runtime
    config, recorded = configured(threads, stored.settings, wishes, options)
    settings = wanted(runtime, recorded, config, wishes, options)
    head = with_base(runtime, stored.head, config, settings, options)
    recorder = Recorder(runtime, head, loaded.rollout, loaded.lock)
    recorder.updated_ms = loaded.updated_ms
    recorder.recorded_settings = recorded
    thread = Thread(runtime, config, settings, options, recorder)
    fill(threads, thread, stored, loaded.past)
    thread.preview, thread.name, thread.recency_ms = loaded.preview, loaded.name, loaded.recency_ms
    thread.read_mark.restore(loaded.read_state.first_unread, loaded.read_state.revision)
    thread.corrections = loaded.corrections
    recorder.settings(settings)
    return thread


def fill(threads: Threads, thread: Thread, stored: StoredThread, past: list[Entry]) -> None:
    """Give a thread the past that its files tell."""
    thread.window_number, thread.window_id = stored.window_number, stored.window_id or thread.window_id
    thread.history.extend(past)
    if stored.usage is not None:
        thread.usage = TokenTotals.restored(stored.usage)
        thread.usage_turn_id, thread.usage_window = stored.usage_turn_id, stored.usage.model_context_window
        thread.window.note_counted()
    thread.goal = stored.goal
    thread.last_turn_id = stored.turns[-1].id if stored.turns else None
    thread.has_queue = queue_path(threads.runtime.home, thread.id).exists()
    if stored.told is not None:
        thread.briefing.told_settings = configured(threads, stored.told, Wishes(), thread.options)[1]
        thread.briefing.was_realtime = stored.told.is_realtime


def with_base(runtime: Runtime, head: Head, config: Config, settings: ThreadSettings, options: StartOptions) -> Head:
    """The head with the base instructions to go on with: the request's, or the thread's own, or else the model's."""
    text = options.base_instructions or head.base_instructions
    if text is None:
        text = resolve(runtime.models, config, settings, options).base_instructions
    return replace_in(head, base_instructions=text)


def configured(threads: Threads, stored: StoredSettings, wishes: Wishes, options: StartOptions) -> tuple[Config, ThreadSettings]:
    """The configuration that a thread goes on with, and the settings that it was left with. Raises: ConfigError."""
    provider = wishes.model_provider if names_model(wishes, options) else stored.model_provider
    config = threads.load_config(replace(wishes, cwd=wishes.cwd or stored.cwd, model_provider=provider), options)
    default = start_settings(Wishes(), config, config.model or threads.runtime.models.default(config).slug)
    known: dict[str, Any] = {name: value for name in RECORDED if (value := getattr(stored, name)) not in (None, ())}
    if stored.model is not None:
        known["effort"] = stored.effort
    if stored.sandbox is not None:
        known["active_permission_profile"] = stored.active_permission_profile
    is_explicit = stored.mode != "default" or stored.mode_instructions is not None
    return config, within(replace(default, is_mode_explicit=is_explicit, **known), config)


def wanted(runtime: Runtime, recorded: ThreadSettings, config: Config, wishes: Wishes, options: StartOptions) -> ThreadSettings:
    """The settings to go on with. A request that names a model, an effort or a provider chooses all three anew."""
    if names_model(wishes, options):
        model = wishes.model or config.model or runtime.models.default(config).slug
        recorded = replace(recorded, model=model, model_provider=config.model_provider, effort=config.model_reasoning_effort)
    return recorded.changed(replace(allowed(wishes, config), model=None, model_provider=None), config)


def names_model(wishes: Wishes, options: StartOptions) -> bool:
    """Whether a request says anything about the model."""
    return wishes.model is not None or wishes.model_provider is not None or bool(MODEL_KEYS & set(options.config or ()))


def warn_of_other_model(thread: Thread, recorded: str | None) -> None:
    """Another model than the one that the thread was last run with may not make sense of what was said."""
    model = thread.settings.model
    if recorded is not None and recorded != model:
        text = (
            f"This session was recorded with model `{recorded}` but is resuming with `{model}`. "
            f"Consider switching back to `{recorded}` as it may affect Codex performance."
        )
        thread.publish(WarningNotification(thread_id=thread.id, message=text))
