"""The skill family of the wire contract."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from protocol.base import OMIT_NONE, Method, Notification, Params, Record, Response, TypeAliasType
from protocol.scalars import AbsolutePathBuf, LegacyAppPathString


class SkillsListParams(Params):
    """What `skills/list` asks with."""

    cwds: list[str] = Field(default=[])
    force_reload: bool = False


class SkillErrorInfo(Record):
    """Skill error info."""

    path: str
    message: str


class SkillToolDependency(Record):
    """Skill tool dependency."""

    type: str
    value: str
    description: Annotated[str | None, OMIT_NONE] = None
    transport: Annotated[str | None, OMIT_NONE] = None
    command: Annotated[str | None, OMIT_NONE] = None
    url: Annotated[str | None, OMIT_NONE] = None


class SkillDependencies(Record):
    """Skill dependencies."""

    tools: list[SkillToolDependency]


class SkillInterface(Record):
    """Skill interface."""

    display_name: Annotated[str | None, OMIT_NONE] = None
    short_description: Annotated[str | None, OMIT_NONE] = None
    icon_small: Annotated[AbsolutePathBuf | None, OMIT_NONE] = None
    icon_large: Annotated[AbsolutePathBuf | None, OMIT_NONE] = None
    icon_small_url: str | None = None
    icon_large_url: str | None = None
    brand_color: Annotated[str | None, OMIT_NONE] = None
    default_prompt: Annotated[str | None, OMIT_NONE] = None


SkillScope = TypeAliasType("SkillScope", Literal["user", "repo", "system", "admin"])
"""Skill scope."""


class SkillMetadata(Record):
    """Skill metadata."""

    name: str
    description: str
    short_description: Annotated[str | None, OMIT_NONE] = None
    interface: Annotated[SkillInterface | None, OMIT_NONE] = None
    dependencies: Annotated[SkillDependencies | None, OMIT_NONE] = None
    path: LegacyAppPathString
    scope: SkillScope
    enabled: bool
    plugin_id: str | None = None


class SkillsListEntry(Record):
    """Skills list entry."""

    cwd: str
    skills: list[SkillMetadata]
    errors: list[SkillErrorInfo]


class SkillsListResponse(Response):
    """What `skills/list` is answered with."""

    data: list[SkillsListEntry]


class SkillsExtraRootsSetParams(Params):
    """What `skills/extraRoots/set` asks with."""

    extra_roots: list[AbsolutePathBuf]


class SkillsExtraRootsSetResponse(Response):
    """What `skills/extraRoots/set` is answered with."""


class SkillSummary(Record):
    """Skill summary."""

    name: str
    description: str
    short_description: str | None = None
    interface: SkillInterface | None = None
    path: LegacyAppPathString | None = None
    enabled: bool


class SkillsConfigWriteParams(Params):
    """What `skills/config/write` asks with."""

    path: AbsolutePathBuf | None = None
    name: str | None = None
    enabled: bool


class SkillsConfigWriteResponse(Response):
    """What `skills/config/write` is answered with."""

    effective_enabled: bool


class SkillsChangedNotification(Notification):
    """Announced as `skills/changed`."""

    method: ClassVar[str] = "skills/changed"


SKILLS_LIST = Method("skills/list", SkillsListParams, SkillsListResponse)
SKILLS_EXTRA_ROOTS_SET = Method("skills/extraRoots/set", SkillsExtraRootsSetParams, SkillsExtraRootsSetResponse)
SKILLS_CONFIG_WRITE = Method("skills/config/write", SkillsConfigWriteParams, SkillsConfigWriteResponse)

METHODS: tuple[Method[Any, Any], ...] = (SKILLS_LIST, SKILLS_EXTRA_ROOTS_SET, SKILLS_CONFIG_WRITE)
NOTIFICATIONS: tuple[type[Notification], ...] = (SkillsChangedNotification,)
