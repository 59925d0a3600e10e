"""Permission profiles of the user's own, as the tables of the configuration say them."""

from pathlib import Path
from typing import Any

import pytest

from app_server.core.config.layers import InvalidConfig
from app_server.core.config.profiles import own_profile
from protocol.sandbox import ReadOnly, WorkspaceWrite

OPEN = {":root": "read"}


def table(extends: str | None = None, network: bool | None = None, *, places: dict[str, Any] | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {"filesystem": places or {}}
    if extends is not None:
        made["extends"] = extends
    return made if network is None else {**made, "network": {"enabled": network}}


def test_a_profile_adds_to_the_workspace() -> None:
    own = own_profile("mine", {"mine": table(":workspace", places={"/extra": "write", "/secret": "deny", "/kept": "read"})})
    assert own.extends == ":workspace"
    assert own.policy() == WorkspaceWrite(
        writable_roots=["/extra"], network_access=False, exclude_tmpdir_env_var=False, exclude_slash_tmp=False
    )
    assert (own.denied(["/w"]), own.spared(["/w"])) == (("/secret",), ("/kept",))


def test_a_profile_of_its_own_opens_only_what_it_names() -> None:
    own = own_profile("mine", {"mine": table(network=True, places={**OPEN, "/extra": "write"})})
    assert own.policy() == WorkspaceWrite(
        writable_roots=["/extra"], network_access=True, exclude_tmpdir_env_var=True, exclude_slash_tmp=True
    )
    assert own_profile("mine", {"mine": table(network=True, places=OPEN)}).policy() == ReadOnly(network_access=True)


def test_profiles_extend_each_other_and_the_last_word_counts() -> None:
    tables = {
        "a": table(":workspace", network=True, places={"/x": "deny"}),
        "b": table("a", places={"/x": "write", "/y": "none"}),
    }
    own = own_profile("b", tables)
    policy = own.policy()
    assert isinstance(policy, WorkspaceWrite)
    assert (policy.writable_roots, policy.network_access) == (["/x"], True)
    assert own.denied([]) == ("/y",)


def test_places_within_the_workspace_are_named_or_matched(tmp_path: Path) -> None:
    for name in ("a.env", "sub/b.env", "sub/c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    inner = {"ro": "read", "**/*.env": "deny", "gone": "none"}
    own = own_profile("mine", {"mine": table(":workspace", places={":workspace_roots": inner})})
    assert set(own.denied([str(tmp_path)])) == {str(tmp_path / name) for name in ("a.env", "sub/b.env", "gone")}
    assert own.spared([str(tmp_path)]) == (str(tmp_path / "ro"),)
    assert isinstance(own.policy(), WorkspaceWrite)


@pytest.mark.parametrize(
    ("tables", "why"),
    [
        ({"mine": table(places={"/x": "write"})}, "must open `:root` for reading"),
        ({"mine": table(":workspace", places={":root": "deny"})}, "must open `:root` for reading"),
        ({"mine": table("other")}, "extends undefined profile `other`"),
        ({"mine": table("other"), "other": table("mine")}, "extends itself"),
    ],
)
def test_a_profile_that_cannot_hold_is_refused(tables: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidConfig, match=why):
        own_profile("mine", tables)
