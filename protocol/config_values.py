"""The config values family of the wire contract."""

from typing import Literal

from protocol.base import TypeAliasType

AllowDenyRequirement = TypeAliasType("AllowDenyRequirement", Literal["allow", "deny"])
"""Allow deny requirement."""

ForcedLoginMethod = TypeAliasType("ForcedLoginMethod", Literal["chatgpt", "api"])
"""Forced login method."""

AutoCompactTokenLimitScope = TypeAliasType("AutoCompactTokenLimitScope", Literal["total", "body_after_prefix"])
"""Auto compact token limit scope."""

Verbosity = TypeAliasType("Verbosity", Literal["low", "medium", "high"])
"""Verbosity."""

WebSearchMode = TypeAliasType("WebSearchMode", Literal["disabled", "cached", "indexed", "live"])
"""Web search mode."""
