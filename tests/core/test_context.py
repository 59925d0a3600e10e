"""What the model is told of its situation: everything at first, then only what has changed."""

from itertools import count
from typing import Any

import pytest

from app_server.core.context import Item, Situation, changes, initial
from app_server.core.environment import environment_context, local_date, permission_profile
from app_server.core.frozen import replace
from app_server.core.permissions_text import permissions_instructions

NOW_S = 1_767_323_045.0
FULL: dict[str, Any] = {"type": "dangerFullAccess"}
WRITE: dict[str, Any] = {
    "type": "workspaceWrite",
    "writableRoots": ["/extra"],
    "networkAccess": False,
    "excludeTmpdirEnvVar": False,
    "excludeSlashTmp": True,
}
USUAL = Situation(
    model="m",
    base_instructions="Be good.",
    developer_instructions="Mine.",
    agents_md="Use tabs.",
    cwd="/work",
    shell="bash",
    roots=("/work",),
    sandbox=FULL,
    approval_policy="never",
)


def shape(items: list[Item]) -> list[tuple[str, list[str]]]:
    """Each message's role, and the first word or tag of each of its texts."""
    return [(item["role"], [part["text"].split("\n")[0].split(" for ")[0] for part in item["content"]]) for item in items]


def opened(situation: Situation, base: str = "Be good.", model: str = "m") -> list[Item]:
    return initial(situation, base, model, (f"msg_{number}" for number in count()).__next__, NOW_S)


def changed(before: Situation, after: Situation) -> list[Item]:
    return changes(before, after, (f"msg_{number}" for number in count()).__next__, NOW_S)


def test_a_thread_opens_with_the_developer_message_then_the_project_and_the_environment() -> None:
    items = opened(USUAL)
    assert shape(items) == [
        ("developer", ["Mine.", "<permissions instructions>"]),
        ("user", ["# AGENTS.md instructions", "<environment_context>"]),
    ]
    assert [item["id"] for item in items] == ["msg_0", "msg_1"]
    assert items[1]["content"][0]["text"] == "# AGENTS.md instructions for /work\n\n<INSTRUCTIONS>\nUse tabs.\n</INSTRUCTIONS>"


def test_the_parts_stand_in_their_order() -> None:
    rich = replace(USUAL, skills_text="<skills>", tools_text="<tools>", mode_text="<collaboration_mode>")
    (developer, parts), _ = shape(opened(rich))
    assert (developer, parts) == (
        "developer",
        ["Mine.", "<skills>", "<permissions instructions>", "<tools>", "<collaboration_mode>"],
    )


def test_what_there_is_nothing_to_say_of_is_not_mentioned() -> None:
    bare = replace(USUAL, developer_instructions=None, agents_md=None, has_permissions_text=False, has_environment=False)
    assert opened(bare) == []


def test_a_first_turn_with_another_model_than_the_thread_s_says_so() -> None:
    (developer, parts), _ = shape(opened(replace(USUAL, model="n", base_instructions="Be quick.")))
    assert (developer, parts[0]) == ("developer", "<model_switch>")


def test_nothing_is_told_when_nothing_has_changed() -> None:
    assert changed(USUAL, USUAL) == []
    assert changed(USUAL, replace(USUAL, developer_instructions="Others.", skills_text="x")) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"approval_policy": "on-request"}, [("developer", ["<permissions instructions>"])]),
        ({"sandbox": WRITE}, [("developer", ["<permissions instructions>"]), ("user", ["<environment_context>"])]),
        ({"cwd": "/other", "agents_md": "Other."}, [("user", ["# AGENTS.md instructions", "<environment_context>"])]),
        ({"cwd": "/other"}, [("user", ["# AGENTS.md instructions", "<environment_context>"])]),
        ({"cwd": "/other", "agents_md": None}, [("user", ["# AGENTS.md instructions", "<environment_context>"])]),
        ({"model": "n", "base_instructions": "Be quick."}, [("developer", ["<model_switch>"])]),
        ({"mode_text": "<collaboration_mode>"}, [("developer", ["<collaboration_mode>"])]),
        ({"tools_text": "<tools>"}, [("developer", ["<tools>"])]),
        ({"agents_md": "New."}, []),
    ],
)
def test_only_what_has_changed_is_told(change: dict[str, Any], told: list[tuple[str, list[str]]]) -> None:
    assert shape(changed(USUAL, replace(USUAL, **change))) == told


def test_many_changes_make_one_developer_message_between_the_project_and_the_environment() -> None:
    after = replace(
        USUAL,
        model="n",
        base_instructions="Be quick.",
        cwd="/o",
        roots=("/o",),
        agents_md="New.",
        sandbox=WRITE,
        mode_text="<mode>",
    )
    assert shape(changed(USUAL, after)) == [
        ("developer", ["<model_switch>"]),
        ("user", ["# AGENTS.md instructions"]),
        ("developer", ["<permissions instructions>", "<mode>"]),
        ("user", ["<environment_context>"]),
    ]


def test_the_folder_is_named_again_only_when_it_has_changed() -> None:
    moved = changed(USUAL, replace(USUAL, cwd="/o"))[-1]["content"][-1]["text"]
    stayed = changed(USUAL, replace(USUAL, sandbox=WRITE))[-1]["content"][0]["text"]
    assert "  <cwd>/o</cwd>\n  <shell>bash</shell>\n" in moved
    assert "<cwd>" not in stayed
    assert "<shell>" not in stayed
    assert "<current_date>" in stayed


def test_a_folder_without_instructions_takes_back_those_of_the_one_before() -> None:
    (left,) = changed(USUAL, replace(USUAL, cwd="/o", agents_md=None))
    assert left["content"][0]["text"].startswith("# AGENTS.md instructions for /o\n\n<INSTRUCTIONS>\nThere are none")
    bare = replace(USUAL, agents_md=None)
    (moved,) = changed(bare, replace(bare, cwd="/o"))
    assert shape([moved]) == [("user", ["<environment_context>"])]


def test_switched_off_blocks_stay_away_whatever_changes() -> None:
    quiet = replace(USUAL, has_permissions_text=False, has_environment=False)
    assert changed(quiet, replace(quiet, sandbox=WRITE, approval_policy="on-request")) == []


def test_the_network_alone_changes_the_permissions_and_not_the_environment() -> None:
    before, after = ({"type": "readOnly", "networkAccess": has_network} for has_network in (False, True))
    assert shape(changed(replace(USUAL, sandbox=before), replace(USUAL, sandbox=after))) == [
        ("developer", ["<permissions instructions>"])
    ]


def test_a_model_s_instructions_stand_whole_in_the_switch() -> None:
    (item,) = changed(USUAL, replace(USUAL, model="n", base_instructions="Be quick.\nBe short."))
    assert item["content"][0]["text"].endswith("\n\nBe quick.\nBe short.\n</model_switch>")


def test_the_environment_says_where_and_when_in_elements_that_nothing_can_break() -> None:
    text = environment_context(("/a&b",), FULL, NOW_S, "/a<b>", "zsh")
    assert text.startswith("<environment_context>\n  <cwd>/a&lt;b&gt;</cwd>\n  <shell>zsh</shell>\n")
    assert f"  <current_date>{local_date(NOW_S)}</current_date>\n" in text
    assert "<root>/a&amp;b</root>" in text
    assert text.endswith("\n</environment_context>")


def test_a_profile_lists_what_may_be_written_and_what_is_protected() -> None:
    text = permission_profile(("/work",), WRITE)
    written = [part.partition("</entry>")[0] for part in text.split('<entry access="write">')[1:]]
    assert written == ["<path>/work</path>", "<path>/extra</path>", "<special>:tmpdir</special>"]
    assert '<entry access="read"><path>/extra/.git</path></entry>' in text
    assert "write" not in permission_profile(("/work",), {"type": "readOnly", "networkAccess": True})
    assert 'type="external"' in permission_profile((), {"type": "externalSandbox", "networkAccess": "enabled"})


POLICIES = [
    "never",
    "on-request",
    "untrusted",
    {"granular": {"sandbox_approval": True, "rules": False, "mcp_elicitations": True}},
]


def test_every_pair_of_policies_has_a_text_of_its_own() -> None:
    sandboxes: list[dict[str, Any]] = [
        FULL,
        WRITE,
        {**WRITE, "networkAccess": True},
        {"type": "readOnly", "networkAccess": False},
        {"type": "externalSandbox", "networkAccess": "enabled"},
    ]
    texts = {permissions_instructions(sandbox, policy, ("/work",)) for sandbox in sandboxes for policy in POLICIES}
    assert len(texts) == len(sandboxes) * len(POLICIES)
    assert all(
        text.startswith("<permissions instructions>\n") and text.endswith("\n</permissions instructions>") for text in texts
    )
    assert not any("{" in text for text in texts)
