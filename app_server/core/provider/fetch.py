"""Plain requests beside the streamed ones: a whole answer, or the reason why there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import anyio
import httpx

from app_server.core.provider.base import ProviderError
from app_server.core.provider.http_client import TIMEOUTS, new_client

MAX_BYTES = 64 << 20
"""No answer to a plain request is larger; what comes beyond is an error."""


class NoAnswerError(Exception):
    """Nothing came, not everything, or not in time; the text says what."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def fetch(
    method: str,
    url: str,
    headers: Sequence[tuple[bytes, bytes]],
    environment: Mapping[str, str],
    *,
    content: bytes = b"",
    timeout_s: float,
) -> Fetched:
    """Ask once. `timeout_s` is for all of it. Raises: NoAnswerError.     Cancel: at any time."""
    try:
        target = httpx.URL(url)
        framing = [(b"host", target.netloc)] + ([(b"content-length", str(len(content)).encode())] if content else [])
        request = httpx.Request(method, target, headers=[*headers, *framing], content=content, extensions={"timeout": TIMEOUTS})
        with anyio.fail_after(timeout_s):
            async with new_client(environment) as client:
                response = await client.send(request, stream=True, auth=None)
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_BYTES:
                        raise NoAnswerError(f"the answer of {url} is too long")
                await response.aclose()
    except TimeoutError:
        raise NoAnswerError(f"no answer from {url} within {timeout_s:g} s") from None
    except (httpx.RequestError, httpx.InvalidURL, ProviderError) as error:
        raise NoAnswerError(f"error sending request for url ({url})") from error
    return Fetched(response.status_code, dict(response.headers.items()), bytes(body))
