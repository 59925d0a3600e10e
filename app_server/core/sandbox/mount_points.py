"""Folders that have to exist while a sandbox covers them, and are gone again afterwards.

A protected name that does not exist yet is covered by an empty read-only folder, and whoever mounts it makes an empty
folder on the host. Several commands may run at once; the last one removes it, if it is still empty.
"""

from pathlib import Path


class MountPoints:
    """The folders that running sandboxes have made, with how many of them use each."""

    def __init__(self) -> None:
        self._users: dict[str, int] = {}

    def is_ours(self, path: str) -> bool:
        """Whether the folder is there only because of a sandbox."""
        return path in self._users

    def hold(self, paths: tuple[str, ...]) -> None:
        """A sandbox that is being started uses these."""
        for path in paths:
            self._users[path] = self._users.get(path, 0) + 1

    def release(self, paths: tuple[str, ...]) -> None:
        """It has ended."""
        for path in paths:
            self._users[path] -= 1
            if self._users[path] == 0:
                del self._users[path]
                try:
                    Path(path).rmdir()
                except OSError:
                    continue  # never made, or somebody has put something there
