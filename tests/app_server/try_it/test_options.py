"""What the terminal client is started with."""

from pathlib import Path

import pytest

from app_server.try_it.options import KEY_PROVIDER, Unusable, choose_provider, parse


def test_the_key_of_the_environment_becomes_a_provider_by_overrides_alone(tmp_path: Path):
    provider, added = choose_provider([], {"CODEX_HOME": str(tmp_path), "OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://h/v1"})
    assert provider == KEY_PROVIDER
    assert added == [
        'model_providers.openai-key.name="OpenAI"',
        'model_providers.openai-key.env_key="OPENAI_API_KEY"',
        'model_providers.openai-key.wire_api="responses"',
        'model_providers.openai-key.base_url="http://h/v1"',
        'model_provider="openai-key"',
    ]


def test_a_configured_provider_comes_before_the_key_and_an_override_before_both(tmp_path: Path):
    (tmp_path / "config.toml").write_text('model_provider = "mine"\n')
    environ = {"CODEX_HOME": str(tmp_path), "OPENAI_API_KEY": "k"}
    assert choose_provider([], environ) == ("mine", [])
    assert choose_provider(['model_provider="other"'], environ) == ("other", [])


def test_a_config_that_can_not_be_read_is_named_with_a_remedy(tmp_path: Path):
    (tmp_path / "config.toml").write_text("model = \n")
    with pytest.raises(Unusable, match=r"config\.toml is not valid TOML: .*line 1.*\. Correct it or move it away\."):
        parse(["hi"], {"CODEX_HOME": str(tmp_path)})
