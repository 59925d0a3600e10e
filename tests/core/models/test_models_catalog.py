"""Catalogues: what a bad one is told, what a good one says, and which entry a name finds."""

import json
from pathlib import Path
from typing import Any

import pytest

from app_server.core.models import catalog
from app_server.core.models.catalog import CatalogError, find, load_bundled, parse_catalog, with_remote_overrides
from app_server.core.models.metadata import ModelInfo, fallback

LAB = Path(__file__).parents[2] / "support" / "catalogue.json"
MINIMAL: dict[str, Any] = {
    "slug": "tm",
    "display_name": "T",
    "supported_reasoning_levels": [],
    "shell_type": "default",
    "visibility": "list",
    "supported_in_api": True,
    "priority": 1,
    "support_verbosity": False,
    "truncation_policy": {"mode": "bytes", "limit": 10},
    "experimental_supported_tools": [],
    "base_instructions": "base",
}

NO_JSON = "failed to parse model_catalog_json path `P` as JSON: "


def entry(**changes: Any) -> ModelInfo:
    """One parsed entry: the least that is allowed, with changes."""
    return parse_catalog(json.dumps({"models": [{**MINIMAL, **changes}]}).encode(), "P")[0]


def error(document: Any) -> str:
    with pytest.raises(CatalogError) as caught:
        parse_catalog(document if isinstance(document, bytes) else json.dumps(document).encode(), "P")
    return str(caught.value)


def test_the_least_entry_gets_the_documented_defaults() -> None:
    model = entry(from_the_future={"kept": False})
    assert model.input_modalities == ("text", "image")
    assert (model.default_reasoning_summary, model.web_search_tool_type) == ("auto", "text")
    assert (model.effective_context_window_percent, model.include_apps_usage_instructions) == (95, True)
    assert (model.context_window, model.effective_window, model.compaction_limit) == (None, None, None)
    assert (model.prefer_websockets, model.use_responses_lite, model.supports_reasoning_summary_parameter) == (False, False, True)
    assert (model.availability_nux, model.upgrade, model.is_fallback) == (None, None, False)


@pytest.mark.parametrize("name", [name for name in MINIMAL if name != "base_instructions"])
def test_a_missing_required_member_spoils_the_document(name: str) -> None:
    broken = {key: value for key, value in MINIMAL.items() if key != name}
    document = {"models": [MINIMAL, broken]}
    assert error(document) == f"{NO_JSON}missing field `{name}` at line 1 column {len(json.dumps(document)) - 2}"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"slug": 5}, "invalid type: integer `5`, expected a string"),
        ({"priority": "x"}, 'invalid type: string "x", expected i32'),
        ({"supported_in_api": 1}, "invalid type: integer `1`, expected a boolean"),
        ({"supported_reasoning_levels": {}}, "invalid type: map, expected a sequence"),
        ({"apply_patch_tool_type": "function"}, "unknown variant `function`, expected `freeform`"),
        ({"truncation_policy": {"mode": "x", "limit": 1}}, "unknown variant `x`, expected `bytes` or `tokens`"),
        (
            {"shell_type": "x"},
            "unknown variant `x`, expected one of `default`, `local`, `shell_command`, `unified_exec`, `disabled`",
        ),
        ({"visibility": "x"}, "unknown variant `x`, expected one of `list`, `hide`, `none`"),
        ({"input_modalities": ["x"]}, "unknown variant `x`, expected one of `text`, `image`, `audio`"),
        ({"default_verbosity": "x"}, "unknown variant `x`, expected one of `low`, `medium`, `high`"),
        ({"availability_nux": True}, "invalid type: boolean `true`, expected struct ModelAvailabilityNux"),
        ({"input_modalities": ["text", 1]}, "invalid type: integer `1`, expected a string"),
    ],
)
def test_a_member_of_the_wrong_type_is_described(changes: dict[str, Any], complaint: str) -> None:
    document = {"models": [{**MINIMAL, **changes}]}
    assert error(document) == f"{NO_JSON}{complaint} at line 1 column {len(json.dumps(document)) - 2}"


def test_documents_that_are_no_catalogue_are_told_so() -> None:
    assert error({"models": []}) == "model_catalog_json path `P` must contain at least one model"
    assert error({}) == f"{NO_JSON}missing field `models` at line 1 column 2"
    assert error([]) == f"{NO_JSON}invalid length 0, expected struct ModelsResponse with 1 element at line 1 column 2"
    assert error(b"") == f"{NO_JSON}EOF while parsing a value at line 1 column 0"
    assert error(b"[x") == f"{NO_JSON}expected value at line 1 column 2"
    assert error(b"{nope") == f"{NO_JSON}key must be a string at line 1 column 2"
    silent = {key: value for key, value in MINIMAL.items() if key != "base_instructions"}
    missing = "model `tm` is missing both `base_instructions` and `model_messages.instructions_template`"
    for document in ({"models": [silent]}, {"models": [{**silent, "model_messages": {"instructions_template": None}}]}):
        assert error(document) == f"{NO_JSON}{missing} at line 1 column {len(json.dumps(document))}"


def test_m3_the_announcement_is_a_message_or_nothing() -> None:
    assert entry(availability_nux={"message": "here"}).availability_nux == "here"
    assert entry(availability_nux=None).availability_nux is None


def test_m4_absent_modalities_mean_text_and_images() -> None:
    assert entry().accepts("image")
    assert not entry(input_modalities=["text"]).accepts("image")


def test_m9_windows_and_limits_follow_from_each_other() -> None:
    model = entry(context_window=200_000, effective_context_window_percent=90)
    assert (model.effective_window, model.compaction_limit) == (180_000, 180_000)
    assert entry(context_window=20_000, auto_compact_token_limit=9_000).compaction_limit == 9_000
    assert entry(context_window=20_000, auto_compact_token_limit=19_000).compaction_limit == 18_000
    assert entry(max_context_window=1_000).context_window == 1_000


def test_the_invented_catalogue_is_sorted_by_priority() -> None:
    models = parse_catalog(LAB.read_bytes(), str(LAB))
    assert [model.slug for model in models] == ["lab-odd", "lab-full", "lab-text"]


def test_the_bundled_catalogue_has_both_generations_as_direct_tool_models() -> None:
    models = load_bundled()
    slugs = [model.slug for model in models]
    assert len(slugs) == len(set(slugs)) == 16
    assert {"gpt-6.1-sol", "gpt-5.5", "gpt-5.4", "gpt-5.3-codex", "gpt-5.2", "codex-auto-review"} <= set(slugs)
    assert [model.slug for model in models if model.visibility == "hide"] == [
        "gpt-daybreak-blue-latest",
        "gpt-daybreak-red-latest",
        "codex-auto-review",
    ]
    assert {(model.tool_mode, model.use_responses_lite) for model in models} == {(None, False)}
    for model in models:
        messages = model.model_messages
        assert messages is not None
        assert messages.instructions_template is not None
        assert catalog.BASE_PLACE not in messages.instructions_template
        assert model.description
        assert all(level.description for level in model.supported_reasoning_levels)
        assert model.upgrade is None or find(models, model.upgrade.model) is not None


def test_m10_the_earlier_generation_has_personalities_and_the_current_one_has_none() -> None:
    models = load_bundled()
    assert [model.slug for model in models if model.supports_personality] == [
        "gpt-5.4",
        "gpt-5.4-mini",
        "gpt-5.3-codex",
        "gpt-5.2",
    ]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("tm", "tm"),
        ("tm-2026-01-01", "tm"),
        ("tm-mini-x", "tm-mini"),
        ("ns/tm", "tm"),
        ("a-b/tm-mini", "tm-mini"),
        ("a/b/tm", None),
        ("t", None),
        ("xtm", None),
        ("ns/", None),
    ],
)
def test_a_name_finds_the_longest_slug_that_it_starts_with_in_at_most_one_namespace(name: str, slug: str | None) -> None:
    found = find([entry(), entry(slug="tm-mini"), entry(slug="other")], name)
    assert (found.slug if found else None) == slug


def test_of_two_entries_with_one_slug_the_later_counts() -> None:
    found = find([entry(display_name="one"), entry(display_name="two")], "tm-x")
    assert found is not None
    assert found.display_name == "two"


def test_m11_remote_entries_replace_in_place_and_new_ones_follow() -> None:
    known = [entry(slug="a", priority=1), entry(slug="b", priority=2)]
    remote = [entry(slug="new", priority=1), entry(slug="a", priority=1, display_name="A2")]
    assert [(model.slug, model.display_name) for model in with_remote_overrides(known, remote)] == [
        ("a", "A2"),
        ("new", "T"),
        ("b", "T"),
    ]


def test_m12_the_fallback_is_cautious() -> None:
    model = fallback("foo")
    assert (model.slug, model.is_fallback, model.priority, model.visibility) == ("foo", True, 99, "none")
    assert (model.context_window, model.effective_window) == (272_000, 258_400)
    assert (model.default_reasoning_level, model.default_reasoning_summary, model.support_verbosity) == (None, "auto", False)
    assert (model.apply_patch_tool_type, model.web_search_tool_type, model.supports_search_tool) == (None, "text", False)
    assert (model.truncation_policy.mode, model.truncation_policy.limit) == ("bytes", 10_000)
