"""Catalogues of models: reading them, laying one over another, and finding the entry for a name.

A catalogue is a JSON document `{"models": [...]}`, bundled, named by the configuration, or sent by the provider.
Reading is lenient about members that we don't know and strict about the few that everything depends on. The texts
of errors are those of the reference's decoder.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from app_server.core.models.decoding import DecodeError, Members
from app_server.core.models.json_place import Place
from app_server.core.models.metadata import ModelInfo, ModelMessages, ReasoningLevel, ServiceTier, Truncation, Upgrade

BUNDLED = Path(__file__).with_name("catalog.json")
GENERIC = Path(__file__).with_name("base_instructions.md")
BASE_PLACE = "{{ base_instructions }}"
"""Where the bundled catalogue's templates take our own instructions."""
SHELLS = ("default", "local", "shell_command", "unified_exec", "disabled")
VISIBILITIES = ("list", "hide", "none")
SUMMARIES = ("auto", "concise", "detailed", "none")
VERBOSITIES = ("low", "medium", "high")
PATCH_TOOLS = ("freeform",)
SEARCH_TOOLS = ("text", "text_and_image")
MODALITIES = ("text", "image", "audio")
TRUNCATION_MODES = ("bytes", "tokens")
SYNTAX = {
    "Expecting property name enclosed in double quotes": "key must be a string",
    "Expecting value": "expected value",
    "Expecting ':' delimiter": "expected `:`",
    "Expecting ',' delimiter": "expected `,` or `}`",
    "Extra data": "trailing characters",
}
"""Python's words for what is no JSON, and those of the reference's parser."""


class CatalogError(ValueError):
    """The document is no catalogue."""


def load_bundled() -> tuple[ModelInfo, ...]:
    """The models that we ship, by priority. Entries share what is common to all, and what is common to their family."""
    document = json.loads(BUNDLED.read_bytes())
    common, families = document["common"], document["families"]
    text = generic_instructions()
    for family in families.values():
        messages = family["model_messages"]
        messages["instructions_template"] = messages["instructions_template"].replace(BASE_PLACE, text)
    entries = ({**common, **families[entry["family"]], **entry} for entry in document["models"])
    return by_priority(read_model(Members(entry)) for entry in entries)


def generic_instructions() -> str:
    """Our own instructions, for models that bring none."""
    return GENERIC.read_text(encoding="utf-8").strip()


def parse_catalog(document: bytes, path: str) -> tuple[ModelInfo, ...]:
    """The models of a catalogue file, by priority. Raises: CatalogError."""
    refusal = f"failed to parse model_catalog_json path `{path}` as JSON: "
    try:
        text = document.decode()
        models = read_placed(text, json.loads(text))
    except (DecodeError, UnicodeDecodeError) as error:
        raise CatalogError(f"{refusal}{error}") from None
    except json.JSONDecodeError as error:
        raise CatalogError(f"{refusal}{_json_text(error)}") from None
    if not models:
        raise CatalogError(f"model_catalog_json path `{path}` must contain at least one model")
    return by_priority(models)


def read_placed(text: str, data: Any) -> list[ModelInfo]:
    """The entries of a catalogue's text; what is wrong with one names its end, as the reference's parser does.

    Raises: DecodeError.
    """
    whole = Place(text)
    try:
        if isinstance(data, list):
            raise DecodeError(f"invalid length {len(data)}, expected struct ModelsResponse with 1 element")
        entries = Members.of(data, "ModelsResponse").tables("models", "ModelInfo", is_required=True)
    except DecodeError as error:
        raise DecodeError(f"{error} at {whole.end}") from None
    models: list[ModelInfo] = []
    for number, entry in enumerate(entries):
        try:
            models.append(read_model(entry))
        except DecodeError as error:
            raise DecodeError(f"{error} at {whole.end_of('models', number)}") from None
        except CatalogError as error:
            raise DecodeError(f"{error} at {whole.end}") from None
    return models


def _json_text(error: json.JSONDecodeError) -> str:
    if error.pos >= len(error.doc.rstrip()):
        return f"EOF while parsing a value at line {error.lineno} column {error.colno - 1}"
    text = SYNTAX.get(error.msg) or error.msg[:1].lower() + error.msg[1:]
    return f"{text} at line {error.lineno} column {error.colno}"


def by_priority(models: Iterable[ModelInfo]) -> tuple[ModelInfo, ...]:
    """Sorted by priority; equal ones keep their order."""
    return tuple(sorted(models, key=lambda model: model.priority))


def with_remote_overrides(known: Sequence[ModelInfo], remote: Sequence[ModelInfo]) -> tuple[ModelInfo, ...]:
    """`known` with the provider's entries: equal slugs replaced in place, new ones appended, sorted by priority."""
    fresh = {model.slug: model for model in remote}
    kept = [fresh.pop(model.slug, model) for model in known]
    return by_priority([*kept, *fresh.values()])


def find(models: Sequence[ModelInfo], name: str) -> ModelInfo | None:
    """The entry whose slug is the longest prefix of `name`; else the same for the part behind its one slash.

    Of two entries with the same slug the later one counts.
    """
    found = _longest_prefix(models, name)
    if found is None and name.count("/") == 1:
        found = _longest_prefix(models, name.partition("/")[2])
    return found


def _longest_prefix(models: Sequence[ModelInfo], name: str) -> ModelInfo | None:
    best: ModelInfo | None = None
    for model in models:
        if name.startswith(model.slug) and (best is None or len(model.slug) >= len(best.slug)):
            best = model
    return best


def read_models(data: Any) -> list[ModelInfo]:
    """The entries of a catalogue document; one bad entry spoils all. Raises: DecodeError, CatalogError (no instructions)."""
    document = Members.of(data, "ModelsResponse")
    return [read_model(entry) for entry in document.tables("models", "ModelInfo", is_required=True)]


def read_model(take: Members) -> ModelInfo:
    """One entry. Raises: DecodeError, CatalogError (no instructions)."""
    slug = take.text("slug")
    base = take.optional_text("base_instructions")
    messages = _messages(take)
    if base is None and (messages is None or messages.instructions_template is None):
        raise CatalogError(f"model `{slug}` is missing both `base_instructions` and `model_messages.instructions_template`")
    window = take.optional_integer("context_window")
    largest = take.optional_integer("max_context_window")
    percent = take.optional_integer("effective_context_window_percent")
    return ModelInfo(
        slug=slug,
        display_name=take.text("display_name"),
        description=take.optional_text("description"),
        supported_reasoning_levels=tuple(
            ReasoningLevel(level.text("effort"), level.optional_text("description") or "")
            for level in take.tables("supported_reasoning_levels", "ReasoningEffortPreset", is_required=True)
        ),
        shell_type=take.choice("shell_type", SHELLS),
        visibility=take.choice("visibility", VISIBILITIES),
        supported_in_api=take.flag("supported_in_api"),
        priority=take.integer("priority", "i32"),
        support_verbosity=take.flag("support_verbosity"),
        truncation_policy=_truncation(take),
        experimental_supported_tools=take.texts("experimental_supported_tools"),
        base_instructions=base,
        model_messages=messages,
        default_reasoning_level=take.optional_text("default_reasoning_level"),
        default_reasoning_summary=take.optional_choice("default_reasoning_summary", SUMMARIES) or "auto",
        supports_reasoning_summaries=take.flag("supports_reasoning_summaries", True),
        supports_reasoning_summary_parameter=take.flag("supports_reasoning_summary_parameter", True),
        default_verbosity=take.optional_choice("default_verbosity", VERBOSITIES),
        additional_speed_tiers=take.texts("additional_speed_tiers", ()),
        service_tiers=tuple(
            ServiceTier(tier.text("id"), tier.text("name"), tier.optional_text("description") or "")
            for tier in take.tables("service_tiers", "ModelServiceTier")
        ),
        default_service_tier=take.optional_text("default_service_tier"),
        availability_nux=nux.text("message") if (nux := take.table("availability_nux", "ModelAvailabilityNux")) else None,
        upgrade=_upgrade(take),
        model_specialty=take.optional_text("model_specialty"),
        apply_patch_tool_type=take.optional_choice("apply_patch_tool_type", PATCH_TOOLS),
        web_search_tool_type=take.optional_choice("web_search_tool_type", SEARCH_TOOLS) or "text",
        supports_parallel_tool_calls=take.flag("supports_parallel_tool_calls", False),
        supports_search_tool=take.flag("supports_search_tool", False),
        supports_image_detail_original=take.flag("supports_image_detail_original", False),
        input_modalities=take.texts("input_modalities", ("text", "image"), MODALITIES),
        context_window=largest if window is None else window,
        max_context_window=largest,
        auto_compact_token_limit=take.optional_integer("auto_compact_token_limit"),
        effective_context_window_percent=95 if percent is None else percent,
        comp_hash=take.optional_text("comp_hash"),
        tool_mode=take.optional_text("tool_mode"),
        use_responses_lite=take.flag("use_responses_lite", False),
        multi_agent_version=take.optional_text("multi_agent_version"),
        multi_agent_reasoning_effort=take.optional_text("multi_agent_reasoning_effort"),
        prefer_websockets=take.flag("prefer_websockets", False),
        include_skills_usage_instructions=take.flag("include_skills_usage_instructions", False),
        include_plugin_usage_instructions=take.flag("include_plugin_usage_instructions", False),
        include_apps_usage_instructions=take.flag("include_apps_usage_instructions", True),
    )


def _truncation(take: Members) -> Truncation:
    policy = take.table("truncation_policy", "TruncationPolicyConfig", is_required=True)
    assert policy is not None
    return Truncation(policy.choice("mode", TRUNCATION_MODES), policy.integer("limit"))


def _messages(take: Members) -> ModelMessages | None:
    """`model_messages`; both names of the variables are those that catalogues have used."""
    messages = take.table("model_messages", "ModelMessages")
    if messages is None:
        return None
    variables = messages.table("instructions_variables", "ModelInstructionsVariables")
    known = ("instructions_template", "instructions_variables")
    return ModelMessages(
        instructions_template=messages.optional_text("instructions_template"),
        variables=None
        if variables is None
        else {name: text for name in variables.data if (text := variables.optional_text(name)) is not None},
        blocks={name: block for name, block in messages.data.items() if name not in known},
    )


def _upgrade(take: Members) -> Upgrade | None:
    upgrade = take.table("upgrade", "ModelInfoUpgrade")
    if upgrade is None:
        return None
    retirement = upgrade.data.get("retirement_at")
    return Upgrade(
        upgrade.text("model"),
        upgrade.optional_text("migration_markdown"),
        retirement if isinstance(retirement, str) else None,
    )
