"""Configured providers as clients see them, from their tables as they are written."""

from collections.abc import Mapping
from typing import Any

from protocol.model_provider import (
    BedrockSettings,
    CustomGatewaySettings,
    EnvironmentVariableGatewayAuth,
    ExternallyConfiguredGatewayAuth,
    GatewayAuth,
    GcpSettings,
    ModelProviderSummary,
    NoneGatewayAuth,
    ProviderSettings,
)

BEYOND_CLIENTS = (
    "experimental_bearer_token", "auth", "requires_openai_auth", "http_headers", "env_http_headers", "query_params", "aws"
)  # fmt: skip
"""Keys about proving ourselves that a client can't set."""
CLOUDS = {
    "amazon-bedrock": "Amazon Bedrock Mantle",
    "amazon-bedrock-runtime": "Amazon Bedrock Runtime",
    "gcp": "Google Cloud Vertex AI",
}
"""Providers with settings of their own, which are shown and can't be changed here."""

Table = Mapping[str, Any]


def summary(provider_id: str, table: Any) -> ModelProviderSummary:
    """A configured provider as it is listed; what is not as it should be counts as absent."""
    members: Table = table if isinstance(table, Mapping) else {}
    return ModelProviderSummary(
        id=provider_id,
        name=text_in(members, "name") or CLOUDS.get(provider_id, ""),
        can_edit=provider_id not in CLOUDS,
        base_url=text_in(members, "base_url"),
        settings=settings_of(provider_id, members),
    )


def settings_of(provider_id: str, table: Table) -> ProviderSettings:
    """What is set for a provider."""
    if provider_id == "gcp":
        project, location, file = (text_in(table, name) for name in ("project_id", "location", "credential_file"))
        return GcpSettings(project_id=project, location=location, credential_file=file)
    if provider_id in CLOUDS:
        aws = table.get("aws")
        members: Table = aws if isinstance(aws, Mapping) else {}
        return BedrockSettings(profile=text_in(members, "profile"), region=text_in(members, "region"))
    return CustomGatewaySettings(auth=gateway_auth(table))


def gateway_auth(table: Table) -> GatewayAuth:
    """How we prove ourselves to it, as far as a client could set that."""
    env_key = text_in(table, "env_key")
    if table.get("name") == "OpenAI" or any(table.get(name) for name in BEYOND_CLIENTS):
        return ExternallyConfiguredGatewayAuth(env_key=env_key)
    return NoneGatewayAuth() if env_key is None else EnvironmentVariableGatewayAuth(env_key=env_key)


def text_in(table: Table, name: str) -> str | None:
    """A text of a table."""
    value = table.get(name)
    return value if isinstance(value, str) else None
