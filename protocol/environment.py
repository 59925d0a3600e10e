"""The environment family of the wire contract."""

from typing import Annotated, Any, ClassVar

from protocol.base import OMIT_NONE, U64, Method, Notification, Params, Response
from protocol.capability import EnvironmentShellInfo, EnvironmentSkillsParams, EnvironmentStatusKind
from protocol.scalars import PathUri


class EnvironmentAddParams(Params):
    """What `environment/add` asks with."""

    environment_id: str
    exec_server_url: str
    auth_bearer_token: str | None = None
    websocket_request_id: str | None = None
    connect_timeout_ms: U64 | None = None
    skills: EnvironmentSkillsParams | None = None


class EnvironmentAddResponse(Response):
    """What `environment/add` is answered with."""


class EnvironmentInfoParams(Params):
    """What `environment/info` asks with."""

    environment_id: str


class EnvironmentInfoResponse(Response):
    """What `environment/info` is answered with."""

    shell: EnvironmentShellInfo
    cwd: PathUri | None = None


class EnvironmentStatusParams(Params):
    """What `environment/status` asks with."""

    environment_id: str


class EnvironmentStatusResponse(Response):
    """What `environment/status` is answered with."""

    status: EnvironmentStatusKind
    error: Annotated[str | None, OMIT_NONE] = None


class EnvironmentConnectionNotification(Notification):
    """Announced as `thread/environment/connected` or `thread/environment/disconnected`."""

    thread_id: str
    environment_id: str


class EnvironmentConnectedNotification(EnvironmentConnectionNotification):
    """Announced as `thread/environment/connected`."""

    method: ClassVar[str] = "thread/environment/connected"


class EnvironmentDisconnectedNotification(EnvironmentConnectionNotification):
    """Announced as `thread/environment/disconnected`."""

    method: ClassVar[str] = "thread/environment/disconnected"


ENVIRONMENT_ADD = Method("environment/add", EnvironmentAddParams, EnvironmentAddResponse)
ENVIRONMENT_INFO = Method("environment/info", EnvironmentInfoParams, EnvironmentInfoResponse)
ENVIRONMENT_STATUS = Method("environment/status", EnvironmentStatusParams, EnvironmentStatusResponse)

METHODS: tuple[Method[Any, Any], ...] = (ENVIRONMENT_ADD, ENVIRONMENT_INFO, ENVIRONMENT_STATUS)
NOTIFICATIONS: tuple[type[Notification], ...] = (EnvironmentConnectedNotification, EnvironmentDisconnectedNotification)
