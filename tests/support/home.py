"""A CODEX_HOME for one test: a config that names a provider on loopback, three invented models, and an empty workspace.

The environment is written anew, so that neither keys nor settings of whoever runs the tests reach the server.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CATALOGUE = Path(__file__).with_name("catalogue.json")
CONFIG = """\
model = "{model}"
model_provider = "mock"
check_for_update_on_startup = false
{catalogue}
{top}
[analytics]
enabled = false
[model_providers.mock]
name = "mock"
base_url = "{provider_url}"
wire_api = "responses"
request_max_retries = {retries}
stream_max_retries = {retries}
{provider}
[skills.bundled]
enabled = false
[features]
plugins = false
apps = false
{features}
{tables}
"""


@dataclass(frozen=True, slots=True)
class Home:
    """The folders of a test server and the environment that it runs in."""

    codex_home: Path
    work: Path
    environment: Mapping[str, str]
    log: Path


def make_home(
    folder: Path,
    provider_url: str,
    *,
    model: str = "lab-full",
    retries: int = 0,
    has_catalogue: bool = True,
    top: str = "",
    provider: str = "",
    features: str = "",
    tables: str = "",
    environment: Mapping[str, str] | None = None,
) -> Home:
    """Write a home below `folder`. `top`, `provider`, `features` and `tables` are TOML put into those places of the config."""
    home, work = folder / "home", folder / "work"
    codex_home = home / ".codex"
    codex_home.mkdir(parents=True)
    work.mkdir()
    catalogue = ""
    if has_catalogue:
        shutil.copy(CATALOGUE, codex_home / "catalogue.json")
        catalogue = f'model_catalog_json = "{codex_home}/catalogue.json"'
    config = CONFIG.format(
        model=model,
        retries=retries,
        provider_url=provider_url,
        catalogue=catalogue,
        top=top,
        provider=provider,
        features=features,
        tables=tables,
    )
    (codex_home / "config.toml").write_text(config)
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "CODEX_HOME": str(codex_home),
        "LANG": "C.UTF-8",
        "SHELL": "/bin/bash",
        "USER": "tester",
        **(environment or {}),
    }
    return Home(codex_home, work, variables, folder / "stderr.log")
