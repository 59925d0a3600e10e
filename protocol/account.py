"""The login: its kinds, logging in and out, who is logged in."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import EXPERIMENTAL, Method, Notification, Params, Record, Response, TypeAliasType, Variant
from protocol.one_of import OneOf

LoginAppBrand = TypeAliasType("LoginAppBrand", Literal["codex", "chatgpt"])
"""What the pages of the login call the program."""


class ApiKeyLogin(Variant):
    """With an API key."""

    type: Literal["apiKey"] = "apiKey"
    """The tag of this alternative."""
    api_key: str
    """The key."""


class ChatgptLogin(Variant):
    """With a ChatGPT account, through a browser."""

    type: Literal["chatgpt"] = "chatgpt"
    """The tag of this alternative."""
    codex_streamlined_login: bool = False
    """Whether the short form of the login is shown."""
    use_hosted_login_success_page: bool = False
    """Whether the browser ends on a page of the provider's instead of one of the server's."""
    app_brand: LoginAppBrand | None = None
    """What the pages call the program; null: the default."""


class ChatgptDeviceCodeLogin(Variant):
    """With a ChatGPT account, on another device."""

    type: Literal["chatgptDeviceCode"] = "chatgptDeviceCode"
    """The tag of this alternative."""


class ChatgptAuthTokensLogin(Variant):
    """With tokens that the client holds and renews."""

    type: Literal["chatgptAuthTokens"] = "chatgptAuthTokens"
    """The tag of this alternative."""
    access_token: str
    """The access token."""
    chatgpt_account_id: str
    """The account that it belongs to."""
    chatgpt_plan_type: str | None = None
    """The plan of the account; null: as the token tells."""


class AmazonBedrockLogin(Variant):
    """With an API key of Amazon Bedrock."""

    type: Literal["amazonBedrock"] = "amazonBedrock"
    """The tag of this alternative."""
    api_key: str
    """The key."""
    region: str
    """The region."""


class AmazonBedrockAccessKeysLogin(Variant):
    """With access keys of AWS."""

    type: Literal["amazonBedrockAccessKeys"] = "amazonBedrockAccessKeys"
    """The tag of this alternative."""
    access_key_id: str
    """The id of the key."""
    secret_access_key: str
    """The key."""
    session_token: str | None = None
    """The token of a session; null: none."""
    region: str
    """The region."""


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
    """How to log in."""


class ApiKeyLoginStarted(Variant):
    """Done."""

    type: Literal["apiKey"] = "apiKey"
    """The tag of this alternative."""


class ChatgptLoginStarted(Variant):
    """A browser is needed."""

    type: Literal["chatgpt"] = "chatgpt"
    """The tag of this alternative."""
    login_id: str
    """The id of the login, to cancel it."""
    auth_url: str
    """The page to open."""


class ChatgptDeviceCodeLoginStarted(Variant):
    """Another device is needed."""

    type: Literal["chatgptDeviceCode"] = "chatgptDeviceCode"
    """The tag of this alternative."""
    login_id: str
    """The id of the login, to cancel it."""
    verification_url: str
    """The page to open there."""
    user_code: str
    """What to type there."""


class ChatgptAuthTokensLoginStarted(Variant):
    """Done."""

    type: Literal["chatgptAuthTokens"] = "chatgptAuthTokens"
    """The tag of this alternative."""


class AmazonBedrockLoginStarted(Variant):
    """Done."""

    type: Literal["amazonBedrock"] = "amazonBedrock"
    """The tag of this alternative."""


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
    """How the login goes on; `account/login/completed` tells how it ended."""


class CancelLoginAccountParams(Params):
    """Which login to give up."""

    login_id: str
    """The login."""


CancelLoginAccountStatus = TypeAliasType("CancelLoginAccountStatus", Literal["canceled", "notFound"])
"""Whether there was such a login."""


class CancelLoginAccountResponse(Response):
    """The result."""

    status: CancelLoginAccountStatus
    """Whether there was such a login."""


class LogoutAccountResponse(Response):
    """Nobody is logged in any more."""


class AccountSecuritySetupAction(Record):
    """Something that the user can do."""

    label: str
    """What to show."""
    url: str
    """The page to open."""


class AccountSecuritySetupNotice(Record):
    """A reminder to make an account safer."""

    account_id: str
    """The account."""
    user_id: str
    """The user."""
    title: str
    """The heading."""
    description: str
    """The text."""
    action: AccountSecuritySetupAction
    """What the user can do."""


class GetAccountSecuritySetupResponse(Response):
    """Whether there is a reminder."""

    notice: AccountSecuritySetupNotice | None = None
    """The reminder; null: none."""


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
"""The plan of an account; a plan that a client does not know is to be taken as `unknown`."""


class GetAccountParams(Params):
    """Who is logged in?"""

    refresh_token: bool = False
    """Whether to renew the token first, if the server manages it."""


class ApiKeyAccount(Variant):
    """An API key."""

    type: Literal["apiKey"] = "apiKey"
    """The tag of this alternative."""


class ChatgptAccount(Variant):
    """A ChatGPT account."""

    type: Literal["chatgpt"] = "chatgpt"
    """The tag of this alternative."""
    email: str | None
    """Its address; null when unknown."""
    plan_type: PlanType
    """Its plan."""
    workspace_name: str | None = None
    """The name of its workspace; null when unknown."""


class AmazonBedrockAccount(Variant):
    """Amazon Bedrock."""

    type: Literal["amazonBedrock"] = "amazonBedrock"
    """The tag of this alternative."""
    uses_codex_managed_credentials: bool = False
    """Whether the server keeps the credentials, rather than the environment."""


class GcpAccount(Variant):
    """Google Cloud."""

    type: Literal["gcp"] = "gcp"
    """The tag of this alternative."""


Account = TypeAliasType(
    "Account", Annotated[ApiKeyAccount | ChatgptAccount | AmazonBedrockAccount | GcpAccount, Field(discriminator="type")]
)
"""Who is logged in."""

AccountRoutingOverride = TypeAliasType("AccountRoutingOverride", Literal["NO_CONSTRAINT", "us", "us_cr"])
"""Where the provider may handle the requests of an account."""


class WorkspaceRouting(Record):
    """Where the requests of an account go."""

    chatgpt_account_id: str
    """The account."""
    backend_origin: str
    """The address that they go to."""
    account_routing_override: AccountRoutingOverride
    """Where the provider may handle them."""


class GetAccountResponse(Response):
    """The login."""

    account: Account | None = None
    """Who is logged in; null: nobody."""
    user_id: str | None = None
    """The id of the user; null when unknown."""
    requires_openai_auth: bool
    """Whether the provider in use needs a login at all."""
    workspace_routing: Annotated[WorkspaceRouting | None, EXPERIMENTAL] = None
    """Where requests go; null: no special way."""


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
"""The kind of login."""


class AccountUpdatedNotification(Notification):
    """The login changed."""

    method: ClassVar[str] = "account/updated"

    auth_mode: AuthMode | None = None
    """Its kind; null: nobody is logged in."""
    plan_type: PlanType | None = None
    """The plan of the account; null when unknown."""


DesktopOnboardingEntrypoint = TypeAliasType("DesktopOnboardingEntrypoint", Literal["life_sciences"])
"""Where a client should take a new user."""


class AccountLoginCompletedNotification(Notification):
    """A login ended."""

    method: ClassVar[str] = "account/login/completed"

    login_id: str | None = None
    """The id of the login; null for those that are done at once."""
    success: bool
    """Whether it worked."""
    error: str | None = None
    """Why it did not; null when it did."""
    onboarding_entrypoint: DesktopOnboardingEntrypoint | None = None
    """Where to take the user; null: nowhere special."""


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
