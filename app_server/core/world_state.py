"""What the model has been told of its surroundings, as files record it: names and digests, not the words.

The reference reads it when it goes on with a thread, to tell only what has changed since. Source: the shape is the
reference's (spec/threads.md section 9); what we do not have (apps, skills) stands there as it is without them.
"""

from binascii import crc32
from typing import Any

from app_server.core.context import Situation
from app_server.core.environment import full_filesystem, local_date, timezone


def world_state(situation: Situation, now_s: float) -> dict[str, Any]:
    """All that was told."""
    agents: dict[str, Any] = {"directory": situation.cwd, "text": situation.agents_md} if situation.agents_md else {}
    return {
        "agents_md": agents,
        "apps_instructions": False,
        "collaboration_mode": {
            "mode": situation.mode,
            "model": situation.model,
            "instructions": digest(situation.mode_text or ""),
        },
        "context_window_guidance": "",
        "environments": {
            "environments": {"local": {"cwd": situation.cwd, "status": "available", "shell": situation.shell}}
            if situation.has_place
            else {},
            "current_date": local_date(now_s),
            "timezone": timezone(),
            "filesystem": full_filesystem(situation.roots, situation.sandbox),
        },
        "environments_instructions": False,
        "git_attribution": False,
        "managed_developer_instructions": {},
        "model": situation.model,
        "multi_agent_mode": {},
        "permissions": {"instructions": digest(situation.permissions), "approved_command_prefixes": []},
        "persistent_mode": {},
        "plugins_instructions": False,
        "realtime": {"active": situation.is_realtime},
    }


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What of a state has changed, down to single members; a member that is gone is null."""
    changed: dict[str, Any] = {}
    for name in (*after, *(name for name in before if name not in after)):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        changed[name] = difference(old, new) if isinstance(old, dict) and isinstance(new, dict) else new
    return changed


def digest(text: str) -> str:
    """Tells whether a text is still the same."""
    return f"{crc32(text.encode()):08x}"
