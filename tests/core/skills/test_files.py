"""What a skill's files say. The cases were read by the reference too."""

from pathlib import Path

import pytest

from app_server.core.skills.files import read
from app_server.core.skills.skill import BadSkill, Described


def described(folder: Path, text: str, beside: str = "") -> Described:
    skill = folder / "folder-name"
    (skill / "agents").mkdir(parents=True)
    (skill / "SKILL.md").write_bytes(text.encode())
    if beside:
        (skill / "agents" / "openai.yaml").write_text(beside)
    return read(skill / "SKILL.md")


@pytest.mark.parametrize(
    ("text", "name", "description"),
    [
        ("---\nname: bake\ndescription: Bakes bread\n---\nBake.", "bake", "Bakes bread"),
        ("---\ndescription: no name\n---\n", "folder-name", "no name"),
        ("---\nname:   \ndescription: d\n---\n", "folder-name", "d"),
        ("---\r\nname: six\r\ndescription: d\r\n---\r\n", "six", "d"),
        ("---\nname: [x\ndescription: lenient\n---\n", "[x", "lenient"),
        ("---\nname: five\ndescription: a: b: c\n---\n", "five", "a: b: c"),
        ("---\nname: it's: x\ndescription: 'a: b'\n---\n", "it's: x", "a: b"),
        ("---\nname: six\ndescription: 5\n---\n", "six", "5"),
        ("---\nname: yes\ndescription: off\n---\n", "yes", "off"),
        ('---\nname: "ei ght!"\ndescription: "multi\\nline  text"\n---\n', "ei ght!", "multi line text"),
        ("---\nname: deep\ndescription: >\n  A folded\n  text\n---\n", "deep", "A folded text"),
        ("---\nname: three\ndescription: |\n  lots\n   of\nother: [x\n---\n", "three", "lots of"),
        (f"---\nname: n\ndescription: {'d' * 1100}\n---\n", "n", "d" * 1100),
        (f"---\nname: {'n' * 64}\ndescription: d\n---\n", "n" * 64, "d"),
    ],
)
def test_the_front_matter_is_read_leniently(tmp_path: Path, text: str, name: str, description: str) -> None:
    told = described(tmp_path, text)
    assert (told.name, told.description) == (name, description)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("no front matter", "missing YAML frontmatter delimited by ---"),
        ("\n---\nname: five\ndescription: d\n---\n", "missing YAML frontmatter delimited by ---"),
        ("---\nname: seven\ndescription: x\n", "missing YAML frontmatter delimited by ---"),
        ("", "missing YAML frontmatter delimited by ---"),
        ("---\nname: two\n---\n", "missing field `description`"),
        ('---\nname: four\ndescription: ""\n---\n', "missing field `description`"),
        ("---\ndescription: [a]\n---\n", "missing field `description`"),
        ("---\n- a\n---\n", "missing field `description`"),
        (f"---\nname: {'n' * 65}\ndescription: d\n---\n", "invalid name: exceeds maximum length of 64 characters"),
        ("---\n\t- {\n---\n", "invalid YAML"),
        ("---\na: " + "[" * 5000 + "\ndescription: d\n  x\n---\n", "invalid YAML"),
    ],
)
def test_what_makes_no_skill_is_told(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(BadSkill) as caught:
        described(tmp_path, text)
    assert str(caught.value) == complaint


def test_bytes_that_are_no_text_make_no_skill(tmp_path: Path) -> None:
    (tmp_path / "SKILL.md").write_bytes(b"---\ndescription: \xff\n---\n")
    with pytest.raises(BadSkill, match="valid UTF-8"):
        read(tmp_path / "SKILL.md")


GOOD = "---\nname: n\ndescription: d\nmetadata:\n  short-description: 'a   b'\n---\n"


def test_what_lies_beside_a_skill(tmp_path: Path) -> None:
    beside = """\
interface:
  display_name: "Disp"
  short_description: Shrt
  icon_small: ./assets/a.png
  icon_large: assets/../b.png
  brand_color: "#112233"
  default_prompt: "Use $imp"
policy:
  allow_implicit_invocation: false
dependencies:
  tools:
    - type: mcp
      value: foo
      transport: streamable_http
      extra: ignored
"""
    assert described(tmp_path, GOOD, beside) == Described(
        name="n",
        description="d",
        short_description="a b",
        interface={
            "displayName": "Disp",
            "shortDescription": "Shrt",
            "defaultPrompt": "Use $imp",
            "iconSmall": str(tmp_path / "folder-name" / "assets" / "a.png"),
            "brandColor": "#112233",
        },
        tools=({"type": "mcp", "value": "foo", "transport": "streamable_http"},),
        is_implicit=False,
    )


@pytest.mark.parametrize(
    "beside",
    [
        "interface: [x\n",
        "interface:\n  display_name: ''\n  brand_color: red\n  icon_small: /abs/a.png\n  icon_large: a.png\n",
        "dependencies:\n  tools:\n    - type: mcp\n      value: x\n    - value: no type\n",
        "dependencies:\n  tools: x\npolicy: x\ninterface: 5\n",
        "- a list",
    ],
)
def test_what_makes_no_sense_beside_a_skill_counts_as_absent(tmp_path: Path, beside: str) -> None:
    told = described(tmp_path, GOOD, beside)
    assert (told.interface, told.tools, told.is_implicit) == ({}, (), True)
