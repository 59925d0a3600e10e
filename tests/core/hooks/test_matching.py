"""Which hooks an event is for."""

import pytest

from app_server.core.hooks.matching import is_sound, matches


@pytest.mark.parametrize(
    ("matcher", "name", "is_match"),
    [
        (None, "Bash", True),
        ("", "Bash", True),
        ("*", "Bash", True),
        ("Bash", "Bash", True),
        ("Bash", "BashOutput", False),
        ("Edit|Write", "Write", True),
        ("Edit|Write", "Writer", False),
        ("^Bash", "BashOutput", True),
        ("mcp__memory__.*", "mcp__memory__create", True),
        ("mcp__memory", "mcp__memory__create", False),
        ("[", "Bash", False),
    ],
)
def test_matchers_are_words_alternatives_or_patterns(matcher: str | None, name: str, is_match: bool) -> None:
    assert matches("preToolUse", matcher, [name]) is is_match


def test_a_tool_is_matched_by_any_of_its_names() -> None:
    assert matches("postToolUse", "Edit", ["apply_patch", "Write", "Edit"])


def test_events_that_are_about_nothing_ignore_matchers() -> None:
    assert matches("userPromptSubmit", "^hello", [])
    assert not matches("sessionStart", "resume", ["startup"])


def test_a_pattern_that_is_none_can_fit_nothing() -> None:
    assert (is_sound("["), is_sound("a|b"), is_sound("^a")) == (False, True, True)
