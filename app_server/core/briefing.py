"""What a thread's model is told of its situation, and what it has been told already: only news are said again.

The first time everything is told; later what has changed; after a compaction everything again. What was told last is
known from the turns before, or from the file of a thread that was loaded. Source: spec/turns.md sections 6.2, 6.5 and 8.
"""

from collections.abc import Callable
from typing import Any, Protocol

from app_server.core import agents_md
from app_server.core.config.config import Config
from app_server.core.context import Situation, changes, initial, opening
from app_server.core.frozen import replace
from app_server.core.goal_state import GoalState
from app_server.core.history import History
from app_server.core.history_item import noted
from app_server.core.model_settings import ModelSettings
from app_server.core.modes import mode_text
from app_server.core.ports import Voice
from app_server.core.realtime_notes import ENDED, note
from app_server.core.recorder import Recorder
from app_server.core.runtime import Runtime
from app_server.core.settings import StartOptions, ThreadSettings
from app_server.core.turn.said import ToldContext
from app_server.core.turn.turn import Turn
from app_server.core.world_state import difference, world_state
from protocol.base import to_wire

AHEAD = "auto-compact-0"
"""The turn that the reference names where the model is told its situation outside of any."""

Items = list[dict[str, Any]]


class Owner(Protocol):
    """The thread whose model it is."""

    base_instructions: str
    config: Config
    goal_state: GoalState
    history: History
    options: StartOptions
    recorder: Recorder
    runtime: Runtime
    settings: ThreadSettings
    voice: Voice | None

    @property
    def is_realtime(self) -> bool:
        """Whether the user talks with the agent by voice."""
        ...

    @property
    def toolbox(self) -> Any:
        """The thread's tools."""
        ...

    def base_message(self) -> dict[str, Any]:
        """The message that every request begins with."""
        ...

    def model(self, settings: ThreadSettings | None = None) -> ModelSettings:
        """What is asked of the model with the settings of this moment, or with others."""
        ...

    def turn_model(self, turn: Turn) -> ModelSettings:
        """What is asked of the model in a turn."""
        ...

    def new_message_id(self) -> str:
        """A fresh id of a message for the model."""
        ...

    def record_item_for_model(self, item: dict[str, Any]) -> None:
        """Add an item to the history and to the file."""
        ...


class Briefing:
    """What was told: `told_settings` and `was_realtime` are what a file says of it; `ran_with` are the settings of the last
    turn that has talked with the model; `told_context` is what clients have added by name.
    """

    def __init__(self, thread: Owner) -> None:
        self._thread = thread
        self._first_model = thread.settings.model
        self._told: Situation | None = None
        self._told_skills: str | None = None
        self.told_settings: ThreadSettings | None = None
        self.was_realtime = False
        self.ran_with: ThreadSettings | None = None
        self.told_context = ToldContext()
        self.warnings: tuple[str, ...] = ()
        """What users are still to be warned of."""

    def forget(self) -> None:
        """The history begins anew."""
        self._told = self.told_settings = self._told_skills = None

    def inherit(self, other: "Briefing") -> None:
        """The history has what another thread's model was told: it need not be told again."""
        self._told, self._told_skills = other._told, other._told_skills
        self.told_settings, self.was_realtime = other.told_settings, other.was_realtime

    def model_before(self) -> ModelSettings | None:
        """The model that the thread was last used with, if it is another one than now."""
        settings = self.ran_with or self.told_settings
        return self._thread.model(settings) if settings is not None and settings.model != self._thread.settings.model else None

    def tell_turn(self, turn: Turn) -> None:
        """Tell the model what has changed since the last turn, and the file what this one runs with."""
        turn.is_told = True
        model = self._thread.turn_model(turn)
        self._tell_situation(model)
        self._thread.recorder.turn_context(turn.id, self._thread.settings, model, is_realtime=self._thread.is_realtime)
        self.ran_with = self._thread.settings

    def tell_ahead(self) -> None:
        """Before items are put into the history between turns: tell the model its situation, if it knows none yet."""
        if self._told is None and self.told_settings is None:
            model = self._thread.model()
            self._tell_situation(model)
            self._thread.recorder.turn_context(AHEAD, self._thread.settings, model, is_realtime=self._thread.is_realtime)

    def _tell_situation(self, model: ModelSettings) -> None:
        """Put what has changed since the last turn (everything, at the first) before the user's words."""
        now = self._situation(self._thread.settings, model)
        now_s = self._thread.runtime.clock.now_ms() / 1000
        before = self._told
        if before is None and self.told_settings is not None:
            before = replace(
                self._situation(self.told_settings, self._thread.model(self.told_settings)), is_realtime=self.was_realtime
            )
        if before is not None and (before.cwd, before.has_place) != (now.cwd, now.has_place):
            self.warnings = self.own_docs().warnings
        items = self._initial(now, now_s) if before is None else changes(before, now, self._thread.new_message_id, now_s)
        for item in items:
            self._thread.record_item_for_model(item)
        if before is None:
            self._thread.recorder.world_state(world_state(now, now_s), is_full=True)
        elif before != now:
            self._thread.recorder.world_state(difference(world_state(before, now_s), world_state(now, now_s)), is_full=False)
        self._told = now

    def restart_history(self, turn: Turn, new_history: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
        """Begin a new history: `new_history` makes it of the items that tell the situation; the file gets both."""
        now_s, model = self._thread.runtime.clock.now_ms() / 1000, self._thread.turn_model(turn)
        self._told_skills = None
        now = self._situation(self._thread.settings, model)
        items = new_history([noted(item, turn.id, None) for item in self._initial(now, now_s)])
        self._thread.recorder.world_state(world_state(now, now_s), is_full=True)
        self._thread.recorder.turn_context(turn.id, self._thread.settings, model, is_realtime=self._thread.is_realtime)
        self._told, self.told_settings = now, None
        turn.is_told, self.ran_with = True, self._thread.settings
        self.told_context.values.clear()
        self._thread.goal_state.told_objective = None
        self._thread.history.replace([self._thread.base_message(), *items])

    def _initial(self, now: Situation, now_s: float) -> list[dict[str, Any]]:
        return initial(now, self._thread.base_instructions, self._first_model, self._thread.new_message_id, now_s)

    def _situation(self, settings: ThreadSettings, model: ModelSettings) -> Situation:
        config = self._thread.config
        return Situation(
            model=settings.model,
            base_instructions=model.base_instructions,
            developer_instructions=self._thread.options.developer_instructions or config.developer_instructions,
            agents_md=self.project_docs(settings.cwd).text if settings.has_environment else None,
            cwd=settings.cwd,
            shell=self._thread.toolbox.shell_name,
            roots=settings.runtime_workspace_roots,
            sandbox=to_wire(settings.sandbox),
            approval_policy=to_wire(settings.approval_policy),
            mode=settings.mode,
            personality_text=model.personality_text,
            tools_text=self._thread.toolbox.deferred_text(model),
            is_realtime=self._thread.is_realtime,
            realtime_text=self._realtime_text(),
            skills_text=self._skills_text(),
            mode_text=mode_text(settings) if config.include_collaboration_mode_instructions else None,
            has_permissions_text=config.include_permissions_instructions,
            has_environment=config.include_environment_context,
            has_place=settings.has_environment,
        )

    def _skills_text(self) -> str | None:
        """What is said about skills. It is said once in a history, so what has been found once stays."""
        if self._told_skills is None:
            thread = self._thread
            config = thread.runtime.config.load(thread.settings.cwd, thread.options.config)
            is_told = config.skills.get("include_instructions") is not False
            skills = thread.runtime.skills().on(config, thread.settings.disabled_plugin_ids) if is_told else []
            text = thread.runtime.skill_instructions(skills)
            self._told_skills = text or ""
        return self._told_skills or None

    def _realtime_text(self) -> str | None:
        """What there is to be said about a spoken conversation: that one runs, or that the one has ended that was told of."""
        text = self._thread.voice.start_text if self._thread.voice is not None else None
        if text is None and (self._told.is_realtime if self._told is not None else self.was_realtime):
            text = ENDED if self._thread.voice is None else self._thread.voice.end_text
        return None if text is None else note(text)

    def situation_for_reviewer(self, model: ModelSettings, approval_policy: Any) -> list[dict[str, Any]]:
        """The situation as a reviewer is told it, who has instructions of his own."""
        now = self._situation(self._thread.settings, model)
        alone: dict[str, Any] = {
            "developer_instructions": None,
            "agents_md": None,
            "mode_text": None,
            "realtime_text": None,
            "approval_policy": approval_policy,
        }
        return opening(replace(now, **alone), self._thread.new_message_id, self._thread.runtime.clock.now_ms() / 1000)

    def project_docs(self, cwd: str) -> agents_md.ProjectInstructions:
        """The instructions that the project of a folder has."""
        return agents_md.read(self._thread.runtime.config.load(cwd, self._thread.options.config))

    def own_docs(self) -> agents_md.ProjectInstructions:
        """Those of the thread's folder."""
        settings = self._thread.settings
        return self.project_docs(settings.cwd) if settings.has_environment else agents_md.ProjectInstructions(None, ())

    def instruction_sources(self) -> list[str]:
        """The files whose instructions the model gets."""
        return [str(path) for path in self.own_docs().sources]
