"""The page about providers says what is so: its keys and defaults, its configuration, its dialog."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from app_server.core.clock import Clock
from app_server.core.config.store import ConfigStore
from app_server.core.provider.settings import AUTH_KEYS, PROVIDER_KEYS, RESERVED_IDS, ProviderSettings
from tests.support.client import RpcError, connected
from tests.support.deterministic import served
from tests.support.home import make_home

PAGE = (Path(__file__).parents[1] / "docs/providers.md").read_text()
WITHOUT_EFFECT = {"aws", "model_catalog_url", "gateway_oauth", "supports_standalone_web_search"}
BLOCKS = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
KEYS = dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", PAGE.split("## Keys")[1], re.MULTILINE))
DIALOG = [json.loads(line[2:]) for line in PAGE.splitlines() if line.startswith(("> {", "< {"))]


def test_every_key_that_has_an_effect_is_told_with_its_default() -> None:
    assert set(KEYS) == PROVIDER_KEYS - WITHOUT_EFFECT
    settings = ProviderSettings.from_table("p", {"name": "p"})
    numbers = {name: int(default) for name, default in KEYS.items() if default.isdigit()}
    assert len(numbers) == 4
    assert {name: getattr(settings, name) for name in numbers} == numbers
    switches = [name for name, default in KEYS.items() if default == "false"]
    assert [getattr(settings, name) for name in switches] == [False] * 2
    assert set(re.findall(r"(\w+) = ", next(line for line in PAGE.splitlines() if line.startswith("auth = "))[6:])) == AUTH_KEYS


def test_the_built_in_providers_are_told() -> None:
    told = PAGE.split("## Which ones there are")[1].split("##")[0]
    assert {name for name in RESERVED_IDS if f"`{name}`" in told} == set(RESERVED_IDS)


@pytest.mark.parametrize("block", BLOCKS)
def test_the_configuration_is_read_without_a_complaint(block: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text(block)
    config, warnings = ConfigStore(home, {}, {}, Clock(), cwd=tmp_path, system=tmp_path / "none").startup()
    assert warnings == []
    ways = [ProviderSettings.from_table(name, table).wire_api for name, table in config.model_providers.items()]
    assert ways in (["responses", "chat", "litellm"], ["responses"])


@pytest.mark.anyio
async def test_the_dialog_is_what_the_server_says(tmp_path: Path) -> None:
    assert len(BLOCKS) == 2 < len(DIALOG)
    async with served(make_home(tmp_path, "http://127.0.0.1:9/v1")) as pipe, connected(pipe) as client:
        await client.initialize()
        for asked, said in zip(DIALOG[::2], DIALOG[1::2], strict=True):
            answer: dict[str, Any]
            try:
                answer = {"result": await client.request(asked["method"], asked["params"])}
            except RpcError as error:
                answer = {"error": {"code": error.code, "message": error.message}}
            assert {"id": asked["id"], **answer} == said
