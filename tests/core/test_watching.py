"""Watches of files and folders that come, go and come again."""

import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from unittest.mock import patch

import anyio
import pytest

from app_server.core import watching
from app_server.core.watching import Watch, Watcher

DELAY_S = 0.02


class Told:
    """What a watch has told, and waiting for more."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self._news = anyio.Event()

    def __call__(self, paths: list[str]) -> None:
        assert paths == sorted(set(paths))
        self.paths += paths
        self._news.set()

    async def news(self, *wanted: Path) -> set[str]:
        """Wait until all of these were told; everything that was, since the last time."""
        with anyio.fail_after(5):
            while not {str(path) for path in wanted} <= set(self.paths):
                self._news = anyio.Event()
                await self._news.wait()
        told, self.paths = set(self.paths), []
        return told


Look = Callable[[Path], Told]


@pytest.fixture
async def look() -> AsyncIterator[Look]:
    """Makes watches, all of one watcher, and ends them."""
    watcher, watches = Watcher(), list[Watch]()

    def make(path: Path) -> Told:
        told = Told()
        watches.append(watcher.watch(str(path), told, DELAY_S))
        return told

    yield make
    for watch in watches:
        watch.end()
    assert watcher._inotify is None


async def test_what_happens_to_a_folder_and_its_children_is_told(tmp_path: Path, look: Look) -> None:
    folder = tmp_path / "d"
    (folder / "sub").mkdir(parents=True)
    (folder / "seed").write_text("s")
    told = look(folder)
    (folder / "seed").read_text()
    (folder / "sub" / "deep").write_text("not told")
    for act, path in (
        (lambda path: path.write_text("1"), folder / "new"),
        (lambda path: path.write_text("2"), folder / "seed"),
        (lambda path: path.chmod(0o600), folder / "seed"),
        (lambda path: path.unlink(), folder / "new"),
        (lambda path: path.mkdir(), folder / "made"),
        (lambda path: path.chmod(0o700), folder),
    ):
        act(path)
        assert await told.news(path) == {str(path)}
    (folder / "seed").rename(folder / "moved")
    assert await told.news(folder / "seed", folder / "moved") == {str(folder / "seed"), str(folder / "moved")}


async def test_a_folder_is_watched_again_after_it_was_removed(tmp_path: Path, look: Look) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "f").write_text("f")
    told = look(folder)
    for _ in range(3):
        shutil.rmtree(folder)
        await told.news(folder)
        folder.mkdir()
        await told.news(folder)
        (folder / "f").write_text("f")
        assert await told.news(folder / "f") <= {str(folder / "f"), str(folder)}


async def test_a_file_is_watched_and_not_its_siblings(tmp_path: Path, look: Look) -> None:
    file, other = tmp_path / "f", tmp_path / "other"
    file.write_text("1")
    told = look(file)
    other.write_text("not told")
    file.write_text("2")
    assert await told.news(file) == {str(file)}
    other.write_text("atomic")
    other.replace(file)
    await told.news(file)
    for act in (lambda: file.write_text("3"), file.unlink, lambda: file.write_text("4"), lambda: file.rename(other)):
        act()
        assert await told.news(file) == {str(file)}


async def test_a_path_that_is_missing_is_told_when_it_comes_with_its_parents(tmp_path: Path, look: Look) -> None:
    file = tmp_path / "a" / "b" / "c"
    told = look(file)
    file.parent.mkdir(parents=True)
    file.write_text("at once")
    assert await told.news(file) == {str(file)}
    file.write_text("later")
    assert await told.news(file) == {str(file)}
    shutil.rmtree(tmp_path / "a")
    await told.news(file)
    file.parent.mkdir(parents=True)
    (file.parent / "sibling").write_text("not told")
    file.write_text("again")
    assert await told.news(file) == {str(file)}


async def test_when_the_parent_is_moved_away_the_path_is_waited_for(tmp_path: Path, look: Look) -> None:
    folder = tmp_path / "p" / "d"
    folder.mkdir(parents=True)
    told = look(folder)
    (tmp_path / "p").rename(tmp_path / "q")
    (tmp_path / "p").mkdir()
    folder.mkdir()
    await told.news(folder)
    (tmp_path / "q" / "d" / "elsewhere").write_text("not told")
    (folder / "here").write_text("h")
    assert await told.news(folder / "here") == {str(folder / "here")}


async def test_two_watches_of_one_folder_by_two_names_are_both_told(tmp_path: Path, look: Look) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "alias").symlink_to("d")
    direct, again, alias = look(tmp_path / "d"), look(tmp_path / "d"), look(tmp_path / "alias")
    (tmp_path / "d" / "f").write_text("f")
    for told, name in ((direct, "d"), (again, "d"), (alias, "alias")):
        assert await told.news(tmp_path / name / "f") == {str(tmp_path / name / "f")}


async def test_a_file_behind_a_link_is_watched(tmp_path: Path, look: Look) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "f").write_text("1")
    (tmp_path / "link").symlink_to("far/f")
    told = look(tmp_path / "link")
    (tmp_path / "far" / "f").write_text("2")
    assert await told.news(tmp_path / "link") == {str(tmp_path / "link")}


async def test_changes_of_one_moment_are_told_together_and_those_of_an_ended_watch_never(tmp_path: Path) -> None:
    watcher, calls, first, kept = Watcher(), list[list[str]](), Told(), Told()

    def note(paths: list[str]) -> None:
        calls.append(paths)
        first(paths)

    ended = watcher.watch(str(tmp_path), note, DELAY_S)
    other = watcher.watch(str(tmp_path), kept, DELAY_S)
    for name in "cab":
        (tmp_path / name).write_text(name)
    await kept.news(tmp_path / "a", tmp_path / "b", tmp_path / "c")
    await first.news(tmp_path / "a", tmp_path / "b", tmp_path / "c")
    assert calls == [[str(tmp_path / name) for name in "abc"]]
    (tmp_path / "d").write_text("d")
    ended.end()
    await kept.news(tmp_path / "d")
    assert len(calls) == 1
    (tmp_path / "sub").mkdir()
    third = watcher.watch(str(tmp_path / "sub"), calls.append, DELAY_S)
    assert len(watcher._handles) == 3  # the folder, what is above it, and the new one
    third.end()
    assert len(watcher._handles) == len(watcher._places) == 2
    other.end()
    assert (watcher._inotify, watcher._places, watcher._handles) == (None, {}, {})


async def test_a_watch_that_the_system_refuses_is_none(tmp_path: Path) -> None:
    watcher = Watcher()
    with (
        patch.object(watching.Inotify, "add_watch", side_effect=OSError(28, os.strerror(28))),
        pytest.raises(OSError, match="No space"),
    ):
        watcher.watch(str(tmp_path), lambda _: None)
    assert watcher._inotify is None


async def test_events_that_were_lost_count_as_a_change(tmp_path: Path) -> None:
    watcher, told = Watcher(), Told()
    watch = watcher.watch(str(tmp_path), told, DELAY_S)
    lost = watching.Event(None, watching.Mask.Q_OVERFLOW, 0, None)
    assert watcher._take(lost) == {watch}
    assert await told.news(tmp_path) == {str(tmp_path)}
    watch.end()
