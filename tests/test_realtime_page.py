"""The page about spoken conversations says what is so: its messages, its configuration, its limits and its links."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from app_server.core.clock import Clock
from app_server.core.config.store import ConfigStore
from app_server.core.realtime import session
from protocol import realtime
from protocol.base import Notification, Params

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/realtime.md").read_text()
LINES: list[tuple[str, dict[str, Any]]] = [
    (line[0], json.loads(line[2:])) for line in PAGE.splitlines() if line.startswith(("> {", "< {"))
]


def models(kind: type) -> list[Any]:
    """The models of the family that are of a kind."""
    return [
        value for value in vars(realtime).values() if isinstance(value, type) and issubclass(value, kind) and value is not kind
    ]


@pytest.mark.parametrize(("sign", "message"), LINES)
def test_each_message_of_the_example_is_one_of_the_protocol(sign: str, message: dict[str, Any]) -> None:
    if sign == ">":
        name = message["method"].rpartition("/")[2]
        (params,) = (model for model in models(Params) if model.__name__.lower() == f"threadrealtime{name.lower()}params")
        params.model_validate(message["params"])
    elif "method" in message:
        (notification,) = (model for model in models(Notification) if model.method == message["method"])
        notification.model_validate(message["params"])
    else:
        assert message == {"id": 1, "result": {}}


def test_the_example_uses_every_method_of_a_session() -> None:
    used = {message["method"].rpartition("/")[2] for sign, message in LINES if sign == ">"}
    assert used == {"start", "appendAudio", "appendText", "appendSpeech", "stop"}


def test_the_configuration_is_read_without_a_complaint(tmp_path: Path) -> None:
    (found,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (tmp_path / "config.toml").write_text(found)
    config, warnings = ConfigStore(tmp_path, {}, {}, Clock(), cwd=tmp_path, system=tmp_path / "none").startup()
    assert warnings == []
    assert (config.realtime["voice"], config.realtime["ws_startup_context"]) == ("marin", "")


def test_the_limits_are_those_of_the_server() -> None:
    assert f"within {session.START_S:g} seconds" in PAGE
    assert 2 * session.UNHEARD_S == 60
    assert "its session ends within a minute" in PAGE


def test_links_lead_to_files_that_are_there() -> None:
    links = re.findall(r"\]\(([^)#]+)", PAGE)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
