"""`modelProvider/config/write`: gateways that a client adds or changes, in the user's configuration file.

Source: the reference's rules and texts. Differs: the providers of Amazon and Google are not supported.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from app_server.core.config.edit import Edit
from app_server.core.config.writing import refused, write
from app_server.core.errors import CallerError
from app_server.core.provider.settings import AWS_IDS, RESERVED_IDS
from app_server.methods.model_provider_wire import gateway_auth, summary
from app_server.services import Context
from protocol.model_provider import (
    CustomGatewaySettingsPatch,
    ExternallyConfiguredGatewayAuth,
    ModelProviderConfigWriteParams,
    ModelProviderConfigWriteResponse,
)

INVALID = "configValidationError"
BUILT_IN_IDS = frozenset({*RESERVED_IDS, *AWS_IDS, "gcp"})
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def write_provider(context: Context, params: ModelProviderConfigWriteParams) -> ModelProviderConfigWriteResponse:
    """Add a gateway, or change one. What is left out stays, null clears."""
    patch = params.settings
    if not isinstance(patch, CustomGatewaySettingsPatch):
        raise CallerError("Only custom gateways can be configured.", reason="not_supported", data={"field": "settings.type"})
    store = context.services.config
    tables = store.load().model_providers
    if patch.provider_id is not None:
        check_change(patch.provider_id, patch, tables)
    changes = checked(patch)
    provider_id = patch.provider_id
    if provider_id is None:
        provider_id = new_id(changes, tables)
        changes["wire_api"] = "responses"
    path = ("model_providers", provider_id)
    write(store, [Edit((*path, name), value, is_merge=False) for name, value in sorted(changes.items())], None, None)
    table = store.load().model_providers[provider_id]
    return ModelProviderConfigWriteResponse(provider=summary(provider_id, table))


def checked(patch: CustomGatewaySettingsPatch) -> dict[str, Any]:
    """The members to write, under their names in the file. Raises: CallerError."""
    changes: dict[str, Any] = {}
    if "name" in patch.model_fields_set or patch.provider_id is None:
        changes["name"] = patch.name.strip()
        if not changes["name"]:
            raise refused("Enter a provider name.", INVALID)
        if changes["name"] == "OpenAI":
            message = "This name is reserved for a built-in provider. Enter a different custom provider name."
            raise refused(message, INVALID)
    if "base_url" in patch.model_fields_set:
        changes["base_url"] = None if patch.base_url is None else patch.base_url.strip()
        if patch.base_url is not None and not is_plain_url(changes["base_url"]):
            raise refused("Enter an HTTP(S) base URL without credentials, a query, or a fragment.", INVALID)
    if "env_key" in patch.model_fields_set:
        changes["env_key"] = patch.env_key
        if patch.env_key is not None and VARIABLE.fullmatch(patch.env_key) is None:
            raise refused("Invalid API key environment variable name.", INVALID)
    return changes


def new_id(changes: Mapping[str, Any], tables: Mapping[str, Any]) -> str:
    """An id for a new gateway, made of its name; taken ones get a number. Raises: CallerError."""
    if changes.get("base_url") is None:
        raise refused("A base URL is required to create a custom provider.", INVALID)
    stem = re.sub(r"[^a-z0-9]+", "-", str(changes["name"]).lower()).strip("-") or "custom"
    found, number = stem, 1
    while found in tables or found in BUILT_IN_IDS:
        number += 1
        found = f"{stem}-{number}"
    return found


def check_change(provider_id: str, patch: CustomGatewaySettingsPatch, tables: Mapping[str, Any]) -> None:
    """Refuse what can't be changed. Raises: CallerError."""
    if provider_id in BUILT_IN_IDS:
        raise refused("A custom provider or gateway cannot use a built-in provider ID.", INVALID)
    if provider_id not in tables:
        raise refused("Unknown provider ID.", "configPathNotFound")
    auth = gateway_auth(tables[provider_id])
    if "env_key" in patch.model_fields_set and isinstance(auth, ExternallyConfiguredGatewayAuth):
        raise refused("Authentication is configured externally. Omit envKey to preserve it.", INVALID)


def is_plain_url(text: str) -> bool:
    """Whether it is an address that nothing but a path follows."""
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        return False
    return (
        url.scheme in ("http", "https") and bool(url.hostname) and not (url.username or url.password or url.query or url.fragment)
    )
