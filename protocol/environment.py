"""Machines other than the server's own on which threads can act."""

from typing import Annotated, Any, ClassVar, Literal

from protocol.base import OMIT_NONE, U64, Method, Notification, Params, Record, Response, TypeAliasType
from protocol.scalars import PathUri


class EnvironmentSkillsParams(Record):
    """Skills that an environment has to bring."""

    required: list[str] | None = None
    """Their exact names; a turn fails while one is missing. Null: none."""


class EnvironmentAddParams(Params):
    """An environment to know from now on."""

    environment_id: str
    """What it will be called."""
    exec_server_url: str
    """The address of the server that runs commands there."""
    auth_bearer_token: str | None = None
    """What to log in with; only over a secure connection or loopback. Null: nothing."""
    websocket_request_id: str | None = None
    """The request id to send when connecting; null: none."""
    connect_timeout_ms: U64 | None = None
    """How long to wait for the connection; null lets the server choose."""
    skills: EnvironmentSkillsParams | None = None
    """Skills that it has to bring; null: none."""


class EnvironmentAddResponse(Response):
    """The environment is known; it may not be connected yet."""


class EnvironmentInfoParams(Params):
    """Which environment."""

    environment_id: str
    """The environment."""


class EnvironmentShellInfo(Record):
    """The shell of an environment."""

    name: str
    """Its name: `bash`, `zsh`, `sh`, `powershell` or `cmd`."""
    path: str
    """Its program."""


class EnvironmentInfoResponse(Response):
    """What is known of the environment."""

    shell: EnvironmentShellInfo
    """Its shell."""
    cwd: PathUri | None = None
    """Its working directory; null when it did not tell."""


class EnvironmentStatusParams(Params):
    """Which environment."""

    environment_id: str
    """The environment."""


EnvironmentStatusKind = TypeAliasType("EnvironmentStatusKind", Literal["ready", "pending", "disconnected", "unknown"])
"""How the connection to an environment stands, without trying to change that."""


class EnvironmentStatusResponse(Response):
    """How the environment stands."""

    status: EnvironmentStatusKind
    """How the connection stands."""
    error: Annotated[str | None, OMIT_NONE] = None
    """Why it is not there; left out when it is."""


class EnvironmentConnectionNotification(Notification):
    """The connection to an environment of a thread came or went."""

    thread_id: str
    """The thread."""
    environment_id: str
    """The environment."""


class EnvironmentConnectedNotification(EnvironmentConnectionNotification):
    """An environment of a thread can be reached."""

    method: ClassVar[str] = "thread/environment/connected"


class EnvironmentDisconnectedNotification(EnvironmentConnectionNotification):
    """An environment of a thread can no longer be reached."""

    method: ClassVar[str] = "thread/environment/disconnected"


ENVIRONMENT_ADD = Method("environment/add", EnvironmentAddParams, EnvironmentAddResponse)
ENVIRONMENT_INFO = Method("environment/info", EnvironmentInfoParams, EnvironmentInfoResponse)
ENVIRONMENT_STATUS = Method("environment/status", EnvironmentStatusParams, EnvironmentStatusResponse)

METHODS: tuple[Method[Any, Any], ...] = (ENVIRONMENT_ADD, ENVIRONMENT_INFO, ENVIRONMENT_STATUS)
NOTIFICATIONS: tuple[type[Notification], ...] = (EnvironmentConnectedNotification, EnvironmentDisconnectedNotification)
