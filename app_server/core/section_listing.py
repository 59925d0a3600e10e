"""The threads of a section in the order that the user has given them, page by page. All of it blocks."""

from app_server.core.catalogue import Catalogue
from app_server.core.list_query import Query
from app_server.core.listing import ListPage, is_asked_for, is_wanted, rows_of
from app_server.core.paging import InvalidCursor
from app_server.core.store.user_state import UserState


def list_section(catalogue: Catalogue, user_state: UserState, section_id: str, query: Query) -> ListPage:
    """A page of a section, by the places of the threads in it. Raises: InvalidCursor, StoreError.

    A cursor is the place that the page begins beyond; the one for going back brings the page's first thread again.
    """
    beyond = read_cursor(query.cursor)
    sign = 1 if query.is_ascending else -1
    order = list(enumerate(user_state.sections.threads(section_id)))[::sign]
    names = catalogue.names()
    files = {each.file.name.thread_id: each.file.path for each in catalogue.candidates(is_archived=query.is_archived)}
    page, places = [], []
    for place, thread_id in order:
        if (beyond is not None and sign * place <= sign * beyond) or thread_id not in files:
            continue
        facts = catalogue.facts(files[thread_id])
        if facts is not None and is_asked_for(thread_id, query) and is_wanted(facts, query, names):
            page.append(facts)
            places.append(place)
            if len(page) > query.limit:
                break
    rows = rows_of(page[: query.limit], user_state, names)
    if not rows:
        return ListPage([], None, None)
    next_cursor = str(places[query.limit - 1]) if len(page) > query.limit else None
    return ListPage(rows, next_cursor, str(places[0] + sign))


def read_cursor(cursor: str | None) -> int | None:
    """The place that a cursor names. Raises: InvalidCursor."""
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.removeprefix("-").isdecimal():
        raise InvalidCursor(cursor)
    return int(cursor)
