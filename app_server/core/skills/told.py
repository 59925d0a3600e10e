"""What the model is told about skills: which there are, and how to use them."""

from collections.abc import Sequence

from app_server.core.skills.skill import Root, Skill

MOST_CHARACTERS = 32_000
"""How long the list may be; what is beyond is listed by name alone."""
OPENING = """\
## Skills
A skill is a folder with tested instructions for one kind of task; they are in its `SKILL.md`. The skills of this session are \
listed below by name, purpose and file; the table of roots tells what the first part of a file's path stands for."""
USE = """\
### Using skills
- Use a skill when the user names it (`$name`, or in plain words) or when the task is what its purpose describes. Use several \
where each does a part; do not carry one over to later turns unless it is called for again.
- Read its `SKILL.md` before you act, as far as the task needs it. Relative paths in it start at the skill's folder; open \
further files only when the instructions lead there, and run scripts that come with it instead of writing them anew.
- Say in a few words which skill you use and why. When one is named that is not here, or its file can't be read, say so and go \
on as well as you can without it."""


def instructions(skills: Sequence[Skill]) -> str | None:
    """The text; None when there are no skills that the model may use by itself."""
    shown = [skill for skill in skills if skill.described.is_implicit]
    if not shown:
        return None
    names: dict[Root, str] = {}
    for skill in shown:
        names.setdefault(skill.root, f"r{len(names)}")
    lines, left = [], MOST_CHARACTERS
    for skill in shown:
        file = f"(file: {names[skill.root]}/{skill.path.relative_to(skill.root.path).as_posix()})"
        line = f"- {skill.name}: {skill.described.description} {file}"
        line = line if len(line) <= left else f"- {skill.name} {file}"
        left -= len(line)
        lines.append(line)
    table = [f"- `{name}` = `{root.path}`" for root, name in names.items()]
    parts = [OPENING, "### Skill roots", *table, "### Available skills", *lines, USE]
    return "\n".join(["<skills_instructions>", *parts, "</skills_instructions>"])
