"""What a request asks of a model beside its input: effort, summary, verbosity and service tier.

Each follows the same order: what the turn or thread chose, else the configuration, else the model's default. Turns
resolve these once, when they start.
"""

from app_server.core.config.config import SERVICE_TIERS, Config
from app_server.core.frozen import frozen
from app_server.core.models.metadata import ModelInfo

ULTRA = "ultra"
STRONGEST = "max"
MIDDLE = "medium"
"""What a model of which no levels are known is asked for in its place."""
FLEX = "flex"
STANDARD = "default"


@frozen
class Choices:
    """What a thread or turn chose; None leaves it to the configuration."""

    effort: str | None = None
    summary: str | None = None
    service_tier: str | None = None


@frozen
class Asked:
    """What goes into the request; None is left out."""

    effort: str | None
    summary: str | None
    verbosity: str | None
    service_tier: str | None

    def reasoning(self) -> dict[str, str]:
        """The request's `reasoning` member."""
        members = {"effort": self.effort, "summary": self.summary}
        return {name: value for name, value in members.items() if value is not None}


def resolve(model: ModelInfo, config: Config, choices: Choices) -> Asked:
    """What to ask of `model`."""
    return Asked(
        effort=_effort(model, choices.effort or config.model_reasoning_effort or model.default_reasoning_level),
        summary=_summary(model, choices.summary or config.model_reasoning_summary or model.default_reasoning_summary),
        verbosity=(config.model_verbosity or model.default_verbosity) if model.support_verbosity else None,
        service_tier=sent_tier(model, choices.service_tier if choices.service_tier is not None else config.service_tier),
    )


def normal_tier(tier: str | None) -> str | None:
    """A tier under its wire name: "fast" is how users say "priority"."""
    return None if tier is None else SERVICE_TIERS.get(tier, tier)


def sent_tier(model: ModelInfo, tier: str | None) -> str | None:
    """The tier to send: one that the model advertises, or "flex", which is always sent."""
    tier = normal_tier(tier)
    if tier is None or tier == STANDARD:
        return None
    return tier if tier == FLEX or any(offered.id == tier for offered in model.service_tiers) else None


def offered_tier(model: ModelInfo, tier: str | None) -> tuple[str | None, str | None]:
    """The tier as a new thread shows it, and a warning if the model does not offer it."""
    if tier is None or tier == STANDARD or sent_tier(model, tier) is not None:
        return tier, None
    return None, (
        f"Configured service tier `{tier}` is not advertised as supported for model `{model.slug}` "
        "and will be omitted from requests."
    )


def _effort(model: ModelInfo, effort: str | None) -> str | None:
    """The effort as the model understands it: "ultra" is a mode, not a level of its own."""
    if effort != ULTRA:
        return effort
    if model.multi_agent_reasoning_effort is not None:
        return model.multi_agent_reasoning_effort
    levels = [level.effort for level in model.supported_reasoning_levels if level.effort != ULTRA]
    if not levels:
        return MIDDLE
    return STRONGEST if STRONGEST in levels else levels[-1]


def _summary(model: ModelInfo, summary: str) -> str | None:
    return summary if model.supports_reasoning_summary_parameter and summary != "none" else None
