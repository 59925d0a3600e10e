"""What a provider has beside its model: resources to read, such as its list of models, with its own credentials."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import anyio

from app_server.core.provider.credentials import Credentials
from app_server.core.provider.fetch import Fetched, NoAnswerError, fetch
from app_server.core.provider.outgoing import Identity, credential_headers, encoded, endpoint, provider_headers
from app_server.core.provider.settings import ProviderSettings


@runtime_checkable
class HasResources(Protocol):
    """A provider whose resources can be read."""

    async def get(self, path: str, timeout_s: float) -> Fetched:
        """Read `path`, which has no leading slash. Raises: NoAnswerError, ProviderError (no credential)."""
        ...


async def get_resource(
    settings: ProviderSettings,
    credentials: Credentials,
    environment: Mapping[str, str],
    identity: Identity,
    path: str,
    timeout_s: float,
) -> Fetched:
    """Read one of a provider's resources; a refused credential is renewed as for its model. `timeout_s` is for all of it.

    Raises: NoAnswerError, ProviderError.
    """
    try:
        with anyio.fail_after(timeout_s):
            credential = await credentials.current()
            refusals = 0
            while True:
                name, _, query = path.partition("?")
                url = endpoint(settings, credential, name)
                if query:
                    url += ("&" if "?" in url else "?") + query
                headers = {
                    **provider_headers(settings, environment),
                    "accept": "*/*",
                    **credential_headers(credential),
                }
                headers.setdefault("originator", identity.originator)
                headers.setdefault("user-agent", identity.user_agent)
                answer = await fetch("GET", url, encoded(headers), environment, timeout_s=timeout_s)
                if answer.status != 401:
                    return answer
                refusals += 1
                renewed = await credentials.renew(credential, refusals)
                if renewed is None:
                    return answer
                credential = renewed
    except TimeoutError:
        raise NoAnswerError(f"no answer within {timeout_s:g} s") from None
