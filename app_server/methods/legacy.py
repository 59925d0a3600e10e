"""Methods that the reference still answers and no schema lists. Source: spec/exec-fs.md section 6."""

from pathlib import Path

import anyio.to_thread

from app_server.core.catalogue import Catalogue
from app_server.core.errors import CallerError, InvalidThreadId
from app_server.core.git_remote import NoDiff, diff_to_remote
from app_server.core.ids import checked_thread_id
from app_server.core.revert import roll_back
from app_server.core.store.encoding import timestamp
from app_server.core.store.facts import Facts
from app_server.core.thread_wire import wire_source, wire_thread
from app_server.methods.account import requires_openai_auth
from app_server.routing import route
from app_server.services import Context
from protocol.legacy import (
    GET_AUTH_STATUS,
    GET_CONVERSATION_SUMMARY,
    GIT_DIFF_TO_REMOTE,
    THREAD_ROLLBACK,
    ConversationGitInfo,
    ConversationSummary,
    GetAuthStatusParams,
    GetAuthStatusResponse,
    GetConversationSummaryParams,
    GetConversationSummaryResponse,
    GitDiffToRemoteParams,
    GitDiffToRemoteResponse,
    ThreadRollbackParams,
    ThreadRollbackResponse,
)
from protocol.turn_events import ThreadTokenUsageUpdatedNotification


def auth_status(context: Context, params: GetAuthStatusParams) -> GetAuthStatusResponse:
    """How the server is logged in."""
    login = context.services.logins.current()
    return GetAuthStatusResponse(
        auth_method=None if login is None else login.mode,
        auth_token=login.token if login is not None and params.include_token else None,
        requires_openai_auth=requires_openai_auth(context.services),
    )


async def rollback(context: Context, params: ThreadRollbackParams) -> ThreadRollbackResponse:
    """Drop the last turns of a thread in which no turn runs."""
    threads = context.services.threads
    thread = threads.get(params.thread_id)
    left = await roll_back(threads, thread, params.num_turns)
    if thread.usage_turn_id is not None:
        usage = thread.usage.wire(thread.usage_window)
        thread.publish(ThreadTokenUsageUpdatedNotification(thread_id=thread.id, turn_id=thread.usage_turn_id, token_usage=usage))
    return ThreadRollbackResponse(thread=wire_thread(thread, [turn.wire() for turn in left]))


async def conversation_summary(context: Context, params: GetConversationSummaryParams) -> GetConversationSummaryResponse:
    """What is known of a stored conversation, by its id or its file."""
    services = context.services
    catalogue: Catalogue = services.threads.runtime.catalogue()
    if params.rollout_path is not None:
        path: Path | None = services.home / params.rollout_path
        missing = f"failed to resolve rollout path `{path}`: file does not exist"
    else:
        thread_id = known_form(str(params.conversation_id))
        found = await anyio.to_thread.run_sync(catalogue.search, thread_id)
        path, missing = (None if found is None else found.path), f"no rollout found for conversation id {thread_id}"
    facts = await anyio.to_thread.run_sync(catalogue.facts, path) if path is not None else None
    if facts is None:
        raise CallerError(missing, reason="thread_not_found")
    return GetConversationSummaryResponse(summary=summary_of(facts))


def known_form(conversation_id: str) -> str:
    """An id in its usual form. Raises: CallerError."""
    try:
        return checked_thread_id(conversation_id)
    except InvalidThreadId:
        raise CallerError(
            "Invalid request: data did not match any variant of untagged enum GetConversationSummaryParams",
            data={"field": "conversationId", "expected": "the id of a thread"},
        ) from None


def summary_of(facts: Facts) -> ConversationSummary:
    """A stored thread in the older form."""
    head = facts.head
    git = None
    if head.git:
        git = ConversationGitInfo(
            sha=head.git.get("commit_hash"), branch=head.git.get("branch"), origin_url=head.git.get("repository_url")
        )
    return ConversationSummary(
        conversation_id=head.thread_id,
        path=str(facts.path),
        preview=facts.preview,
        timestamp=timestamp(facts.created_ms),
        updated_at=timestamp(facts.updated_ms),
        model_provider=facts.model_provider or "",
        cwd=head.cwd,
        cli_version=head.cli_version,
        source=wire_source(head.source),
        git_info=git,
    )


async def git_diff(context: Context, params: GitDiffToRemoteParams) -> GitDiffToRemoteResponse:
    """What differs in a working tree from what its remote has."""
    services = context.services
    cwd = str(services.config.absolute(params.cwd))
    try:
        found = await diff_to_remote(cwd, services.settings.environment)
    except NoDiff:
        text = f'failed to compute git diff to remote for cwd: "{params.cwd}"'
        raise CallerError(text, reason="not_found", data={"field": "cwd", "expected": "a clone of a remote"}) from None
    return GitDiffToRemoteResponse(sha=found.sha, diff=found.diff)


ROUTES = [
    route(GET_AUTH_STATUS, auth_status),
    route(THREAD_ROLLBACK, rollback),
    route(GET_CONVERSATION_SUMMARY, conversation_summary),
    route(GIT_DIFF_TO_REMOTE, git_diff),
]
