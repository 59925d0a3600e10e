"""Plugins and marketplaces as clients see them."""

from pathlib import Path

from app_server.core.config.config import Config
from app_server.core.hooks.found import of_plugin
from app_server.core.plugins.installed import active_root, configured, is_on
from app_server.core.plugins.manifest import Manifest, read
from app_server.core.plugins.marketplace import BadMarketplace, Marketplace, Offer, files, load
from app_server.core.plugins.parts import servers, skill_roots
from app_server.core.skills.skill import Root, Skill
from app_server.core.skills.skills import Skills
from app_server.core.skills.skills import is_on as is_skill_on
from app_server.services import Services
from protocol.plugin_parts import (
    GitPluginSource,
    LocalPluginSource,
    MarketplaceInterface,
    MarketplaceLoadErrorInfo,
    PluginDetail,
    PluginHookSummary,
    PluginInterface,
    PluginMarketplaceEntry,
    PluginSource,
    PluginSummary,
)
from protocol.skill import SkillInterface, SkillSummary

ELSEWHERE = "This plugin lies in a repository of its own, {url}; what it brings along is known once it is installed."


def marketplaces(services: Services, config: Config, cwds: list[str]) -> tuple[list[Marketplace], list[MarketplaceLoadErrorInfo]]:
    """All marketplaces that these folders see, and those that can't be read."""
    home = services.settings.environment.get("HOME")
    found, faults = [], []
    for file in files(config, Path(home) if home else None, map(Path, cwds)):
        try:
            found.append(load(file))
        except BadMarketplace as error:
            faults.append(MarketplaceLoadErrorInfo(marketplace_path=str(file), message=str(error)))
    return found, faults


def entry(config: Config, marketplace: Marketplace, offers: list[Offer]) -> PluginMarketplaceEntry:
    """A marketplace with some of its plugins."""
    return PluginMarketplaceEntry(
        name=marketplace.name,
        path=str(marketplace.file),
        interface=MarketplaceInterface(display_name=marketplace.display_name) if marketplace.display_name else None,
        plugins=[summary(config, offer) for offer in offers],
    )


def is_installed(config: Config, offer: Offer) -> bool:
    """Whether a copy of the plugin is in the home."""
    return active_root(config.home, offer.id) is not None


def summary(config: Config, offer: Offer) -> PluginSummary:
    """A plugin in a list."""
    manifest, is_there = offer.manifest, is_installed(config, offer)
    return PluginSummary(
        id=offer.id,
        local_version=manifest.version if manifest else None,
        name=offer.name,
        source=_source(offer),
        installed=is_there,
        enabled=is_there and is_on(configured(config).get(offer.id)),
        install_policy=offer.install_policy,
        auth_policy=offer.auth_policy,
        interface=_interface(offer, manifest),
        keywords=list(manifest.keywords) if manifest else [],
    )


def detail(services: Services, config: Config, file: Path, offer: Offer) -> PluginDetail:
    """A plugin with what it brings along. Raises: BadMarketplace."""
    skills: list[SkillSummary] = []
    hooks: list[PluginHookSummary] = []
    names: list[str] = []
    if isinstance(offer.source, Path):
        root = offer.source
        if not root.is_dir():
            raise BadMarketplace("path does not exist or is not a directory")
        manifest = read(root)
        if manifest is None:
            raise BadMarketplace("missing or invalid plugin.json")
        description = manifest.description
        found: Skills = services.skills()
        places = [Root(path, "user", offer.id, f"{offer.name}:") for path in skill_roots(root, manifest)]
        skills = [_skill(config, skill) for skill in found.below(places)]
        hooks = [PluginHookSummary(key=hook.key, event_name=hook.event) for hook in of_plugin(offer.id, root, manifest, {}, [])]
        names = list(servers(root, manifest))
    else:
        description = ELSEWHERE.format(url=offer.source.url)
    return PluginDetail(
        marketplace_name=offer.marketplace,
        marketplace_path=str(file),
        summary=summary(config, offer),
        description=description,
        skills=skills,
        hooks=hooks,
        apps=[],
        app_templates=[],
        mcp_servers=names,
    )


def _skill(config: Config, skill: Skill) -> SkillSummary:
    told = skill.described
    return SkillSummary(
        name=skill.name,
        description=told.description,
        short_description=told.short_description,
        interface=SkillInterface.model_validate(told.interface) if told.interface else None,
        path=str(skill.path),
        enabled=is_skill_on(skill, config.skills),
    )


def _source(offer: Offer) -> PluginSource:
    if isinstance(offer.source, Path):
        return LocalPluginSource(path=str(offer.source))
    place = offer.source
    return GitPluginSource(url=place.url, path=place.path, ref_name=place.ref, sha=place.sha)


def _interface(offer: Offer, manifest: Manifest | None) -> PluginInterface | None:
    """How a plugin is shown. Of two categories the marketplace's counts."""
    told = dict(manifest.interface) if manifest is not None and manifest.interface is not None else {}
    if offer.category is not None:
        told["category"] = offer.category
    if not told:
        return None
    return PluginInterface.model_validate({"capabilities": [], "screenshots": [], "screenshotUrls": [], **told})
