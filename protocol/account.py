"""The account family of the wire contract."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import EXPERIMENTAL, Method, Notification, OneOf, Params, Record, Response, TypeAliasType, Variant

LoginAppBrand = TypeAliasType("LoginAppBrand", Literal["codex", "chatgpt"])
"""Login app brand."""


class ApiKeyLogin(Variant):
    """Api key login."""

    type: Literal["apiKey"] = "apiKey"
    api_key: str


class ChatgptLogin(Variant):
    """Chatgpt login."""

    type: Literal["chatgpt"] = "chatgpt"
    codex_streamlined_login: bool = False
    use_hosted_login_success_page: bool = False
    app_brand: LoginAppBrand | None = None


class ChatgptDeviceCodeLogin(Variant):
    """Chatgpt device code login."""

    type: Literal["chatgptDeviceCode"] = "chatgptDeviceCode"


class ChatgptAuthTokensLogin(Variant):
    """Chatgpt auth tokens login."""

    type: Literal["chatgptAuthTokens"] = "chatgptAuthTokens"
    access_token: str
    chatgpt_account_id: str
    chatgpt_plan_type: str | None = None


class AmazonBedrockLogin(Variant):
    """Amazon bedrock login."""

    type: Literal["amazonBedrock"] = "amazonBedrock"
    api_key: str
    region: str


class AmazonBedrockAccessKeysLogin(Variant):
    """Amazon bedrock access keys login."""

    type: Literal["amazonBedrockAccessKeys"] = "amazonBedrockAccessKeys"
    access_key_id: str
    secret_access_key: str
    session_token: str | None = None
    region: str


class LoginAccountParams(
    OneOf[
        Annotated[
            ApiKeyLogin
            | ChatgptLogin
            | ChatgptDeviceCodeLogin
            | ChatgptAuthTokensLogin
            | AmazonBedrockLogin
            | AmazonBedrockAccessKeysLogin,
            Field(discriminator="type"),
        ]
    ]
):
    """What `account/login/start` asks with."""


class ApiKeyLoginStarted(Variant):
    """Api key login started."""

    type: Literal["apiKey"] = "apiKey"


class ChatgptLoginStarted(Variant):
    """Chatgpt login started."""

    type: Literal["chatgpt"] = "chatgpt"
    login_id: str
    auth_url: str


class ChatgptDeviceCodeLoginStarted(Variant):
    """Chatgpt device code login started."""

    type: Literal["chatgptDeviceCode"] = "chatgptDeviceCode"
    login_id: str
    verification_url: str
    user_code: str


class ChatgptAuthTokensLoginStarted(Variant):
    """Chatgpt auth tokens login started."""

    type: Literal["chatgptAuthTokens"] = "chatgptAuthTokens"


class AmazonBedrockLoginStarted(Variant):
    """Amazon bedrock login started."""

    type: Literal["amazonBedrock"] = "amazonBedrock"


class LoginAccountResponse(
    OneOf[
        Annotated[
            ApiKeyLoginStarted
            | ChatgptLoginStarted
            | ChatgptDeviceCodeLoginStarted
            | ChatgptAuthTokensLoginStarted
            | AmazonBedrockLoginStarted,
            Field(discriminator="type"),
        ]
    ]
):
    """What `account/login/start` is answered with."""


class CancelLoginAccountParams(Params):
    """What `account/login/cancel` asks with."""

    login_id: str


CancelLoginAccountStatus = TypeAliasType("CancelLoginAccountStatus", Literal["canceled", "notFound"])
"""Cancel login account status."""


class CancelLoginAccountResponse(Response):
    """What `account/login/cancel` is answered with."""

    status: CancelLoginAccountStatus


class LogoutAccountResponse(Response):
    """What `account/logout` is answered with."""


class AccountSecuritySetupAction(Record):
    """Account security setup action."""

    label: str
    url: str


class AccountSecuritySetupNotice(Record):
    """Account security setup notice."""

    account_id: str
    user_id: str
    title: str
    description: str
    action: AccountSecuritySetupAction


class GetAccountSecuritySetupResponse(Response):
    """What `account/securitySetup/read` is answered with."""

    notice: AccountSecuritySetupNotice | None = None


PlanType = TypeAliasType(
    "PlanType",
    Literal[
        "free",
        "go",
        "plus",
        "pro",
        "prolite",
        "promax",
        "team",
        "self_serve_business_prolite",
        "self_serve_business_usage_based",
        "business",
        "ent26",
        "enterprise_cbp_automation",
        "enterprise_cbp_usage_based",
        "enterprise",
        "edu",
        "edu_plus",
        "edu_pro",
        "sci",
        "sci_plus",
        "unknown",
    ],
)
"""Plan type."""


class GetAccountParams(Params):
    """What `account/read` asks with."""

    refresh_token: bool = False


class ApiKeyAccount(Variant):
    """Api key account."""

    type: Literal["apiKey"] = "apiKey"


class ChatgptAccount(Variant):
    """Chatgpt account."""

    type: Literal["chatgpt"] = "chatgpt"
    email: str | None
    plan_type: PlanType
    workspace_name: str | None = None


class AmazonBedrockAccount(Variant):
    """Amazon bedrock account."""

    type: Literal["amazonBedrock"] = "amazonBedrock"
    uses_codex_managed_credentials: bool = False


class GcpAccount(Variant):
    """Gcp account."""

    type: Literal["gcp"] = "gcp"


Account = TypeAliasType(
    "Account", Annotated[ApiKeyAccount | ChatgptAccount | AmazonBedrockAccount | GcpAccount, Field(discriminator="type")]
)
"""Account."""

AccountRoutingOverride = TypeAliasType("AccountRoutingOverride", Literal["NO_CONSTRAINT", "us", "us_cr"])
"""Account routing override."""


class WorkspaceRouting(Record):
    """Workspace routing."""

    chatgpt_account_id: str
    backend_origin: str
    account_routing_override: AccountRoutingOverride


class GetAccountResponse(Response):
    """What `account/read` is answered with."""

    account: Account | None = None
    user_id: str | None = None
    requires_openai_auth: bool
    workspace_routing: Annotated[WorkspaceRouting | None, EXPERIMENTAL] = None


AuthMode = TypeAliasType(
    "AuthMode",
    Literal[
        "apikey",
        "chatgpt",
        "chatgptAuthTokens",
        "headers",
        "agentIdentity",
        "personalAccessToken",
        "bedrockApiKey",
        "bedrockAccessKeys",
    ],
)
"""Auth mode."""


class AccountUpdatedNotification(Notification):
    """Announced as `account/updated`."""

    method: ClassVar[str] = "account/updated"

    auth_mode: AuthMode | None = None
    plan_type: PlanType | None = None


DesktopOnboardingEntrypoint = TypeAliasType("DesktopOnboardingEntrypoint", Literal["life_sciences"])
"""Desktop onboarding entrypoint."""


class AccountLoginCompletedNotification(Notification):
    """Announced as `account/login/completed`."""

    method: ClassVar[str] = "account/login/completed"

    login_id: str | None = None
    success: bool
    error: str | None = None
    onboarding_entrypoint: DesktopOnboardingEntrypoint | None = None


ACCOUNT_LOGIN_START = Method("account/login/start", LoginAccountParams, LoginAccountResponse)
ACCOUNT_LOGIN_CANCEL = Method("account/login/cancel", CancelLoginAccountParams, CancelLoginAccountResponse)
ACCOUNT_LOGOUT: Method[None, LogoutAccountResponse] = Method("account/logout", None, LogoutAccountResponse)
ACCOUNT_SECURITY_SETUP_READ: Method[None, GetAccountSecuritySetupResponse] = Method(
    "account/securitySetup/read", None, GetAccountSecuritySetupResponse
)
ACCOUNT_READ = Method("account/read", GetAccountParams, GetAccountResponse)

METHODS: tuple[Method[Any, Any], ...] = (
    ACCOUNT_LOGIN_START,
    ACCOUNT_LOGIN_CANCEL,
    ACCOUNT_LOGOUT,
    ACCOUNT_SECURITY_SETUP_READ,
    ACCOUNT_READ,
)
NOTIFICATIONS: tuple[type[Notification], ...] = (AccountUpdatedNotification, AccountLoginCompletedNotification)
