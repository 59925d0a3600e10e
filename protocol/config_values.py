"""Words that settings and the administrator's requirements share."""

from typing import Literal

from protocol.base import TypeAliasType

AllowDenyRequirement = TypeAliasType("AllowDenyRequirement", Literal["allow", "deny"])
"""Whether something may be done."""

ForcedLoginMethod = TypeAliasType("ForcedLoginMethod", Literal["chatgpt", "api"])
"""A way to log in."""

AutoCompactTokenLimitScope = TypeAliasType("AutoCompactTokenLimitScope", Literal["total", "body_after_prefix"])
"""Which tokens count for the limit at which the history is summarized."""

Verbosity = TypeAliasType("Verbosity", Literal["low", "medium", "high"])
"""How much the model writes."""

WebSearchMode = TypeAliasType("WebSearchMode", Literal["disabled", "cached", "indexed", "live"])
"""How the web is searched: not, from a cache or an index, or live."""
