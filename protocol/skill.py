"""Skills: directories with instructions that the model reads when it needs them."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import OMIT_NONE, Method, Notification, Params, Record, Response, TypeAliasType
from protocol.scalars import AbsolutePathBuf, LegacyAppPathString


class SkillsListParams(Params):
    """Whose skills."""

    cwds: list[str] = Field(default=[])
    """The directories; empty: that of the server."""
    force_reload: bool = False
    """Whether to look at the files anew."""


class SkillErrorInfo(Record):
    """A skill that cannot be used."""

    path: str
    """Its file."""
    message: str
    """Why."""


class SkillToolDependency(Record):
    """A tool that a skill needs."""

    type: str
    """What kind of tool."""
    value: str
    """Its name."""
    description: Annotated[str | None, OMIT_NONE] = None
    """What for; null: no word."""
    transport: Annotated[str | None, OMIT_NONE] = None
    """How it is reached; null when not told."""
    command: Annotated[str | None, OMIT_NONE] = None
    """How it is started; null when not told."""
    url: Annotated[str | None, OMIT_NONE] = None
    """Where it is; null when not told."""


class SkillDependencies(Record):
    """What a skill needs."""

    tools: list[SkillToolDependency]
    """Tools."""


class SkillInterface(Record):
    """How a skill is shown. Null: not told."""

    display_name: str | None = None
    """Its name for people."""
    short_description: str | None = None
    """What it does, in a few words."""
    icon_small: AbsolutePathBuf | None = None
    """The file of its small icon."""
    icon_large: AbsolutePathBuf | None = None
    """The file of its large icon."""
    icon_small_url: str | None = None
    """The address of its small icon."""
    icon_large_url: str | None = None
    """The address of its large icon."""
    brand_color: str | None = None
    """Its color."""
    default_prompt: str | None = None
    """What to say to use it."""


SkillScope = TypeAliasType("SkillScope", Literal["user", "repo", "system", "admin"])
"""Whose skill it is."""


class SkillMetadata(Record):
    """A skill."""

    name: str
    """Its name."""
    description: str
    """What it does and when to use it, for the model."""
    short_description: Annotated[str | None, OMIT_NONE] = None
    """The older form of the short description; null: none."""
    interface: Annotated[SkillInterface | None, OMIT_NONE] = None
    """How it is shown; null: by its name."""
    dependencies: Annotated[SkillDependencies | None, OMIT_NONE] = None
    """What it needs; null: nothing."""
    path: LegacyAppPathString
    """Its `SKILL.md`."""
    scope: SkillScope
    """Whose it is."""
    enabled: bool
    """Whether it is on."""
    plugin_id: str | None = None
    """The plugin that brings it; null: none."""


class SkillsListEntry(Record):
    """The skills of a directory."""

    cwd: str
    """The directory."""
    skills: list[SkillMetadata]
    """The skills."""
    errors: list[SkillErrorInfo]
    """Those that cannot be used."""


class SkillsListResponse(Response):
    """The skills."""

    data: list[SkillsListEntry]
    """By directory."""


class SkillsExtraRootsSetParams(Params):
    """Further directories to look for skills in, in place of those set before."""

    extra_roots: list[AbsolutePathBuf]
    """The directories."""


class SkillsExtraRootsSetResponse(Response):
    """They count from now on."""


class SkillSummary(Record):
    """A skill of a plugin."""

    name: str
    """Its name."""
    description: str
    """What it does and when to use it."""
    short_description: str | None = None
    """The older form of the short description; null: none."""
    interface: SkillInterface | None = None
    """How it is shown; null: by its name."""
    path: LegacyAppPathString | None = None
    """Its `SKILL.md`; null while the plugin is not installed."""
    enabled: bool
    """Whether it is on."""


class SkillsConfigWriteParams(Params):
    """A skill to turn on or off, by its file or by its name."""

    path: AbsolutePathBuf | None = None
    """Its `SKILL.md`; null: by name."""
    name: str | None = None
    """Its name; null: by file."""
    enabled: bool
    """Whether it is on from now on."""


class SkillsConfigWriteResponse(Response):
    """It is written."""

    effective_enabled: bool
    """Whether it is on."""


class SkillsChangedNotification(Notification):
    """Skills changed; list them anew."""

    method: ClassVar[str] = "skills/changed"


SKILLS_LIST = Method("skills/list", SkillsListParams, SkillsListResponse)
SKILLS_EXTRA_ROOTS_SET = Method("skills/extraRoots/set", SkillsExtraRootsSetParams, SkillsExtraRootsSetResponse)
SKILLS_CONFIG_WRITE = Method("skills/config/write", SkillsConfigWriteParams, SkillsConfigWriteResponse)

METHODS: tuple[Method[Any, Any], ...] = (SKILLS_LIST, SKILLS_EXTRA_ROOTS_SET, SKILLS_CONFIG_WRITE)
NOTIFICATIONS: tuple[type[Notification], ...] = (SkillsChangedNotification,)
