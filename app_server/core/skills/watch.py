"""Tells clients when skills may have changed: it watches the folders in which the skills of started threads lie.

A folder that is watched once is watched until the server ends. Changes that come together are told once.
Source: spec/config-auth.md section 8.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import anyio
import anyio.to_thread

from app_server.core.config.config import Config
from app_server.core.config.store import os_text
from app_server.core.ports import Outside
from app_server.core.runtime import Spawn
from app_server.core.skills.discovery import folders
from app_server.core.skills.skills import Skills
from protocol.skill import SkillsChangedNotification

QUIET_S = 0.3
"""How long to wait for further changes before the first is told."""
log = logging.getLogger(__name__)


class Watcher(Protocol):
    """What is needed of a `watching.Watcher`."""

    def watch(self, path: str, tell: Any) -> Any:
        """Watch a path. Raises: OSError."""
        ...


class SkillsWatch:
    """Watches the roots of skills, and every folder below them."""

    def __init__(self, watcher: Callable[[], Watcher], skills: Callable[[], Skills], outside: Outside, spawn: Spawn) -> None:
        self._watcher = watcher
        self._skills = skills
        self._outside = outside
        self._spawn = spawn
        self._roots: set[Path] = set()
        self._watched: set[str] = set()
        self._is_due = False

    async def follow(self, config: Config) -> None:
        """Watch from now on where this configuration's skills lie."""
        new = {root.path for root in self._skills().roots(config)} - self._roots
        if new:
            self._roots |= new
            await self._look()

    async def _look(self) -> None:
        """Watch the roots, whether they are there or not, and what folders there are below."""
        roots = sorted(self._roots)
        found: list[str] = await anyio.to_thread.run_sync(_folders, roots, abandon_on_cancel=True)
        for path in [*map(str, roots), *found]:
            if path not in self._watched:
                try:
                    self._watcher().watch(path, self._note)
                except OSError as error:
                    log.warning("changes of skills in %s will not be noticed: %s", path, os_text(error))
                self._watched.add(path)

    def _note(self, _paths: Sequence[str]) -> None:
        if not self._is_due:
            self._is_due = True
            self._spawn(self._tell)

    async def _tell(self) -> None:
        await anyio.sleep(QUIET_S)
        self._is_due = False
        await self._look()
        self._outside.publish(None, SkillsChangedNotification())


def _folders(roots: Sequence[Path]) -> list[str]:
    return [str(folder) for root in roots for folder in folders(root)]
