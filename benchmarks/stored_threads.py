"""How long do 5,000 stored threads that the server has never seen keep it busy?"""

import time
from statistics import median

from benchmarks import shelf
from benchmarks.client import Client, ServerFailed
from benchmarks.homes import Home, Subject
from benchmarks.report import Figures, Row

BESIDE_EMPTY = Row("`initialize`, 5,000 threads beside none", "x", most=1.3)
ALL_PAGES = Row("all pages of 5,000 threads, seen first", "s", limit=0.2)
PAGE = Row("a page of 50 of 5,000 threads", "ms", limit=0.1)
ROWS = (BESIDE_EMPTY, ALL_PAGES, PAGE)
THREADS = 5_000
LIMIT = 50
PAGES = 20
STARTS = 3


def measure(subject: Subject) -> Figures:
    """A fresh home with threads; the pages are read by the server that sees them first, from the handshake on."""
    with subject.home() as home:
        empty = median(_initialize(home) for _ in range(STARTS))
    with subject.home() as home:
        shelf.fill(home.codex_home, home.work, THREADS)
        with home.spawn() as client:
            client.initialize()
            full = time.perf_counter() - client.spawned_at
            client.call("thread/loaded/list", {})  # what a first request of any kind costs is another question
            began = time.perf_counter()
            _read_all(client)
            everything = time.perf_counter() - began
            pages = [_page(client) for _ in range(PAGES)]
    return {BESIDE_EMPTY.label: full / empty, ALL_PAGES.label: everything, PAGE.label: median(pages) * 1000}


def _initialize(home: Home) -> float:
    with home.spawn() as client:
        client.initialize()
        return time.perf_counter() - client.spawned_at


def _read_all(client: Client) -> None:
    """Every page, one after the other. Raises: ServerFailed (some threads are missing)."""
    count, cursor = 0, None
    while True:
        page = client.call("thread/list", {"limit": LIMIT, "cursor": cursor})
        count, cursor = count + len(page["data"]), page["nextCursor"]
        if cursor is None:
            break
    if count != THREADS:
        raise ServerFailed(f"{count} threads were listed, not {THREADS}")


def _page(client: Client) -> float:
    began = time.perf_counter()
    client.call("thread/list", {"limit": LIMIT})
    return time.perf_counter() - began
