"""Collaboration modes: what the model is told about the way in which it works with the user. Words of ours.

Source: spec/turns.md sections 6.2 and 6.7.
"""

from app_server.core.settings import ThreadSettings

TEXTS = {
    "default": (
        "You work in default mode, until another `<collaboration_mode>` is announced: carry the task through by yourself. Decide "
        "small questions sensibly and say what you decided; ask only when going on without an answer would waste the user's time."
    ),
    "plan": (
        "You work in plan mode: find out what is needed, ask what only the user can decide, and change nothing. Read files and "
        "run harmless commands as you like. When the plan stands, give it whole, between a line `<proposed_plan>` and a line "
        "`</proposed_plan>`, each on a line of its own: what will change, in which order, and how it will be checked."
    ),
}


def mode_instructions(settings: ThreadSettings) -> str:
    """The text of the thread's mode: the client's own if it gave one."""
    return settings.mode_instructions or TEXTS[settings.mode]


def mode_text(settings: ThreadSettings) -> str | None:
    """The block for the model; nothing before a mode was chosen."""
    if not settings.is_mode_explicit:
        return None
    return f"<collaboration_mode>\n{mode_instructions(settings)}\n</collaboration_mode>"
