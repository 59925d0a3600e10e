"""The account usage family of the wire contract."""

from typing import Any, ClassVar, Literal

from protocol.account import PlanType
from protocol.base import I32, I64, Method, Notification, Params, Record, Response, TypeAliasType


class GetAccountRateLimitsParams(Params):
    """What `account/rateLimits/read` asks with."""

    supports_luna_reserve: bool = False
    exclude_reset_credit_details: bool = False


RateLimitResetType = TypeAliasType("RateLimitResetType", Literal["codexRateLimits", "unknown"])
"""Rate limit reset type."""

RateLimitResetCreditStatus = TypeAliasType("RateLimitResetCreditStatus", Literal["available", "redeeming", "redeemed", "unknown"])
"""Rate limit reset credit status."""


class RateLimitResetCredit(Record):
    """Rate limit reset credit."""

    id: str
    reset_type: RateLimitResetType
    status: RateLimitResetCreditStatus
    granted_at: I64
    expires_at: I64 | None = None
    title: str | None = None
    description: str | None = None


class RateLimitResetCreditsSummary(Record):
    """Rate limit reset credits summary."""

    available_count: I64
    credits: list[RateLimitResetCredit] | None = None


class CreditsSnapshot(Record):
    """Credits snapshot."""

    has_credits: bool
    unlimited: bool
    balance: str | None = None


class SpendControlLimitSnapshot(Record):
    """Spend control limit snapshot."""

    limit: str
    used: str
    remaining_percent: I32
    resets_at: I64


class RateLimitWindow(Record):
    """Rate limit window."""

    used_percent: I32
    window_duration_mins: I64 | None = None
    resets_at: I64 | None = None


RateLimitReachedType = TypeAliasType(
    "RateLimitReachedType",
    Literal[
        "rate_limit_reached",
        "workspace_owner_credits_depleted",
        "workspace_member_credits_depleted",
        "workspace_owner_usage_limit_reached",
        "workspace_member_usage_limit_reached",
    ],
)
"""Rate limit reached type."""


class RateLimitSnapshot(Record):
    """Rate limit snapshot."""

    limit_id: str | None = None
    limit_name: str | None = None
    normal_model_slug: str | None = None
    primary: RateLimitWindow | None = None
    secondary: RateLimitWindow | None = None
    credits: CreditsSnapshot | None = None
    individual_limit: SpendControlLimitSnapshot | None = None
    spend_control_reached: bool | None = None
    plan_type: PlanType | None = None
    rate_limit_reached_type: RateLimitReachedType | None = None


class GetAccountRateLimitsResponse(Response):
    """What `account/rateLimits/read` is answered with."""

    ordinary_usage_allowed: bool | None = None
    rate_limits: RateLimitSnapshot
    rate_limits_by_limit_id: dict[str, RateLimitSnapshot] | None = None
    rate_limit_reset_credits: RateLimitResetCreditsSummary | None = None
    account_id: str | None = None
    rate_limit_upsell: Any = None


class ConsumeAccountRateLimitResetCreditParams(Params):
    """What `account/rateLimitResetCredit/consume` asks with."""

    idempotency_key: str
    credit_id: str | None = None


ConsumeAccountRateLimitResetCreditOutcome = TypeAliasType(
    "ConsumeAccountRateLimitResetCreditOutcome", Literal["reset", "nothingToReset", "noCredit", "alreadyRedeemed"]
)
"""Consume account rate limit reset credit outcome."""


class ConsumeAccountRateLimitResetCreditResponse(Response):
    """What `account/rateLimitResetCredit/consume` is answered with."""

    outcome: ConsumeAccountRateLimitResetCreditOutcome


class GetAccountTokenUsageParams(Params):
    """What `account/usage/read` asks with."""

    thread_id: str | None = None


class AccountTokenUsageDailyBucket(Record):
    """Account token usage daily bucket."""

    start_date: str
    tokens: I64


class AccountTokenUsageSummary(Record):
    """Account token usage summary."""

    lifetime_tokens: I64 | None = None
    peak_daily_tokens: I64 | None = None
    longest_running_turn_sec: I64 | None = None
    current_streak_days: I64 | None = None
    longest_streak_days: I64 | None = None


class ThreadUsageBreakdownGroup(Record):
    """Thread usage breakdown group."""

    model: str | None = None
    reasoning_effort: str | None = None
    speed: str | None = None
    estimated_usage_credits_micros: I64
    net_new_input_tokens: I64 | None = None
    cached_input_tokens: I64 | None = None
    input_tokens: I64 | None = None
    output_tokens: I64 | None = None
    total_tokens: I64 | None = None


class ThreadUsage(Record):
    """Thread usage."""

    thread_id: str
    estimated_usage_credits_micros: I64
    estimated_usage_usd_micros: I64 | None = None
    native_usage_usd_micros: I64 | None = None
    groups: list[ThreadUsageBreakdownGroup]


class GetAccountTokenUsageResponse(Response):
    """What `account/usage/read` is answered with."""

    summary: AccountTokenUsageSummary
    daily_usage_buckets: list[AccountTokenUsageDailyBucket] | None = None
    thread_usage: ThreadUsage | None = None


WorkspaceMessageType = TypeAliasType("WorkspaceMessageType", Literal["headline", "announcement", "unknown"])
"""Workspace message type."""


class WorkspaceMessage(Record):
    """Workspace message."""

    message_id: str
    message_type: WorkspaceMessageType
    message_body: str
    created_at: I64 | None = None
    archived_at: I64 | None = None


class GetWorkspaceMessagesResponse(Response):
    """What `account/workspaceMessages/read` is answered with."""

    feature_enabled: bool
    messages: list[WorkspaceMessage]


AddCreditsNudgeCreditType = TypeAliasType("AddCreditsNudgeCreditType", Literal["credits", "usage_limit"])
"""Add credits nudge credit type."""


class SendAddCreditsNudgeEmailParams(Params):
    """What `account/sendAddCreditsNudgeEmail` asks with."""

    credit_type: AddCreditsNudgeCreditType


AddCreditsNudgeEmailStatus = TypeAliasType("AddCreditsNudgeEmailStatus", Literal["sent", "cooldown_active"])
"""Add credits nudge email status."""


class SendAddCreditsNudgeEmailResponse(Response):
    """What `account/sendAddCreditsNudgeEmail` is answered with."""

    status: AddCreditsNudgeEmailStatus


class AccountRateLimitsUpdatedNotification(Notification):
    """Announced as `account/rateLimits/updated`."""

    method: ClassVar[str] = "account/rateLimits/updated"

    rate_limits: RateLimitSnapshot


NullableGetAccountRateLimitsParams = TypeAliasType("NullableGetAccountRateLimitsParams", GetAccountRateLimitsParams | None)
"""Nullable get account rate limits params."""

NullableGetAccountTokenUsageParams = TypeAliasType("NullableGetAccountTokenUsageParams", GetAccountTokenUsageParams | None)
"""Nullable get account token usage params."""


ACCOUNT_RATE_LIMITS_READ = Method(
    "account/rateLimits/read", GetAccountRateLimitsParams, GetAccountRateLimitsResponse, params_optional=True
)
ACCOUNT_RATE_LIMIT_RESET_CREDIT_CONSUME = Method(
    "account/rateLimitResetCredit/consume", ConsumeAccountRateLimitResetCreditParams, ConsumeAccountRateLimitResetCreditResponse
)
ACCOUNT_USAGE_READ = Method("account/usage/read", GetAccountTokenUsageParams, GetAccountTokenUsageResponse, params_optional=True)
ACCOUNT_WORKSPACE_MESSAGES_READ: Method[None, GetWorkspaceMessagesResponse] = Method(
    "account/workspaceMessages/read", None, GetWorkspaceMessagesResponse
)
ACCOUNT_SEND_ADD_CREDITS_NUDGE_EMAIL = Method(
    "account/sendAddCreditsNudgeEmail", SendAddCreditsNudgeEmailParams, SendAddCreditsNudgeEmailResponse
)

METHODS: tuple[Method[Any, Any], ...] = (
    ACCOUNT_RATE_LIMITS_READ,
    ACCOUNT_RATE_LIMIT_RESET_CREDIT_CONSUME,
    ACCOUNT_USAGE_READ,
    ACCOUNT_WORKSPACE_MESSAGES_READ,
    ACCOUNT_SEND_ADD_CREDITS_NUDGE_EMAIL,
)
NOTIFICATIONS: tuple[type[Notification], ...] = (AccountRateLimitsUpdatedNotification,)
