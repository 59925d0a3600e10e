"""Whether there may be hooks: cheap enough to be asked at the start of every thread, so that those without pay nothing."""

from app_server.core.config.config import Config
from app_server.core.config.trust import TRUSTED, between

FILE = "hooks.json"


def may_be_any(config: Config) -> bool:
    """Whether it is worth reading what hooks there are."""
    if not config.features.is_enabled("hooks"):
        return False
    if config.raw.get("plugins"):
        return True
    folders = [layer.file.parent for layer in config.stack.layers if layer.file is not None and layer.disabled_reason is None]
    if config.trust_level == TRUSTED:
        folders += [folder / ".codex" for folder in between(config.project_root, config.cwd)]
    is_set = any(set(layer.data.get("hooks") or ()) - {"state"} for layer in config.stack.layers if layer.disabled_reason is None)
    return is_set or any((folder / FILE).exists() for folder in folders)
