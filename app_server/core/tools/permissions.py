"""Permissions beyond the sandbox's own, as the model asks for them and the gate grants them."""

from typing import Any

from app_server.core.frozen import frozen


@frozen
class Permissions:
    """Permissions beyond the sandbox's own; paths are absolute. `network` None: not asked for."""

    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    network: bool | None = None

    def common(self, other: "Permissions") -> "Permissions":
        """What is in both."""
        return Permissions(
            read=tuple(path for path in self.read if path in other.read),
            write=tuple(path for path in self.write if path in other.write),
            network=self.network if self.network == other.network else None,
        )

    def to_model(self) -> dict[str, Any]:
        """The permissions as the model is told them."""
        files: dict[str, Any] = {name: list(paths) for name, paths in (("read", self.read), ("write", self.write)) if paths}
        network = {"enabled": self.network} if self.network is not None else None
        return {"network": network, "file_system": files or None}
