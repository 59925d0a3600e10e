"""The model provider family of the wire contract."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import Method, Notification, Params, Record, Response, TypeAliasType, Variant


class ModelProviderListParams(Params):
    """What `modelProvider/list` asks with."""


class NoneGatewayAuth(Variant):
    """None gateway auth."""

    mode: Literal["none"] = "none"


class EnvironmentVariableGatewayAuth(Variant):
    """Environment variable gateway auth."""

    mode: Literal["environmentVariable"] = "environmentVariable"
    env_key: str


class ExternallyConfiguredGatewayAuth(Variant):
    """Externally configured gateway auth."""

    mode: Literal["externallyConfigured"] = "externallyConfigured"
    env_key: str | None = None


GatewayAuth = TypeAliasType(
    "GatewayAuth",
    Annotated[NoneGatewayAuth | EnvironmentVariableGatewayAuth | ExternallyConfiguredGatewayAuth, Field(discriminator="mode")],
)
"""Gateway auth."""


class OpenaiSettings(Variant):
    """Openai settings."""

    type: Literal["openai"] = "openai"


class CustomGatewaySettings(Variant):
    """Custom gateway settings."""

    type: Literal["customGateway"] = "customGateway"
    auth: GatewayAuth


class BedrockSettings(Variant):
    """Bedrock settings."""

    type: Literal["bedrock"] = "bedrock"
    profile: str | None = None
    region: str | None = None


class GcpSettings(Variant):
    """Gcp settings."""

    type: Literal["gcp"] = "gcp"
    project_id: str | None = None
    location: str | None = None
    credential_file: str | None = None


ProviderSettings = TypeAliasType(
    "ProviderSettings",
    Annotated[OpenaiSettings | CustomGatewaySettings | BedrockSettings | GcpSettings, Field(discriminator="type")],
)
"""Provider settings."""


class ModelProviderSummary(Record):
    """Model provider summary."""

    id: str
    name: str
    can_edit: bool
    base_url: str | None = None
    settings: ProviderSettings


class ModelProviderListResponse(Response):
    """What `modelProvider/list` is answered with."""

    data: list[ModelProviderSummary]
    default_provider_id: str
    can_change_default: bool


BedrockProviderId = TypeAliasType("BedrockProviderId", Literal["amazon-bedrock", "amazon-bedrock-runtime"])
"""Bedrock provider id."""

GcpProviderId = TypeAliasType("GcpProviderId", Literal["gcp"])
"""Gcp provider id."""


class CustomGatewaySettingsPatch(Variant, extra="forbid"):
    """Custom gateway settings patch."""

    type: Literal["customGateway"] = "customGateway"
    provider_id: str | None = None
    name: str = ""
    base_url: str | None = None
    env_key: str | None = None


class BedrockSettingsPatch(Variant, extra="forbid"):
    """Bedrock settings patch."""

    type: Literal["bedrock"] = "bedrock"
    provider_id: BedrockProviderId
    profile: str | None = None
    region: str | None = None


class GcpSettingsPatch(Variant, extra="forbid"):
    """Gcp settings patch."""

    type: Literal["gcp"] = "gcp"
    provider_id: GcpProviderId
    project_id: str | None = None
    location: str | None = None
    credential_file: str | None = None


ProviderSettingsPatch = TypeAliasType(
    "ProviderSettingsPatch",
    Annotated[CustomGatewaySettingsPatch | BedrockSettingsPatch | GcpSettingsPatch, Field(discriminator="type")],
)
"""Provider settings patch."""


class ModelProviderConfigWriteParams(Params, extra="forbid"):
    """What `modelProvider/config/write` asks with."""

    settings: ProviderSettingsPatch


class ModelProviderConfigWriteResponse(Response):
    """What `modelProvider/config/write` is answered with."""

    provider: ModelProviderSummary


class ModelProviderCapabilitiesReadParams(Params):
    """What `modelProvider/capabilities/read` asks with."""


class ModelProviderCapabilitiesReadResponse(Response):
    """What `modelProvider/capabilities/read` is answered with."""

    image_generation: bool
    web_search: bool


class AuthRecoveryNotification(Notification):
    """Announced as `modelProvider/authRecoveryCompleted` or `modelProvider/authRecoveryStarted`."""

    thread_id: str
    turn_id: str
    provider: str
    message: str


class ModelProviderAuthRecoveryCompletedNotification(AuthRecoveryNotification):
    """Announced as `modelProvider/authRecoveryCompleted`."""

    method: ClassVar[str] = "modelProvider/authRecoveryCompleted"


class ModelProviderAuthRecoveryStartedNotification(AuthRecoveryNotification):
    """Announced as `modelProvider/authRecoveryStarted`."""

    method: ClassVar[str] = "modelProvider/authRecoveryStarted"


class ModelProviderMismatchError(Variant):
    """Model provider mismatch error."""

    type: Literal["modelProviderMismatch"] = "modelProviderMismatch"
    model_provider: str
    current_model_provider: str


class ModelProviderNotConfiguredError(Variant):
    """Model provider not configured error."""

    type: Literal["modelProviderNotConfigured"] = "modelProviderNotConfigured"
    model_provider: str


class ModelProviderPolicyConflictError(Variant):
    """Model provider policy conflict error."""

    type: Literal["modelProviderPolicyConflict"] = "modelProviderPolicyConflict"
    model_provider: str
    required_model_provider: str


ModelProviderError = TypeAliasType(
    "ModelProviderError",
    Annotated[
        ModelProviderMismatchError | ModelProviderNotConfiguredError | ModelProviderPolicyConflictError,
        Field(discriminator="type"),
    ],
)
"""Model provider error."""


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
