"""What a speech model is told of the thread and the machine: what is in it, in which order, and that it keeps its budgets."""

import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app_server.core.history_item import BOOKKEEPING, entry
from app_server.core.realtime import context_text
from app_server.core.realtime.context_text import Ask, SpokenTurn, Told, group_block, groups_of, turns_of
from app_server.core.realtime.cut import size

BUDGETS = {"Current Thread": 1200, "Recent Work": 2200, "Machine / Workspace Map": 1600, "Notes": 300}
HOUR_MS = 3_600_000


@pytest.fixture(autouse=True)
def own_ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No repository around the temporary folders counts."""
    found = context_text.repository

    def within(folder: Path) -> Path | None:
        root = found(folder)
        return root if root is not None and root.is_relative_to(tmp_path) else None

    monkeypatch.setattr(context_text, "repository", within)


def make(folder: Path, *names: str) -> Path:
    """Put empty files into a folder."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def told(folder: Path, turns: Sequence[SpokenTurn] = (), asks: Sequence[Ask] = ()) -> Told:
    (folder / "work").mkdir(exist_ok=True)
    (folder / "home").mkdir(exist_ok=True)
    return Told(cwd=folder / "work", home=folder / "home", turns=turns, asks=asks)


def sections(text: str | None) -> dict[str, str]:
    """The parts of a context by their headings."""
    assert text is not None
    lines = text.removeprefix("<startup_context>\n").removesuffix("\n</startup_context>")
    found = {}
    for part in lines.split("\n\n## ")[1:]:
        title, _, body = part.partition("\n")
        found[title] = body
    return found


def message(role: str, text: str, kind: str | None = None) -> Any:
    part = {"type": "output_text" if role == "assistant" else "input_text", "text": text}
    item: dict[str, Any] = {"type": "message", "role": role, "content": [part]}
    return entry(item if kind is None else {**item, BOOKKEEPING: {"content_item_kinds": [kind]}})


def test_a_turn_is_a_request_with_its_answers_the_newest_first() -> None:
    history = [
        message("assistant", "unasked"),
        message("user", "<environment_context>here</environment_context>"),
        message("user", "one", "user.text"),
        message("assistant", "first"),
        message("assistant", " second "),
        entry({"type": "function_call", "name": "x", "call_id": "c", "arguments": "{}"}),
        message("developer", "rules"),
        message("user", "two", "user.text"),
        message("user", "put in", "unknown"),
        message("user", "summary", "compaction.summary"),
        message("user", "   ", "user.text"),
        message("assistant", "third"),
        message("assistant", ""),
    ]
    assert turns_of(history) == [
        SpokenTurn("put in", ["third"]),
        SpokenTurn("two", []),
        SpokenTurn("one", ["first", "second"]),
    ]


def test_the_thread_s_turns_are_told_under_their_numbers(tmp_path: Path) -> None:
    turns = [SpokenTurn("second ask", ["answer two"]), SpokenTurn("first ask", ["a", "b"]), SpokenTurn("unanswered", [])]
    text = sections(context_text.context_text(told(tmp_path, turns)))["Current Thread"]
    assert text.split("\n\n", 1)[1] == (
        "### Latest turn\nUser:\nsecond ask\n\nAssistant:\nanswer two\n\n"
        "### Previous turn 1\nUser:\nfirst ask\n\nAssistant:\na\n\nb\n\n"
        "### Previous turn 2\nUser:\nunanswered"
    )


def test_a_long_turn_keeps_its_head_and_its_tail_and_long_threads_their_newest_turns(tmp_path: Path) -> None:
    long = SpokenTurn(f"begin {'word ' * 600}", [f"{'word ' * 600} finish"])
    turns = [long, *(SpokenTurn(f"ask {number}", ["word " * 190]) for number in range(30))]
    text = sections(context_text.context_text(told(tmp_path, turns)))["Current Thread"]
    latest, *others = text.split("### ")[1:]
    assert size(latest) <= context_text.TURN_TOKENS + 8
    assert "begin" in latest
    assert "finish" in latest
    assert "tokens truncated" in latest
    assert [other.splitlines()[2] for other in others] == [f"ask {number}" for number in range(len(others))]
    assert 2 <= len(others) <= 5


def repository(folder: Path, branch: str) -> Path:
    folder.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "-b", branch, str(folder)], check=True)
    return folder


def test_recent_work_is_told_by_repository_this_one_first(tmp_path: Path) -> None:
    own, other = repository(tmp_path / "work", "trunk"), repository(tmp_path / "other", "side")
    plain = tmp_path / "plain"
    asks = [
        Ask(other, "newest", 9 * HOUR_MS, "feature"),
        Ask(plain, "  a plain\n folder ", 8 * HOUR_MS, None),
        Ask(own / "sub", "mine", 7 * HOUR_MS, None),
        Ask(own, "mine", 6 * HOUR_MS, None),
        Ask(own, "mine", 5 * HOUR_MS, None),
        Ask(tmp_path / "silent", " ", 4 * HOUR_MS, None),
    ]
    text = sections(context_text.context_text(told(tmp_path, asks=asks)))["Recent Work"]
    moment = datetime.fromtimestamp(9 * 3600, UTC).isoformat(timespec="milliseconds")
    assert [part.splitlines()[0] for part in text.split("### ")[1:]] == [
        f"Git repo: {own}",
        f"Git repo: {other}",
        f"Directory: {plain}",
    ]
    mine, others, folder = text.split("### ")[1:]
    assert mine.splitlines()[1] == "Recent sessions: 3"
    assert mine.rstrip().splitlines()[-2:] == [f"- {own / 'sub'}: mine", f"- {own}: mine"]
    assert f"Latest activity: {moment}" in others
    assert "Latest branch: feature" in others
    assert folder.rstrip().endswith(f"- {plain}: a plain folder")
    assert "branch" not in folder


def test_there_are_only_so_many_groups_and_requests_and_a_long_request_is_cut(tmp_path: Path) -> None:
    here = [Ask(tmp_path / "work", f"own {number}", HOUR_MS * (900 - number), None) for number in range(12)]
    there = [
        Ask(tmp_path / f"f{group}", f"ask {number} {'x' * 300}", HOUR_MS * (800 - group), None)
        for group in range(12)
        for number in range(7)
    ]
    told_of = told(tmp_path, asks=[*here, *there])
    blocks = [group_block(group, most) or "" for group, most in groups_of(told_of.cwd, told_of.asks)]
    lines = [[line for line in block.splitlines() if line.startswith("- ")] for block in blocks]
    assert [len(each) for each in lines] == [8, 5, 5, 5, 5, 5, 5, 5]
    cut = lines[1][0].partition(": ")[2]
    assert (len(cut), cut[-3:]) == (240, "...")


def test_the_map_shows_the_folders_and_leaves_out_what_nobody_looks_for(tmp_path: Path) -> None:
    work = make(tmp_path / "work", "src/deep/deeper/c.py", "src/a.py", "README.md", ".hidden/x", "node_modules/x.js", "build/y")
    make(tmp_path / "home", "notes.txt")
    text = sections(context_text.context_text(told(tmp_path)))["Machine / Workspace Map"]
    assert text == (
        f"Current working directory: {work}\nWorking directory name: work\nUser root: {tmp_path / 'home'}\n\n"
        "Working directory tree:\n- src/\n  - deep/\n  - a.py\n- README.md\n\n"
        "User root tree:\n- notes.txt"
    )


def test_the_map_of_a_repository_names_it_and_shows_its_root(tmp_path: Path) -> None:
    root = repository(tmp_path / "work", "trunk")
    make(root, *(f"file{number:02}" for number in range(25)), "sub/inner")
    within = Told(cwd=root / "sub", home=root, turns=[], asks=[])
    text = sections(context_text.context_text(within))["Machine / Workspace Map"]
    assert f"Git root: {root}\nGit project: work\nUser root: {root}" in text
    assert "Working directory tree:\n- inner\n\nGit root tree:\n- sub/\n  - inner\n- file00" in text
    assert text.endswith("- file18\n- ... 6 more entries")
    assert "User root tree" not in text


def test_where_there_is_nothing_there_is_no_context(tmp_path: Path) -> None:
    assert context_text.context_text(told(tmp_path)) is None


@settings(max_examples=30, deadline=None)
@given(
    turns=st.lists(
        st.builds(SpokenTurn, st.text(min_size=1, max_size=3000), st.lists(st.text(min_size=1), max_size=3)), max_size=20
    ),
    asks=st.lists(st.tuples(st.sampled_from("abcdefghij"), st.text(max_size=600), st.integers(0, 10**12)), max_size=40),
)
def test_every_part_keeps_its_budget(
    tmp_path_factory: pytest.TempPathFactory, turns: list[SpokenTurn], asks: list[tuple[str, str, int]]
) -> None:
    folder = tmp_path_factory.getbasetemp() / "budgets"
    make(folder / "work", *(f"{'long' * 30}{a}/{'name' * 30}{b}" for a in range(20) for b in range(20)))
    known = sorted((Ask(folder / name, text, moment, None) for name, text, moment in asks), key=lambda ask: -ask.updated_ms)
    text = context_text.context_text(told(folder, turns, known))
    assert text is not None
    assert size(text) <= sum(BUDGETS.values()) + 100
    for title, tokens in BUDGETS.items():
        start = text.find(f"## {title}\n")
        if start >= 0:
            others = [text.find(f"\n\n## {other}\n", start + 1) for other in BUDGETS]
            end = min([at for at in others if at > 0], default=len(text))
            assert size(text[start:end]) <= tokens + 5, title
