"""Remote control: using this server from another device through a relay."""

from typing import Any, ClassVar, Literal

from protocol.base import I64, U32, Method, Notification, Params, Record, Response, TypeAliasType


class RemoteControlEnableParams(Params):
    """Turn it on."""

    ephemeral: bool = False
    """Whether only until the server ends."""


RemoteControlConnectionStatus = TypeAliasType(
    "RemoteControlConnectionStatus", Literal["disabled", "connecting", "connected", "errored"]
)
"""How the connection to the relay stands."""


class RemoteControlEnableResponse(Response):
    """It is on."""

    status: RemoteControlConnectionStatus
    """How the connection stands."""
    server_name: str
    """What this server is called there."""
    installation_id: str
    """The id of this installation."""
    environment_id: str | None = None
    """Its id at the relay; null before it has one."""


class RemoteControlDisableParams(Params):
    """Turn it off."""

    ephemeral: bool = False
    """Whether only until the server ends."""


class RemoteControlDisableResponse(Response):
    """It is off."""

    status: RemoteControlConnectionStatus
    """How the connection stands."""
    server_name: str
    """What this server is called there."""
    installation_id: str
    """The id of this installation."""
    environment_id: str | None = None
    """Its id at the relay; null before it has one."""


class RemoteControlStatusReadResponse(Response):
    """How it stands."""

    status: RemoteControlConnectionStatus
    """How the connection stands."""
    server_name: str
    """What this server is called there."""
    installation_id: str
    """The id of this installation."""
    environment_id: str | None = None
    """Its id at the relay; null before it has one."""


class RemoteControlPairingStartParams(Params):
    """Let a device in."""

    manual_code: bool = False
    """Whether a code to type is wanted too."""


class RemoteControlPairingStartResponse(Response):
    """The device can come."""

    pairing_code: str
    """The code to show it."""
    manual_pairing_code: str | None = None
    """The code to type; null unless wanted."""
    environment_id: str
    """The id of this server at the relay."""
    expires_at: I64
    """Until when, in Unix seconds."""


class RemoteControlPairingStatusParams(Params):
    """Has the device come? By one of the codes."""

    pairing_code: str | None = None
    """The code that was shown; null: by the other."""
    manual_pairing_code: str | None = None
    """The code that was typed; null: by the other."""


class RemoteControlPairingStatusResponse(Response):
    """The answer."""

    claimed: bool
    """Whether it has."""


RemoteControlClientsListOrder = TypeAliasType("RemoteControlClientsListOrder", Literal["asc", "desc"])
"""Which end of a list comes first."""


class RemoteControlClientsListParams(Params):
    """Which page of the devices."""

    environment_id: str
    """The id of this server at the relay."""
    cursor: str | None = None
    """Where to go on: the `nextCursor` of the page before; null begins at the first page."""
    limit: U32 | None = None
    """The most entries to return; null lets the server choose."""
    order: RemoteControlClientsListOrder | None = None
    """Which end comes first; null: the newest."""


class RemoteControlClient(Record):
    """A device. Null: not told."""

    client_id: str
    """Its id."""
    display_name: str | None = None
    """Its name."""
    device_type: str | None = None
    """What it is."""
    platform: str | None = None
    """Its system."""
    os_version: str | None = None
    """The version of the system."""
    device_model: str | None = None
    """Its model."""
    app_version: str | None = None
    """The version of its client."""
    last_seen_at: I64 | None = None
    """When it was last seen, in Unix seconds."""


class RemoteControlClientsListResponse(Response):
    """The devices."""

    data: list[RemoteControlClient]
    """One page of them."""
    next_cursor: str | None = None
    """What to ask for the next page with; null on the last page."""


class RemoteControlClientsRevokeParams(Params):
    """A device to let in no longer."""

    environment_id: str
    """The id of this server at the relay."""
    client_id: str
    """The device."""


class RemoteControlClientsRevokeResponse(Response):
    """It is not let in any more."""


class RemoteControlStatusChangedNotification(Notification):
    """How the connection to the relay stands has changed."""

    method: ClassVar[str] = "remoteControl/status/changed"

    status: RemoteControlConnectionStatus
    """How it stands."""
    server_name: str
    """What this server is called there."""
    installation_id: str
    """The id of this installation."""
    environment_id: str | None = None
    """Its id at the relay; null before it has one."""


NullableRemoteControlDisableParams = TypeAliasType("NullableRemoteControlDisableParams", RemoteControlDisableParams | None)
"""The params, which may be left out."""

NullableRemoteControlEnableParams = TypeAliasType("NullableRemoteControlEnableParams", RemoteControlEnableParams | None)
"""The params, which may be left out."""


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
