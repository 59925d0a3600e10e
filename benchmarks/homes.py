"""Where a measured server lives: a fresh CODEX_HOME and an empty working directory, the same for every server.

Both lie under /var/tmp, outside any git repository. Retries, plugins, apps and analytics are off, so that nothing but
the measured work runs. `lab_models` replaces the bundled catalogue, which differs between servers, by a fixed one.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.client import Client, Json

PARENT = Path("/var/tmp")
MODELS = 9
CONFIG = """
model = "bench-0"
model_provider = "mock"
check_for_update_on_startup = false
{catalogue}
[analytics]
enabled = false
[model_providers.mock]
name = "mock"
base_url = "{provider_url}"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
[features]
plugins = false
apps = false
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """A server to be measured, and the provider that its homes name."""

    name: str
    command: Sequence[str]
    provider_url: str

    @contextmanager
    def home(self, *, lab_models: bool = True) -> Iterator["Home"]:
        """A fresh home, removed afterwards."""
        with tempfile.TemporaryDirectory(prefix="bench-", dir=PARENT, ignore_cleanup_errors=True) as folder:
            home = Home(self, Path(folder))
            home.codex_home.mkdir()
            home.work.mkdir()
            catalogue = ""
            if lab_models:
                path = home.codex_home / "models.json"
                path.write_text(json.dumps({"models": [model(number) for number in range(MODELS)]}))
                catalogue = f'model_catalog_json = "{path}"'
            config = CONFIG.format(provider_url=self.provider_url, catalogue=catalogue)
            (home.codex_home / "config.toml").write_text(config)
            yield home

    @contextmanager
    def initialized(self) -> Iterator[Client]:
        """A client of a server in a fresh home, after the handshake."""
        with self.home() as home, home.spawn() as client:
            client.initialize()
            yield client


@dataclass(frozen=True, slots=True)
class Home:
    """One CODEX_HOME. Servers may be spawned in it one after the other."""

    subject: Subject
    folder: Path

    @property
    def codex_home(self) -> Path:
        return self.folder / "codex"

    @property
    def work(self) -> Path:
        return self.folder / "work"

    def spawn(self) -> Client:
        """Start the server; it is the caller's to close."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "CODEX_HOME": str(self.codex_home),
            "LANG": "C.UTF-8",
            "SHELL": "/bin/sh",
        }
        command = [*self.subject.command, "app-server"]
        return Client(command, environment=environment, directory=self.work, log=self.folder / "stderr.log")


def model(number: int) -> Json:
    """One catalogue entry of a plain model."""
    return {
        "slug": f"bench-{number}",
        "display_name": f"Bench {number}",
        "description": "A model for measuring",
        "default_reasoning_level": "medium",
        "supported_reasoning_levels": [{"effort": effort, "description": effort} for effort in ("low", "medium", "high")],
        "shell_type": "unified_exec",
        "visibility": "list",
        "supported_in_api": True,
        "priority": number,
        "availability_nux": None,
        "upgrade": None,
        "base_instructions": "Answer briefly. " * 500,
        "supports_reasoning_summaries": True,
        "support_verbosity": False,
        "default_verbosity": None,
        "apply_patch_tool_type": "freeform",
        "truncation_policy": {"mode": "tokens", "limit": 10000},
        "supports_parallel_tool_calls": True,
        "context_window": 400000,
        "experimental_supported_tools": [],
        "input_modalities": ["text", "image"],
    }
