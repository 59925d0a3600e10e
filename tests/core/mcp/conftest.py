"""Servers are programs that have to start, which takes its time on a busy machine."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Conversation, Converse
from tests.support.home import make_home
from tests.support.process import spawned
from tests.support.provider import Script, ScriptedProvider

DEADLINE_S = 30


@pytest.fixture
def converse(tmp_path: Path, server_command: Sequence[str]) -> Converse:
    """A conversation with more patience."""

    @asynccontextmanager
    async def start(script: Script = (), **options: Any) -> AsyncIterator[Conversation]:
        async with ScriptedProvider(script) as provider:
            home = make_home(tmp_path, provider.url, **options)
            async with spawned(server_command, home, deadline_s=DEADLINE_S) as client:
                await client.initialize()
                yield Conversation(client, home, provider)

    return start
