"""Logins at providers of their own: company gateways, Amazon Bedrock, Google Cloud."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import Method, Notification, Params, Record, Response, TypeAliasType, Variant
from protocol.one_of import OneOf


class GatewayOAuthReadParams(Params):
    """Which provider."""

    model_provider: str | None = None
    """The provider; null: the one in use."""


GatewayOAuthStatus = TypeAliasType("GatewayOAuthStatus", Literal["notReady", "started", "succeeded", "failed"])
"""How a login at a gateway stands."""


class GatewayOAuthReadResponse(Response):
    """How the login at the gateway stands."""

    provider_id: str
    """The id of the provider."""
    provider_name: str
    """Its name."""
    required: bool
    """Whether the provider wants such a login at all."""
    supports_device_auth: bool = False
    """Whether one can log in on another device."""
    status: GatewayOAuthStatus | None = None
    """How the login stands; null when none is wanted."""
    error: str | None = None
    """Why it failed; null when it did not."""


class GatewayOAuthLoginParams(Params):
    """Where to log in, and how."""

    model_provider: str | None = None
    """The provider; null: the one in use."""
    device_auth: bool = False
    """Whether to log in on another device."""


class GatewayOAuthPrompt(Record):
    """What to do on the other device."""

    login_id: str
    """The id of the login."""
    verification_url: str
    """Where to go."""
    user_code: str
    """What to type there."""


class GatewayOAuthLoginResponse(Response):
    """The login has begun."""

    prompt: GatewayOAuthPrompt | None = None
    """What to do on the other device; null when a browser is used."""


class GatewayOAuthCancelResponse(Response):
    """The login is given up."""


class BedrockDiscoverParams(Params):
    """Nothing to ask with."""


AwsCredentialType = TypeAliasType("AwsCredentialType", Literal["accessKeys", "bedrockApiKey"])
"""What kind of credential."""


class BedrockEnvironmentCredential(Record):
    """A credential in the environment of the server."""

    type: AwsCredentialType
    """What kind."""
    region: str | None = None
    """The region that goes with it; null: none."""


class BedrockAwsProfile(Record):
    """A profile of the AWS configuration."""

    name: str
    """Its name."""
    region: str | None = None
    """Its region; null: none."""


class BedrockDiscoverResponse(Response):
    """What can be used for Bedrock."""

    profiles: list[BedrockAwsProfile]
    """The profiles."""
    environment_credentials: list[BedrockEnvironmentCredential]
    """The credentials in the environment."""


class ProfileBedrockSetup(Variant):
    """Use a profile."""

    type: Literal["profile"] = "profile"
    """The tag of this alternative."""
    profile: str
    """The profile."""
    region: str
    """The region."""


class EnvironmentBedrockSetup(Variant):
    """Use the credentials in the environment."""

    type: Literal["environment"] = "environment"
    """The tag of this alternative."""
    region: str
    """The region."""


class BedrockSetupParams(OneOf[Annotated[ProfileBedrockSetup | EnvironmentBedrockSetup, Field(discriminator="type")]]):
    """How to use Bedrock from now on."""


class BedrockSetupResponse(Response):
    """It is set up."""


class GcpSetupParams(Params):
    """How to use Google Cloud from now on."""

    project_id: str
    """The project."""
    location: str | None = None
    """The location; null: `global`."""
    credential_file: str | None = None
    """A file with credentials on the machine of the server; null: the default ones."""


class GcpSetupResponse(Response):
    """It is set up."""


class BedrockCheckGovCloudRequirementsParams(Params):
    """Nothing to ask with."""


class BedrockCheckGovCloudRequirementsResponse(Response):
    """Whether the setup fits a government region."""

    is_gov_cloud: bool
    """Whether the region is one."""
    should_warn: bool
    """Whether the administrator's settings fall short of what such a region needs."""


class GatewayOAuthChangedNotification(Notification):
    """A login at a gateway went on."""

    method: ClassVar[str] = "account/gatewayOAuth/changed"

    login_id: str | None = None
    """The id of the login; null when it has none."""
    auth_url: str | None = None
    """Where to sign in; told only to the client that began. Null: nowhere."""
    provider_id: str
    """The provider."""
    status: GatewayOAuthStatus
    """How it stands."""
    error: str | None = None
    """Why it failed; null when it did not."""


NullableGatewayOAuthLoginParams = TypeAliasType("NullableGatewayOAuthLoginParams", GatewayOAuthLoginParams | None)
"""The params, which may be left out."""

NullableGatewayOAuthReadParams = TypeAliasType("NullableGatewayOAuthReadParams", GatewayOAuthReadParams | None)
"""The params, which may be left out."""


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
