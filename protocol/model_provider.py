"""Model providers: which there are, how they are reached, how that is changed."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import Method, Notification, Params, Record, Response, TypeAliasType, Variant


class ModelProviderListParams(Params):
    """Nothing to ask with."""


class NoneGatewayAuth(Variant):
    """Without a key."""

    mode: Literal["none"] = "none"
    """The tag of this alternative."""


class EnvironmentVariableGatewayAuth(Variant):
    """With a key from the environment."""

    mode: Literal["environmentVariable"] = "environmentVariable"
    """The tag of this alternative."""
    env_key: str
    """The variable that holds it."""


class ExternallyConfiguredGatewayAuth(Variant):
    """In a way that only the configuration file can express."""

    mode: Literal["externallyConfigured"] = "externallyConfigured"
    """The tag of this alternative."""
    env_key: str | None = None
    """The variable that takes part in it; null: none."""


GatewayAuth = TypeAliasType(
    "GatewayAuth",
    Annotated[NoneGatewayAuth | EnvironmentVariableGatewayAuth | ExternallyConfiguredGatewayAuth, Field(discriminator="mode")],
)
"""How the server proves itself to a gateway."""


class OpenaiSettings(Variant):
    """OpenAI itself."""

    type: Literal["openai"] = "openai"
    """The tag of this alternative."""


class CustomGatewaySettings(Variant):
    """A gateway that speaks OpenAI's protocol."""

    type: Literal["customGateway"] = "customGateway"
    """The tag of this alternative."""
    auth: GatewayAuth
    """How the server proves itself."""


class BedrockSettings(Variant):
    """Amazon Bedrock."""

    type: Literal["bedrock"] = "bedrock"
    """The tag of this alternative."""
    profile: str | None = None
    """The AWS profile; null: the default one."""
    region: str | None = None
    """The region; null: that of the profile."""


class GcpSettings(Variant):
    """Google Cloud."""

    type: Literal["gcp"] = "gcp"
    """The tag of this alternative."""
    project_id: str | None = None
    """The project; null: not set."""
    location: str | None = None
    """The location; null: not set."""
    credential_file: str | None = None
    """The file with credentials on the machine of the server; null: the default ones."""


ProviderSettings = TypeAliasType(
    "ProviderSettings",
    Annotated[OpenaiSettings | CustomGatewaySettings | BedrockSettings | GcpSettings, Field(discriminator="type")],
)
"""What kind of provider it is, and what is set for it."""


class ModelProviderSummary(Record):
    """A provider."""

    id: str
    """Its id in the configuration."""
    name: str
    """Its name."""
    can_edit: bool
    """Whether `modelProvider/config/write` can change it."""
    base_url: str | None = None
    """Its address; null when there is none to show."""
    settings: ProviderSettings
    """What is set for it."""


class ModelProviderListResponse(Response):
    """The providers."""

    data: list[ModelProviderSummary]
    """All of them."""
    default_provider_id: str
    """The one in use for new threads."""
    can_change_default: bool
    """Whether another one may be made the default."""


BedrockProviderId = TypeAliasType("BedrockProviderId", Literal["amazon-bedrock", "amazon-bedrock-runtime"])
"""The providers that Bedrock stands for."""

GcpProviderId = TypeAliasType("GcpProviderId", Literal["gcp"])
"""The provider that Google Cloud stands for."""


class CustomGatewaySettingsPatch(Variant, extra="forbid"):
    """A gateway."""

    type: Literal["customGateway"] = "customGateway"
    """The tag of this alternative."""
    provider_id: str | None = None
    """Which one; null makes a new one."""
    name: str = ""
    """Its name; absent leaves it."""
    base_url: str | None = None
    """Its address; null clears it, absent leaves it."""
    env_key: str | None = None
    """The variable that holds its key; null clears it, absent leaves it."""


class BedrockSettingsPatch(Variant, extra="forbid"):
    """Amazon Bedrock."""

    type: Literal["bedrock"] = "bedrock"
    """The tag of this alternative."""
    provider_id: BedrockProviderId
    """Which of its providers."""
    profile: str | None = None
    """The AWS profile; null clears it, absent leaves it."""
    region: str | None = None
    """The region; null clears it, absent leaves it."""


class GcpSettingsPatch(Variant, extra="forbid"):
    """Google Cloud."""

    type: Literal["gcp"] = "gcp"
    """The tag of this alternative."""
    provider_id: GcpProviderId
    """Its provider."""
    project_id: str | None = None
    """The project; null clears it, absent leaves it."""
    location: str | None = None
    """The location; null clears it, absent leaves it."""
    credential_file: str | None = None
    """The file with credentials; null clears it, absent leaves it."""


ProviderSettingsPatch = TypeAliasType(
    "ProviderSettingsPatch",
    Annotated[CustomGatewaySettingsPatch | BedrockSettingsPatch | GcpSettingsPatch, Field(discriminator="type")],
)
"""What to change about a provider; what is absent stays."""


class ModelProviderConfigWriteParams(Params, extra="forbid"):
    """A provider to add or change."""

    settings: ProviderSettingsPatch
    """The change."""


class ModelProviderConfigWriteResponse(Response):
    """The provider after the change."""

    provider: ModelProviderSummary
    """The provider."""


class ModelProviderCapabilitiesReadParams(Params):
    """Nothing to ask with."""


class ModelProviderCapabilitiesReadResponse(Response):
    """What the provider in use can do."""

    image_generation: bool
    """Whether it makes images."""
    web_search: bool
    """Whether it searches the web."""


class AuthRecoveryNotification(Notification):
    """The server renews its login at a provider in the middle of a turn."""

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    provider: str
    """The provider."""
    message: str
    """What happens, for the user."""


class ModelProviderAuthRecoveryCompletedNotification(AuthRecoveryNotification):
    """The login is renewed."""

    method: ClassVar[str] = "modelProvider/authRecoveryCompleted"


class ModelProviderAuthRecoveryStartedNotification(AuthRecoveryNotification):
    """The login is being renewed."""

    method: ClassVar[str] = "modelProvider/authRecoveryStarted"


class ModelProviderMismatchError(Variant):
    """A thread was begun with another provider."""

    type: Literal["modelProviderMismatch"] = "modelProviderMismatch"
    """The tag of this alternative."""
    model_provider: str
    """The provider of the thread."""
    current_model_provider: str
    """The provider in use."""


class ModelProviderNotConfiguredError(Variant):
    """The configuration lacks the provider."""

    type: Literal["modelProviderNotConfigured"] = "modelProviderNotConfigured"
    """The tag of this alternative."""
    model_provider: str
    """The provider."""


class ModelProviderPolicyConflictError(Variant):
    """The administrator wants another provider."""

    type: Literal["modelProviderPolicyConflict"] = "modelProviderPolicyConflict"
    """The tag of this alternative."""
    model_provider: str
    """The provider that was asked for."""
    required_model_provider: str
    """The provider that must be used."""


ModelProviderError = TypeAliasType(
    "ModelProviderError",
    Annotated[
        ModelProviderMismatchError | ModelProviderNotConfiguredError | ModelProviderPolicyConflictError,
        Field(discriminator="type"),
    ],
)
"""What the `data` of an error about a provider holds."""


MODEL_PROVIDER_LIST = Method("modelProvider/list", ModelProviderListParams, ModelProviderListResponse)
MODEL_PROVIDER_CONFIG_WRITE = Method(
    "modelProvider/config/write", ModelProviderConfigWriteParams, ModelProviderConfigWriteResponse
)
MODEL_PROVIDER_CAPABILITIES_READ = Method(
    "modelProvider/capabilities/read", ModelProviderCapabilitiesReadParams, ModelProviderCapabilitiesReadResponse
)

METHODS: tuple[Method[Any, Any], ...] = (MODEL_PROVIDER_LIST, MODEL_PROVIDER_CONFIG_WRITE, MODEL_PROVIDER_CAPABILITIES_READ)
NOTIFICATIONS: tuple[type[Notification], ...] = (
    ModelProviderAuthRecoveryStartedNotification,
    ModelProviderAuthRecoveryCompletedNotification,
)
