"""Adds the skills that the user's words name to what was read of an input."""

from collections.abc import Mapping, Sequence

import anyio.to_thread

from app_server.core.config.config import Config
from app_server.core.settings import ThreadSettings
from app_server.core.skills.skills import Skills, mentioned
from app_server.core.turn.input_media import skill_parts
from app_server.core.turn.user_input import Parts
from protocol.input import SkillInput, TextInput, UserInput


async def with_mentions(
    media: Mapping[int, Parts], skills: Skills, content: Sequence[UserInput], config: Config, settings: ThreadSettings
) -> Mapping[int, Parts]:
    """What was read, and behind the last place of the input one place for each skill that is named."""
    texts = [part.text for part in content if isinstance(part, TextInput)]
    given = [part.path for part in content if isinstance(part, SkillInput)]

    def read() -> list[Parts]:
        found = mentioned(skills.on(config, settings.disabled_plugin_ids), texts, given)
        return [skill_parts(SkillInput(name=skill.name, path=str(skill.path)), settings.cwd) for skill in found]

    named = await anyio.to_thread.run_sync(read)
    return {**media, **{len(content) + place: parts for place, parts in enumerate(named)}}
