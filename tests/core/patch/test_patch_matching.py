"""Where chunks belong, and what results; and that a patch made from an edit gives exactly the edited text."""

from difflib import SequenceMatcher

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app_server.core.patch.matching import NotFound, apply_chunks
from app_server.core.patch.parser import UpdateFile, parse_patch


def applied(text: str, body: str) -> str:
    """The text with the chunks of a patch applied."""
    [hunk] = parse_patch(f"*** Begin Patch\n*** Update File: f\n{body}*** End Patch")
    assert isinstance(hunk, UpdateFile)
    return apply_chunks(text, hunk.chunks)


CASES = [
    ("exact", "a\nb\nc\n", "@@\n a\n-b\n+B\n c\n", "a\nB\nc\n"),
    ("an exact place wins over an earlier forgiving one", "b \nx\nb\n", "@@\n-b\n+B\n", "b \nx\nB\n"),
    ("blanks at the end", "b  \nc\n", "@@\n-b\n+B\n", "B\nc\n"),
    ("blanks on both sides", "  b\t\nc\n", "@@\n-b\n+B\n", "B\nc\n"),
    ("other quotes, dashes and spaces", "say “hi” — ok\n x\u00a0y\n", '@@\n say "hi" - ok\n-x y\n+z\n', "say “hi” — ok\nz\n"),
    ("kept lines keep their spelling", "  def f():\t\n      return 1  \n", "@@\n def f():\n-return 1\n+return 2\n",
     "  def f():\t\nreturn 2\n"),
    ("behind an anchor", "x\nb\ny\nb\n", "@@ y\n-b\n+B\n", "x\nb\ny\nB\n"),
    ("each chunk behind the one before", "b\nb\nb\n", "@@\n-b\n+1\n@@\n-b\n+2\n", "1\n2\nb\n"),
    ("at the end", "b\nx\nb\n", "@@\n-b\n+B\n*** End of File\n", "b\nx\nB\n"),
    ("only added lines go to the end", "a\nb\n", "@@\n+c\n", "a\nb\nc\n"),
    ("only added lines between others", "a\nb\nc\n", "@@\n-a\n+A\n@@\n+d\n@@\n-c\n+C\n", "A\nb\nC\nd\n"),
    ("into an empty file", "", "@@\n+a\n", "a\n"),
    ("a blank line that stands for the last newline", "x\ny\n", "@@\n-x\n+z\n y\n \n", "z\ny\n"),
    ("the same, removed and added", "x\n", "@@\n-x\n-\n+y\n+\n", "y\n"),
    ("a missing last newline is added", "x\ny", "@@\n-x\n+X\n", "X\ny\n"),
    ("blank lines at the end stay", "x\n\n\n", "@@\n-x\n+X\n", "X\n\n\n"),
    ("line endings of the file", "a\r\nb\r\nc\r\n", "@@\n a\n-b\n+1\n+2\n c\n", "a\r\n1\r\n2\r\nc\r\n"),
    ("mixed line endings stay, added lines follow the first", "a\r\nb\nc\r\nd\n", "@@\n a\n-b\n+1\n c\n", "a\r\n1\r\nc\r\nd\n"),
    ("everything goes", "a\nb\n", "@@\n-a\n-b\n", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "body", "result"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_chunks_are_applied(text: str, body: str, result: str) -> None:
    assert applied(text, body) == result


NOWHERE = [
    ("a\nb\n", "@@\n-nope\n", ("Failed to find expected lines in ", ":\nnope")),
    ("a\nb\n", "@@\n a\n+x\n-c\n", ("Failed to find expected lines in ", ":\na\nc")),
    ("a\nb\n", "@@ def zz():\n-b\n", ("Failed to find context 'def zz():' in ", "")),
    ("b\na\n", "@@ a\n-b\n", ("Failed to find expected lines in ", ":\nb")),
    ("b\na\n", "@@\n-b\n*** End of File\n", ("Failed to find expected lines in ", ":\nb")),
    ("a\n", "@@\n-a\n-b\n", ("Failed to find expected lines in ", ":\na\nb")),
]


@pytest.mark.parametrize(("text", "body", "why"), NOWHERE)
def test_what_belongs_nowhere_is_said(text: str, body: str, why: tuple[str, str]) -> None:
    with pytest.raises(NotFound) as raised:
        applied(text, body)
    assert (raised.value.what, raised.value.sought) == why


# A few short words, so that lines repeat and differ in blanks only.
LINE = st.one_of(
    st.sampled_from(["", "a", "a ", " a", "b", "}", "“a”", '"a"', "***", "@@", "+a", "-a"]), st.text("ab \t", max_size=3)
)
TEXT = st.lists(LINE, max_size=12)


def patch_of(before: list[str], after: list[str], context: int) -> str:
    """A patch from the one to the other. Where the context would not make a place sure, it is widened."""
    body, cursor = "", 0
    for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(context):
        begin, end = group[0][1], group[-1][2]
        block = before[begin:end]
        sure = [at for at in range(cursor, len(before) - len(block) + 1) if before[at : at + len(block)] == block]
        if not block or sure[0] != begin:
            if context <= len(before) + len(after):
                return patch_of(before, after, context + 1)
            return "@@\n" + "".join(f"+{line}\n" for line in after)
        body += "@@\n"
        for tag, old, old_end, new, new_end in group:
            if tag == "equal":
                body += "".join(f" {line}\n" for line in before[old:old_end])
            else:
                body += "".join(f"-{line}\n" for line in before[old:old_end])
                body += "".join(f"+{line}\n" for line in after[new:new_end])
        cursor = end
    return body


@settings(max_examples=400, deadline=None)
@given(before=TEXT, after=TEXT, context=st.integers(0, 3), ending=st.sampled_from(["\n", "\r\n"]))
def test_a_patch_made_from_an_edit_gives_exactly_the_edited_text(
    before: list[str], after: list[str], context: int, ending: str
) -> None:
    body = patch_of(before, after, context)
    if before == after:
        return
    if not before:
        ending = "\n"  # there is no line to take the ending from
    text, result = ("".join(line + ending for line in lines) for lines in (before, after))
    assert applied(text, body) == result


@settings(max_examples=200, deadline=None)
@given(before=TEXT.filter(bool), data=st.data())
def test_an_edit_here_and_there_gives_exactly_the_edited_text(before: list[str], data: st.DataObject) -> None:
    after = list(before)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(after)))
        after[at : at + data.draw(st.integers(0, 2))] = data.draw(st.lists(LINE, max_size=2))
    if after != before:
        body = patch_of(before, after, 1)
        assert applied("".join(f"{line}\n" for line in before), body) == "".join(f"{line}\n" for line in after)
