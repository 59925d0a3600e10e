"""What OpenAI is told of the features on trial."""

import pytest

from app_server.core.config.features import beta_names, resolve


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ({}, "remote_compaction_v2"),
        (
            {"prevent_idle_sleep": True, "network_proxy": True, "memories": True},
            "network_proxy,prevent_idle_sleep,remote_compaction_v2",
        ),
        ({"prevent_idle_sleep": False}, "remote_compaction_v2"),
        ({"remote_compaction_v2": False, "respect_system_proxy": True}, "respect_system_proxy"),
    ],
)
def test_those_that_are_on_are_named_in_order(section: dict[str, bool], names: str) -> None:
    assert beta_names(resolve(section)) == names
