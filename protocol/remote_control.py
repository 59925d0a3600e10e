"""The remote control family of the wire contract."""

from typing import Any, ClassVar, Literal

from protocol.base import I64, U32, Method, Notification, Params, Record, Response, TypeAliasType


class RemoteControlEnableParams(Params):
    """What `remoteControl/enable` asks with."""

    ephemeral: bool = False


RemoteControlConnectionStatus = TypeAliasType(
    "RemoteControlConnectionStatus", Literal["disabled", "connecting", "connected", "errored"]
)
"""Remote control connection status."""


class RemoteControlEnableResponse(Response):
    """What `remoteControl/enable` is answered with."""

    status: RemoteControlConnectionStatus
    server_name: str
    installation_id: str
    environment_id: str | None = None


class RemoteControlDisableParams(Params):
    """What `remoteControl/disable` asks with."""

    ephemeral: bool = False


class RemoteControlDisableResponse(Response):
    """What `remoteControl/disable` is answered with."""

    status: RemoteControlConnectionStatus
    server_name: str
    installation_id: str
    environment_id: str | None = None


class RemoteControlStatusReadResponse(Response):
    """What `remoteControl/status/read` is answered with."""

    status: RemoteControlConnectionStatus
    server_name: str
    installation_id: str
    environment_id: str | None = None


class RemoteControlPairingStartParams(Params):
    """What `remoteControl/pairing/start` asks with."""

    manual_code: bool = False


class RemoteControlPairingStartResponse(Response):
    """What `remoteControl/pairing/start` is answered with."""

    pairing_code: str
    manual_pairing_code: str | None = None
    environment_id: str
    expires_at: I64


class RemoteControlPairingStatusParams(Params):
    """What `remoteControl/pairing/status` asks with."""

    pairing_code: str | None = None
    manual_pairing_code: str | None = None


class RemoteControlPairingStatusResponse(Response):
    """What `remoteControl/pairing/status` is answered with."""

    claimed: bool


RemoteControlClientsListOrder = TypeAliasType("RemoteControlClientsListOrder", Literal["asc", "desc"])
"""Remote control clients list order."""


class RemoteControlClientsListParams(Params):
    """What `remoteControl/client/list` asks with."""

    environment_id: str
    cursor: str | None = None
    limit: U32 | None = None
    order: RemoteControlClientsListOrder | None = None


class RemoteControlClient(Record):
    """Remote control client."""

    client_id: str
    display_name: str | None = None
    device_type: str | None = None
    platform: str | None = None
    os_version: str | None = None
    device_model: str | None = None
    app_version: str | None = None
    last_seen_at: I64 | None = None


class RemoteControlClientsListResponse(Response):
    """What `remoteControl/client/list` is answered with."""

    data: list[RemoteControlClient]
    next_cursor: str | None = None


class RemoteControlClientsRevokeParams(Params):
    """What `remoteControl/client/revoke` asks with."""

    environment_id: str
    client_id: str


class RemoteControlClientsRevokeResponse(Response):
    """What `remoteControl/client/revoke` is answered with."""


class RemoteControlStatusChangedNotification(Notification):
    """Announced as `remoteControl/status/changed`."""

    method: ClassVar[str] = "remoteControl/status/changed"

    status: RemoteControlConnectionStatus
    server_name: str
    installation_id: str
    environment_id: str | None = None


NullableRemoteControlDisableParams = TypeAliasType("NullableRemoteControlDisableParams", RemoteControlDisableParams | None)
"""Nullable remote control disable params."""

NullableRemoteControlEnableParams = TypeAliasType("NullableRemoteControlEnableParams", RemoteControlEnableParams | None)
"""Nullable remote control enable params."""


REMOTE_CONTROL_ENABLE = Method(
    "remoteControl/enable", RemoteControlEnableParams, RemoteControlEnableResponse, params_optional=True
)
REMOTE_CONTROL_DISABLE = Method(
    "remoteControl/disable", RemoteControlDisableParams, RemoteControlDisableResponse, params_optional=True
)
REMOTE_CONTROL_STATUS_READ: Method[None, RemoteControlStatusReadResponse] = Method(
    "remoteControl/status/read", None, RemoteControlStatusReadResponse
)
REMOTE_CONTROL_PAIRING_START = Method(
    "remoteControl/pairing/start", RemoteControlPairingStartParams, RemoteControlPairingStartResponse
)
REMOTE_CONTROL_PAIRING_STATUS = Method(
    "remoteControl/pairing/status", RemoteControlPairingStatusParams, RemoteControlPairingStatusResponse
)
REMOTE_CONTROL_CLIENT_LIST = Method("remoteControl/client/list", RemoteControlClientsListParams, RemoteControlClientsListResponse)
REMOTE_CONTROL_CLIENT_REVOKE = Method(
    "remoteControl/client/revoke", RemoteControlClientsRevokeParams, RemoteControlClientsRevokeResponse
)

METHODS: tuple[Method[Any, Any], ...] = (
    REMOTE_CONTROL_ENABLE,
    REMOTE_CONTROL_DISABLE,
    REMOTE_CONTROL_STATUS_READ,
    REMOTE_CONTROL_PAIRING_START,
    REMOTE_CONTROL_PAIRING_STATUS,
    REMOTE_CONTROL_CLIENT_LIST,
    REMOTE_CONTROL_CLIENT_REVOKE,
)
NOTIFICATIONS: tuple[type[Notification], ...] = (RemoteControlStatusChangedNotification,)
