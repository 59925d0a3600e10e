"""Texts that were written for Claude Code: its names become ours, commands become skills, sub-agents become roles.

Source: the reference's migration, by what it makes of such files.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit

from app_server.core.skills.files import front_matter, loaded, one_line
from app_server.core.skills.skill import BadSkill

NAMES = (
    (re.compile(r"\bCLAUDE\.md\b", re.IGNORECASE), "AGENTS.md"),
    (re.compile(r"(?<![\w./-])claude(?:[ -]code)?(?![\w/-]|\.\w)", re.IGNORECASE), "Codex"),
)
WANTS_INPUT = re.compile(r"\$ARGUMENTS|\$\d|!`|(?:^|\s)@[\w./~-]")
"""What only the other agent fills in when a command is run: its arguments, the output of commands, the contents of files."""
COMMAND_PREFIX = "source-command-"
SANDBOXES = {"acceptEdits": "workspace-write", "plan": "read-only"}
EFFORTS = ("minimal", "low", "medium", "high", "xhigh")


def ours(text: str) -> str:
    """The text with our names in the place of the other agent's."""
    for pattern, name in NAMES:
        text = pattern.sub(name, text)
    return text


def command_name(root: Path, file: Path) -> str:
    """The name of the skill that a command becomes."""
    return COMMAND_PREFIX + "-".join(
        re.sub(r"[^a-z0-9]+", "-", part.lower()) for part in file.relative_to(root).with_suffix("").parts
    )


def command_skill(name: str, text: str) -> str | None:
    """A command as a skill; None for one that can't work without the other agent."""
    matter, body = parted(text)
    if not body.strip() or WANTS_INPUT.search(body):
        return None
    plain = name.removeprefix(COMMAND_PREFIX)
    description = one_line(matter.get("description")) or f"The command `{plain}`, taken over from another agent"
    lines = [
        f'---\nname: "{name}"\ndescription: "{_quoted(ours(description))}"\n---\n',
        f"# {name}\n",
        f"Follow this when the user asks for the command `{plain}`.\n",
        f"{ours(body).strip()}\n",
    ]
    return "\n".join(lines)


def role(text: str) -> tuple[str, str] | None:
    """A sub-agent's name and its TOML; None for one that is not told whole."""
    matter, body = parted(text)
    name, description = one_line(matter.get("name")), one_line(matter.get("description"))
    if not name or not description or not body.strip():
        return None
    effort, sandbox = one_line(matter.get("effort")), SANDBOXES.get(one_line(matter.get("permissionMode")))
    table: dict[str, Any] = {"name": name, "description": ours(description)}
    if effort in EFFORTS:
        table["model_reasoning_effort"] = effort
    if sandbox is not None:
        table["sandbox_mode"] = sandbox
    table["developer_instructions"] = tomlkit.string(ours(body).strip(), multiline="\n" in body.strip())
    return name, tomlkit.dumps(table)


def parted(text: str) -> tuple[Mapping[str, Any], str]:
    """The front matter, and what comes behind it; without front matter all is behind it."""
    try:
        matter = front_matter(text)
        return loaded(matter), text.split("---", 2)[2]
    except BadSkill:
        return {}, text


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
