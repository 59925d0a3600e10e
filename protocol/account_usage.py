"""What an account may use and has used: rate limits, credits, tokens; messages of its workspace."""

from typing import Any, ClassVar, Literal

from protocol.account import PlanType
from protocol.base import I32, I64, Method, Notification, Params, Record, Response, TypeAliasType


class GetAccountRateLimitsParams(Params):
    """How much to look up."""

    supports_luna_reserve: bool = False
    """Whether the client can go on with the provider's reserve when the limit is reached."""
    exclude_reset_credit_details: bool = False
    """Whether to leave out the details of reset credits."""


RateLimitResetType = TypeAliasType("RateLimitResetType", Literal["codexRateLimits", "unknown"])
"""What a reset credit resets."""

RateLimitResetCreditStatus = TypeAliasType("RateLimitResetCreditStatus", Literal["available", "redeeming", "redeemed", "unknown"])
"""How a reset credit stands."""


class RateLimitResetCredit(Record):
    """The right to have limits reset once."""

    id: str
    """Its id."""
    reset_type: RateLimitResetType
    """What it resets."""
    status: RateLimitResetCreditStatus
    """How it stands."""
    granted_at: I64
    """Since when, in Unix seconds."""
    expires_at: I64 | None = None
    """Until when, in Unix seconds; null: without end."""
    title: str | None = None
    """Its name, for the user; null: none."""
    description: str | None = None
    """What it is, for the user; null: no word."""


class RateLimitResetCreditsSummary(Record):
    """The reset credits of an account."""

    available_count: I64
    """How many can be used."""
    credits: list[RateLimitResetCredit] | None = None
    """The credits themselves, perhaps not all; null when they were not looked up."""


class CreditsSnapshot(Record):
    """The credits of an account."""

    has_credits: bool
    """Whether it has any."""
    unlimited: bool
    """Whether they never end."""
    balance: str | None = None
    """How many there are, as a decimal number; null when not told."""


class SpendControlLimitSnapshot(Record):
    """A limit that a workspace sets its members."""

    limit: str
    """The limit."""
    used: str
    """What is used of it."""
    remaining_percent: I32
    """What is left, in percent."""
    resets_at: I64
    """When it starts afresh, in Unix seconds."""


class RateLimitWindow(Record):
    """A limit over a stretch of time."""

    used_percent: I32
    """What is used, in percent."""
    window_duration_mins: I64 | None = None
    """How long the stretch is, in minutes; null when not told."""
    resets_at: I64 | None = None
    """When it starts afresh, in Unix seconds; null when not told."""


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
"""Which limit stopped the account."""


class RateLimitSnapshot(Record):
    """The limits of an account as they stand."""

    limit_id: str | None = None
    """What they limit; null when not told."""
    limit_name: str | None = None
    """Its name, for the user; null: none."""
    normal_model_slug: str | None = None
    """The model that they are named after; null: none."""
    primary: RateLimitWindow | None = None
    """The short limit; null: none."""
    secondary: RateLimitWindow | None = None
    """The long limit; null: none."""
    credits: CreditsSnapshot | None = None
    """The credits; null when not told."""
    individual_limit: SpendControlLimitSnapshot | None = None
    """The limit that the workspace sets this member; null: none."""
    spend_control_reached: bool | None = None
    """Whether that limit is reached; null when not told."""
    plan_type: PlanType | None = None
    """The plan of the account; null when not told."""
    rate_limit_reached_type: RateLimitReachedType | None = None
    """Which limit stopped the account; null: none did."""


class GetAccountRateLimitsResponse(Response):
    """The limits of the account."""

    ordinary_usage_allowed: bool | None = None
    """Whether the account may go on as usual; null when not told."""
    rate_limits: RateLimitSnapshot
    """The main limits."""
    rate_limits_by_limit_id: dict[str, RateLimitSnapshot] | None = None
    """All limits by what they limit; null when not told."""
    rate_limit_reset_credits: RateLimitResetCreditsSummary | None = None
    """The reset credits; null when not told."""
    account_id: str | None = None
    """The account; null when not told."""
    rate_limit_upsell: Any = None
    """A notice of the provider to show, as it comes; null: none."""


class ConsumeAccountRateLimitResetCreditParams(Params):
    """Which reset credit to use."""

    idempotency_key: str
    """Names this attempt; the same key again uses no second credit."""
    credit_id: str | None = None
    """The credit; null: the next one."""


ConsumeAccountRateLimitResetCreditOutcome = TypeAliasType(
    "ConsumeAccountRateLimitResetCreditOutcome", Literal["reset", "nothingToReset", "noCredit", "alreadyRedeemed"]
)
"""What became of the credit."""


class ConsumeAccountRateLimitResetCreditResponse(Response):
    """The result."""

    outcome: ConsumeAccountRateLimitResetCreditOutcome
    """What became of it."""


class GetAccountTokenUsageParams(Params):
    """Whose use of tokens."""

    thread_id: str | None = None
    """One thread; null: the account."""


class AccountTokenUsageDailyBucket(Record):
    """The tokens of a day."""

    start_date: str
    """The day, as a date in ISO 8601."""
    tokens: I64
    """The tokens."""


class AccountTokenUsageSummary(Record):
    """The tokens of an account over all time."""

    lifetime_tokens: I64 | None = None
    """All of them; null when not told."""
    peak_daily_tokens: I64 | None = None
    """The most in one day; null when not told."""
    longest_running_turn_sec: I64 | None = None
    """The longest turn, in seconds; null when not told."""
    current_streak_days: I64 | None = None
    """The days in a row up to now; null when not told."""
    longest_streak_days: I64 | None = None
    """The most days in a row; null when not told."""


class ThreadUsageBreakdownGroup(Record):
    """What a thread used in one way."""

    model: str | None = None
    """The model; null when not told."""
    reasoning_effort: str | None = None
    """The effort; null when not told."""
    speed: str | None = None
    """The speed; null when not told."""
    estimated_usage_credits_micros: I64
    """The estimated credits, in millionths."""
    net_new_input_tokens: I64 | None = None
    """Tokens read anew; null when not told."""
    cached_input_tokens: I64 | None = None
    """Tokens from the cache; null when not told."""
    input_tokens: I64 | None = None
    """All tokens read; null when not told."""
    output_tokens: I64 | None = None
    """Tokens written; null when not told."""
    total_tokens: I64 | None = None
    """All tokens; null when not told."""


class ThreadUsage(Record):
    """What a thread used."""

    thread_id: str
    """The thread."""
    estimated_usage_credits_micros: I64
    """The estimated credits, in millionths."""
    estimated_usage_usd_micros: I64 | None = None
    """The estimated dollars, in millionths; null when not told."""
    native_usage_usd_micros: I64 | None = None
    """The dollars billed, in millionths; left out when unknown."""
    groups: list[ThreadUsageBreakdownGroup]
    """In which ways."""


class GetAccountTokenUsageResponse(Response):
    """The use of tokens."""

    summary: AccountTokenUsageSummary
    """Over all time."""
    daily_usage_buckets: list[AccountTokenUsageDailyBucket] | None = None
    """By day; null when not told."""
    thread_usage: ThreadUsage | None = None
    """What the thread used; left out when none was asked for or it is not known."""


WorkspaceMessageType = TypeAliasType("WorkspaceMessageType", Literal["headline", "announcement", "unknown"])
"""How a message of a workspace is shown."""


class WorkspaceMessage(Record):
    """A message of a workspace to its members."""

    message_id: str
    """Its id."""
    message_type: WorkspaceMessageType
    """How it is shown."""
    message_body: str
    """The text."""
    created_at: I64 | None = None
    """When it was written, in Unix seconds; null when unknown."""
    archived_at: I64 | None = None
    """When it was put away, in Unix seconds; null: it was not."""


class GetWorkspaceMessagesResponse(Response):
    """The messages of the workspace."""

    feature_enabled: bool
    """Whether this account can have any."""
    messages: list[WorkspaceMessage]
    """The messages."""


AddCreditsNudgeCreditType = TypeAliasType("AddCreditsNudgeCreditType", Literal["credits", "usage_limit"])
"""What the owner of the workspace is asked for."""


class SendAddCreditsNudgeEmailParams(Params):
    """Ask the owner of the workspace for more."""

    credit_type: AddCreditsNudgeCreditType
    """For what."""


AddCreditsNudgeEmailStatus = TypeAliasType("AddCreditsNudgeEmailStatus", Literal["sent", "cooldown_active"])
"""Whether the owner was written to."""


class SendAddCreditsNudgeEmailResponse(Response):
    """The result."""

    status: AddCreditsNudgeEmailStatus
    """Whether the owner was written to."""


class AccountRateLimitsUpdatedNotification(Notification):
    """The limits changed. Null members say nothing new."""

    method: ClassVar[str] = "account/rateLimits/updated"

    rate_limits: RateLimitSnapshot
    """What is known now."""


NullableGetAccountRateLimitsParams = TypeAliasType("NullableGetAccountRateLimitsParams", GetAccountRateLimitsParams | None)
"""The params, which may be left out."""

NullableGetAccountTokenUsageParams = TypeAliasType("NullableGetAccountTokenUsageParams", GetAccountTokenUsageParams | None)
"""The params, which may be left out."""


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
