"""The methods that have no handler, and what they answer instead.

One row per method, in the order of the protocol. Reads answer what a home without login and without anything in it
answers; refusals are those of the reference where nothing that could be named exists; everything else that would have
an effect says that it is not supported. Nothing here pretends to have done something. A row goes away with the method's
handler; the documentation lists the rows that are left. Source: spec/server.md section 12.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from app_server.core.errors import INTERNAL_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, CallerError
from app_server.services import Context, Route
from protocol.methods import CLIENT_REQUESTS_BY_NAME


@dataclass(frozen=True, slots=True)
class Reads:
    """Answers a read as if nothing of its kind were there; of a thread, only if that thread is loaded."""

    result: Mapping[str, Any] | Callable[[Context, Any], Mapping[str, Any]]
    of_thread: bool = False

    def __call__(self, context: Context, params: Any) -> Any:
        if self.of_thread:
            context.services.threads.get(params.thread_id)
        return self.result(context, params) if callable(self.result) else self.result


@dataclass(frozen=True, slots=True)
class Refuses:
    """Answers an error. `{member}` in the text stands for that member of the params, `{method}` for the method."""

    text: str
    code: int = INVALID_REQUEST
    reason: str = "not_found"
    data: Mapping[str, Any] | None = None
    of_thread: bool = False

    def __call__(self, context: Context, params: Any) -> Any:
        if self.of_thread:
            context.services.threads.get(params.thread_id)
        members = {} if params is None else vars(params)
        text = self.text.format_map({"method": context.method, **members})
        raise CallerError(text, code=self.code, reason=self.reason, data=dict(self.data or {}))


Outcome = Reads | Refuses

NOT_SUPPORTED = Refuses("{method} is not supported yet", METHOD_NOT_FOUND, "not_supported")
NOTHING = Reads({})
NO_PAGE: Mapping[str, Any] = {"data": [], "nextCursor": None}
NO_LOGIN = "account_required"
NO_COMMAND = Refuses('no active command/exec for process id "{process_id}"')
NO_PROCESS = Refuses('no active process for process handle "{process_handle}"')
NO_REMOTE_CONTROL = Refuses("remote control requires ChatGPT authentication", reason=NO_LOGIN)
NO_SHARING = Refuses("plugin sharing is not enabled", reason="not_available")
NO_VERIFICATION = Refuses(
    "User verification is not available in this build or account.",
    INTERNAL_ERROR,
    "not_available",
    {"type": "unavailable", "reason": "providerUnavailable"},
)

UNBUILT: Mapping[str, Outcome] = {
    "userVerification/status": Reads(
        {"credentialId": None, "unavailableReason": "providerUnavailable", "unavailableMessage": NO_VERIFICATION.text}
    ),
    "userVerification/enroll": NO_VERIFICATION,
    "userVerification/delete": NO_VERIFICATION,
    "userVerification/verify": NO_VERIFICATION,
    "userVerification/cancel": NOTHING,
    "thread/prediction/request": Refuses("{method} is not implemented yet", METHOD_NOT_FOUND, "not_supported"),
    "plugin/skill/read": Refuses(
        "remote plugin skill read is not enabled for marketplace {remote_marketplace_name}", reason="not_available"
    ),
    "plugin/share/save": NO_SHARING,
    "plugin/share/updateTargets": NO_SHARING,
    "plugin/share/list": NO_SHARING,
    "plugin/share/checkout": NO_SHARING,
    "plugin/share/delete": NO_SHARING,
    "app/read": Reads(lambda _, params: {"apps": [], "missingAppIds": params.app_ids}),
    "app/list": Reads(NO_PAGE),
    "app/installed": Reads({"apps": []}),
    "turn/settings/update": Refuses("turn settings updates require the step_model_switching feature", reason="not_available"),
    "account/gatewayOAuth/login": Refuses("The selected provider does not use gateway OAuth", reason="not_available"),
    "account/gatewayOAuth/cancel": NOTHING,
    "remoteControl/enable": NO_REMOTE_CONTROL,
    "remoteControl/disable": NO_REMOTE_CONTROL,
    "remoteControl/pairing/start": Refuses(
        "remote control pairing requires remote control to be enabled", reason="not_available"
    ),
    "remoteControl/client/list": NO_REMOTE_CONTROL,
    "remoteControl/client/revoke": NO_REMOTE_CONTROL,
    "environment/add": NOT_SUPPORTED,
    "mcpServer/event/stream/start": Refuses(
        "MCP event subscriptions are only supported for hosted apps", reason="not_available"
    ),
    "mcpServer/event/stream/stop": NOTHING,
    "account/bedrock/discover": Reads({"profiles": [], "environmentCredentials": []}),
    "account/bedrock/setup": NOT_SUPPORTED,
    "account/gcp/setup": NOT_SUPPORTED,
    "account/bedrock/checkGovCloudRequirements": Reads({"isGovCloud": False, "shouldWarn": False}),
    "accountSession/list": Reads({"activeSessionId": None, "sessions": []}),
    "accountSession/switch": Refuses("Workspace switching requires a managed ChatGPT login", reason=NO_LOGIN),
    "account/securitySetup/read": Reads({"notice": None}),
}  # fmt: skip


WHY: Mapping[str, str] = {
    "environment/add": "commands run on the server's own machine alone",
    "account/bedrock/setup": "signing requests for AWS is not built",
    "account/gcp/setup": "signing requests for Google Cloud is not built",
}
"""Why a method is refused as not supported; the documentation says it."""


def unbuilt_route(name: str) -> Route:
    """The route of a method that has no handler."""
    methods = import_module(f"protocol.{CLIENT_REQUESTS_BY_NAME[name].family}").METHODS
    method = next(method for method in methods if method.name == name)
    return Route(method, UNBUILT.get(name, NOT_SUPPORTED), is_async=False)
