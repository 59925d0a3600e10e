"""`initialize`, in its full form; a plain one is answered by `app_server.handshake` before this is imported."""

import os

from app_server.connection import Connection
from app_server.core.errors import CallerError
from app_server.core.exec_policy.places import rule_files
from app_server.handshake import Hello, greet, is_header_value
from app_server.routing import route
from app_server.services import Context, Services
from protocol.initialize import INITIALIZE, InitializeParams, InitializeResponse
from protocol.notice import ConfigWarningNotification
from protocol.remote_control import RemoteControlStatusChangedNotification


def initialize(context: Context, params: InitializeParams) -> InitializeResponse | None:
    """Open the connection."""
    if context.connection.is_initialized:
        raise CallerError("Already initialized", reason="already_initialized")
    client, capabilities = params.client_info, params.capabilities
    if not is_header_value(client.name):
        raise CallerError(
            f"Invalid clientInfo.name: '{client.name}'. Must be a valid HTTP header value.",
            reason="invalid_client_name",
            data={"field": "clientInfo.name", "expected": "text without control characters"},
        )
    is_experimental = bool(capabilities and capabilities.experimental_api)
    opted_out = list((capabilities and capabilities.opt_out_notification_methods) or [])
    hello = Hello("", client.name, client.version, is_experimental, opted_out)
    result = greet(context.connection, context.services.identity, str(context.services.home), hello)
    context.reply(InitializeResponse.model_validate(result))
    announce(context.services, context.connection)
    return None


def announce(services: Services, connection: Connection) -> None:
    """What follows the handshake: what is wrong with the configuration, and that nobody controls us from afar."""
    config = services.config.usable()
    rules_warnings = services.rules_warnings(config) if rule_files(config) else []
    for warning in (*services.config.startup_warnings(), *rules_warnings):
        services.fanout.send([connection], ConfigWarningNotification.model_validate(warning))
    status = RemoteControlStatusChangedNotification(
        status="disabled", server_name=os.uname().nodename, installation_id=services.installation_id, environment_id=None
    )
    services.fanout.send([connection], status)


ROUTES = [route(INITIALIZE, initialize)]
