"""What is found in a tree, and what its ignore files leave out. The cases were walked by the reference too."""

import os
import subprocess
from pathlib import Path

import pytest

from app_server.core.file_search.ignore import Rules
from app_server.core.file_search.walk import Tree, nested, walk

IGNORE_FILE = """\
*.log
!keep.log
build/
/only_root
sub/*.tmp
**/deep
a/**/z
# c
\\#hash
foo/*
!foo/bar
q?x
[ab]c
keepdir
!keepdir/
"""


def make(folder: Path, *paths: str, **files: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("")


def repository(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    subprocess.run(["git", "init", "-q", str(folder)], check=True)


def found(folder: Path, *others: str, environment: dict[str, str] | None = None) -> set[str]:
    """The paths in a folder, without what lies in `.git`."""
    tree = Tree(str(folder))
    walk(tree, str(folder), {}, environment or {}, lambda: False)
    assert len(tree.paths) == len(set(tree.paths)) == len(tree.names) == len(tree.is_directory)
    assert all(path.endswith(name) for path, name in zip(tree.paths, tree.names, strict=True))
    return {path for path in tree.paths if not f"{path}/".startswith((".git/", "inner/.git/"))} - {""}


def test_ignore_files_of_a_repository(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    repository(root)
    left_out = ["x.log", "build/o", "only_root", "sub/a.tmp", "m/deep", "m/n/deep/x", "a/z", "a/b/z", "a/b/c/z", "#hash"]
    left_out += ["foo/one", "foo/bar/x.log", "q1x", "ac", "bc", "keepdir/in.log", "excluded", "s/excluded", "s/ign"]
    stays = ["keep.log", "s/only_root", "sub/b/c.tmp", "foo/bar/y", "cc", "keepdir/y", ".hidden", "buildx/y", "ign", "s/x.log"]
    make(root, *left_out, *stays)
    (root / ".gitignore").write_text(IGNORE_FILE)
    (root / ".git" / "info").mkdir(exist_ok=True)
    (root / ".git" / "info" / "exclude").write_text("excluded")
    (root / "s" / ".ignore").write_text("ign\n!x.log\n")
    files = {path for path in found(root) if (root / path).is_file()}
    assert files == {*stays, ".gitignore", "s/.ignore"}
    assert {path for path in found(root / "foo") if (root / "foo" / path).is_file()} == {"bar/y"}


def test_a_repository_inside_another_has_its_own_rules(tmp_path: Path) -> None:
    repository(tmp_path)
    (tmp_path / ".gitignore").write_text("*.log\n")
    repository(tmp_path / "inner")
    make(tmp_path, "x.log", "inner/x.log", "inner/own")
    (tmp_path / "inner" / ".gitignore").write_text("own\n")
    assert found(tmp_path) == {".gitignore", "inner", "inner/x.log", "inner/.gitignore"}


def test_outside_of_a_repository_only_ignore_files_count_and_those_above_too(tmp_path: Path) -> None:
    make(tmp_path, "d/x", "d/y", "d/x.log")
    (tmp_path / ".gitignore").write_text("*.log\n")
    (tmp_path / ".ignore").write_text("x\n")
    assert found(tmp_path / "d") == {"y", "x.log"}


def test_the_users_own_ignore_file_counts_in_repositories_and_least(tmp_path: Path) -> None:
    make(tmp_path, "config/git/ignore", "repo/a.bak", "repo/keep.bak", "plain/a.bak")
    (tmp_path / "config" / "git" / "ignore").write_text("*.bak\n")
    repository(tmp_path / "repo")
    (tmp_path / "repo" / ".gitignore").write_text("!keep.bak\n")
    environment = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    assert found(tmp_path / "repo", environment=environment) == {"keep.bak", ".gitignore"}
    assert found(tmp_path / "plain", environment=environment) == {"a.bak"}


def test_links_are_followed_but_never_in_circles_and_what_is_no_text_is_left_out(tmp_path: Path) -> None:
    make(tmp_path, "w/d/f", "far/g")
    (tmp_path / "w" / "d" / "up").symlink_to("../../w")
    (tmp_path / "w" / "self").symlink_to("self")
    (tmp_path / "w" / "nothing").symlink_to("missing")
    (tmp_path / "w" / "link").symlink_to("../far")
    (tmp_path / "far" / "again").symlink_to("../far")
    with open(os.fsencode(tmp_path / "w") + b"/bad\xff", "w"):  # noqa: PTH123 - a name that is no text
        pass
    assert found(tmp_path / "w") == {"d", "d/f", "link", "link/g"}


def test_a_root_may_be_a_file_or_missing(tmp_path: Path) -> None:
    make(tmp_path, "f")
    for name, paths in (("f", [""]), ("none", [])):
        tree = Tree(name)
        walk(tree, str(tmp_path / name), {}, {}, lambda: False)
        assert tree.paths == paths
        assert tree.is_directory == [False] * len(paths)


def test_what_lies_in_another_root_counts_as_found_there(tmp_path: Path) -> None:
    make(tmp_path, "a/x", "a/b/y", "a/b/c/z")
    trees = [Tree(f"{tmp_path}/a"), Tree(f"{tmp_path}/a/b/"), Tree("relative")]
    inner = nested(trees[0], trees)
    assert inner == {"b": trees[1]}
    walk(trees[0], f"{tmp_path}/a", inner, {}, lambda: False)
    assert sorted(trees[0].paths) == ["", "x"]
    assert sorted(trees[1].paths) == ["", "c", "c/z", "y"]


def test_a_walk_that_nobody_wants_stops(tmp_path: Path) -> None:
    make(tmp_path, "a/b/c/d")
    tree, looks = Tree("x"), iter([False, False, True])
    walk(tree, str(tmp_path), {}, {}, lambda: next(looks))
    assert tree.paths == ["", "a", "a/b"]


@pytest.mark.parametrize("lines", [[""], ["# only words"], ["/"], ["[", "a["]])
def test_lines_that_say_nothing(lines: list[str]) -> None:
    assert Rules(lines).decide("x") is None
