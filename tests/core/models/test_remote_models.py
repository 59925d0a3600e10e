"""The lists that providers send: who is asked, when, what is kept, and what becomes of a list that makes no sense."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from app_server.core.clock import Clock
from app_server.core.config.config import Config
from app_server.core.config.store import ConfigStore
from app_server.core.models import refresh
from app_server.core.models.manager import ModelsManager
from app_server.core.models.refresh import ModelsRefresher
from app_server.core.models.remote import RemoteModels, source_of
from app_server.core.provider.credentials import Credential
from app_server.core.provider.outgoing import Identity
from app_server.core.provider.responses import ResponsesProvider
from app_server.core.provider.responses_ws import ResponsesSocket
from app_server.core.providers import Providers
from tests.core.models.test_models_catalog import MINIMAL
from tests.core.provider.loopback import HANG, Loopback, Step, http, loopback

pytestmark = pytest.mark.anyio

ACCOUNT = "requires_openai_auth = true"
COMMAND = 'auth = {command = "echo", args = ["tok"]}'


class MovingClock(Clock):
    """The time of day, moved by hand."""

    def __init__(self) -> None:
        self.ms = 1_800_000_000_000

    def now_ms(self) -> int:
        return self.ms


class Account:
    """A ChatGPT login."""

    async def credential(self) -> Credential | None:
        return Credential("tok", {"chatgpt-account-id": "a-1"}, is_chatgpt=True)

    async def renew(self, refused: Credential, attempt: int) -> Credential | None:
        return None


class Lab:
    """A home with one provider at the loopback server, and everything that asks it for its models."""

    def __init__(self, home: Path, server: Loopback, provider: str, clock: Clock, account_id: str | None = "a-1") -> None:
        home.mkdir(exist_ok=True)
        lines = 'model_provider = "p"\n[model_providers.p]\nname = "p"\n'
        (home / "config.toml").write_text(f'{lines}base_url = "{server.url}"\n{provider}\n')
        self.config: Config = ConfigStore(home, {}, {}, clock, cwd=home, system=home / "etc").load()
        self.providers = Providers({}, {"responses": responses}, make_socket=ResponsesSocket)
        self.remote = RemoteModels(home, clock, lambda config: source_of(config, self.providers.settings, account_id))
        self.models = ModelsManager(remote=self.remote)
        self.refresher = ModelsRefresher(self.remote, self.providers, clock)

    def slugs(self) -> list[str]:
        return [model.slug for model in self.models.models(self.config)]


def responses(settings: Any) -> ResponsesProvider:
    return ResponsesProvider(settings, {"PATH": "/usr/bin:/bin"}, lambda: Identity("me", "me/1"), login=Account())


def listing(*slugs: str, etag: str | None = '"e1"', **members: Any) -> list[Step]:
    models = [{**MINIMAL, "slug": slug, "priority": 50 + place, **members} for place, slug in enumerate(slugs)]
    return [http(200, {"models": models}, **({} if etag is None else {"etag": etag}))]


async def test_m11_an_account_is_asked_with_the_version_and_its_list_is_all_there_is(tmp_path: Path) -> None:
    async with loopback(listing("new", "gpt-5.5")) as server:
        lab = Lab(tmp_path, server, ACCOUNT, MovingClock())
        assert "gpt-6.1-sol" in lab.slugs()
        await lab.refresher.refresh(lab.config)
        assert lab.slugs() == ["new", "gpt-5.5"]
        [request] = server.requests
        assert request.line == "GET /v1/models?client_version=0.169.0 HTTP/1.1"
        sent = {
            name: request.header(name) for name in ("accept", "authorization", "chatgpt-account-id", "originator", "user-agent")
        }
        assert sent == {
            "accept": "*/*",
            "authorization": "Bearer tok",
            "chatgpt-account-id": "a-1",
            "originator": "me",
            "user-agent": "me/1",
        }


async def test_m11_a_list_that_shows_nothing_and_a_gateways_list_lie_over_the_bundled_one(tmp_path: Path) -> None:
    async with loopback(listing("hidden", visibility="hide"), listing("new", "gpt-5.5", display_name="Again")) as server:
        account = Lab(tmp_path / "a", server, ACCOUNT, MovingClock())
        await account.refresher.refresh(account.config)
        assert {"hidden", "gpt-6.1-sol"} <= set(account.slugs())
        gateway = Lab(tmp_path / "b", server, COMMAND, MovingClock())
        await gateway.refresher.refresh(gateway.config)
        assert {"new", "gpt-6.1-sol"} <= set(gateway.slugs())
        assert gateway.models.lookup("gpt-5.5", gateway.config).display_name == "Again"


@pytest.mark.parametrize(
    ("provider", "account_id"),
    [
        (ACCOUNT, None),
        ("", "a-1"),
        (f'{ACCOUNT}\nenv_key = "KEY"', "a-1"),
        (f'{ACCOUNT}\nexperimental_bearer_token = "t"', "a-1"),
    ],
)
async def test_m11_nobody_else_is_asked(tmp_path: Path, provider: str, account_id: str | None) -> None:
    async with loopback() as server:
        lab = Lab(tmp_path, server, provider, MovingClock(), account_id)
        assert not lab.models.is_refresh_due(lab.config)
        await lab.refresher.refresh(lab.config, is_forced=True)
        assert server.requests == []


async def test_m11_a_list_is_kept_for_five_minutes_for_whoever_asked_for_it(tmp_path: Path) -> None:
    clock = MovingClock()
    async with loopback(listing("first"), listing("second"), listing("third")) as server:
        await Lab(tmp_path, server, ACCOUNT, clock).refresher.refresh(Lab(tmp_path, server, ACCOUNT, clock).config)
        kept = json.loads((tmp_path / "models_cache.json").read_text())
        assert {name: kept[name] for name in ("etag", "client_version")} == {"etag": '"e1"', "client_version": "0.169.0"}
        assert [model["slug"] for model in kept["models"]] == ["first"]

        clock.ms += 299_000
        again = Lab(tmp_path, server, ACCOUNT, clock)
        assert (again.slugs(), again.models.is_refresh_due(again.config)) == (["first"], False)
        other = Lab(tmp_path, server, ACCOUNT, clock, "a-2")
        assert (len(other.slugs()) > 5, other.models.is_refresh_due(other.config)) == (True, True)

        clock.ms += 2_000
        later = Lab(tmp_path, server, ACCOUNT, clock)
        assert (len(later.slugs()) > 5, later.models.is_refresh_due(later.config)) == (True, True)
        assert again.models.is_refresh_due(again.config)
        assert again.slugs() == ["first"]  # what a process knows stays until it knows better
        await again.refresher.refresh(again.config)
        assert again.slugs() == ["second"]
        assert len(server.requests) == 2


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"client_version": "0.169.0", "models": 3, "fetched_at": "x"}'])
async def test_m11_a_kept_list_that_makes_no_sense_is_as_good_as_none(tmp_path: Path, damage: str) -> None:
    (tmp_path / "models_cache.json").write_text(damage)
    async with loopback() as server:
        lab = Lab(tmp_path, server, ACCOUNT, MovingClock())
        assert (len(lab.slugs()) > 5, lab.models.is_refresh_due(lab.config)) == (True, True)


async def test_m11_a_list_of_another_version_is_not_used(tmp_path: Path) -> None:
    clock = MovingClock()
    async with loopback(listing("first")) as server:
        lab = Lab(tmp_path, server, ACCOUNT, clock)
        await lab.refresher.refresh(lab.config)
        path = tmp_path / "models_cache.json"
        path.write_text(path.read_text().replace("0.169.0", "0.1.0"))
        assert len(Lab(tmp_path, server, ACCOUNT, clock).slugs()) > 5


@pytest.mark.parametrize(
    "answer",
    [
        [http(500, "oops")],
        [http(404, {"error": {"message": "no"}})],
        [http(401, {"error": {"message": "no"}})],
        [http(200, "<html>")],
        [http(200, {"models": [{"slug": "half"}]})],
        [http(200, {"data": []})],
        [b"", "reset"],
    ],
)
async def test_m11_an_answer_that_is_no_list_changes_nothing(tmp_path: Path, answer: list[Step]) -> None:
    async with loopback(answer) as server:
        lab = Lab(tmp_path, server, ACCOUNT, MovingClock())
        before = lab.slugs()
        await lab.refresher.refresh(lab.config)
        assert lab.slugs() == before
        assert not (tmp_path / "models_cache.json").exists()


async def test_m11_a_provider_that_hangs_is_waited_for_only_so_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresh, "TIMEOUT_S", 0.05)
    async with loopback([HANG]) as server:
        lab = Lab(tmp_path, server, ACCOUNT, MovingClock())
        with anyio.fail_after(3):
            await lab.refresher.refresh(lab.config)
        assert len(server.requests) == 1


async def test_m11_those_who_ask_at_the_same_time_share_one_request(tmp_path: Path) -> None:
    async with loopback(listing("new")) as server:
        lab = Lab(tmp_path, server, ACCOUNT, MovingClock())
        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(lambda: lab.refresher.refresh(lab.config, is_forced=True))
        assert (lab.slugs(), len(server.requests)) == (["new"], 1)


async def test_m11_another_version_in_an_answer_has_the_list_fetched_and_the_same_does_not(tmp_path: Path) -> None:
    async with loopback(listing("first"), listing("second", etag='"e2"')) as server:
        lab = Lab(tmp_path, server, ACCOUNT, MovingClock())
        await lab.refresher.refresh(lab.config)
        await lab.refresher.note_etag(lab.config, '"e1"')
        assert len(server.requests) == 1
        await lab.refresher.note_etag(lab.config, '"e2"')
        assert lab.slugs() == ["second"]


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        (http(200, {"data": [{"id": "llama"}, {"id": "qwen"}, {"id": "llama"}, {"id": 3}, 4]}), ("llama", "qwen")),
        (http(200, {"models": []}), ()),
        (http(200, "[1]"), ()),
        (http(200, "<html>"), ()),
        (http(404, ""), ()),
    ],
)
async def test_a_provider_without_entries_names_its_models(tmp_path: Path, answer: bytes, names: tuple[str, ...]) -> None:
    clock = MovingClock()
    async with loopback([answer], [answer]) as server:
        lab = Lab(tmp_path, server, "", clock)
        settings = lab.providers.settings("p", lab.config)
        assert await lab.refresher.names(settings) == names
        assert await lab.refresher.names(settings) == names
        assert [request.line for request in server.requests] == ["GET /v1/models HTTP/1.1"]
        clock.ms += 301_000
        await lab.refresher.names(settings)
        assert len(server.requests) == 2


def test_models_that_a_provider_only_names_are_listed_with_what_a_catalogue_knows(
    tmp_path: Path, page: Callable[..., dict[str, Any]]
) -> None:
    shown = page(("openai/gpt-5.5", "llama"))
    assert [(model["id"], model["displayName"], model["isDefault"], model["hidden"]) for model in shown["data"]] == [
        ("openai/gpt-5.5", "openai/gpt-5.5", True, False),
        ("llama", "llama", False, False),
    ]
    assert [bool(model["supportedReasoningEfforts"]) for model in shown["data"]] == [True, False]


@pytest.fixture
def page(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """One page of a `model/list` for names that a provider lists."""

    def make(names: tuple[str, ...]) -> dict[str, Any]:
        config = ConfigStore(tmp_path, {}, {}, Clock(), cwd=tmp_path, system=tmp_path / "etc").load()
        options: dict[str, Any] = {"cursor": None, "limit": None, "include_hidden": False, "is_chatgpt": False}
        listed: dict[str, Any] = json.loads(ModelsManager().page_json(config, names=names, **options))
        return listed

    return make
