"""Reads the files of a skill: the front matter of its `SKILL.md`, and `agents/openai.yaml` beside it.

Reading is lenient, since people write these by hand: values that are no YAML are taken as plain text. The only module
that needs a YAML library. Source: spec/config-auth.md section 8; the rules of icons and colors come from the reference.
"""

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from app_server.core.skills.skill import BadSkill, Described

DELIMITER = "---"
NAME_CHARACTERS = 64
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
PLAIN = re.compile(r"^([A-Za-z0-9_-]+):[ \t]+(\S.*?)[ \t]*$", re.MULTILINE)
"""A line with a key and a value, at the left margin."""
TEXTS = {"displayName": "display_name", "shortDescription": "short_description", "defaultPrompt": "default_prompt"}
ICONS = {"iconSmall": "icon_small", "iconLarge": "icon_large"}
TOOL_MEMBERS = ("type", "value", "description", "transport", "command", "url")


def read(file: Path) -> Described:
    """What is said of a skill, by its `SKILL.md`. Raises: BadSkill."""
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError:
        raise BadSkill("stream did not contain valid UTF-8") from None
    except OSError as error:
        raise BadSkill(f"failed to read file: {error.strerror}") from None
    matter = loaded(front_matter(text))
    name = one_line(matter.get("name")) or file.parent.name
    description = one_line(matter.get("description"))
    if not description:
        raise BadSkill("missing field `description`")
    if len(name) > NAME_CHARACTERS:
        raise BadSkill(f"invalid name: exceeds maximum length of {NAME_CHARACTERS} characters")
    more = matter.get("metadata")
    short = one_line(more.get("short-description")) if isinstance(more, Mapping) else None
    beside = metadata(file.parent)
    return Described(
        name=name,
        description=description,
        short_description=short or None,
        interface=interface(file.parent, beside.get("interface")),
        tools=tools(beside.get("dependencies")),
        is_implicit=is_implicit(beside.get("policy")),
    )


def front_matter(text: str) -> str:
    """The YAML between the lines of dashes with which a file begins. Raises: BadSkill."""
    lines = text.splitlines()
    if lines and lines[0].strip() == DELIMITER:
        for number, line in enumerate(lines[1:], 1):
            if line.strip() == DELIMITER:
                return "\n".join(lines[1:number])
    raise BadSkill("missing YAML frontmatter delimited by ---")


def loaded(text: str) -> Mapping[str, Any]:
    """The table that YAML describes, with all values as texts. Lines that are no YAML count as plain text. Raises: BadSkill."""
    for attempt in (text, PLAIN.sub(quoted, text)):
        try:
            found = yaml.load(attempt, yaml.BaseLoader)  # noqa: S506 - makes texts, lists and tables, and nothing else
        except (yaml.YAMLError, RecursionError):
            continue
        return found if isinstance(found, Mapping) else {}
    raise BadSkill("invalid YAML")


def quoted(line: re.Match[str]) -> str:
    """A line whose value is a text, whatever it looks like."""
    key, value = line.groups()
    if value[0] in "|>":
        return line.group()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1]
    escaped = value.replace("'", "''")
    return f"{key}: '{escaped}'"


def one_line(value: Any) -> str:
    """A text on one line; empty for anything else."""
    return " ".join(value.split()) if isinstance(value, str) else ""


def metadata(folder: Path) -> Mapping[str, Any]:
    """What lies beside the skill for programs that show it; nothing where it makes no sense."""
    try:
        return loaded((folder / "agents" / "openai.yaml").read_text("utf-8"))
    except (OSError, UnicodeDecodeError, BadSkill):
        return {}


def interface(folder: Path, told: Any) -> dict[str, Any]:
    """How a skill is shown, as far as it is told."""
    if not isinstance(told, Mapping):
        return {}
    shown: dict[str, Any] = {member: text for member, key in TEXTS.items() if (text := one_line(told.get(key)))}
    shown |= {member: icon for member, key in ICONS.items() if (icon := asset(folder, told.get(key)))}
    color = one_line(told.get("brand_color"))
    return {**shown, **({"brandColor": color} if COLOR.fullmatch(color) else {})}


def asset(folder: Path, told: Any) -> str | None:
    """The file of an icon, which has to lie among the skill's assets."""
    if not isinstance(told, str) or not told:
        return None
    path = PurePosixPath(told)
    if path.is_absolute() or ".." in path.parts or path.parts[:1] != ("assets",):
        return None
    return str(folder / path)


def tools(told: Any) -> tuple[dict[str, Any], ...]:
    """The tools that a skill needs; none where one of them is not told whole."""
    listed = told.get("tools") if isinstance(told, Mapping) else None
    if not isinstance(listed, list):
        return ()
    found = [
        {name: text for name in TOOL_MEMBERS if (text := one_line(each.get(name)))}
        for each in listed
        if isinstance(each, Mapping)
    ]
    whole = [each for each in found if "type" in each and "value" in each]
    return tuple(whole) if len(whole) == len(listed) else ()


def is_implicit(told: Any) -> bool:
    """Whether the model may use a skill without being told to."""
    return not (isinstance(told, Mapping) and one_line(told.get("allow_implicit_invocation")).lower() == "false")
