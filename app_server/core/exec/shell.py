"""Which shell runs a script, and in which environment. Pure functions; the environment comes in as a mapping.

Source: spec/tools.md section 3, spec/approvals-sandbox.md section 10.
"""

import os
import pwd
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

_KNOWN_SHELLS = ("bash", "zsh", "sh")
_LAST_RESORT = "/bin/sh"
_CORE_NAMES = frozenset(
    ["PATH", "SHELL", "TMPDIR", "TEMP", "TMP", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "USER"],
)
_SECRET_PATTERNS = ("*KEY*", "*SECRET*", "*TOKEN*")
_QUIET_TERMINAL = {
    "NO_COLOR": "1",
    "TERM": "dumb",
    "LANG": "C.UTF-8",
    "LC_CTYPE": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "COLORTERM": "",
    "PAGER": "cat",
    "GIT_PAGER": "cat",
    "GH_PAGER": "cat",
    "CODEX_CI": "1",
}


@dataclass(frozen=True, slots=True)
class EnvironmentPolicy:
    """`[shell_environment_policy]`: what of the daemon's environment its commands see.

    Patterns know `*` and `?` and ignore case. `ignore_default_excludes` false drops names that look like secrets.
    """

    inherit: Literal["all", "core", "none"] = "all"
    ignore_default_excludes: bool = True
    exclude: tuple[str, ...] = ()
    include_only: tuple[str, ...] = ()
    set: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> "EnvironmentPolicy":
        """The policy of a checked configuration table; members that are missing or null have their defaults."""
        given = {name: table[name] for name in cls.__dataclass_fields__ if table.get(name) is not None}
        values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
        return cls(**values)


def login_shell(search_path: str | None) -> str:
    """The user's shell by the account database, or the best that there is of those whose options we know."""
    try:
        account_shell = pwd.getpwuid(os.getuid()).pw_shell
    except KeyError:
        account_shell = ""
    if _kind(account_shell) and Path(account_shell).is_file():
        return account_shell
    return _found("bash", search_path) or _found("zsh", search_path) or _LAST_RESORT


users_shell = cache(login_shell)
"""The same, looked up once: asking the account database costs a tenth of a short turn."""


def resolve_shell(asked: str | None, users_shell: str, search_path: str | None) -> str:
    """The path of the shell that a model asked for by name or path; unknown kinds of shell become /bin/sh."""
    if asked is None:
        return users_shell
    kind = _kind(asked)
    if kind is None:
        return _LAST_RESORT
    if "/" in asked and Path(asked).is_file():
        return asked
    if _kind(users_shell) == kind:
        return users_shell
    return _found(kind, search_path) or _LAST_RESORT


def shell_argv(shell: str, script: str, *, is_login: bool = True) -> tuple[str, ...]:
    """The argv that runs a script."""
    return (shell, "-lc" if is_login else "-c", script)


def child_environment(policy: EnvironmentPolicy, base: Mapping[str, str]) -> dict[str, str]:
    """What a policy leaves of an environment."""
    kept = {name: value for name, value in base.items() if policy.inherit == "all" or _is_core(policy, name)}
    dropped = policy.exclude if policy.ignore_default_excludes else (*_SECRET_PATTERNS, *policy.exclude)
    kept = {name: value for name, value in kept.items() if not _matches(name, dropped)}
    kept.update(policy.set)
    if policy.include_only:
        kept = {name: value for name, value in kept.items() if _matches(name, policy.include_only)}
    return kept


def tool_environment(
    base: Mapping[str, str],
    *,
    thread_id: str,
    session_id: str,
    call_id: str,
    version: str,
    is_network_disabled: bool = False,
    profile: str | None = None,
) -> dict[str, str]:
    """The environment of a command that the model runs: quiet, without colors and pagers, and told where it runs.

    `base` is what the policy left; the variables' names are the reference's, since scripts in the wild test them.
    """
    environment = {
        **base,
        **_QUIET_TERMINAL,
        "CODEX_THREAD_ID": thread_id,
        "CODEX_SESSION_ID": session_id,
        "CODEX_TOOL_CALL_ID": call_id,
        "CODEX_VERSION": version,
        "CODEX_APPLY_PATCH_PRESERVE_LINE_ENDINGS": "1",
    }
    if is_network_disabled:
        environment["CODEX_SANDBOX_NETWORK_DISABLED"] = "1"
    if profile is not None:
        environment["CODEX_PERMISSION_PROFILE"] = profile
    return environment


def _kind(shell: str) -> str | None:
    stem = Path(shell).stem
    return stem if stem in _KNOWN_SHELLS else None


def _found(kind: str, search_path: str | None) -> str | None:
    return shutil.which(kind, path=search_path) or shutil.which(kind, path="/bin:/usr/bin")


def _is_core(policy: EnvironmentPolicy, name: str) -> bool:
    return policy.inherit == "core" and name in _CORE_NAMES


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(_regex(pattern).fullmatch(name) for pattern in patterns)


def _regex(pattern: str) -> re.Pattern[str]:
    parts = (".*" if each == "*" else "." if each == "?" else re.escape(each) for each in pattern)
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)
