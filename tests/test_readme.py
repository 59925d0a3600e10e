"""The README says what is so: its directives, its configuration, its code and its links."""

import re
import tomllib
from pathlib import Path

import pytest

from app_server.core.clock import Clock
from app_server.core.config.store import ConfigStore
from app_server.core.provider.rehearsal_script import DIRECTIVES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def block(language: str) -> str:
    """The one code block in this language that is not a shell's."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    return str(found)


def test_every_directive_of_the_rehearsal_is_listed_with_its_meaning() -> None:
    rows = re.findall(r"^\| `(/.+?)` \| (.+) \|$", README, re.MULTILINE)
    assert [(usage, meaning.replace("`", "")) for usage, meaning in rows] == list(DIRECTIVES.values())


def test_the_configuration_is_read_without_a_complaint(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(block("toml"))
    config, warnings = ConfigStore(tmp_path, {}, {}, Clock(), cwd=tmp_path, system=tmp_path / "none").startup()
    assert warnings == []
    assert (config.model, config.model_provider) == ("my-model", "local")
    assert len(block("toml").splitlines()) <= 10
    assert tomllib.loads(block("toml"))["model_providers"]["local"]["env_key"]


def test_the_python_example_is_python() -> None:
    compile(block("python"), "README.md", "exec")


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_to_files_that_are_there(name: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", (ROOT / name).read_text()) if "://" not in link]
    assert [link for link in links if not (ROOT / link).exists()] == []
    assert links or name != "README.md"
