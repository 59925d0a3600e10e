"""Files that list plugins."""

from pathlib import Path
from typing import Any

import pytest

from app_server.core.plugins.marketplace import BadMarketplace, Elsewhere, find_offer, load
from tests.core.plugins.shop import marketplace, plugin, put


def offer(**source: Any) -> dict[str, Any]:
    return {"name": "far", "source": source}


def test_offers_are_read_with_their_policies(tmp_path: Path) -> None:
    plugin(tmp_path / "sample", version="1.0")
    rules = {"installation": "NOT_AVAILABLE", "authentication": "ON_USE"}
    closed = {"name": "closed", "source": {"source": "local", "path": "./closed"}, "policy": rules, "category": "Tools"}
    found = load(marketplace(tmp_path, "sample", closed, interface={"displayName": "Acme's"}))
    sample, shut = found.offers
    assert (found.name, found.display_name, sample.id) == ("acme", "Acme's", "sample@acme")
    assert sample.manifest is not None
    assert (sample.manifest.version, sample.install_policy, sample.auth_policy) == ("1.0", "AVAILABLE", "ON_INSTALL")
    assert (shut.manifest, shut.install_policy, shut.auth_policy, shut.category) == (None, "NOT_AVAILABLE", "ON_USE", "Tools")


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ({"source": "url", "url": "owner/repo"}, Elsewhere("https://github.com/owner/repo.git", None, None, None)),
        (
            {"source": "git-subdir", "url": "https://github.com/a/b", "path": "./x", "ref": " main ", "sha": ""},
            Elsewhere("https://github.com/a/b.git", "x", "main", None),
        ),
    ],
)
def test_a_plugin_may_lie_in_a_repository(tmp_path: Path, source: dict[str, str], place: Elsewhere) -> None:
    assert find_offer(marketplace(tmp_path, offer(**source)), "far").source == place


@pytest.mark.parametrize(
    "odd",
    [
        {"name": "a", "source": "../a"},
        {"name": "a", "source": "./a/../../b"},
        {"name": "a", "source": "./"},
        {"name": "a b", "source": "./a"},
        {"name": 3, "source": "./a"},
        {"name": "a"},
        {"name": "a", "source": {"source": "git-subdir", "url": "u"}},
        {"name": "a", "source": {"source": "svn", "url": "u"}},
        "text",
    ],
)
def test_an_offer_that_makes_no_sense_is_left_out(tmp_path: Path, odd: Any) -> None:
    file = put(tmp_path / ".agents/plugins/marketplace.json", {"name": "acme", "plugins": [odd, {"name": "b", "source": "./b"}]})
    assert [offer.name for offer in load(file).offers] == ["b"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "invalid marketplace file"),
        ("{}", "missing field `name`"),
        ({"name": "a"}, "missing field `plugins`"),
        ("[]", "missing"),
    ],
)
def test_a_file_that_is_no_marketplace_says_why(tmp_path: Path, content: Any, why: str) -> None:
    file = put(tmp_path / ".agents/plugins/marketplace.json", content)
    with pytest.raises(BadMarketplace, match=why):
        load(file)


def test_a_file_elsewhere_is_no_marketplace(tmp_path: Path) -> None:
    with pytest.raises(BadMarketplace, match="does not exist"):
        load(tmp_path / ".agents/plugins/marketplace.json")
    with pytest.raises(BadMarketplace, match="not in a supported location"):
        load(put(tmp_path / "marketplace.json", {"name": "a", "plugins": []}))
