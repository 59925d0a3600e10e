"""The tools of one thread: which there are for a model, and what they share."""

from pathlib import Path

from app_server import RELEASE
from app_server.core.exec.launch import Launch
from app_server.core.exec.sessions import ExecSessions
from app_server.core.exec.shell import EnvironmentPolicy, child_environment, login_shell
from app_server.core.model_settings import ModelSettings
from app_server.core.models.metadata import Truncation
from app_server.core.sandbox.ladder import NoSandbox
from app_server.core.sandbox.rules import Rules, has_network
from app_server.core.thread import Thread
from app_server.core.tools.apply_patch import ApplyPatch
from app_server.core.tools.base import Tool, ToolFailure, ToolOutput
from app_server.core.tools.exec_command import ExecCommand, ExecSetup
from app_server.core.tools.goal import goal_tools
from app_server.core.tools.truncation import truncate_output, with_slack
from app_server.core.tools.write_stdin import WriteStdin

Tools = dict[tuple[str | None, str], Tool]


class Toolbox:
    """Made at a thread's first turn; its command sessions live as long as the thread."""

    def __init__(self, thread: Thread) -> None:
        runtime, config = thread.runtime, thread.config
        self._thread = thread
        self.shell = login_shell(runtime.environment.get("PATH"))
        self.shell_name = Path(self.shell).name
        self.environment = child_environment(EnvironmentPolicy.from_table(config.shell_environment_policy), runtime.environment)
        self.sessions = ExecSessions(runtime.spawn, lambda: runtime.outside.wait_room(thread.id))
        self._exec = ExecCommand(self.sessions, self._setup, self._confined)
        self._goals = goal_tools(thread) if config.features.is_enabled("goals") else []
        self._patch = ApplyPatch()
        self._stdin = WriteStdin(
            self.sessions,
            self._truncation,
            config.background_terminal_max_timeout_ms,
            config.features.is_enabled("write_stdin_approval"),
        )

    def tools(self, model: ModelSettings) -> Tools:
        """What the model is offered, in the order in which it is offered."""
        offered: list[Tool] = []
        if self._thread.config.features.is_enabled("shell_tool") and model.info.shell_type != "disabled":
            offered += [self._exec, self._stdin]
        if model.info.apply_patch_tool_type is not None:
            offered.append(self._patch)
        offered += self._goals
        return {(None, tool.name): tool for tool in offered}

    def truncated(self, output: ToolOutput, model: ModelSettings) -> ToolOutput:
        """An output as it goes into the history: no longer than the model's policy allows."""
        if not isinstance(output.content, str):
            return output
        return ToolOutput(truncate_output(output.content, with_slack(model.info.truncation_policy)))

    async def aclose(self) -> None:
        """End every command."""
        await self.sessions.aclose()

    def _setup(self) -> ExecSetup:
        thread = self._thread
        return ExecSetup(
            shell=self.shell,
            environment=self.environment,
            session_id=thread.session_id,
            version=RELEASE,
            truncation=self._truncation(),
            allows_login_shell=thread.config.allow_login_shell,
            is_network_disabled=not has_network(thread.settings.sandbox),
        )

    def _confined(self, launch: Launch, rules: Rules) -> Launch:
        try:
            confined: Launch = self._thread.runtime.sandbox().confined(launch, rules)
        except NoSandbox as error:
            raise ToolFailure(f"exec_command failed: {error}") from error
        return confined

    def _truncation(self) -> Truncation:
        return self._thread.model().info.truncation_policy
