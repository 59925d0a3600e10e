"""Finding files by a few letters: once, or in a session that follows the typing. Source: spec/exec-fs.md section 5."""

from collections.abc import Sequence

from app_server.connection import Connection
from app_server.core.errors import INTERNAL_ERROR, CallerError
from app_server.core.file_search.finder import Finder, Session
from app_server.core.file_search.rank import Hit
from app_server.routing import route
from app_server.services import Context, Services
from protocol.search import (
    FUZZY_FILE_SEARCH,
    FUZZY_FILE_SEARCH_SESSION_START,
    FUZZY_FILE_SEARCH_SESSION_STOP,
    FUZZY_FILE_SEARCH_SESSION_UPDATE,
    FuzzyFileSearchParams,
    FuzzyFileSearchResponse,
    FuzzyFileSearchResult,
    FuzzyFileSearchSessionCompletedNotification,
    FuzzyFileSearchSessionStartParams,
    FuzzyFileSearchSessionStartResponse,
    FuzzyFileSearchSessionStopParams,
    FuzzyFileSearchSessionStopResponse,
    FuzzyFileSearchSessionUpdatedNotification,
    FuzzyFileSearchSessionUpdateParams,
    FuzzyFileSearchSessionUpdateResponse,
)

ONCE, SESSION = "search", "search session"
"""The kinds of what clients run."""


async def search(context: Context, params: FuzzyFileSearchParams) -> FuzzyFileSearchResponse:
    """Find files once. A newer search with the same token ends this one, which answers with nothing then."""
    services, connection = context.services, context.connection
    finder = make_finder(services, params.roots)
    name = f"by token {params.cancellation_token}" if params.cancellation_token is not None else f"by number {id(finder)}"
    if (older := services.commands.find(connection, ONCE, name, Finder)) is not None:
        older.kill()
    services.commands.add(connection, ONCE, name, finder)
    try:
        hits: Sequence[Hit] = ()
        if params.query:
            await finder.walk()
            hits = await finder.match(params.query)
    finally:
        if services.commands.find(connection, ONCE, name, Finder) is finder:
            services.commands.remove(connection, ONCE, name)
    return FuzzyFileSearchResponse(files=shown(hits))


async def start_session(context: Context, params: FuzzyFileSearchSessionStartParams) -> FuzzyFileSearchSessionStartResponse:
    """Begin a session; one of the same name ends."""
    services, connection = context.services, context.connection
    if not params.session_id:
        raise CallerError("sessionId must not be empty", reason="empty", data={"field": "sessionId", "expected": "a name"})
    if not params.roots:
        raise CallerError(
            "failed to start fuzzy file search session: at least one search directory is required",
            code=INTERNAL_ERROR,
            reason="empty",
            data={"field": "roots", "expected": "at least one directory"},
        )
    end_session(services, connection, params.session_id)
    session = Session(
        make_finder(services, params.roots),
        lambda query, hits: services.fanout.send(
            [connection],
            FuzzyFileSearchSessionUpdatedNotification(session_id=params.session_id, query=query, files=shown(hits)),
        ),
        lambda: services.fanout.send([connection], FuzzyFileSearchSessionCompletedNotification(session_id=params.session_id)),
    )
    if not connection.outbox.is_closed:
        services.commands.add(connection, SESSION, params.session_id, session)
        services.spawn(session.run)
    return FuzzyFileSearchSessionStartResponse()


def update_session(context: Context, params: FuzzyFileSearchSessionUpdateParams) -> FuzzyFileSearchSessionUpdateResponse:
    """Look for other letters."""
    session = context.services.commands.find(context.connection, SESSION, params.session_id, Session)
    if session is None:
        raise CallerError(
            f"fuzzy file search session not found: {params.session_id}",
            reason="not_found",
            data={"field": "sessionId", "expected": "the name of a session of this connection"},
        )
    session.update(params.query)
    return FuzzyFileSearchSessionUpdateResponse()


def stop_session(context: Context, params: FuzzyFileSearchSessionStopParams) -> FuzzyFileSearchSessionStopResponse:
    """End a session, if there is one of this name."""
    end_session(context.services, context.connection, params.session_id)
    return FuzzyFileSearchSessionStopResponse()


def end_session(services: Services, connection: Connection, name: str) -> None:
    """Nothing more is told about a session."""
    session = services.commands.find(connection, SESSION, name, Session)
    if session is not None:
        session.kill()
        services.commands.remove(connection, SESSION, name)


def make_finder(services: Services, roots: Sequence[str]) -> Finder:
    """A search below these roots."""
    return Finder(roots, services.config.cwd, services.settings.environment)


def shown(hits: Sequence[Hit]) -> list[FuzzyFileSearchResult]:
    """Matches as clients see them."""
    return [
        FuzzyFileSearchResult(
            root=hit.tree.root,
            path=hit.path,
            match_type="directory" if hit.is_directory else "file",
            file_name=hit.path.rpartition("/")[2],
            score=hit.score,
            indices=hit.indices,
        )
        for hit in hits
    ]


ROUTES = [
    route(FUZZY_FILE_SEARCH, search),
    route(FUZZY_FILE_SEARCH_SESSION_START, start_session),
    route(FUZZY_FILE_SEARCH_SESSION_UPDATE, update_session),
    route(FUZZY_FILE_SEARCH_SESSION_STOP, stop_session),
]
