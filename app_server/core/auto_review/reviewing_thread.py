"""The thread in which a reviewer works: nobody listens to it, no file keeps it, and it changes nothing on the machine."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from app_server.core import frozen
from app_server.core.auto_review.briefs import POLICY
from app_server.core.briefing import Briefing
from app_server.core.context import Situation
from app_server.core.model_settings import ModelSettings
from app_server.core.ports import NoAnswer, WhenOver
from app_server.core.recorder import Recorder
from app_server.core.settings import ThreadSettings
from app_server.core.thread import Thread
from app_server.core.threads import new_head
from app_server.core.tools.offer import Tools
from app_server.core.tools.toolbox import Toolbox
from protocol.base import Method, Notification, Record
from protocol.sandbox import ReadOnly, WorkspaceWrite

R = TypeVar("R", bound=Record)
_TOOLS = frozenset({"exec_command", "write_stdin", "view_image"})
_EFFORT = "low"


class Nobody:
    """An outside in which nobody is. Implements core.ports.Outside."""

    def publish(self, thread_id: str | None, message: Notification) -> None:
        """There is nobody to be told."""

    def has_listeners(self, thread_id: str) -> bool:  # noqa: ARG002  # part of the interface
        """There are none."""
        return False

    def watch(self, thread_id: str, see: Callable[[Notification], None] | None) -> None:
        """Nobody inside either."""

    def share(self, thread_id: str, other_id: str) -> None:
        """There is nobody to share with."""

    def forget(self, thread_id: str) -> None:
        """There is nobody to forget."""

    def has_room(self, thread_id: str) -> bool:  # noqa: ARG002  # part of the interface
        """Always."""
        return True

    async def wait_room(self, thread_id: str) -> None:
        """There is always room."""

    async def ask(
        self,
        thread_id: str | None,  # noqa: ARG002
        method: Method[Any, R],  # noqa: ARG002
        params: Record,  # noqa: ARG002
        when_over: WhenOver | None = None,  # noqa: ARG002
    ) -> R:
        """There is nobody to be asked. Raises: NoAnswer."""
        raise NoAnswer


class ReviewerToolbox(Toolbox):
    """The tools of a reviewer: those with which one can look."""

    def tools(self, model: ModelSettings) -> Tools:
        """What the reviewer is offered."""
        return {key: tool for key, tool in super().tools(model).items() if key[1] in _TOOLS and key[0] is None}


class ReviewerBriefing(Briefing):
    """What a reviewer is told: where it is and what it may do, and nothing that anybody else could use to talk to it."""

    def __init__(self, own: Thread, workspace: tuple[str, ...]) -> None:
        super().__init__(own)
        self._workspace = workspace

    def _situation(self, settings: ThreadSettings, model: ModelSettings) -> Situation:
        now = super()._situation(settings, model)
        alone: dict[str, Any] = dict.fromkeys(("agents_md", "mode_text", "realtime_text", "skills_text", "tools_text"))
        return frozen.replace(now, **alone, sandbox={**now.sandbox, "shownRoots": list(self._workspace)})


def reviewing_thread(parent: Thread) -> Thread:
    """A new thread for the reviewer of another one."""
    runtime = replace(parent.runtime, outside=Nobody(), make_toolbox=ReviewerToolbox)
    efforts = [level.effort for level in parent.model().info.supported_reasoning_levels]
    settings = frozen.replace(
        parent.settings,
        approval_policy="never",
        sandbox=ReadOnly(network_access=False),
        effort=_EFFORT if _EFFORT in efforts else parent.settings.effort,
        mode="default",
        mode_instructions=None,
        is_mode_explicit=False,
        personality=None,
    )
    options = frozen.replace(
        parent.options,
        is_ephemeral=True,
        base_instructions=policy(parent),
        developer_instructions=None,
        dynamic_tools=(),
        thread_source="guardian_review",
    )
    head = replace(
        new_head(runtime, settings, policy(parent), options),
        session_id=parent.session_id,
        parent_thread_id=parent.id,
        source={"subagent": {"other": "guardian"}},
        multi_agent_version="disabled",
    )
    own = Thread(runtime, parent.config, settings, options, Recorder.for_new_thread(runtime, head, is_ephemeral=True))
    writable = isinstance(parent.settings.sandbox, WorkspaceWrite)
    own.briefing = ReviewerBriefing(own, parent.settings.runtime_workspace_roots if writable else ())
    return own


def policy(parent: Thread) -> str:
    """The reviewer's instructions, with what the configuration adds to them."""
    added = parent.config.raw.get("auto_review", {}).get("policy")
    return f"{POLICY}\nThe user's own rules for you:\n{added}\n" if isinstance(added, str) and added.strip() else POLICY
