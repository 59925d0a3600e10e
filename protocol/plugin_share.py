"""The plugin share family of the wire contract."""

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
    """What `plugin/share/save` asks with."""

    plugin_path: AbsolutePathBuf
    remote_plugin_id: str | None = None
    discoverability: PluginShareDiscoverability | None = None
    share_targets: list[PluginShareTarget] | None = None


class PluginShareSaveResponse(Response):
    """What `plugin/share/save` is answered with."""

    remote_plugin_id: str
    share_url: str
    can_publish_to_workspace: bool | None = None


class PluginShareUpdateTargetsParams(Params):
    """What `plugin/share/updateTargets` asks with."""

    remote_plugin_id: str
    discoverability: PluginShareUpdateDiscoverability
    share_targets: list[PluginShareTarget]


class PluginShareUpdateTargetsResponse(Response):
    """What `plugin/share/updateTargets` is answered with."""

    principals: list[PluginSharePrincipal]
    discoverability: PluginShareDiscoverability


class PluginShareListParams(Params):
    """What `plugin/share/list` asks with."""


class PluginShareListResponse(Response):
    """What `plugin/share/list` is answered with."""

    data: list[PluginShareListItem]


class PluginShareCheckoutParams(Params):
    """What `plugin/share/checkout` asks with."""

    remote_plugin_id: str


class PluginShareCheckoutResponse(Response):
    """What `plugin/share/checkout` is answered with."""

    remote_plugin_id: str
    plugin_id: str
    plugin_name: str
    plugin_path: AbsolutePathBuf
    marketplace_name: str
    marketplace_path: AbsolutePathBuf
    remote_version: str | None = None


class PluginShareDeleteParams(Params):
    """What `plugin/share/delete` asks with."""

    remote_plugin_id: str


class PluginShareDeleteResponse(Response):
    """What `plugin/share/delete` is answered with."""


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
