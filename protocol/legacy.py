"""Methods of older servers that still answer but stand in no schema: look-ups by conversation, git and login, and rollback.

Their shapes are those of the reference's older releases. The exporter leaves this family out (`IN_SCHEMA`).
"""

from typing import Any, ClassVar

from protocol.account import AuthMode
from protocol.base import U32, Method, OneMember, Params, Record, Response, SnakeRecord
from protocol.scalars import ThreadId
from protocol.thread import SessionSource, Thread

IN_SCHEMA = False
"""Read by the exporter."""


class GetConversationSummaryParams(OneMember, Params):
    """Which conversation: by its id or by its rollout file."""

    one_of: ClassVar[tuple[str, ...]] = ("rollout_path", "conversation_id")
    rollout_path: str | None = None
    """A rollout file; a relative path counts from the home directory of the server."""
    conversation_id: ThreadId | None = None
    """The id of the thread."""


class ConversationGitInfo(SnakeRecord):
    """The git state of the working directory when the conversation began."""

    sha: str | None
    """The commit; null when unknown."""
    branch: str | None
    """The branch; null when detached or unknown."""
    origin_url: str | None
    """The address of the remote `origin`; null when there is none."""


class ConversationSummary(Record):
    """What a list of conversations shows of one."""

    conversation_id: ThreadId
    """The id of the thread."""
    path: str
    """Its rollout file."""
    preview: str
    """The beginning of the first message of the user."""
    timestamp: str | None
    """When it began, in ISO 8601; null when unknown."""
    updated_at: str | None
    """When it last changed, in ISO 8601; null when unknown."""
    model_provider: str
    """The id of the provider that serves its model."""
    cwd: str
    """Its working directory."""
    cli_version: str
    """The version of the program that wrote it."""
    source: SessionSource
    """What kind of client started it."""
    git_info: ConversationGitInfo | None
    """The git state at its beginning; null outside a repository."""


class GetConversationSummaryResponse(Response):
    """The conversation that was asked for."""

    summary: ConversationSummary
    """What is known of it without loading it."""


class GitDiffToRemoteParams(Params):
    """Which working directory to compare with its remote."""

    cwd: str
    """The directory, anywhere inside a repository."""


class GitDiffToRemoteResponse(Response):
    """What differs from the closest commit that the remote has."""

    sha: str
    """That commit."""
    diff: str
    """The difference as a patch, untracked files included; empty when there is none."""


class GetAuthStatusParams(Params):
    """What to tell about the login."""

    include_token: bool | None = None
    """Whether to answer with the token itself."""
    refresh_token: bool | None = None
    """Whether to renew the token first."""


class GetAuthStatusResponse(Response):
    """How the server is logged in."""

    auth_method: AuthMode | None
    """The kind of login; null when there is none."""
    auth_token: str | None
    """The token, when it was asked for; else null."""
    requires_openai_auth: bool | None
    """Whether the configured provider needs a login."""


class ThreadRollbackParams(Params):
    """How many turns to drop from the end of a thread."""

    thread_id: str
    """The thread."""
    num_turns: U32
    """The number of turns to drop, at least one."""


class ThreadRollbackResponse(Response):
    """The thread after the rollback."""

    thread: Thread
    """The thread with the turns that are left."""


GET_CONVERSATION_SUMMARY = Method("getConversationSummary", GetConversationSummaryParams, GetConversationSummaryResponse)
GIT_DIFF_TO_REMOTE = Method("gitDiffToRemote", GitDiffToRemoteParams, GitDiffToRemoteResponse)
GET_AUTH_STATUS = Method("getAuthStatus", GetAuthStatusParams, GetAuthStatusResponse)
THREAD_ROLLBACK = Method("thread/rollback", ThreadRollbackParams, ThreadRollbackResponse)

METHODS: tuple[Method[Any, Any], ...] = (GET_CONVERSATION_SUMMARY, GIT_DIFF_TO_REMOTE, GET_AUTH_STATUS, THREAD_ROLLBACK)
