"""Sharing plugins with others through a catalog."""

from typing import Any

from protocol.base import Method, Params, Response
from protocol.plugin_parts import (
    PluginShareDiscoverability,
    PluginShareListItem,
    PluginSharePrincipal,
    PluginShareTarget,
    PluginShareUpdateDiscoverability,
)
from protocol.scalars import AbsolutePathBuf


class PluginShareSaveParams(Params):
    """A plugin to share."""

    plugin_path: AbsolutePathBuf
    """The directory it is in."""
    remote_plugin_id: str | None = None
    """The shared plugin that it renews; null: a new one."""
    discoverability: PluginShareDiscoverability | None = None
    """Who finds it; null: as before."""
    share_targets: list[PluginShareTarget] | None = None
    """Who to share it with; null: as before."""


class PluginShareSaveResponse(Response):
    """It is shared."""

    remote_plugin_id: str
    """Its id in the catalog."""
    share_url: str
    """Its page."""
    can_publish_to_workspace: bool | None = None
    """Whether it may be shown to the whole workspace; null when not told."""


class PluginShareUpdateTargetsParams(Params):
    """Who to share a plugin with."""

    remote_plugin_id: str
    """The plugin."""
    discoverability: PluginShareUpdateDiscoverability
    """Who finds it."""
    share_targets: list[PluginShareTarget]
    """Who to share it with."""


class PluginShareUpdateTargetsResponse(Response):
    """It is shared so."""

    principals: list[PluginSharePrincipal]
    """Who it is shared with."""
    discoverability: PluginShareDiscoverability
    """Who finds it."""


class PluginShareListParams(Params):
    """Nothing to ask with."""


class PluginShareListResponse(Response):
    """The plugins that the user shares."""

    data: list[PluginShareListItem]
    """All of them."""


class PluginShareCheckoutParams(Params):
    """A shared plugin to work on."""

    remote_plugin_id: str
    """The plugin."""


class PluginShareCheckoutResponse(Response):
    """It is here."""

    remote_plugin_id: str
    """Its id in the catalog."""
    plugin_id: str
    """Its id here."""
    plugin_name: str
    """Its name."""
    plugin_path: AbsolutePathBuf
    """The directory it is in."""
    marketplace_name: str
    """Its marketplace here."""
    marketplace_path: AbsolutePathBuf
    """The file of that marketplace."""
    remote_version: str | None = None
    """Its version; null when not told."""


class PluginShareDeleteParams(Params):
    """A plugin to share no longer."""

    remote_plugin_id: str
    """The plugin."""


class PluginShareDeleteResponse(Response):
    """It is not shared any more."""


PLUGIN_SHARE_SAVE = Method("plugin/share/save", PluginShareSaveParams, PluginShareSaveResponse)
PLUGIN_SHARE_UPDATE_TARGETS = Method(
    "plugin/share/updateTargets", PluginShareUpdateTargetsParams, PluginShareUpdateTargetsResponse
)
PLUGIN_SHARE_LIST = Method("plugin/share/list", PluginShareListParams, PluginShareListResponse)
PLUGIN_SHARE_CHECKOUT = Method("plugin/share/checkout", PluginShareCheckoutParams, PluginShareCheckoutResponse)
PLUGIN_SHARE_DELETE = Method("plugin/share/delete", PluginShareDeleteParams, PluginShareDeleteResponse)

METHODS: tuple[Method[Any, Any], ...] = (
    PLUGIN_SHARE_SAVE,
    PLUGIN_SHARE_UPDATE_TARGETS,
    PLUGIN_SHARE_LIST,
    PLUGIN_SHARE_CHECKOUT,
    PLUGIN_SHARE_DELETE,
)
