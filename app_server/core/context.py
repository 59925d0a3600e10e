"""What the model is told about its situation, before the user's words: who it is, what it may do, where it is.

At a thread's first turn everything is told; later only what has changed, so that what was sent before stays as it was.
Source: spec/turns.md sections 6.2 and 6.5 (the order of the parts and their tags).
"""

from collections.abc import Callable
from typing import Any

from app_server.core.environment import environment_context, permission_profile, placeless_context
from app_server.core.frozen import frozen
from app_server.core.history_item import message
from app_server.core.permissions_text import permissions_instructions

Item = dict[str, Any]


@frozen
class Situation:
    """All that the context messages are made of. Some of it is told only when it changes, such as `personality_text`."""

    model: str
    base_instructions: str
    developer_instructions: str | None
    agents_md: str | None
    cwd: str
    shell: str
    roots: tuple[str, ...]
    sandbox: dict[str, Any]
    approval_policy: Any
    mode: str = "default"
    mode_text: str | None = None
    personality_text: str | None = None
    is_realtime: bool = False
    realtime_text: str | None = None
    skills_text: str | None = None
    tools_text: str | None = None
    has_permissions_text: bool = True
    has_environment: bool = True
    """Whether the surroundings are told at all."""
    has_place: bool = True
    """Whether there is a machine to work on."""

    @property
    def permissions(self) -> str:
        """The permissions block."""
        return permissions_instructions(self.sandbox, self.approval_policy, self.roots)


def initial(situation: Situation, base: str, model: str, new_id: Callable[[], str], now_s: float) -> list[Item]:
    """The messages that open a thread after the base instructions: developer message, AGENTS.md and environment.

    `base` are the instructions that the thread was started with, for `model`; they stay, whatever the first turn asks for.
    """
    switch = None
    if base != situation.base_instructions:
        is_same = model == situation.model and situation.personality_text is not None
        switch = situation.personality_text if is_same else model_switch(situation)
    return opening(situation, new_id, now_s, switch)


def opening(situation: Situation, new_id: Callable[[], str], now_s: float, switch: str | None = None) -> list[Item]:
    """The same without the base instructions; also what stands before the last user message after a compaction."""
    developer = [
        text
        for text in (
            switch,
            situation.developer_instructions,
            situation.realtime_text,
            situation.skills_text,
            situation.permissions if situation.has_permissions_text else None,
            situation.tools_text,
            situation.mode_text,
        )
        if text
    ]
    user = [text for text in (agents_block(situation), full_environment(situation, now_s)) if text]
    items = []
    if developer:
        items.append(message(new_id(), "developer", developer))
    if user:
        items.append(message(new_id(), "user", user))
    return items


def changes(before: Situation, after: Situation, new_id: Callable[[], str], now_s: float) -> list[Item]:
    """The messages that a change of settings between two turns calls for; none when nothing has changed."""
    moved = (before.cwd, before.has_place) != (after.cwd, after.has_place)
    permissions_changed = after.has_permissions_text and before.permissions != after.permissions
    # Another model's instructions bring their own.
    has_new_personality = before.model == after.model and before.personality_text != after.personality_text
    has_new_model = before.model != after.model
    items = []
    if has_new_model:
        items.append(message(new_id(), "developer", [model_switch(after)]))
    user: list[str] = []
    if moved and (before.agents_md or after.agents_md):
        user.append(agents_block(after) or no_agents_block(after))
    developer = [
        text
        for text in (
            after.personality_text if has_new_personality else None,
            after.realtime_text if before.is_realtime != after.is_realtime else None,
            after.permissions if permissions_changed else None,
            after.tools_text if before.tools_text != after.tools_text else None,
            after.mode_text if has_new_model or before.mode_text != after.mode_text else None,
        )
        if text
    ]
    if developer:
        items += [message(new_id(), "user", user)] if user else []
        items.append(message(new_id(), "developer", developer))
        user = []
    files = [permission_profile(after.roots, each.sandbox) for each in (before, after)]
    if after.has_environment and (moved or before.roots != after.roots or files[0] != files[1]):
        shown = (
            full_environment(after, now_s, has_left=True)
            if moved
            else environment_context(after.roots, after.sandbox, now_s, None, None)
        )
        user.append(shown or "")
    return [*items, message(new_id(), "user", user)] if user else items


def agents_block(situation: Situation) -> str | None:
    """The project's own instructions."""
    if not situation.agents_md:
        return None
    return f"# AGENTS.md instructions for {situation.cwd}\n\n<INSTRUCTIONS>\n{situation.agents_md}\n</INSTRUCTIONS>"


def no_agents_block(situation: Situation) -> str:
    """Takes back what was said in another folder."""
    return (
        f"# AGENTS.md instructions for {situation.cwd}\n\n<INSTRUCTIONS>\nThere are none for this folder; those of the folder "
        "before do not hold here.\n</INSTRUCTIONS>"
    )


def full_environment(situation: Situation, now_s: float, *, has_left: bool = False) -> str | None:
    """The environment block with folder and shell. `has_left`: where there is no place to work any more, there was one."""
    if not situation.has_environment:
        return None
    if not situation.has_place:
        return placeless_context(now_s, has_left=has_left)
    return environment_context(situation.roots, situation.sandbox, now_s, situation.cwd, situation.shell)


def model_switch(situation: Situation) -> str:
    """Tells a model that it takes over a conversation that another one has begun."""
    return (
        "<model_switch>\nThe user has switched models: you continue a conversation that another model began. "
        f"From here on, follow these instructions.\n\n{situation.base_instructions}\n</model_switch>"
    )
