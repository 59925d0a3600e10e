"""Whether a model gets images at their original resolution. Source: spec/mission.md M16."""

import re

from app_server.core.config.config import Config
from app_server.core.models.metadata import ModelInfo

FEATURE = "view_image_original_resolution"
_VERSION = re.compile(r"gpt-(\d+)(?:\.(\d+))?(-codex\b)?")
FIRST_VERSION = (5, 3)
"""The first generation that reads them, and of it only the coding model."""


def sees_originals(model: ModelInfo, name: str, config: Config) -> bool:
    """The catalogue decides, unless the feature is configured: off keeps every image small, on adds the models known by name."""
    is_wanted = config.features.configured.get(FEATURE)
    if is_wanted is False:
        return False
    return model.supports_image_detail_original or (is_wanted is True and is_known(name))


def is_known(name: str) -> bool:
    """Whether a model of this name is gpt-5.3-codex or newer."""
    found = _VERSION.match(name.rpartition("/")[2])
    if found is None:
        return False
    version = int(found[1]), int(found[2] or 0)
    return version > FIRST_VERSION or (version == FIRST_VERSION and found[3] is not None)
