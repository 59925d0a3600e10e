"""The server of one process: its services and its clients, whatever transport they come by."""

from app_server.connection import Connection
from app_server.dispatcher import Dispatcher
from app_server.methods import find_route
from app_server.methods.initialize import announce
from app_server.services import Services
from app_server.tasks import Tasks


class Server:
    """Takes the lines of all clients."""

    def __init__(self, services: Services, tasks: Tasks) -> None:
        self.services = services
        self.tasks = tasks
        self._dispatcher: Dispatcher[Services] = Dispatcher(services, find_route, services.outside, tasks, services.scopes)

    def open(self, connection: Connection, was_greeted: bool = False) -> None:
        """A client has connected; `was_greeted` when its handshake is answered already, and what follows it is still due."""
        self.services.fanout.add(connection)
        if was_greeted:
            announce(self.services, connection)

    def receive(self, connection: Connection, line: bytes) -> None:
        """One line of a client. Raises: NotUtf8."""
        self._dispatcher.receive(connection, line)

    def close(self, connection: Connection) -> None:
        """A client is gone: its own commands end, its subscriptions too."""
        connection.outbox.close()
        self.services.commands.end_all(connection)
        self.services.fanout.remove(connection)
