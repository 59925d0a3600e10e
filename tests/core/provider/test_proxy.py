"""Which proxy the environment means for a target."""

import pytest

from app_server.core.provider.base import ProviderError
from app_server.core.provider.proxy import proxy_for

PROXY = "http://proxy:3128"


@pytest.mark.parametrize(
    ("scheme", "host", "environment", "proxy"),
    [
        ("https", "api.openai.com", {}, None),
        ("https", "api.openai.com", {"https_proxy": PROXY}, PROXY),
        ("https", "api.openai.com", {"HTTPS_PROXY": PROXY}, PROXY),
        ("https", "api.openai.com", {"HTTPS_PROXY": "http://upper", "https_proxy": PROXY}, PROXY),
        ("https", "api.openai.com", {"http_proxy": PROXY}, None),
        ("http", "inner", {"http_proxy": "proxy:3128"}, PROXY),
        ("http", "inner", {"ALL_PROXY": PROXY}, PROXY),
        ("https", "api.openai.com", {"https_proxy": PROXY, "no_proxy": "*"}, None),
        ("https", "api.openai.com", {"https_proxy": PROXY, "NO_PROXY": "foo, openai.com"}, None),
        ("https", "api.openai.com", {"https_proxy": PROXY, "no_proxy": ".openai.com"}, None),
        ("https", "api.openai.com", {"https_proxy": PROXY, "no_proxy": "*.openai.com"}, None),
        ("https", "notopenai.com", {"https_proxy": PROXY, "no_proxy": "openai.com"}, PROXY),
        ("https", "api.openai.com", {"https_proxy": PROXY, "no_proxy": "openai.com:443"}, None),
        ("https", "api.openai.com", {"https_proxy": PROXY, "no_proxy": "openai.com:8443"}, PROXY),
        ("https", "10.1.2.3", {"https_proxy": PROXY, "no_proxy": "10.0.0.0/8"}, None),
        ("https", "11.1.2.3", {"https_proxy": PROXY, "no_proxy": "10.0.0.0/8"}, PROXY),
        ("https", "fd00::1", {"https_proxy": PROXY, "no_proxy": "fd00::1"}, None),
        ("https", "fd00::1", {"https_proxy": PROXY, "no_proxy": "[fd00::1]:443"}, None),
    ],
)
def test_the_environment_names_the_proxy(scheme: str, host: str, environment: dict[str, str], proxy: str | None) -> None:
    assert proxy_for(scheme, host, None, environment) == proxy


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_is_always_reached_directly(host: str) -> None:
    assert proxy_for("http", host, 80, {"http_proxy": PROXY, "all_proxy": PROXY}) is None


def test_a_kind_of_proxy_that_is_not_supported_is_refused_and_not_passed_by() -> None:
    with pytest.raises(ProviderError, match="proxies of the kind `socks5` are not supported"):
        proxy_for("https", "api.openai.com", None, {"ALL_PROXY": "socks5://proxy"})
