"""`remoteControl/status/read`, and what is asked of a pairing; there is no remote control without OpenAI's cloud."""

import os

from app_server.core.errors import CallerError
from app_server.routing import route
from app_server.services import Context
from protocol.remote_control import (
    REMOTE_CONTROL_PAIRING_STATUS,
    REMOTE_CONTROL_STATUS_READ,
    RemoteControlPairingStatusParams,
    RemoteControlPairingStatusResponse,
    RemoteControlStatusReadResponse,
)


def status(context: Context, _params: None) -> RemoteControlStatusReadResponse:
    """Nobody controls this server from afar."""
    return RemoteControlStatusReadResponse(
        status="disabled",
        server_name=os.uname().nodename,
        installation_id=context.services.installation_id,
        environment_id=None,
    )


def pairing_status(_context: Context, params: RemoteControlPairingStatusParams) -> RemoteControlPairingStatusResponse:
    """Refused: no pairing can have begun."""
    if params.pairing_code is None and params.manual_pairing_code is None:
        raise CallerError(
            "remoteControl/pairing/status requires pairingCode or manualPairingCode",
            reason="missing_field",
            data={"field": "pairingCode", "expected": "a value, or one for manualPairingCode"},
        )
    raise CallerError("remote control pairing requires remote control to be enabled", reason="not_available")


ROUTES = [route(REMOTE_CONTROL_STATUS_READ, status), route(REMOTE_CONTROL_PAIRING_STATUS, pairing_status)]
