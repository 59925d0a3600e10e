"""One client: whether it has initialized, what it can take, and the bounded queue of what it is sent."""

from app_server.outbox import Outbox


class NotUtf8(Exception):
    """A line is not valid UTF-8; the client is treated as gone."""


class Connection:
    """The state of one connection. Config, auth and threads are the process's, not the connection's."""

    __slots__ = (
        "client_name",
        "is_experimental",
        "is_initialized",
        "most_requests",
        "opted_out",
        "outbox",
        "requests",
        "subscriptions",
    )

    def __init__(self, outbox: Outbox | None = None, most_requests: int | None = None) -> None:
        self.outbox = outbox or Outbox()
        self.requests = 0
        """How many requests of the client have no answer yet."""
        self.most_requests = most_requests
        """How many may have none before the next is refused; None: as many as it likes."""
        self.is_initialized = False
        self.is_experimental = False
        self.opted_out: frozenset[str] = frozenset()
        self.client_name = ""
        self.subscriptions: set[str] = set()

    def initialize(self, name: str, is_experimental: bool, opted_out: list[str]) -> None:
        """The handshake is done."""
        self.is_initialized = True
        self.client_name = name
        self.is_experimental = is_experimental
        self.opted_out = frozenset(opted_out)
