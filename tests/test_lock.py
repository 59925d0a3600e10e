"""requirements.lock holds what pyproject.toml asks for, pinned and hashed, and names no place to get it from."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text()
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; (.+?))? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)


def asked_for() -> list[Requirement]:
    """What it takes to run, to develop and to build."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    texts = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"], *project["build-system"]["requires"]]
    return [Requirement(text) for text in texts]


def test_every_requirement_is_pinned_to_a_version_that_fits() -> None:
    pins = {name: version for name, version, _, _ in PIN.findall(LOCK)}
    assert len(asked_for()) > 10
    unfit = [str(each) for each in asked_for() if pins.get(each.name.replace("_", "-")) not in each.specifier]
    assert unfit == [], "run scripts/lock.sh"


def test_every_line_is_a_pin_with_hashes() -> None:
    assert PIN.sub("", LOCK).splitlines() == [line for line in LOCK.splitlines() if line.startswith("#")]
    assert "://" not in LOCK
