"""Marketplaces: files that list plugins, found below the folders that the configuration, the home and the project name.

A plugin of a marketplace lies in the same folder tree, or in a repository elsewhere; only the former can be installed
here. Source: the reference's marketplace format.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Literal, cast

from app_server.core.config.config import Config
from app_server.core.config.store import os_text
from app_server.core.config.trust import project_root
from app_server.core.frozen import frozen
from app_server.core.plugins.manifest import Manifest, read
from app_server.core.plugins.names import NAME, BadName, check_name

FILES = (
    ".agents/plugins/marketplace.json",
    ".agents/plugins/api_marketplace.json",
    ".claude-plugin/marketplace.json",
    ".cursor-plugin/marketplace.json",
)
INSTALL_POLICIES = ("AVAILABLE", "NOT_AVAILABLE", "INSTALLED_BY_DEFAULT")
AUTH_POLICIES = ("ON_INSTALL", "ON_USE")
InstallPolicy = Literal["AVAILABLE", "NOT_AVAILABLE", "INSTALLED_BY_DEFAULT"]
AuthPolicy = Literal["ON_INSTALL", "ON_USE"]


class BadMarketplace(Exception):
    """A marketplace that can't be used; the text says why."""


@frozen
class Elsewhere:
    """A plugin's place in a repository."""

    url: str
    path: str | None
    ref: str | None
    sha: str | None


@frozen
class Offer:
    """A plugin as a marketplace lists it. `manifest` is that of a plugin in the marketplace's own tree."""

    name: str
    marketplace: str
    source: Path | Elsewhere
    install_policy: InstallPolicy
    auth_policy: AuthPolicy
    category: str | None
    manifest: Manifest | None

    @property
    def id(self) -> str:
        """`plugin@marketplace`."""
        return f"{self.name}@{self.marketplace}"


@frozen
class Marketplace:
    """A marketplace that was read."""

    name: str
    file: Path
    display_name: str | None
    offers: tuple[Offer, ...]


def find_file(root: Path) -> Path | None:
    """The file that makes a folder a marketplace."""
    return next((file for name in FILES if (file := root / name).is_file()), None)


def load(file: Path) -> Marketplace:
    """Read a marketplace. Offers that make no sense are left out. Raises: BadMarketplace."""
    root = _root(file)
    try:
        document = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise BadMarketplace(f"marketplace file `{file}` does not exist") from None
    except OSError as error:
        raise BadMarketplace(f"failed to read marketplace file: {os_text(error)}") from None
    except (ValueError, RecursionError) as error:
        raise invalid(file, str(error)) from None
    name = document.get("name") if isinstance(document, dict) else None
    listed = document.get("plugins") if isinstance(document, dict) else None
    if not isinstance(name, str) or not isinstance(listed, list):
        raise invalid(file, f"missing field `{'plugins' if isinstance(name, str) else 'name'}`")
    if root is None:
        raise invalid(file, "marketplace file is not in a supported location")
    shown = document.get("interface")
    display_name = shown.get("displayName") if isinstance(shown, Mapping) else None
    offers = (_offer(root, name, told) for told in listed if isinstance(told, Mapping))
    return Marketplace(
        name, file, display_name if isinstance(display_name, str) else None, tuple(offer for offer in offers if offer is not None)
    )


def find_offer(file: Path, plugin: str) -> Offer:
    """A plugin of a marketplace. Raises: BadMarketplace."""
    marketplace = load(file)
    found = next((offer for offer in marketplace.offers if offer.name == plugin), None)
    if found is None:
        raise BadMarketplace(f"plugin `{plugin}` was not found in marketplace `{marketplace.name}`")
    return found


def files(config: Config, home: Path | None, cwds: Iterable[Path]) -> list[Path]:
    """The files of all marketplaces: of the user's home, of the configuration, and of the projects of these folders."""
    configured = (table.get("source") for _, table in sorted(configured_marketplaces(config).items()))
    places = [home, *(Path(source) for source in configured if isinstance(source, str))]
    places += [place for cwd in cwds for place in (cwd, project_root(cwd, (".git",)))]
    found = (find_file(place) for place in places if place is not None)
    return list(dict.fromkeys(file for file in found if file is not None))


def configured_marketplaces(config: Config) -> dict[str, Mapping[str, Any]]:
    """The marketplaces that the configuration names and that lie in folders, by name."""
    table = config.raw.get("marketplaces")
    named = table.items() if isinstance(table, Mapping) else ()
    return {name: each for name, each in named if isinstance(each, Mapping) and each.get("source_type") == "local"}


def invalid(file: Path, why: str) -> BadMarketplace:
    """The refusal of a file."""
    return BadMarketplace(f"invalid marketplace file `{file}`: {why}")


def _root(file: Path) -> Path | None:
    """The folder whose marketplace a file is."""
    for name in FILES:
        parts = PurePosixPath(name).parts
        if file.parts[-len(parts) :] == parts:
            return Path(*file.parts[: -len(parts)])
    return None


def _offer(root: Path, marketplace: str, told: Mapping[str, Any]) -> Offer | None:
    name, source = told.get("name"), _source(root, told.get("source"))
    if not isinstance(name, str) or source is None:
        return None
    try:
        check_name(name, "plugin name")
        check_name(marketplace, "marketplace name")
    except BadName:
        return None
    policy = told.get("policy")
    rules = policy if isinstance(policy, Mapping) else {}
    install, auth, category = rules.get("installation"), rules.get("authentication"), told.get("category")
    return Offer(
        name=name,
        marketplace=marketplace,
        source=source,
        install_policy=cast(InstallPolicy, install) if install in INSTALL_POLICIES else "AVAILABLE",
        auth_policy=cast(AuthPolicy, auth) if auth in AUTH_POLICIES else "ON_INSTALL",
        category=category if isinstance(category, str) else None,
        manifest=read(source) if isinstance(source, Path) else None,
    )


def _source(root: Path, told: Any) -> Path | Elsewhere | None:
    """Where a plugin lies; None where that is not said in a way that we know."""
    if isinstance(told, str):
        return _within(root, told)
    if not isinstance(told, Mapping):
        return None
    kind, path, url = told.get("source"), _own(told.get("path")), _own(told.get("url"))
    if kind == "local":
        return _within(root, told.get("path"))
    if kind not in ("url", "git-subdir") or url is None or (kind == "git-subdir" and path is None):
        return None
    if NAME.fullmatch(url.replace("/", "", 1).replace(".", "")) and url.count("/") == 1:
        url = f"https://github.com/{url}.git"
    elif url.startswith("https://github.com/") and not url.endswith(".git"):
        url += ".git"
    return Elsewhere(url, path.removeprefix("./") if path else None, _own(told.get("ref")), _own(told.get("sha")))


def _within(root: Path, told: Any) -> Path | None:
    if not isinstance(told, str) or not told.startswith("./"):
        return None
    parts = PurePosixPath(told[2:]).parts
    return root.joinpath(*parts) if parts and ".." not in parts and parts[0] != "/" else None


def _own(told: Any) -> str | None:
    return (told.strip() or None) if isinstance(told, str) else None
