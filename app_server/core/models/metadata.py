"""What is known about a model. One structure, from whatever catalogue it comes.

The numbers that follow from others (the window that a conversation may use, the limit of compaction) are computed
here, so that all readers agree.
"""

from collections.abc import Mapping
from typing import Any

from app_server.core.frozen import frozen

PERSONALITY = "{{ personality }}"
"""The place in an instruction template where the personality's text goes."""
PERSONALITY_VARIABLES = ("personality_default", "personality_friendly", "personality_pragmatic")
FALLBACK_WINDOW = 272_000
FALLBACK_OUTPUT_BYTES = 10_000


@frozen
class ReasoningLevel:
    """An effort that a model advertises."""

    effort: str
    description: str


@frozen
class ServiceTier:
    """A speed that a model can be asked for."""

    id: str
    name: str
    description: str


@frozen
class Upgrade:
    """The model that replaces this one."""

    model: str
    migration_markdown: str | None = None
    retirement_at: str | None = None


@frozen
class Truncation:
    """How much of a tool's output the model gets to see; `mode` is "bytes" or "tokens"."""

    mode: str
    limit: int


@frozen
class ModelMessages:
    """Texts for the model. `variables` fill the template; `blocks` are the others, as they came."""

    instructions_template: str | None
    variables: Mapping[str, str] | None
    blocks: Mapping[str, Any]

    @property
    def has_personality(self) -> bool:
        """Whether the template has the placeholder and every variable is there."""
        return (
            self.instructions_template is not None
            and PERSONALITY in self.instructions_template
            and self.variables is not None
            and all(name in self.variables for name in PERSONALITY_VARIABLES)
        )


@frozen
class ModelInfo:
    """Everything that a catalogue says about a model. None means that the model has no such thing."""

    slug: str
    display_name: str
    description: str | None
    supported_reasoning_levels: tuple[ReasoningLevel, ...]
    shell_type: str
    visibility: str
    supported_in_api: bool
    priority: int
    support_verbosity: bool
    truncation_policy: Truncation
    experimental_supported_tools: tuple[str, ...]
    base_instructions: str | None
    model_messages: ModelMessages | None
    default_reasoning_level: str | None
    default_reasoning_summary: str
    supports_reasoning_summaries: bool
    supports_reasoning_summary_parameter: bool
    default_verbosity: str | None
    additional_speed_tiers: tuple[str, ...]
    service_tiers: tuple[ServiceTier, ...]
    default_service_tier: str | None
    availability_nux: str | None
    upgrade: Upgrade | None
    model_specialty: str | None
    apply_patch_tool_type: str | None
    web_search_tool_type: str
    supports_parallel_tool_calls: bool
    supports_search_tool: bool
    supports_image_detail_original: bool
    input_modalities: tuple[str, ...]
    context_window: int | None
    max_context_window: int | None
    auto_compact_token_limit: int | None
    effective_context_window_percent: int
    comp_hash: str | None
    tool_mode: str | None
    use_responses_lite: bool
    multi_agent_version: str | None
    multi_agent_reasoning_effort: str | None
    prefer_websockets: bool
    include_skills_usage_instructions: bool
    include_plugin_usage_instructions: bool
    include_apps_usage_instructions: bool
    is_fallback: bool = False

    @property
    def effective_window(self) -> int | None:
        """Tokens that a conversation may use; the rest is kept for the answer. Shown as `modelContextWindow`."""
        if self.context_window is None:
            return None
        return self.context_window * self.effective_context_window_percent // 100

    @property
    def compaction_limit(self) -> int | None:
        """Tokens at which the history is compacted: at most nine tenths of the window."""
        if self.context_window is None:
            return self.auto_compact_token_limit
        ceiling = self.context_window * 9 // 10
        return ceiling if self.auto_compact_token_limit is None else min(self.auto_compact_token_limit, ceiling)

    @property
    def supports_personality(self) -> bool:
        """Whether the instructions have a place for a personality and a text for each."""
        messages = self.model_messages
        return messages is not None and messages.has_personality

    def accepts(self, modality: str) -> bool:
        """Whether the model reads "text", "image" or "audio"."""
        return modality in self.input_modalities


def fallback(name: str) -> ModelInfo:
    """Metadata for a model that nobody described: cautious, and good enough to work."""
    return ModelInfo(
        slug=name,
        display_name=name,
        description=None,
        supported_reasoning_levels=(),
        shell_type="unified_exec",
        visibility="none",
        supported_in_api=True,
        priority=99,
        support_verbosity=False,
        truncation_policy=Truncation("bytes", FALLBACK_OUTPUT_BYTES),
        experimental_supported_tools=(),
        base_instructions=None,
        model_messages=None,
        default_reasoning_level=None,
        default_reasoning_summary="auto",
        supports_reasoning_summaries=True,
        supports_reasoning_summary_parameter=True,
        default_verbosity=None,
        additional_speed_tiers=(),
        service_tiers=(),
        default_service_tier=None,
        availability_nux=None,
        upgrade=None,
        model_specialty=None,
        apply_patch_tool_type=None,
        web_search_tool_type="text",
        supports_parallel_tool_calls=True,
        supports_search_tool=False,
        supports_image_detail_original=False,
        input_modalities=("text", "image"),
        context_window=FALLBACK_WINDOW,
        max_context_window=FALLBACK_WINDOW,
        auto_compact_token_limit=None,
        effective_context_window_percent=95,
        comp_hash=None,
        tool_mode=None,
        use_responses_lite=False,
        multi_agent_version=None,
        multi_agent_reasoning_effort=None,
        prefer_websockets=False,
        include_skills_usage_instructions=False,
        include_plugin_usage_instructions=False,
        include_apps_usage_instructions=True,
        is_fallback=True,
    )
