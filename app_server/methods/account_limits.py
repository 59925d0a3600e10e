"""`account/rateLimits/read` of a ChatGPT account."""

from app_server.core.auth.usage_limits import NotTold, UsageLimits
from app_server.core.errors import INTERNAL_ERROR, CallerError
from app_server.services import Context
from protocol.account_usage import GetAccountRateLimitsParams, GetAccountRateLimitsResponse


async def read(context: Context, params: GetAccountRateLimitsParams) -> GetAccountRateLimitsResponse:
    """Ask the provider."""
    services = context.services
    credential = await services.login_session().credential()
    config = services.logins.configuration
    asking = UsageLimits(config.chatgpt_base_url, credential, services.identity.user_agent, services.settings.environment)
    try:
        return await asking.read(services.logins.account_id, not params.exclude_reset_credit_details)
    except NotTold as error:
        raise CallerError(f"failed to fetch codex rate limits: {error}", code=INTERNAL_ERROR, reason="provider_failed") from None
