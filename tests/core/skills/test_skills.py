"""Where skills are found, which are on, which are named, and what the model is told of them."""

from pathlib import Path
from typing import Any

import pytest

from app_server.core.clock import Clock
from app_server.core.config.config import Config
from app_server.core.config.store import ConfigStore
from app_server.core.skills import files, told
from app_server.core.skills.skill import Described, Root, Skill
from app_server.core.skills.skills import Skills, is_on, may_mention, mentioned


def put(root: Path, *names: str, description: str = "d") -> None:
    for name in names:
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name / "SKILL.md").write_text(f"---\nname: {Path(name).name}\ndescription: {description}\n---\n")


class Lab:
    """A home, a project, and the skills of a folder in it."""

    def __init__(self, folder: Path, text: str = "") -> None:
        self.home, self.work = folder / "home", folder / "work"
        self.codex_home = self.home / ".codex"
        self.codex_home.mkdir(parents=True)
        (self.work / ".git").mkdir(parents=True)
        (self.codex_home / "config.toml").write_text(text)
        self.reads: list[str] = []
        self.skills = Skills({"HOME": str(self.home)}, self._read)

    def config(self, cwd: Path | None = None) -> Config:
        store = ConfigStore(self.codex_home, {}, {}, Clock(), cwd=cwd or self.work, system=self.home / "etc")
        return store.load()

    def found(self, cwd: Path | None = None) -> list[tuple[str, str]]:
        return [(skill.name, skill.root.scope) for skill in self.skills.find(self.config(cwd)).skills]

    def _read(self, file: Path) -> Described:
        self.reads.append(file.parent.name)
        return files.read(file)


def skill(name: str, path: str, **members: Any) -> Skill:
    usual = {"description": "d", "short_description": None, "interface": {}, "tools": (), "is_implicit": True}
    return Skill(Path(path), Root(Path(path).parent.parent, "user"), Described(name=name, **{**usual, **members}))


def test_skills_lie_in_the_project_and_in_the_users_folders(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    put(lab.work / ".agents/skills", "sail", "bake")
    put(lab.work / ".codex/skills", "row")
    put(lab.work / "sub/.agents/skills", "deeper")
    put(lab.codex_home / "skills", "bake", ".system/bundled", ".hidden/no")
    put(lab.home / ".agents/skills", "walk")
    put(tmp_path / "extra", "more")
    put(tmp_path / ".agents/skills", "outside of the project")
    lab.skills.set_extra_roots([tmp_path / "extra", tmp_path / "none"])
    repo, user = ["bake", "row", "sail"], ["bake", "more", "walk"]
    expected = [*((name, "repo") for name in repo), *((name, "user") for name in user), ("bundled", "system")]
    assert lab.found() == expected
    (lab.work / "sub").mkdir(exist_ok=True)
    assert lab.found(lab.work / "sub") == sorted([("deeper", "repo"), *expected[:3]]) + expected[3:]


def test_how_deep_skills_are_looked_for_and_links_are_followed_once(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    root = lab.codex_home / "skills"
    put(root, "a/b/c/d/e/six", "a/b/c/d/e/f/seven", "one")
    put(tmp_path / "elsewhere", "linked")
    (root / "link").symlink_to(tmp_path / "elsewhere")
    (root / "again").symlink_to(tmp_path / "elsewhere")
    (root / "up").symlink_to(root)
    (root / "one" / "SKILL.MD").write_text("another name")
    assert lab.found() == [("linked", "user"), ("one", "user"), ("six", "user")]


def test_files_are_read_again_only_when_they_have_changed(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    root = lab.codex_home / "skills"
    put(root, "one", "two")
    (root / "bad").mkdir()
    (root / "bad" / "SKILL.md").write_text("")
    for _ in range(2):
        found = lab.skills.find(lab.config())
    assert [fault.path.parent.name for fault in found.faults] == ["bad"]
    assert sorted(lab.reads) == ["bad", "one", "two"]
    put(root, "two", description="longer than before")
    (root / "one" / "agents").mkdir()
    (root / "one" / "agents" / "openai.yaml").write_text("interface: {display_name: One}")
    lab.found()
    assert sorted(lab.reads[3:]) == ["one", "two"]
    lab.skills.forget()
    lab.found()
    assert len(lab.reads) == 8


@pytest.mark.parametrize(
    ("table", "is_expected"),
    [
        ({}, True),
        ({"config": [{"name": "n", "enabled": False}]}, False),
        ({"config": [{"name": "other", "enabled": False}]}, True),
        ({"config": [{"path": "/r/n/SKILL.md", "enabled": False}]}, False),
        ({"config": [{"path": "/r/n", "enabled": False}]}, False),
        ({"config": [{"path": "/r/x/../n/SKILL.md", "enabled": False}]}, False),
        ({"config": [{"name": "n", "enabled": False}, {"path": "/r/n/SKILL.md", "enabled": True}]}, True),
        ({"config": [{"name": "n"}]}, True),
        ({"config": "x"}, True),
        ({"config": [1, {"path": 5, "enabled": False}]}, True),
    ],
)
def test_a_skill_is_on_unless_the_last_line_about_it_says_otherwise(table: Any, is_expected: bool) -> None:
    assert is_on(skill("n", "/r/n/SKILL.md"), table) is is_expected


def test_which_skills_the_words_name() -> None:
    skills = [skill("bake", "/a/bake/SKILL.md"), skill("bake", "/b/bake/SKILL.md"), skill("row:fast", "/a/row/SKILL.md")]
    skills += [skill("sail", "/a/sail/SKILL.md"), skill("walk", "/a/walk/SKILL.md")]

    def named(text: str, *already: str) -> list[str]:
        assert may_mention(text)
        return [str(each.path) for each in mentioned(skills, [text], already)]

    assert named("a$sail, ($walk) $$sail") == ["/a/sail/SKILL.md", "/a/walk/SKILL.md"]
    assert named("$sailing $nope $row $PATH") == []
    assert named("use $row:fast.") == ["/a/row/SKILL.md"]
    assert named("$bake") == []  # which of them?
    assert named("[$bake](/b/bake/SKILL.md)") == ["/b/bake/SKILL.md"]
    assert named("[$bake](skill:///b/bake/SKILL.md) [$x](/elsewhere)") == ["/b/bake/SKILL.md"]
    assert named("$sail", "/a/sail/SKILL.md") == []
    assert not may_mention("costs 5 $ or $, no more")


def test_the_model_is_told_which_skills_there_are() -> None:
    skills = [skill("bake", "/a/bake/SKILL.md", description="Bakes"), skill("sail", "/b/in/sail/SKILL.md")]
    skills += [skill("never", "/a/never/SKILL.md", is_implicit=False)]
    text = told.instructions(skills)
    assert text is not None
    lines = text.splitlines()
    assert (lines[0], lines[-1]) == ("<skills_instructions>", "</skills_instructions>")
    assert "- bake: Bakes (file: r0/bake/SKILL.md)" in lines
    assert "- sail: d (file: r1/sail/SKILL.md)" in lines
    assert lines[lines.index("### Skill roots") + 1 :][:2] == ["- `r0` = `/a`", "- `r1` = `/b/in`"]
    assert "never" not in text
    assert told.instructions(skills[2:]) is None


def test_a_list_that_gets_too_long_is_told_by_names() -> None:
    skills = [skill(f"n{number}", f"/a/n{number}/SKILL.md", description="d" * 1000) for number in range(100)]
    text = told.instructions(skills)
    assert text is not None
    assert len(text) < told.MOST_CHARACTERS + 10_000
    assert "- n99 (file: r0/n99/SKILL.md)" in text
    assert f"- n0: {'d' * 1000} (file: r0/n0/SKILL.md)" in text
