"""The project's own instructions; which files count was asked of the reference."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from app_server.core.agents_md import ProjectInstructions, read
from app_server.core.clock import Clock
from app_server.core.config.store import ConfigStore

Look = Callable[..., tuple[str | None, list[str]]]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Write files (names from `tmp_path`), read for a directory, and tell the text and the sources' names."""

    def run(
        files: Mapping[str, str], settings: Mapping[str, Any] | None = None, *, cwd: str = "w", has_git: bool = True
    ) -> tuple[str | None, list[str]]:
        for directory in ("home", "w/.git" if has_git else "w", cwd):
            (tmp_path / directory).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        store = ConfigStore(tmp_path / "home", {"HOME": str(tmp_path)}, {}, Clock(), cwd=tmp_path, system=tmp_path / "etc")
        found = read(store.load(tmp_path / cwd, settings or {}))
        assert isinstance(found, ProjectInstructions)
        return found.text, [str(source.relative_to(tmp_path)) for source in found.sources]

    return run


def test_files_are_joined_from_the_home_over_the_root_to_the_directory(look: Look) -> None:
    files = {
        "home/AGENTS.md": " home \n",
        "w/AGENTS.md": "root\n",
        "w/deep/AGENTS.md": "deep\n",
        "w/deep/er/AGENTS.override.md": "override",
        "w/deep/er/AGENTS.md": "hidden",
    }
    assert look(files, cwd="w/deep/er") == (
        "home\n\n--- project-doc ---\n\nroot\n\n\ndeep\n\n\noverride",
        ["home/AGENTS.md", "w/AGENTS.md", "w/deep/AGENTS.md", "w/deep/er/AGENTS.override.md"],
    )


def test_nothing_is_nothing(look: Look) -> None:
    assert look({}) == (None, [])


def test_a_blank_file_of_the_home_gives_way_to_the_next(look: Look) -> None:
    assert look({"home/AGENTS.override.md": " ", "home/AGENTS.md": "h"}) == ("h", ["home/AGENTS.md"])


def test_a_blank_override_hides_the_file_beside_it(look: Look) -> None:
    assert look({"w/AGENTS.override.md": " ", "w/AGENTS.md": "x"}) == (None, [])


@pytest.mark.parametrize(
    ("limit", "text", "sources"),
    [
        (0, "home", ["home/AGENTS.md"]),
        (3, "home\n\n--- project-doc ---\n\nabc", ["home/AGENTS.md", "w/AGENTS.md"]),
        (5, "home\n\n--- project-doc ---\n\nabc\n\nx", ["home/AGENTS.md", "w/AGENTS.md", "w/a/AGENTS.md"]),
        (6, "home\n\n--- project-doc ---\n\nabc\n\nxü", ["home/AGENTS.md", "w/AGENTS.md", "w/a/AGENTS.md"]),
    ],
)
def test_the_budget_counts_bytes_of_project_files_and_cuts_no_character(
    look: Look, limit: int, text: str, sources: list[str]
) -> None:
    files = {"home/AGENTS.md": "home", "w/AGENTS.md": "abc", "w/a/AGENTS.md": "xüz"}
    assert look(files, {"project_doc_max_bytes": limit}, cwd="w/a") == (text, sources)


def test_fallback_names_come_last(look: Look) -> None:
    files = {"w/C.md": "c", "w/a/C.md": "no", "w/a/AGENTS.md": "a"}
    assert look(files, {"project_doc_fallback_filenames": ["C.md"]}, cwd="w/a") == ("c\n\na", ["w/C.md", "w/a/AGENTS.md"])


def test_without_a_root_only_the_directory_counts(look: Look) -> None:
    files = {"w/AGENTS.md": "root", "w/a/AGENTS.md": "a"}
    assert look(files, cwd="w/a", has_git=False) == ("a", ["w/a/AGENTS.md"])
    assert look(files, {"project_root_markers": []}, cwd="w/a") == ("a", ["w/a/AGENTS.md"])
