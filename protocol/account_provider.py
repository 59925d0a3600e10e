"""The account provider family of the wire contract."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import Method, Notification, OneOf, Params, Record, Response, TypeAliasType, Variant


class GatewayOAuthReadParams(Params):
    """What `account/gatewayOAuth/read` asks with."""

    model_provider: str | None = None


GatewayOAuthStatus = TypeAliasType("GatewayOAuthStatus", Literal["notReady", "started", "succeeded", "failed"])
"""Gateway o auth status."""


class GatewayOAuthReadResponse(Response):
    """What `account/gatewayOAuth/read` is answered with."""

    provider_id: str
    provider_name: str
    required: bool
    supports_device_auth: bool = False
    status: GatewayOAuthStatus | None = None
    error: str | None = None


class GatewayOAuthLoginParams(Params):
    """What `account/gatewayOAuth/login` asks with."""

    model_provider: str | None = None
    device_auth: bool = False


class GatewayOAuthPrompt(Record):
    """Gateway o auth prompt."""

    login_id: str
    verification_url: str
    user_code: str


class GatewayOAuthLoginResponse(Response):
    """What `account/gatewayOAuth/login` is answered with."""

    prompt: GatewayOAuthPrompt | None = None


class GatewayOAuthCancelResponse(Response):
    """What `account/gatewayOAuth/cancel` is answered with."""


class BedrockDiscoverParams(Params):
    """What `account/bedrock/discover` asks with."""


AwsCredentialType = TypeAliasType("AwsCredentialType", Literal["accessKeys", "bedrockApiKey"])
"""Aws credential type."""


class BedrockEnvironmentCredential(Record):
    """Bedrock environment credential."""

    type: AwsCredentialType
    region: str | None = None


class BedrockAwsProfile(Record):
    """Bedrock aws profile."""

    name: str
    region: str | None = None


class BedrockDiscoverResponse(Response):
    """What `account/bedrock/discover` is answered with."""

    profiles: list[BedrockAwsProfile]
    environment_credentials: list[BedrockEnvironmentCredential]


class ProfileBedrockSetup(Variant):
    """Profile bedrock setup."""

    type: Literal["profile"] = "profile"
    profile: str
    region: str


class EnvironmentBedrockSetup(Variant):
    """Environment bedrock setup."""

    type: Literal["environment"] = "environment"
    region: str


class BedrockSetupParams(OneOf[Annotated[ProfileBedrockSetup | EnvironmentBedrockSetup, Field(discriminator="type")]]):
    """What `account/bedrock/setup` asks with."""


class BedrockSetupResponse(Response):
    """What `account/bedrock/setup` is answered with."""


class GcpSetupParams(Params):
    """What `account/gcp/setup` asks with."""

    project_id: str
    location: str | None = None
    credential_file: str | None = None


class GcpSetupResponse(Response):
    """What `account/gcp/setup` is answered with."""


class BedrockCheckGovCloudRequirementsParams(Params):
    """What `account/bedrock/checkGovCloudRequirements` asks with."""


class BedrockCheckGovCloudRequirementsResponse(Response):
    """What `account/bedrock/checkGovCloudRequirements` is answered with."""

    is_gov_cloud: bool
    should_warn: bool


class GatewayOAuthChangedNotification(Notification):
    """Announced as `account/gatewayOAuth/changed`."""

    method: ClassVar[str] = "account/gatewayOAuth/changed"

    login_id: str | None = None
    auth_url: str | None = None
    provider_id: str
    status: GatewayOAuthStatus
    error: str | None = None


NullableGatewayOAuthLoginParams = TypeAliasType("NullableGatewayOAuthLoginParams", GatewayOAuthLoginParams | None)
"""Nullable gateway o auth login params."""

NullableGatewayOAuthReadParams = TypeAliasType("NullableGatewayOAuthReadParams", GatewayOAuthReadParams | None)
"""Nullable gateway o auth read params."""


ACCOUNT_GATEWAY_OAUTH_READ = Method(
    "account/gatewayOAuth/read", GatewayOAuthReadParams, GatewayOAuthReadResponse, params_optional=True
)
ACCOUNT_GATEWAY_OAUTH_LOGIN = Method(
    "account/gatewayOAuth/login", GatewayOAuthLoginParams, GatewayOAuthLoginResponse, params_optional=True
)
ACCOUNT_GATEWAY_OAUTH_CANCEL: Method[None, GatewayOAuthCancelResponse] = Method(
    "account/gatewayOAuth/cancel", None, GatewayOAuthCancelResponse
)
ACCOUNT_BEDROCK_DISCOVER = Method("account/bedrock/discover", BedrockDiscoverParams, BedrockDiscoverResponse)
ACCOUNT_BEDROCK_SETUP = Method("account/bedrock/setup", BedrockSetupParams, BedrockSetupResponse)
ACCOUNT_GCP_SETUP = Method("account/gcp/setup", GcpSetupParams, GcpSetupResponse)
ACCOUNT_BEDROCK_CHECK_GOV_CLOUD_REQUIREMENTS = Method(
    "account/bedrock/checkGovCloudRequirements", BedrockCheckGovCloudRequirementsParams, BedrockCheckGovCloudRequirementsResponse
)

METHODS: tuple[Method[Any, Any], ...] = (
    ACCOUNT_GATEWAY_OAUTH_READ,
    ACCOUNT_GATEWAY_OAUTH_LOGIN,
    ACCOUNT_GATEWAY_OAUTH_CANCEL,
    ACCOUNT_BEDROCK_DISCOVER,
    ACCOUNT_BEDROCK_SETUP,
    ACCOUNT_GCP_SETUP,
    ACCOUNT_BEDROCK_CHECK_GOV_CLOUD_REQUIREMENTS,
)
NOTIFICATIONS: tuple[type[Notification], ...] = (GatewayOAuthChangedNotification,)
