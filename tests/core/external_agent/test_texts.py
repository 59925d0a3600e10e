"""Texts that were written for another agent."""

import tomllib

import pytest

from app_server.core.external_agent.texts import command_skill, ours, role


@pytest.mark.parametrize(
    ("theirs", "text"),
    [
        ("Use Claude Code, claude-code or Claude.", "Use Codex, Codex or Codex."),
        ("See CLAUDE.md and ./CLAUDE.md", "See AGENTS.md and ./AGENTS.md"),
        ("claude.ai, ~/.claude/x, claudette, not-claude", "claude.ai, ~/.claude/x, claudette, not-claude"),
    ],
)
def test_names_become_ours(theirs: str, text: str) -> None:
    assert ours(theirs) == text


def test_a_command_becomes_a_skill() -> None:
    skill = command_skill("source-command-ship", '---\ndescription: Ships "it"\n---\nShip, Claude\n')
    assert skill is not None
    assert skill.startswith('---\nname: "source-command-ship"\ndescription: "Ships \\"it\\""\n---\n')
    assert skill.endswith("\nShip, Codex\n")


@pytest.mark.parametrize("body", ["Do $ARGUMENTS", "Do $1", "Now !`git status`", "Read @src/a", " "])
def test_a_command_that_needs_the_other_agent_is_left_out(body: str) -> None:
    assert command_skill("source-command-x", body) is None


def test_a_sub_agent_becomes_a_role() -> None:
    made = role(
        "---\nname: rev\ndescription: Reviews\neffort: high\npermissionMode: acceptEdits\nmodel: opus\n---\nReview\nall.\n"
    )
    assert made is not None
    assert (made[0], tomllib.loads(made[1])) == (
        "rev",
        {
            "name": "rev",
            "description": "Reviews",
            "model_reasoning_effort": "high",
            "sandbox_mode": "workspace-write",
            "developer_instructions": "Review\nall.",
        },
    )


@pytest.mark.parametrize("text", ["No front matter", "---\nname: a\n---\nx", "---\nname: a\ndescription: b\n---\n"])
def test_a_sub_agent_that_is_not_told_whole_is_left_out(text: str) -> None:
    assert role(text) is None
