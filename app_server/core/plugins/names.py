"""The names of plugins: `plugin@marketplace`, each part fit to be the name of a folder."""

import re

NAME = re.compile(r"[A-Za-z0-9_-]+")
VERSION = re.compile(r"[A-Za-z0-9_.+-]+")


class BadName(ValueError):
    """A name that can't be one; the text says why."""


def check_name(name: str, what: str) -> str:
    """The name itself. Raises: BadName."""
    if not name:
        raise BadName(f"invalid {what}: must not be empty")
    if not NAME.fullmatch(name):
        raise BadName(f"invalid {what}: only ASCII letters, digits, `_`, and `-` are allowed")
    return name


def split_id(plugin_id: str) -> tuple[str, str]:
    """The plugin's and the marketplace's name. Raises: BadName."""
    plugin, at, marketplace = plugin_id.rpartition("@")
    if not at or not plugin or not marketplace:
        raise BadName(f"invalid plugin key `{plugin_id}`; expected <plugin>@<marketplace>")
    return check_name(plugin, "plugin name"), check_name(marketplace, "marketplace name")
