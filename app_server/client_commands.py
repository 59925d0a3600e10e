"""What clients run by themselves: commands, watches. Cheap to import: what runs is known by one verb."""

from typing import Any, Protocol, TypeVar


class Killable(Protocol):
    """A running command, or whatever else ends with its client."""

    def kill(self) -> None:
        """End it at once."""
        ...


C = TypeVar("C", bound=Killable)


class ClientCommands:
    """The commands that run, by whose they are, of which kind, and the name that their client gave them."""

    def __init__(self) -> None:
        self._running: dict[tuple[Any, str, str], Any] = {}

    def find(self, owner: object, kind: str, name: str, as_type: type[C]) -> C | None:
        """The command of this name."""
        command = self._running.get((owner, kind, name))
        return command if isinstance(command, as_type) else None

    def add(self, owner: object, kind: str, name: str, command: Killable) -> None:
        """A command has been started."""
        self._running[owner, kind, name] = command

    def remove(self, owner: object, kind: str, name: str) -> None:
        """It has ended; its name is free again."""
        self._running.pop((owner, kind, name), None)

    def end_all(self, owner: object) -> None:
        """End the commands of one client."""
        for (whose, _, _), command in list(self._running.items()):
            if whose is owner:
                command.kill()
