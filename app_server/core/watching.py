"""Watches files and folders for changes, without any work while nothing changes (inotify, by asyncinotify).

A watch is about one path and, if that is a folder, its direct children. It lives as long as its owner wants it: the path
may be missing, come, go and come again, with its parents. Changes are told together, a moment after the first of them.
Source: spec/exec-fs.md section 4; differs: a file that was replaced is still watched.
"""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from asyncinotify import Event, Inotify, Mask
from asyncinotify import Watch as Handle

from app_server.core.frozen import frozen

CHANGES = (
    Mask.MODIFY | Mask.ATTRIB | Mask.CREATE | Mask.DELETE | Mask.MOVED_FROM | Mask.MOVED_TO | Mask.DELETE_SELF | Mask.MOVE_SELF
)
COMES_OR_GOES = Mask.CREATE | Mask.DELETE | Mask.MOVED_FROM | Mask.MOVED_TO | Mask.DELETE_SELF | Mask.MOVE_SELF | Mask.IGNORED
DELAY_S = 0.2
"""How long after the first change the changes are told."""

Tell = Callable[[list[str]], None]


class Watch:
    """What one owner watches. Its `places` are the paths that the system watches for it, by their descriptors."""

    def __init__(self, watcher: "Watcher", path: str, tell: Tell, delay_s: float) -> None:
        self.path = path
        self.places: dict[str, int] = {}
        self.found: int | None = None
        """The descriptor of the path itself when it was last looked at: another one is another file or folder."""
        self._watcher = watcher
        self._tell = tell
        self._delay_s = delay_s
        self._changed: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None

    def end(self) -> None:
        """Watch no more, and tell nothing more."""
        if self._timer is not None:
            self._timer.cancel()
        self._changed.clear()
        self._watcher.remove(self)

    def note(self, path: str) -> None:
        """A path has changed."""
        self._changed.add(path)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._delay_s, self._tell_now)

    def _tell_now(self) -> None:
        self._timer = None
        changed, self._changed = sorted(self._changed), set()
        self._tell(changed)

    def wanted(self) -> list[str]:
        """What has to be watched now: the path, if it is there, and the nearest folder above it that is."""
        above = Path(self.path).parent
        while not above.is_dir() and above != above.parent:
            above = above.parent
        return [str(above), *([self.path] if Path(self.path).exists() else [])]

    def concerns(self, place: str, name: str | None) -> str | None:
        """The path that an event at one of the places is about, if that is watched."""
        if place == self.path:
            return self.path if name is None else _below(place, name)
        return self.path if name is not None and _below(place, name) == self.path else None


@frozen
class Place:
    """A path under which a descriptor is watched for somebody; the same folder may have several."""

    path: str
    watch: Watch


class Watcher:
    """All watches of the process. Needs a running event loop. Invariant: `_places` mirrors the `places` of all watches."""

    def __init__(self) -> None:
        self._inotify: Inotify | None = None
        self._watches: set[Watch] = set()
        self._places: dict[int, list[Place]] = {}
        self._handles: dict[int, Handle] = {}

    def watch(self, path: str, tell: Tell, delay_s: float = DELAY_S) -> Watch:
        """Tell the sorted paths that have changed, from now on. Raises: OSError (the system watches no more for us)."""
        if self._inotify is None:
            self._inotify = Inotify(cache_size=64, sync_timeout=0)
            asyncio.get_running_loop().add_reader(self._inotify.fd, self._read, self._inotify)
        watch = Watch(self, path, tell, delay_s)
        self._watches.add(watch)
        try:
            self._follow(watch)
        except OSError:
            self.remove(watch)
            raise
        watch.found = watch.places.get(path)
        return watch

    def remove(self, watch: Watch) -> None:
        """A watch has ended; with the last one, nothing is kept open."""
        self._watches.discard(watch)
        for path in list(watch.places):
            self._leave(watch, path)
        if not self._watches and self._inotify is not None:
            asyncio.get_running_loop().remove_reader(self._inotify.fd)
            self._inotify.close()
            self._inotify = None
            self._places.clear()
            self._handles.clear()

    def _follow(self, watch: Watch) -> None:
        """Watch what has to be watched by now, until nothing has come or gone while we looked."""
        assert self._inotify is not None
        before: dict[str, int] | None = None
        while before != watch.places:
            before = dict(watch.places)
            wanted = watch.wanted()
            for path in set(watch.places) - set(wanted):
                self._leave(watch, path)
            for path in wanted:
                try:
                    handle = self._inotify.add_watch(path, CHANGES)
                except (FileNotFoundError, NotADirectoryError, PermissionError):
                    continue  # gone already, or not for us to see
                if watch.places.get(path) != handle.wd:
                    self._leave(watch, path)
                    watch.places[path] = handle.wd
                    self._handles[handle.wd] = handle
                    self._places.setdefault(handle.wd, []).append(Place(path, watch))

    def _leave(self, watch: Watch, path: str) -> None:
        descriptor = watch.places.pop(path, None)
        places = self._places.get(descriptor) if descriptor is not None else None
        if descriptor is None or places is None:
            return
        places[:] = [place for place in places if place.watch is not watch or place.path != path]
        if not places and self._inotify is not None:
            del self._places[descriptor]
            with suppress(OSError):  # the folder is gone, and what watched it
                self._inotify.rm_watch(self._handles.pop(descriptor))

    def _read(self, inotify: Inotify) -> None:
        moved: set[Watch] = set()
        for event in inotify:
            moved |= self._take(event)
            if self._inotify is not inotify:
                return  # somebody who was told has ended the last watch
        for watch in moved & self._watches:
            self._catch_up(watch)

    def _take(self, event: Event) -> set[Watch]:
        """Note what an event is about; the watches for which something may have come or gone."""
        if event.mask & Mask.Q_OVERFLOW:
            for watch in self._watches:
                watch.note(watch.path)
            return set(self._watches)
        if event.watch is None:
            return set()
        places = list(self._places.get(event.watch.wd, ()))
        if event.mask & Mask.IGNORED:
            self._drop(event.watch.wd)
        name = None if event.name is None else os.fspath(event.name)
        for place in places:
            path = place.watch.concerns(place.path, name)
            if path is not None and event.mask & CHANGES:
                place.watch.note(path)
        return {place.watch for place in places} if event.mask & COMES_OR_GOES else set()

    def _drop(self, descriptor: int) -> None:
        """The system has ended a watch by itself."""
        self._handles.pop(descriptor, None)
        for place in self._places.pop(descriptor, ()):
            if place.watch.places.get(place.path) == descriptor:
                del place.watch.places[place.path]

    def _catch_up(self, watch: Watch) -> None:
        """Something has come or gone: watch what is there now, and tell if that is not what was there."""
        with suppress(OSError):  # the system watches no more for us; what is watched stays so
            self._follow(watch)
        found = watch.places.get(watch.path)
        if found != watch.found:
            watch.note(watch.path)
        watch.found = found


def _below(folder: str, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}"
