"""Logging in and out. Every change of the login is told to all clients; keys and tokens to none.

Source: spec/config-auth.md section 5.
"""

import re
from functools import partial
from typing import cast

from app_server.core.auth.attempts import Attempts
from app_server.core.auth.keeping import NotKept
from app_server.core.auth.oauth import LoginFailed, revoke
from app_server.core.auth.stored import of_client, of_key
from app_server.core.errors import INTERNAL_ERROR, METHOD_NOT_FOUND, CallerError
from app_server.methods.account_plan import plan_of
from app_server.services import Context, Services
from protocol.account import (
    AccountLoginCompletedNotification,
    AccountUpdatedNotification,
    ApiKeyLogin,
    ApiKeyLoginStarted,
    AuthMode,
    CancelLoginAccountParams,
    CancelLoginAccountResponse,
    ChatgptAuthTokensLogin,
    ChatgptAuthTokensLoginStarted,
    ChatgptDeviceCodeLogin,
    ChatgptDeviceCodeLoginStarted,
    ChatgptLogin,
    ChatgptLoginStarted,
    LoginAccountParams,
    LogoutAccountResponse,
)

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")
NO_KEY = "API key login is disabled. Use ChatGPT login instead."
NO_CHATGPT = "ChatGPT login is disabled. Use API key login instead."
NO_TOKENS = "External ChatGPT auth is disabled. Use API key login instead."
EXTERNAL = "External auth is active. Use account/login/start (chatgptAuthTokens) to update it or account/logout to clear it."


async def start(context: Context, params: LoginAccountParams) -> None:
    """Log in, or begin to."""
    wanted = params.root
    services = context.services
    if isinstance(wanted, ApiKeyLogin):
        await with_key(context, wanted)
    elif isinstance(wanted, ChatgptAuthTokensLogin):
        await with_tokens(context, wanted)
    elif isinstance(wanted, ChatgptLogin):
        check(services, "chatgpt", NO_CHATGPT)
        context.reply(await in_browser(services))
    elif isinstance(wanted, ChatgptDeviceCodeLogin):
        check(services, "chatgpt", NO_CHATGPT)
        context.reply(await on_device(services))
    else:
        raise CallerError(f"{wanted.type} login is not supported yet", code=METHOD_NOT_FOUND, reason="not_supported")


async def with_key(context: Context, wanted: ApiKeyLogin) -> None:
    """Log in with a key, which is kept as it is."""
    services = context.services
    check(services, "api", NO_KEY)
    await attempts(services).end()
    try:
        services.logins.adopt(of_key(wanted.api_key))
    except NotKept as error:
        raise CallerError(f"failed to save api key: {error}", code=INTERNAL_ERROR, reason="login_failed") from None
    context.reply(ApiKeyLoginStarted())
    tell_ended(services, None, None)


async def with_tokens(context: Context, wanted: ChatgptAuthTokensLogin) -> None:
    """Log in with tokens that the client holds. They are kept in memory alone."""
    services = context.services
    config = services.logins.configuration
    if config.forced_login_method == "api":
        raise CallerError(NO_TOKENS, reason="login_refused")
    if config.forced_workspaces and wanted.chatgpt_account_id not in config.forced_workspaces:
        raise CallerError(
            f"External auth must use workspace {', '.join(config.forced_workspaces)}, but received {wanted.chatgpt_account_id}.",
            reason="login_refused",
            data={"field": "chatgptAccountId", "expected": "a workspace that the configuration allows"},
        )
    login = of_client(wanted.access_token, wanted.chatgpt_account_id, wanted.chatgpt_plan_type)
    if login is None:
        raise CallerError(
            "failed to set external auth: invalid ID token format",
            code=INTERNAL_ERROR,
            reason="login_failed",
            data={"field": "accessToken", "expected": "a JSON web token"},
        )
    await attempts(services).end()
    services.logins.adopt(login)
    context.reply(ChatgptAuthTokensLoginStarted())
    tell_ended(services, None, None)


async def in_browser(services: Services) -> ChatgptLoginStarted:
    """Begin a login in the browser."""
    try:
        login_id, url = await attempts(services).with_browser(services.identity.originator, partial(tell_ended, services))
    except OSError as error:
        text = f"failed to start login server: {error.strerror or error}"
        raise CallerError(text, code=INTERNAL_ERROR, reason="login_failed") from None
    return ChatgptLoginStarted(login_id=login_id, auth_url=url)


async def on_device(services: Services) -> ChatgptDeviceCodeLoginStarted:
    """Begin a login on another device."""
    try:
        login_id, code = await attempts(services).with_device(partial(tell_ended, services))
    except LoginFailed as error:
        raise CallerError(f"failed to request device code: {error}", code=INTERNAL_ERROR, reason="login_failed") from None
    return ChatgptDeviceCodeLoginStarted(login_id=login_id, verification_url=code.verification_url, user_code=code.user_code)


async def cancel(context: Context, params: CancelLoginAccountParams) -> CancelLoginAccountResponse | None:
    """Give up a login that was begun."""
    if UUID.fullmatch(params.login_id) is None:
        raise CallerError(
            f"invalid login id: {params.login_id}",
            reason="invalid_value",
            data={"field": "loginId", "expected": "the loginId of account/login/start"},
        )
    was_there = await attempts(context.services).end(login_id=params.login_id)
    return CancelLoginAccountResponse(status="canceled" if was_there else "notFound")


async def logout(context: Context, _params: None) -> LogoutAccountResponse | None:
    """Forget the login. The issuer is told that its tokens are good no more, as far as it listens."""
    services = context.services
    await attempts(services).end()
    try:
        login = services.logins.forget()
    except NotKept as error:
        raise CallerError(f"logout failed: {error}", code=INTERNAL_ERROR, reason="login_failed") from None
    context.reply(LogoutAccountResponse())
    tell_login(services)
    if login is not None and login.refresh_token and not login.is_external:
        services.spawn(revoke, services.settings.environment, login.refresh_token)
    return None


def check(services: Services, method: str, refusal: str) -> None:
    """Raises: CallerError, where the configuration wants another kind of login, or a client holds the tokens."""
    forced = services.logins.configuration.forced_login_method
    if forced is not None and forced != method:
        raise CallerError(refusal, reason="login_refused")
    login = services.logins.current()
    if login is not None and login.is_external:
        raise CallerError(EXTERNAL, reason="login_refused")


def attempts(services: Services) -> Attempts:
    """The logins that take a while."""
    return cast(Attempts, services.login_attempts())


def tell_ended(services: Services, login_id: str | None, error: str | None) -> None:
    """Tell everybody how a login ended."""
    message = AccountLoginCompletedNotification(login_id=login_id, success=error is None, error=error, onboarding_entrypoint=None)
    services.fanout.publish(None, message)
    if error is None:
        tell_login(services)


def tell_login(services: Services) -> None:
    """Tell everybody who is logged in now. What went on in another's name ends."""
    for thread_id in services.threads.ids():
        voice = services.threads.get(thread_id).voice
        if voice is not None:
            voice.account_changed()
    login = services.logins.current()
    services.fanout.publish(
        None,
        AccountUpdatedNotification(
            auth_mode=None if login is None else cast(AuthMode, login.mode), plan_type=None if login is None else plan_of(login)
        ),
    )
