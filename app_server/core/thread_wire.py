"""A thread as clients see it. Source: spec/threads.md section 1."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from app_server.core.modes import mode_instructions
from app_server.core.settings import ThreadSettings
from app_server.core.thread import Thread
from protocol.capability import ThreadEnvironment
from protocol.mode import CollaborationMode, Settings
from protocol.sandbox import SandboxPolicy, WorkspaceWrite
from protocol.thread import (
    CustomSessionSource,
    GitInfo,
    SessionSource,
    SubAgentSessionSource,
    ThreadSection,
    ThreadSectionAppearance,
)
from protocol.thread import Thread as WireThread
from protocol.thread_settings import ThreadSettings as WireSettings
from protocol.turn import Turn as WireTurn

SOURCES = frozenset({"cli", "vscode", "exec", "appServer", "unknown"})


def wire_thread(thread: Thread, turns: list[WireTurn]) -> WireThread:
    """A loaded thread with these turns."""
    settings, recorder = thread.settings, thread.recorder
    head, corrections, place = recorder.head, thread.corrections, place_of(thread)
    return WireThread(
        id=thread.id,
        environments=environments(settings),
        extra=None,
        session_id=thread.session_id,
        forked_from_id=head.forked_from_id,
        attached_to_thread_id=head.forked_from_id if head.is_attached else None,
        parent_thread_id=head.parent_thread_id,
        preview=thread.preview if not thread.options.is_ephemeral or head.forked_from_id else "",
        ephemeral=thread.options.is_ephemeral,
        section=wire_section(place.section) if place is not None else None,
        section_entered_at=place.entered_at if place is not None else None,
        project_id=place.project_id if place is not None else thread.project_id,
        history_mode=head.history_mode,
        model_provider=settings.model_provider,
        model=settings.model,
        reasoning_effort=settings.effort,
        created_at=head.created_ms // 1000,
        updated_at=recorder.updated_ms // 1000,
        recency_at=thread.recency_ms // 1000,
        status=thread.status,
        path=recorder.path,
        cwd=settings.cwd,
        cli_version=head.cli_version,
        originator=head.originator or None,
        source=wire_source(head.source),
        can_accept_direct_input=True,
        thread_source=head.thread_source,
        agent_nickname=head.agent_nickname,
        agent_role=head.agent_role,
        git_info=git_info(head.git, corrections),
        name=thread.name,
        daybreak_enabled=corrections.is_daybreak_enabled if corrections is not None else None,
        turns=turns,
    )


def place_of(thread: Thread) -> Any:
    """Where the user has put a loaded thread (`store.places.Place`), or None: nobody can have put away what has no file."""
    return thread.runtime.user_state().places.of([thread.id])[thread.id] if thread.recorder.is_on_disk else None


def wire_section(section: Any) -> ThreadSection | None:
    """A section (`store.places.StoredSection`)."""
    if section is None:
        return None
    look = ThreadSectionAppearance(**section.appearance) if section.appearance is not None else None
    return ThreadSection(id=section.id, name=section.name, appearance=look)


def git_info(recorded: Mapping[str, Any] | None, corrections: Any) -> GitInfo | None:
    """The git state: what was set by hand, or else what the file says."""
    if corrections is not None and corrections.has_git:
        sha, branch, origin = corrections.git_sha, corrections.git_branch, corrections.git_origin_url
    else:
        known = recorded or {}
        sha, branch, origin = known.get("commit_hash"), known.get("branch"), known.get("repository_url")
    if sha is None and branch is None and origin is None:
        return None
    return GitInfo(sha=sha, branch=branch, origin_url=origin)


def wire_source(source: str | Mapping[str, Any]) -> SessionSource:
    """What kind of client started a thread; files spell some of it in another way."""
    if source == "mcp":
        return "appServer"
    if isinstance(source, str):
        return source if source in SOURCES else "unknown"  # type: ignore[return-value]  # one of the words
    if "custom" in source:
        return CustomSessionSource(custom=str(source["custom"]))
    helper = source.get("subagent", source.get("sub_agent", source.get("subAgent")))
    try:
        return SubAgentSessionSource.model_validate({"subAgent": helper})
    except ValidationError:
        return "unknown"


def environments(settings: ThreadSettings) -> list[ThreadEnvironment]:
    """Where the thread works; there is one environment, this machine, or none."""
    if not settings.has_environment:
        return []
    roots = list(settings.runtime_workspace_roots)
    return [ThreadEnvironment(environment_id="local", cwd=settings.cwd, runtime_workspace_roots=roots)]


def shown_sandbox(settings: ThreadSettings) -> SandboxPolicy:
    """The sandbox as clients see it: the workspace's other folders count as writable ones, as in the reference.

    Where the thread's own folder is none of the workspace's, the folders for temporary files are told by name.
    """
    sandbox, roots = settings.sandbox, settings.runtime_workspace_roots
    if not isinstance(sandbox, WorkspaceWrite) or roots == (settings.cwd,):
        return sandbox
    writable = [*(root for root in roots if root != settings.cwd), *sandbox.writable_roots]
    if settings.cwd in roots:
        return sandbox.model_copy(update={"writable_roots": writable})
    if not sandbox.exclude_slash_tmp:
        writable.append("/tmp")  # noqa: S108  # it is only named
    return sandbox.model_copy(update={"writable_roots": writable, "exclude_tmpdir_env_var": True})


def wire_settings(settings: ThreadSettings) -> WireSettings:
    """A thread's settings."""
    mode_settings = Settings(
        model=settings.model,
        reasoning_effort=settings.effort,
        developer_instructions=mode_instructions(settings)
        if settings.mode != "default" or settings.is_mode_explicit
        else settings.mode_instructions,
    )
    return WireSettings(
        disabled_plugin_ids=list(settings.disabled_plugin_ids),
        cwd=settings.cwd,
        environments=environments(settings),
        approval_policy=settings.approval_policy,
        approvals_reviewer=settings.approvals_reviewer,
        sandbox_policy=shown_sandbox(settings),
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
