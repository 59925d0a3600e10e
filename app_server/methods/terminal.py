"""`thread/backgroundTerminals/*`: commands of a thread that go on after the call that started them.

They are ended in the background: an answer comes at once, the end of each command's item follows.
Source: spec/exec-fs.md section 3, and the reference's answers.
"""

from app_server.core.errors import CallerError
from app_server.core.exec.sessions import ExecSession, ExecSessions
from app_server.routing import route
from app_server.services import Context
from protocol.terminal import (
    THREAD_BACKGROUND_TERMINALS_CLEAN,
    THREAD_BACKGROUND_TERMINALS_LIST,
    THREAD_BACKGROUND_TERMINALS_TERMINATE,
    ThreadBackgroundTerminal,
    ThreadBackgroundTerminalsCleanParams,
    ThreadBackgroundTerminalsCleanResponse,
    ThreadBackgroundTerminalsListParams,
    ThreadBackgroundTerminalsListResponse,
    ThreadBackgroundTerminalsTerminateParams,
    ThreadBackgroundTerminalsTerminateResponse,
)

LOWEST, HIGHEST = -(2**31), 2**31 - 1


def list_terminals(context: Context, params: ThreadBackgroundTerminalsListParams) -> ThreadBackgroundTerminalsListResponse:
    """The terminals by their numbers; the cursor is the last number of the page before."""
    running = sessions_of(context, params.thread_id).running()
    if params.cursor is not None:
        after = number(params.cursor, "cursor", "cursor")
        running = [session for session in running if session.id > after]
    end = len(running) if params.limit is None else max(params.limit, 1)
    shown = running[:end]
    cursor = str(shown[-1].id) if end < len(running) else None
    return ThreadBackgroundTerminalsListResponse(data=[wire(session) for session in shown], next_cursor=cursor)


def terminate(context: Context, params: ThreadBackgroundTerminalsTerminateParams) -> ThreadBackgroundTerminalsTerminateResponse:
    """End one terminal, if there is one of this number."""
    sessions = sessions_of(context, params.thread_id)
    process_id = number(params.process_id, "background terminal process id", "processId")
    return ThreadBackgroundTerminalsTerminateResponse(terminated=sessions.terminate(process_id))


def clean(context: Context, params: ThreadBackgroundTerminalsCleanParams) -> ThreadBackgroundTerminalsCleanResponse:
    """End all of them."""
    sessions_of(context, params.thread_id).clean()
    return ThreadBackgroundTerminalsCleanResponse()


def sessions_of(context: Context, thread_id: str) -> ExecSessions:
    """The commands of a loaded thread. Raises: InvalidThreadId, ThreadNotFound."""
    sessions: ExecSessions = context.services.threads.get(thread_id).toolbox.sessions
    return sessions


def number(text: str, noun: str, field: str) -> int:
    """A number as clients got it from us, in words. Raises: CallerError."""
    digits = text.removeprefix("-") if len(text) > 1 else text
    if not text:
        problem = "cannot parse integer from empty string"
    elif not (digits.isascii() and digits.isdecimal()):
        problem = "invalid digit found in string"
    elif int(text) > HIGHEST:
        problem = "number too large to fit in target type"
    elif int(text) < LOWEST:
        problem = "number too small to fit in target type"
    else:
        return int(text)
    raise CallerError(f"invalid {noun}: {problem}", reason="invalid_value", data={"field": field})


def wire(session: ExecSession) -> ThreadBackgroundTerminal:
    """A terminal as clients see it."""
    facts = session.facts
    return ThreadBackgroundTerminal(item_id=facts.item_id, process_id=str(session.id), command=facts.script, cwd=facts.cwd)


ROUTES = [
    route(THREAD_BACKGROUND_TERMINALS_LIST, list_terminals),
    route(THREAD_BACKGROUND_TERMINALS_TERMINATE, terminate),
    route(THREAD_BACKGROUND_TERMINALS_CLEAN, clean),
]
