"""What every test may ask for: the asyncio backend, a home, and a whole conversation with a real server process."""

import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.support.home import Home, make_home
from tests.support.process import SpawnedClient, spawned
from tests.support.provider import Script, ScriptedProvider


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """We run anyio on asyncio only."""
    return "asyncio"


@pytest.fixture(scope="session")
def server_command() -> Sequence[str]:
    """The server as it is installed beside this Python."""
    return [str(Path(sys.executable).with_name("app-server")), "app-server"]


@pytest.fixture
def home(tmp_path: Path) -> Callable[..., Home]:
    """Makes the test's home: `home(provider.url, ...)`, with the options of `make_home`."""

    def make(provider_url: str, **options: Any) -> Home:
        return make_home(tmp_path, provider_url, **options)

    return make


@dataclass(frozen=True, slots=True)
class Conversation:
    """An initialized client, the server's home, and the provider that the server asks."""

    client: SpawnedClient
    home: Home
    provider: ScriptedProvider


class Converse(Protocol):
    """`async with converse(script, model="lab-text") as talk:`; options go to `make_home`."""

    def __call__(self, script: Script = (), **options: Any) -> AbstractAsyncContextManager[Conversation]: ...


@pytest.fixture
def converse(tmp_path: Path, server_command: Sequence[str]) -> Converse:
    """Opens a conversation: a scripted provider, a home that names it, and a server spawned in that home."""

    @asynccontextmanager
    async def start(script: Script = (), **options: Any) -> AsyncIterator[Conversation]:
        async with ScriptedProvider(script) as provider:
            home = make_home(tmp_path, provider.url, **options)
            async with spawned(server_command, home) as client:
                await client.initialize()
                yield Conversation(client, home, provider)

    return start
