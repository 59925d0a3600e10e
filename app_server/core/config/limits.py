"""The limits that requirements set, and the words about what is beyond them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from app_server.core.frozen import frozen

LIMITED: Mapping[str, str] = MappingProxyType(
    {
        "approval_policy": "approval_policy",
        "approvals_reviewer": "approvals_reviewer",
        "sandbox_mode": "sandbox_mode",
        "web_search_mode": "web_search",
    }
)
"""The settings that are limited, as the requirements and as the configuration call them."""
SHOWN: Mapping[str, str] = MappingProxyType({"untrusted": "UnlessTrusted", "guardian_subagent": "AutoReview"})
"""Words that warnings have in another form than the usual one."""
SUBJECTS: Mapping[str, str] = MappingProxyType({"sandbox_mode": "permission_profile"})
"""What warnings call a setting where they name what it decides."""
BEGIN = "Configured value for `{subject}`"
"""How warnings about values that are not allowed begin."""


@frozen
class Limits:
    """What is allowed of each setting, features that are pinned, the servers that may run, and the file that says so."""

    file: str = ""
    allowed: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    features: Mapping[str, bool] = MappingProxyType({})
    servers: Mapping[str, Any] | None = None
    data: Mapping[str, Any] = MappingProxyType({})

    def allows(self, setting: str, value: str) -> bool:
        """Whether a setting may have a value."""
        return setting not in self.allowed or value in self.allowed[setting]

    def fallback(self, setting: str) -> str:
        """What it has instead of one that is not allowed."""
        return self.allowed[setting][0]

    def refusal(self, setting: str, value: str) -> str:
        """Why a value is not allowed."""
        order = sorted(self.allowed[setting], key=lambda each: each != "disabled")
        allowed = ", ".join(shown(each) for each in order)
        return f"invalid value for `{setting}`: `{shown(value)}` is not in the allowed set [{allowed}] (set by {self.file})"

    def warning(self, setting: str, value: str) -> str:
        """That a value is not allowed, and another one holds."""
        begin = BEGIN.format(subject=SUBJECTS.get(setting, setting))
        return (
            f"{begin} is disallowed by requirements; falling back to required value "
            f"{shown(self.fallback(setting))}. Details: {self.refusal(setting, value)}"
        )

    def with_refusals(self, warnings: tuple[str, ...], refused: Mapping[str, str]) -> tuple[str, ...]:
        """Warnings in which those about refused values stand in the place of others about the same settings."""
        told = {setting: self.warning(setting, value) for setting, value in refused.items()}
        left = list(warnings)
        for setting in LIMITED:
            begin = BEGIN.format(subject=SUBJECTS.get(setting, setting))
            known = next((text for text in left if text.startswith(begin)), None)
            if known is not None:
                left.remove(known)
                told.setdefault(setting, known)
        return (*(told[setting] for setting in LIMITED if setting in told), *left)


def shown(value: str) -> str:
    """A word as warnings show it: `on-request` -> `OnRequest`."""
    return SHOWN.get(value) or "".join(part.capitalize() for part in value.replace("_", "-").split("-"))
