"""The models that a configuration can use, what is asked of them and what they are told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app_server.core.clock import Clock
from app_server.core.config.config import Config
from app_server.core.config.store import ConfigStore
from app_server.core.errors import CallerError
from app_server.core.models import catalog, instructions, reasoning
from app_server.core.models.catalog import parse_catalog
from app_server.core.models.manager import ModelsManager, unknown_model_warning
from app_server.core.models.metadata import ModelInfo
from tests.core.models.test_models_catalog import LAB, entry

Configure = Callable[..., Config]
PERSONAL = {
    "model_messages": {
        "instructions_template": "Top.\n\n{{ personality }}\n\nEnd.",
        "instructions_variables": {
            "personality_default": "plain",
            "personality_friendly": "warm",
            "personality_pragmatic": "dry",
        },
    }
}


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """A configuration with some settings, by dotted keys."""

    def make(settings: dict[str, Any] | None = None, *, has_catalogue: bool = True) -> Config:
        chosen = {"model_catalog_json": str(LAB)} if has_catalogue else {}
        store = ConfigStore(tmp_path, {"HOME": str(tmp_path)}, {}, Clock(), cwd=tmp_path, system=tmp_path / "etc")
        return store.load(overrides={**chosen, **(settings or {})})

    return make


def test_a_catalogue_of_the_configuration_replaces_the_bundled_one(configure: Configure) -> None:
    manager = ModelsManager()
    assert [model.slug for model in manager.models(configure())] == ["lab-odd", "lab-full", "lab-text"]
    assert manager.default(configure()).slug == "lab-full"
    assert manager.default(configure(has_catalogue=False)).slug == "gpt-6.1-sol"


def test_the_bundled_catalogue_is_read_once_and_only_when_needed(configure: Configure) -> None:
    reads = []

    def bundled() -> tuple[ModelInfo, ...]:
        reads.append(1)
        return parse_catalog(LAB.read_bytes(), "P")

    manager = ModelsManager(bundled)
    manager.lookup("lab-full", configure())
    assert reads == []
    manager.lookup("lab-full", configure(has_catalogue=False))
    manager.lookup("lab-text", configure(has_catalogue=False))
    assert reads == [1]


def test_a_model_for_accounts_only_is_no_default_without_an_account(configure: Configure) -> None:
    def bundled() -> tuple[ModelInfo, ...]:
        return entry(slug="theirs", supported_in_api=False), entry(slug="anyones")

    config = configure(has_catalogue=False)
    for is_chatgpt, default in ((True, "theirs"), (False, "anyones")):
        manager = ModelsManager(bundled, is_chatgpt=lambda is_chatgpt=is_chatgpt: is_chatgpt)  # type: ignore[misc]
        assert manager.default(config).slug == default
        rows = manager.page(config, cursor=None, limit=None, include_hidden=False, is_chatgpt=is_chatgpt)["data"]
        assert [row["id"] for row in rows if row["isDefault"]] == [default]


def test_m11_what_the_provider_lists_lies_over_the_bundled_catalogue_only(configure: Configure) -> None:
    remote = [entry(slug="gpt-5.5", priority=0, display_name="Again"), entry(slug="new", priority=0)]
    models = catalog.with_remote_overrides(catalog.load_bundled(), remote)
    assert [model.slug for model in models][:3] == ["gpt-5.5", "new", "gpt-6.1-sol"]


def test_m12_an_unknown_model_falls_back_and_the_user_hears_of_it(configure: Configure) -> None:
    model = ModelsManager().lookup("foo", configure())
    assert (model.is_fallback, model.slug) == (True, "foo")
    assert unknown_model_warning("foo") == (
        "Model metadata for `foo` not found. Defaulting to fallback metadata; this can degrade performance and cause issues."
    )


@pytest.mark.parametrize(
    ("slug", "settings", "window", "limit"),
    [
        ("lab-full", {}, 200_000, 180_000),
        ("lab-full", {"model_context_window": 900_000}, 900_000, 810_000),
        ("gpt-5.5", {"model_context_window": 900_000}, 272_000, 244_800),
        ("lab-text", {"model_auto_compact_token_limit": 5_000}, 20_000, 5_000),
        ("lab-odd", {}, None, None),
        ("nobody", {"model_context_window": 900_000}, 272_000, 244_800),
    ],
)
def test_m9_the_configuration_overrides_windows_within_the_models_own(
    configure: Configure, slug: str, settings: dict[str, Any], window: int | None, limit: int | None
) -> None:
    model = ModelsManager().lookup(slug, configure(settings, has_catalogue=slug != "gpt-5.5"))
    assert (model.context_window, model.compaction_limit) == (window, limit)


def test_the_output_limit_of_the_configuration_keeps_the_models_unit(configure: Configure) -> None:
    config = configure({"tool_output_token_limit": 100})
    full, text = (ModelsManager().lookup(slug, config).truncation_policy for slug in ("lab-full", "lab-text"))
    assert (full.mode, full.limit, text.mode, text.limit) == ("tokens", 100, "bytes", 400)


def test_pages_end_and_cursors_are_offsets(configure: Configure) -> None:
    manager, config = ModelsManager(), configure()

    def page(cursor: str | None, limit: int | None, include_hidden: bool = True) -> tuple[list[str], str | None]:
        found = manager.page(config, cursor=cursor, limit=limit, include_hidden=include_hidden, is_chatgpt=False)
        return [model["id"] for model in found["data"]], found["nextCursor"]

    assert page(None, None, include_hidden=False) == (["lab-full", "lab-text"], None)
    assert page(None, 1) == (["lab-odd"], "1")
    assert page("1", 0) == (["lab-full"], "2")
    assert page("2", 5) == (["lab-text"], None)
    assert page("3", None) == ([], None)
    for cursor, message in (
        ("nonsense", "invalid cursor: nonsense"),
        ("-1", "invalid cursor: -1"),
        ("4", "cursor 4 exceeds total models 3"),
    ):
        with pytest.raises(CallerError) as caught:
            page(cursor, None)
        assert (caught.value.message, caught.value.code) == (message, -32600)


def test_models_that_the_api_does_not_serve_need_a_chatgpt_login(configure: Configure) -> None:
    manager = ModelsManager(lambda: (entry(slug="a"), entry(slug="b", supported_in_api=False)))
    config = configure(has_catalogue=False)
    listed = [
        manager.page(config, cursor=None, limit=None, include_hidden=True, is_chatgpt=login)["data"] for login in (False, True)
    ]
    assert [[model["id"] for model in models] for models in listed] == [["a"], ["a", "b"]]


def test_a_row_of_model_list_is_the_references(configure: Configure) -> None:
    rows = ModelsManager().page(configure(), cursor=None, limit=None, include_hidden=True, is_chatgpt=False)["data"]
    assert rows[2] == {
        "id": "lab-text",
        "model": "lab-text",
        "upgrade": "lab-full",
        "upgradeInfo": {
            "model": "lab-full",
            "upgradeCopy": None,
            "modelLink": None,
            "migrationMarkdown": "Move to *Lab Full*.",
            "retirementAt": None,
        },
        "availabilityNux": None,
        "displayName": "Lab Text",
        "description": "Words only",
        "modelSpecialty": None,
        "hidden": False,
        "supportedReasoningEfforts": [{"reasoningEffort": "low", "description": "only"}],
        "defaultReasoningEffort": "low",
        "inputModalities": ["text"],
        "supportsPersonality": False,
        "multiAgentVersion": None,
        "additionalSpeedTiers": [],
        "serviceTiers": [],
        "defaultServiceTier": None,
        "availableAccessPrograms": None,
        "isDefault": False,
    }
    assert (rows[0]["description"], rows[0]["defaultReasoningEffort"], rows[0]["hidden"]) == ("", "none", True)
    assert (rows[1]["availabilityNux"], rows[1]["isDefault"]) == ({"message": "Lab Full is here"}, True)


@pytest.mark.parametrize(
    ("changes", "chosen", "settings", "asked"),
    [
        ({"default_reasoning_level": "medium"}, None, {}, "medium"),
        ({"default_reasoning_level": "medium"}, None, {"model_reasoning_effort": "low"}, "low"),
        ({"default_reasoning_level": "medium"}, "bogus", {"model_reasoning_effort": "low"}, "bogus"),
        ({}, None, {}, None),
        ({"multi_agent_reasoning_effort": "xhigh"}, "ultra", {}, "xhigh"),
        ({"supported_reasoning_levels": [{"effort": "low"}, {"effort": "max"}, {"effort": "ultra"}]}, "ultra", {}, "max"),
        ({"supported_reasoning_levels": [{"effort": "low"}, {"effort": "xhigh"}]}, "ultra", {}, "xhigh"),
        ({}, None, {"model_reasoning_effort": "ultra"}, "medium"),
    ],
)
def test_the_effort_is_the_turns_the_configurations_or_the_models(
    configure: Configure, changes: dict[str, Any], chosen: str | None, settings: dict[str, Any], asked: str | None
) -> None:
    assert reasoning.resolve(entry(**changes), configure(settings), reasoning.Choices(effort=chosen)).effort == asked


@pytest.mark.parametrize(
    ("changes", "chosen", "settings", "asked"),
    [
        ({}, None, {}, {"summary": "auto"}),
        ({"default_reasoning_summary": "detailed"}, None, {}, {"summary": "detailed"}),
        ({"default_reasoning_summary": "detailed"}, None, {"model_reasoning_summary": "concise"}, {"summary": "concise"}),
        ({"default_reasoning_summary": "none"}, None, {}, {}),
        ({"default_reasoning_summary": "none"}, "auto", {}, {"summary": "auto"}),
        ({}, "none", {}, {}),
        ({"supports_reasoning_summary_parameter": False}, "auto", {}, {}),
    ],
)
def test_m6_the_summary_is_the_turns_the_configurations_or_the_models(
    configure: Configure, changes: dict[str, Any], chosen: str | None, settings: dict[str, Any], asked: dict[str, str]
) -> None:
    assert reasoning.resolve(entry(**changes), configure(settings), reasoning.Choices(summary=chosen)).reasoning() == asked


def test_verbosity_is_sent_only_to_models_that_know_it(configure: Configure) -> None:
    loud, unset = configure({"model_verbosity": "high"}), configure()
    able, unable = entry(support_verbosity=True, default_verbosity="low"), entry(default_verbosity="low")
    sent = [
        reasoning.resolve(model, config, reasoning.Choices()).verbosity for model in (able, unable) for config in (loud, unset)
    ]
    assert sent == ["high", "low", None, None]


@pytest.mark.parametrize(
    ("chosen", "sent"),
    [("priority", "priority"), ("fast", "priority"), ("flex", "flex"), ("default", None), ("odd", None), (None, None)],
)
def test_m15_a_tier_is_sent_if_the_model_offers_it(configure: Configure, chosen: str | None, sent: str | None) -> None:
    model = entry(service_tiers=[{"id": "priority", "name": "Fast", "description": "sooner"}])
    assert reasoning.resolve(model, configure(), reasoning.Choices(service_tier=chosen)).service_tier == sent
    expected = "flex" if chosen == "flex" else None
    assert reasoning.resolve(entry(), configure(), reasoning.Choices(service_tier=chosen)).service_tier == expected


def test_m15_a_configured_tier_that_the_model_lacks_is_a_warning(configure: Configure) -> None:
    model = entry(service_tiers=[{"id": "priority", "name": "Fast", "description": "sooner"}])
    config = configure({"service_tier": "fast"})
    assert reasoning.offered_tier(model, config.service_tier) == ("priority", None)
    assert reasoning.offered_tier(entry(), config.service_tier) == (
        None,
        "Configured service tier `priority` is not advertised as supported for model `tm` and will be omitted from requests.",
    )
    assert reasoning.offered_tier(entry(), "default") == ("default", None)
    assert reasoning.resolve(model, config, reasoning.Choices(service_tier="default")).service_tier is None


@pytest.mark.parametrize(
    ("personality", "text"),
    [
        (None, "Top.\n\nplain\n\nEnd."),
        ("friendly", "Top.\n\nwarm\n\nEnd."),
        ("pragmatic", "Top.\n\ndry\n\nEnd."),
        ("none", "Top.\n\n\n\nEnd."),
    ],
)
def test_m10_the_placeholder_is_replaced_by_the_chosen_personality(
    configure: Configure, personality: str | None, text: str
) -> None:
    model = entry(**PERSONAL)
    assert instructions.compose(model, configure(), personality=personality).text == text
    chosen = {"personality": personality} if personality else {}
    assert instructions.compose(model, configure(chosen)).text == text
    assert model.supports_personality


def test_m10_a_missing_variable_is_an_empty_text_and_takes_the_support_away(configure: Configure) -> None:
    messages = {"instructions_template": "A {{ personality }} Z", "instructions_variables": {"personality_friendly": "warm"}}
    model = entry(model_messages=messages)
    assert instructions.compose(model, configure(), personality="pragmatic").text == "A  Z"
    assert instructions.compose(model, configure(), personality="friendly").text == "A warm Z"
    assert not model.supports_personality
    assert instructions.personality_update(model, configure(), "friendly") is None


def test_m10_without_a_template_the_base_instructions_hold_and_the_log_hears_of_the_wish(configure: Configure) -> None:
    plain = instructions.compose(entry(), configure(), personality="friendly")
    assert plain.text == "base"
    assert plain.warning == "model tm has no texts for personalities; personality friendly is ignored"
    assert instructions.compose(entry(), configure()).warning is None
    assert instructions.compose(entry(), configure(), personality="none").warning is None


def test_m10_a_template_without_variables_is_used_as_it_is(configure: Configure) -> None:
    model = entry(model_messages={"instructions_template": "Template {{ other }}"})
    assert instructions.compose(model, configure(), personality="friendly").text == "Template {{ other }}"


def test_m10_the_feature_switched_off_leaves_the_base_instructions(configure: Configure) -> None:
    off = configure({"features.personality": False})
    assert instructions.compose(entry(**PERSONAL), off, personality="friendly").text == "base"


def test_instructions_of_the_user_win_and_the_threads_win_over_the_files(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "own.md").write_text("from the file")
    config = configure({"model_instructions_file": str(tmp_path / "own.md")})
    assert instructions.compose(entry(**PERSONAL), config).text == "from the file"
    assert instructions.compose(entry(**PERSONAL), config, base="from the thread").text == "from the thread"


def test_a_model_that_nobody_described_gets_our_own_instructions(configure: Configure) -> None:
    model = ModelsManager().lookup("nobody", configure())
    assert instructions.compose(model, configure()).text == catalog.generic_instructions()
    assert catalog.generic_instructions().startswith("You are a coding agent.")


def test_m10_a_personality_that_changes_between_turns_is_a_message(configure: Configure) -> None:
    update = instructions.personality_update(entry(**PERSONAL), configure(), "friendly")
    assert update is not None
    assert update.startswith("<personality_spec>")
    assert "warm" in update
    neutral = instructions.personality_update(entry(**PERSONAL), configure(), "none")
    assert neutral is not None
    assert "warm" not in neutral
    off = configure({"features.personality": False})
    assert instructions.personality_update(entry(**PERSONAL), off, "friendly") is None
