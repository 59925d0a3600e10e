"""Skills: listing them, turning them on and off, further folders of them. Source: spec/config-auth.md section 8."""

from pathlib import Path
from typing import Any

from app_server.core.config.config import Config
from app_server.core.errors import INTERNAL_ERROR, INVALID_PARAMS, CallerError, ConfigError
from app_server.core.skills.skill import Skill
from app_server.core.skills.skills import Skills, entries, is_on, same_path
from app_server.lazy import lazy
from app_server.routing import route
from app_server.services import Context, Services
from protocol.skill import (
    SKILLS_CONFIG_WRITE,
    SKILLS_EXTRA_ROOTS_SET,
    SKILLS_LIST,
    SkillDependencies,
    SkillErrorInfo,
    SkillInterface,
    SkillMetadata,
    SkillsChangedNotification,
    SkillsConfigWriteParams,
    SkillsConfigWriteResponse,
    SkillsExtraRootsSetParams,
    SkillsExtraRootsSetResponse,
    SkillsListEntry,
    SkillsListParams,
    SkillsListResponse,
    SkillToolDependency,
)

write_edits = lazy("app_server.core.config.writing:write")
make_edit = lazy("app_server.core.config.edit:Edit")
KEY = ("skills", "config")


def list_skills(context: Context, params: SkillsListParams) -> SkillsListResponse:
    """The skills of folders. What is told is always what is there."""
    services = context.services
    skills: Skills = services.skills()
    if params.force_reload:
        skills.forget()
    return SkillsListResponse(data=[of_folder(services, skills, cwd) for cwd in params.cwds or [str(services.config.cwd)]])


def of_folder(services: Services, skills: Skills, cwd: str) -> SkillsListEntry:
    """The skills of one folder."""
    try:
        config = services.config.load(cwd)
    except ConfigError as error:
        fault = SkillErrorInfo(path=cwd, message=f"failed to reload config: {error.detail}")
        return SkillsListEntry(cwd=cwd, skills=[], errors=[fault])
    found = skills.find(config)
    return SkillsListEntry(
        cwd=cwd,
        skills=[shown(skill, config) for skill in found.skills],
        errors=[SkillErrorInfo(path=str(fault.path), message=fault.message) for fault in found.faults],
    )


def shown(skill: Skill, config: Config) -> SkillMetadata:
    """A skill as clients see it."""
    told = skill.described
    return SkillMetadata(
        name=skill.name,
        description=told.description,
        short_description=told.short_description,
        interface=SkillInterface.model_validate(told.interface) if told.interface else None,
        dependencies=SkillDependencies(tools=[SkillToolDependency.model_validate(tool) for tool in told.tools])
        if told.tools
        else None,
        path=str(skill.path),
        scope=skill.root.scope,
        enabled=is_on(skill, config.skills),
        plugin_id=skill.root.plugin_id,
    )


def write_config(context: Context, params: SkillsConfigWriteParams) -> SkillsConfigWriteResponse:
    """Turn a skill on or off in the user's configuration. One that is on is not mentioned there."""
    services = context.services
    if (params.path is None) == (not params.name):
        raise CallerError(
            "skills/config/write requires exactly one of path or name",
            code=INVALID_PARAMS,
            reason="conflicting_fields",
            data={"field": "path", "expected": "either path or name"},
        )
    try:
        return keep_config(services, params)
    except ConfigError as error:
        text = f"failed to update skill settings: {error.detail}"
        raise CallerError(text, code=INTERNAL_ERROR, reason=error.reason) from None


def keep_config(services: Services, params: SkillsConfigWriteParams) -> SkillsConfigWriteResponse:
    """Write it down. Raises: ConfigError (the file can't be read), CallerError."""
    kept: list[dict[str, Any]] = [dict(entry) for entry in entries(user_table(services)) if not concerns(entry, params)]
    if not params.enabled:
        named = {"path": params.path} if params.path is not None else {"name": params.name}
        kept.append({**named, "enabled": False})
    write_edits(services.config, [make_edit(KEY, kept or None, is_merge=False)], None, None)
    return SkillsConfigWriteResponse(effective_enabled=is_effectively_on(services, params))


def user_table(services: Services) -> Any:
    """What the user's own file says about skills."""
    layers = services.config.layers().layers
    own = next((layer.data for layer in layers if layer.source["type"] == "user"), {})
    return own.get("skills") or {}


def concerns(entry: Any, params: SkillsConfigWriteParams) -> bool:
    """Whether a line of the configuration is about the skill."""
    if params.path is not None:
        return same_path(entry.get("path"), Path(params.path))
    return bool(entry.get("name") == params.name)


def is_effectively_on(services: Services, params: SkillsConfigWriteParams) -> bool:
    """What all layers of the configuration together say of the skill now."""
    about = [entry for entry in entries(services.config.load().skills) if concerns(entry, params)]
    return about[-1].get("enabled") is not False if about else True


def set_extra_roots(context: Context, params: SkillsExtraRootsSetParams) -> SkillsExtraRootsSetResponse:
    """Look for skills in further folders, for all clients."""
    services = context.services
    skills: Skills = services.skills()
    skills.set_extra_roots([Path(root) for root in params.extra_roots])
    services.fanout.publish(None, SkillsChangedNotification())
    for thread in services.threads.loaded():
        services.follow_skills(thread.config)
    return SkillsExtraRootsSetResponse()


ROUTES = [
    route(SKILLS_LIST, list_skills),
    route(SKILLS_EXTRA_ROOTS_SET, set_extra_roots),
    route(SKILLS_CONFIG_WRITE, write_config),
]
