"""What is asked of the model: a thread's settings together with what is known about its model, resolved once per turn."""

from app_server.core.config.config import Config
from app_server.core.frozen import frozen
from app_server.core.history_item import ORIGINAL
from app_server.core.models import instructions, reasoning
from app_server.core.models.manager import ModelsManager
from app_server.core.models.metadata import ModelInfo
from app_server.core.models.originals import sees_originals
from app_server.core.settings import StartOptions, ThreadSettings


@frozen
class ModelSettings:
    """One resolution. `warning` is for the log: what was asked for and the model can't do."""

    name: str
    info: ModelInfo
    asked: reasoning.Asked
    base_instructions: str
    warning: str | None
    sees_originals: bool = False
    """Whether images go to it at their original resolution."""
    personality_text: str | None = None
    """What the model is told when the personality changes between turns; None if it has none."""

    @property
    def reads(self) -> tuple[str, ...]:
        """What the model can be shown."""
        return (*self.info.input_modalities, ORIGINAL) if self.sees_originals else self.info.input_modalities

    @property
    def effective_window(self) -> int | None:
        """How many tokens a conversation may use."""
        return self.info.effective_window


def resolve(models: ModelsManager, config: Config, settings: ThreadSettings, options: StartOptions) -> ModelSettings:
    """What to ask of the thread's model, with the settings of this moment."""
    info = models.lookup(settings.model, config)
    choices = reasoning.Choices(settings.effort, settings.summary, settings.service_tier)
    text = instructions.compose(info, config, base=options.base_instructions, personality=settings.personality)
    told = None if text.is_own else instructions.personality_update(info, config, settings.personality)
    asked, is_original = reasoning.resolve(info, config, choices), sees_originals(info, settings.model, config)
    return ModelSettings(settings.model, info, asked, text.text, text.warning, is_original, told)
