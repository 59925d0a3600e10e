"""Permission profiles of the user's own: tables of the configuration, resolved to what commands may write, read and reach.

A profile says for places what may be done there; one that extends another adds to it. Everything can be read but what is
denied, so a profile has to open `:root`. Source: spec/approvals-sandbox.md section 9.2; differs: `:minimal` is refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app_server.core.config.layers import InvalidConfig
from app_server.core.frozen import frozen
from protocol.sandbox import ReadOnly, SandboxPolicy, WorkspaceWrite

WORKSPACE, READ_ONLY = ":workspace", ":read-only"
ROOT, ROOTS, TMPDIR, SLASH_TMP = ":root", ":workspace_roots", ":tmpdir", ":slash_tmp"
BUILT_IN: Mapping[str, Mapping[str, Any]] = {
    READ_ONLY: {ROOT: "read"},
    WORKSPACE: {ROOT: "read", ROOTS: "write", TMPDIR: "write", SLASH_TMP: "write"},
}
ALIASES = {":project_roots": ROOTS}
DENIALS = frozenset({"deny", "none"})
WILD = frozenset("*?[")


@frozen
class OwnProfile:
    """One profile. `entries` are places with what may be done there; `inner` the same within each workspace root."""

    extends: str | None
    entries: Mapping[str, str]
    inner: Mapping[str, str]
    has_network: bool

    def policy(self) -> SandboxPolicy:
        """The nearest sandbox policy."""
        writable = [place for place, access in self.entries.items() if access == "write" and not place.startswith(":")]
        if self.entries.get(ROOTS) != "write" and not writable:
            return ReadOnly(network_access=self.has_network)
        return WorkspaceWrite(
            writable_roots=writable,
            network_access=self.has_network,
            exclude_tmpdir_env_var=self.entries.get(TMPDIR) != "write",
            exclude_slash_tmp=self.entries.get(SLASH_TMP) != "write",
        )

    def spared(self, roots: Sequence[str]) -> tuple[str, ...]:
        """What stays read-only within what can be written."""
        return tuple(self._places(roots, frozenset({"read"})))

    def denied(self, roots: Sequence[str]) -> tuple[str, ...]:
        """What can't even be read. Blocks where there are patterns."""
        return tuple(self._places(roots, DENIALS))

    def _places(self, roots: Sequence[str], kinds: frozenset[str]) -> Iterable[str]:
        yield from (place for place, access in self.entries.items() if access in kinds and not place.startswith(":"))
        for root in roots:
            for place, access in self.inner.items():
                if access not in kinds:
                    continue
                if WILD.isdisjoint(place):
                    yield str(Path(root, place))
                else:
                    yield from (str(path) for path in Path(root).glob(place))


def own_profile(name: str, tables: Mapping[str, Mapping[str, Any]], seen: tuple[str, ...] = ()) -> OwnProfile:
    """A profile with what it extends. Raises: InvalidConfig (it can't hold)."""
    if name in seen:
        raise InvalidConfig(f"permission profile `{name}` extends itself")
    table = tables[name]
    extends = table.get("extends")
    if extends is None:
        base = OwnProfile(None, {}, {}, has_network=False)
    elif extends in BUILT_IN:
        base = OwnProfile(None, _plain(BUILT_IN[extends]), {}, has_network=False)
    elif extends in tables:
        base = own_profile(extends, tables, (*seen, name))
    else:
        raise InvalidConfig(f"permission profile `{name}` extends undefined profile `{extends}`")
    given = {ALIASES.get(place, place): access for place, access in table.get("filesystem", {}).items()}
    inner = given.get(ROOTS)
    entries = {**base.entries, **_plain(given)}
    if entries.get(ROOT) not in ("read", "write"):
        raise InvalidConfig(f"permission profile `{name}` must open `:root` for reading")
    network = table.get("network", {}).get("enabled")
    return OwnProfile(
        extends,
        entries,
        {**base.inner, **(_plain(inner) if isinstance(inner, Mapping) else {})},
        base.has_network if network is None else bool(network),
    )


def _plain(entries: Mapping[str, Any]) -> dict[str, str]:
    return {place: access for place, access in entries.items() if isinstance(access, str)}
