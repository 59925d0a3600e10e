"""Which hooks an event is for: their matchers are words, alternatives of words, or patterns."""

import re
from collections.abc import Sequence
from functools import lru_cache

from protocol.hook import HookEventName

MATCHED: frozenset[HookEventName] = frozenset(
    {
        "preToolUse",
        "permissionRequest",
        "postToolUse",
        "sessionStart",
        "sessionEnd",
        "subagentStart",
        "subagentStop",
        "preCompact",
        "postCompact",
    }
)
"""The events that have something to match; hooks for the others run always."""
PLAIN = re.compile(r"[A-Za-z0-9_|]*")
EVERYTHING = ("", "*")


def matches(event: HookEventName, matcher: str | None, names: Sequence[str]) -> bool:
    """Whether a hook's matcher fits what has happened, which may be known by several names."""
    if event not in MATCHED or matcher is None or matcher in EVERYTHING:
        return True
    if PLAIN.fullmatch(matcher):
        return bool(set(matcher.split("|")) & set(names))
    pattern = compiled(matcher)
    return pattern is not None and any(pattern.search(name) for name in names)


def is_sound(matcher: str) -> bool:
    """Whether a matcher can fit anything."""
    return matcher in EVERYTHING or PLAIN.fullmatch(matcher) is not None or compiled(matcher) is not None


@lru_cache(maxsize=256)
def compiled(matcher: str) -> re.Pattern[str] | None:
    """The pattern, or None if it is none: then it fits nothing."""
    try:
        return re.compile(matcher)
    except re.error:
        return None
