"""The table of method names against the families that hold their models."""

import importlib
import subprocess
import sys

import pytest

from protocol.base import Method, Notification
from protocol.export.surface import Surface, load_surface
from protocol.methods import (
    CLIENT_REQUESTS,
    CLIENT_REQUESTS_BY_NAME,
    SERVER_NOTIFICATIONS,
    SERVER_REQUESTS,
)

SCOPES = {
    "account-auth",
    "command",
    "config",
    "config-shared",
    "environment",
    "mcp-registry",
    "memory",
    "none",
    "oauth",
    "process",
    "project",
    "remote-control",
    "search-session",
    "section",
    "thread",
    "watch",
}


@pytest.fixture(scope="module")
def surface() -> Surface:
    return load_surface()


def _methods(family: str, tuple_name: str) -> dict[str, Method]:
    module = importlib.import_module(f"protocol.{family}")
    return {method.name: method for method in getattr(module, tuple_name, ())}


def test_there_are_as_many_methods_as_in_the_reference() -> None:
    legacy = [row for row in CLIENT_REQUESTS if row.family == "legacy"]
    assert len(CLIENT_REQUESTS) - len(legacy) == 184
    assert [row.name for row in legacy] == ["getConversationSummary", "gitDiffToRemote", "getAuthStatus", "thread/rollback"]
    assert len(SERVER_REQUESTS) == 11
    assert len(SERVER_NOTIFICATIONS) == 86 + 2  # the last two are announced but stand in no schema of the reference
    assert len(CLIENT_REQUESTS_BY_NAME) == len(CLIENT_REQUESTS)


@pytest.mark.parametrize("row", CLIENT_REQUESTS, ids=lambda row: row.name)
def test_every_client_request_has_its_models_in_its_family(row) -> None:
    method = _methods(row.family, "METHODS")[row.name]
    assert method.result.__name__.endswith("Response")
    assert row.scope in SCOPES


@pytest.mark.parametrize("row", SERVER_REQUESTS, ids=lambda row: row.name)
def test_every_server_request_has_its_models_in_its_family(row) -> None:
    assert row.name in _methods(row.family, "SERVER_METHODS")


@pytest.mark.parametrize("row", SERVER_NOTIFICATIONS, ids=lambda row: row.name)
def test_every_notification_has_its_model_in_its_family(row) -> None:
    module = importlib.import_module(f"protocol.{row.family}")
    assert row.name in {each.method for each in module.NOTIFICATIONS}


def test_families_have_no_methods_that_the_table_lacks(surface: Surface) -> None:
    for family in surface.docs:
        module = importlib.import_module(f"protocol.{family}")
        named = {row.name for row in (*CLIENT_REQUESTS, *SERVER_REQUESTS, *SERVER_NOTIFICATIONS) if row.family == family}
        methods = {method.name for method in (*getattr(module, "METHODS", ()), *getattr(module, "SERVER_METHODS", ()))}
        assert methods | {each.method for each in getattr(module, "NOTIFICATIONS", ())} == named, family


def test_every_notification_says_its_name(surface: Surface) -> None:
    concrete = [each for each in _subclasses(Notification) if "method" in vars(each)]
    assert len({each.method for each in concrete}) == len(concrete) == len(SERVER_NOTIFICATIONS)


def _subclasses(base: type[Notification]) -> list[type[Notification]]:
    found = []
    for each in base.__subclasses__():
        found += [each, *_subclasses(each)]
    return found


def _modules_loaded_by(module: str) -> set[str]:
    code = f"import sys; import {module}; print(*[name for name in sys.modules if name.startswith(('protocol.', 'pydantic'))])"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_the_table_costs_nothing_to_import() -> None:
    assert _modules_loaded_by("protocol.methods") == {"protocol.methods"}


def test_starting_a_thread_needs_few_families() -> None:
    loaded = {name.removeprefix("protocol.") for name in _modules_loaded_by("protocol.thread") if name.startswith("protocol.")}
    assert "thread" in loaded
    assert not loaded & {"config", "mcp", "plugin", "realtime", "responses_items", "requirements", "account", "model"}
    assert len(loaded) <= 14
