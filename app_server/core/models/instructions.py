"""The instructions that a model gets: from the user, the model's own template with a personality, or our own.

Two generations of catalogues meet here. One has a template with a place for a personality and texts for it; the
other has a template that is used as it is, or plain instructions.
"""

from app_server.core.config.config import Config
from app_server.core.frozen import frozen
from app_server.core.models.catalog import generic_instructions
from app_server.core.models.metadata import PERSONALITY, ModelInfo

FRIENDLY = "friendly"
PRAGMATIC = "pragmatic"
NONE = "none"


@frozen
class Instructions:
    """The text for the model. `warning` is for the log: what was asked for and could not be done.

    `is_own` says that the user wrote it, so that no personality of the model's applies.
    """

    text: str
    warning: str | None = None
    is_own: bool = False


def compose(model: ModelInfo, config: Config, *, base: str | None = None, personality: str | None = None) -> Instructions:
    """The base instructions of a thread.

    `base` is what the thread's client set, which wins over the file that the configuration names, and that over the words
    that it has itself. `personality` is the thread's or turn's choice, else the configuration's holds.
    """
    own = next((text for text in (base, config.base_instructions, config.instructions) if text is not None), None)
    if own is not None:
        return Instructions(own, is_own=True)
    asked = personality or config.personality
    messages = model.model_messages
    is_off = config.features.configured.get("personality") is False
    if messages is None or messages.instructions_template is None or (is_off and model.base_instructions is not None):
        text = model.base_instructions if model.base_instructions is not None else generic_instructions()
        return Instructions(text, _warning(model, asked))
    template = messages.instructions_template
    if PERSONALITY not in template or messages.variables is None:
        # Without variables the template is used as it is, except that a place with nothing to put in it goes away.
        return Instructions(_filled(template, "") if messages.variables is None else template, _warning(model, asked))
    return Instructions(_filled(template, personality_text(model, None if is_off else asked)))


def personality_text(model: ModelInfo, personality: str | None) -> str:
    """What a model's instructions say about a personality; empty where there is nothing to say."""
    variables = model.model_messages.variables if model.model_messages else None
    if variables is None or personality == NONE:
        return ""
    return variables.get(f"personality_{personality or 'default'}", "")


def personality_update(model: ModelInfo, config: Config, personality: str | None) -> str | None:
    """The developer message that tells a model of a personality that changed between turns, or None if it has none."""
    if not model.supports_personality or config.features.configured.get("personality") is False:
        return None
    text = personality_text(model, personality or config.personality)
    body = text or "Go back to a neutral tone; earlier notes about your manner no longer apply."
    return f"<personality_spec>\nThe user chose another manner for your replies from here on:\n{body}\n</personality_spec>"


def _filled(template: str, text: str) -> str:
    """The template with its place filled; blank lines that an empty text leaves at the edges go away."""
    filled = template.replace(PERSONALITY, text)
    return filled if text else filled.strip("\n")


def _warning(model: ModelInfo, asked: str | None) -> str | None:
    if asked in (None, NONE):
        return None
    return f"model {model.slug} has no texts for personalities; personality {asked} is ignored"
