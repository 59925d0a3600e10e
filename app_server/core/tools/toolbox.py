"""The tools of one thread: which there are for a model, and what they share."""

from pathlib import Path
from typing import Any

from app_server import RELEASE
from app_server.core.exec.sessions import ExecSessions
from app_server.core.exec.shell import EnvironmentPolicy, child_environment, users_shell
from app_server.core.launch import Launch
from app_server.core.model_settings import ModelSettings
from app_server.core.models.metadata import Truncation
from app_server.core.sandbox.ladder import NoSandbox
from app_server.core.sandbox.rules import Rules, has_network
from app_server.core.settings import active_profile
from app_server.core.thread import Thread
from app_server.core.tools.agents import agent_tools
from app_server.core.tools.apply_patch import ApplyPatch
from app_server.core.tools.base import Tool, ToolFailure, ToolOutput
from app_server.core.tools.dynamic import dynamic_tools
from app_server.core.tools.exec_command import ExecCommand, ExecSetup
from app_server.core.tools.goal import goal_tools
from app_server.core.tools.mcp_tools import McpTools
from app_server.core.tools.offer import Tools, deferred_groups_text, offer
from app_server.core.tools.placeless import Placeless
from app_server.core.tools.request_permissions import RequestPermissions
from app_server.core.tools.request_user_input import RequestUserInput
from app_server.core.tools.specs import web_search
from app_server.core.tools.truncation import truncate_middle, truncate_parts, with_slack
from app_server.core.tools.update_plan import UpdatePlan
from app_server.core.tools.view_image import ViewImage
from app_server.core.tools.write_stdin import WriteStdin
from protocol.approval import GranularApproval
from protocol.notice import WarningNotification


class Toolbox:
    """Made at a thread's first turn; its command sessions live as long as the thread."""

    def __init__(self, thread: Thread) -> None:
        runtime, config = thread.runtime, thread.config
        self._thread = thread
        self.shell = users_shell(runtime.environment.get("PATH"))
        self.shell_name = Path(self.shell).name
        self.environment = child_environment(EnvironmentPolicy.from_table(config.shell_environment_policy), runtime.environment)
        self.sessions = ExecSessions(runtime.spawn, lambda: runtime.outside.wait_room(thread.id))
        self._exec = ExecCommand(self.sessions, self._setup, self._confined)
        self._goals = goal_tools(thread) if config.features.is_enabled("goals") else []
        self._stdin = WriteStdin(
            self.sessions,
            self._truncation,
            config.background_terminal_max_timeout_ms,
            config.features.is_enabled("write_stdin_approval"),
        )
        self._has_told = False
        """Whether clients know what the sandbox of this machine can't do."""
        self._patch = ApplyPatch()
        self._plan = UpdatePlan()
        self._ask = RequestUserInput(lambda: self._is_on("default_mode_request_user_input"))
        self._permissions = RequestPermissions(self._may_ask_for_permissions, thread.gate.widen)
        self._image = ViewImage(lambda: thread.model().info.accepts("image"), self._read_image)
        self._servers = McpTools(thread, self._image_of_url)
        self._dynamic = dynamic_tools(thread.recorder.head.dynamic_tools, self._image_of_url)

    def tools(self, model: ModelSettings) -> Tools:
        """What the model is offered, in the order in which it is offered."""
        thread, table = self._thread, self._thread.config.raw.get("tools", {})
        offered: list[Tool] = []
        if self._is_on("shell_tool") and model.info.shell_type != "disabled":
            offered += [self._placed(self._exec), self._placed(self._stdin)]
        offered += self._servers.resources
        if table.get("update_plan", {}).get("enabled"):
            offered.append(self._plan)
        offered.append(self._ask)
        if self._is_on("request_permissions_tool"):
            offered.append(self._permissions)
        if model.info.apply_patch_tool_type is not None:
            offered.append(self._placed(self._patch))
        if self._is_on("view_image"):
            offered.append(self._placed(self._image))
        if self._is_on("multi_agent"):
            offered += agent_tools(thread, model.info)
        offered += self._servers.tools(model.info.supports_search_tool)
        offered += self._goals
        offered += self._dynamic
        search = web_search(thread.config, model.info, thread.settings.sandbox)
        return offer(offered, [search] if search is not None else [])

    def deferred_text(self, model: ModelSettings) -> str | None:
        """What the model is told of the tools that it has to look for."""
        return deferred_groups_text(self.tools(model).values())

    def _placed(self, tool: Tool) -> Tool:
        """A tool that works on a machine, which the thread has or has not."""
        return tool if self._thread.settings.has_environment else Placeless(tool)

    def _is_on(self, feature: str) -> bool:
        return self._thread.config.features.is_enabled(feature)

    def _may_ask_for_permissions(self) -> bool:
        policy = self._thread.settings.approval_policy
        return policy.granular.request_permissions if isinstance(policy, GranularApproval) else policy != "never"

    def _sees_originals(self) -> bool:
        return bool(self._thread.model().sees_originals)

    async def _read_image(self, path: str) -> dict[str, Any]:
        profile, roots = active_profile(self._thread.settings, self._thread.config), self._thread.settings.runtime_workspace_roots
        if profile is not None and not Rules((), False).narrowed((), profile.denied(roots)).may_read(path):
            raise ToolFailure(f"unable to locate image at `{path}`: Permission denied (os error 13)")
        part: dict[str, Any] = await self._thread.runtime.view_image(path, self._sees_originals())
        return part

    async def _image_of_url(self, url: str) -> dict[str, Any]:
        part: dict[str, Any] = await self._thread.runtime.image_of_url(url, self._sees_originals())
        return part

    def truncated(self, output: ToolOutput, model: ModelSettings) -> ToolOutput:
        """An output as it goes into the history: no longer than the model's policy allows."""
        policy = with_slack(model.info.truncation_policy)
        content = output.content
        return ToolOutput(truncate_middle(content, policy) if isinstance(content, str) else truncate_parts(content, policy))

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
            profile=active.id if (active := thread.settings.active_permission_profile) is not None else None,
            may_ask_for_more=self._is_on("exec_permission_approvals"),
        )

    def _confined(self, launch: Launch, rules: Rules) -> Launch:
        sandbox = self._thread.runtime.sandbox()
        if sandbox.shortcoming is not None and not self._has_told:
            self._has_told = True
            self._thread.publish(WarningNotification(thread_id=self._thread.id, message=sandbox.shortcoming))
        try:
            confined: Launch = sandbox.confined(launch, rules)
        except NoSandbox as error:
            raise ToolFailure(f"exec_command failed: {error}") from error
        return confined

    def _truncation(self) -> Truncation:
        return self._thread.model().info.truncation_policy
