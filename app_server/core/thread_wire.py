"""A thread as clients see it. Source: spec/threads.md section 1."""

from app_server import PROTOCOL_VERSION
from app_server.core.settings import ThreadSettings
from app_server.core.thread import Thread
from protocol.capability import ThreadEnvironment
from protocol.mode import CollaborationMode, Settings
from protocol.thread import GitInfo
from protocol.thread import Thread as WireThread
from protocol.thread_settings import ThreadSettings as WireSettings
from protocol.turn import Turn as WireTurn


def wire_thread(thread: Thread, turns: list[WireTurn]) -> WireThread:
    """A loaded thread with these turns."""
    settings, git = thread.settings, thread.recorder.git
    return WireThread(
        id=thread.id,
        environments=environments(settings),
        extra=None,
        session_id=thread.session_id,
        forked_from_id=thread.forked_from_id,
        attached_to_thread_id=None,
        parent_thread_id=None,
        preview=thread.preview,
        ephemeral=thread.options.is_ephemeral,
        section=None,
        section_entered_at=None,
        project_id=None,
        history_mode="paginated",
        model_provider=settings.model_provider,
        model=settings.model,
        reasoning_effort=settings.effort,
        created_at=thread.created_at,
        updated_at=thread.updated_at,
        recency_at=thread.recency_at,
        status=thread.status,
        path=thread.recorder.path,
        cwd=settings.cwd,
        cli_version=PROTOCOL_VERSION,
        originator=thread.recorder.originator,
        source="vscode",
        can_accept_direct_input=True,
        thread_source=thread.options.thread_source,
        agent_nickname=None,
        agent_role=None,
        git_info=GitInfo(sha=git.commit_hash, branch=git.branch, origin_url=git.repository_url) if git else None,
        name=thread.name,
        daybreak_enabled=None,
        turns=turns,
    )


def environments(settings: ThreadSettings) -> list[ThreadEnvironment]:
    """Where the thread works; there is one environment, this machine."""
    roots = list(settings.runtime_workspace_roots)
    return [ThreadEnvironment(environment_id="local", cwd=settings.cwd, runtime_workspace_roots=roots)]


def wire_settings(settings: ThreadSettings) -> WireSettings:
    """A thread's settings."""
    mode_settings = Settings(
        model=settings.model, reasoning_effort=settings.effort, developer_instructions=settings.mode_instructions
    )
    return WireSettings(
        disabled_plugin_ids=list(settings.disabled_plugin_ids),
        cwd=settings.cwd,
        environments=environments(settings),
        approval_policy=settings.approval_policy,
        approvals_reviewer=settings.approvals_reviewer,
        sandbox_policy=settings.sandbox,
        active_permission_profile=settings.active_permission_profile,
        model=settings.model,
        model_provider=settings.model_provider,
        service_tier=settings.service_tier,
        effort=settings.effort,
        summary=settings.summary,
        collaboration_mode=CollaborationMode(mode=settings.mode, settings=mode_settings),
        multi_agent_mode="explicitRequestOnly",
        personality=settings.personality,
    )
