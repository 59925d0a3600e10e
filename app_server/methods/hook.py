"""`hooks/list`: the hooks of folders, or of a thread's folder."""

from typing import Any

from app_server.core.config.trust import TRUSTED, between
from app_server.core.errors import ConfigError
from app_server.core.hooks.found import Hook, find
from app_server.core.hooks.tool_use import ToolUse
from app_server.core.plugins.installed import enabled
from app_server.routing import route
from app_server.services import Context, Services
from protocol.hook import HOOKS_LIST, CommandHook, HookErrorInfo, HooksListEntry, HooksListParams, HooksListResponse, McpToolHook


def list_hooks(context: Context, params: HooksListParams) -> HooksListResponse:
    """The hooks, as the files are now."""
    services = context.services
    cwds = params.cwds or [str(services.config.cwd)]
    if params.thread_id is not None:
        cwds = [services.threads.get(params.thread_id).settings.cwd]
    return HooksListResponse(data=[of_folder(services, cwd) for cwd in cwds])


def of_folder(services: Services, cwd: str) -> HooksListEntry:
    """The hooks of one folder."""
    try:
        config, layers = services.config.load(cwd), services.config.layers(cwd).layers
    except ConfigError as error:
        return HooksListEntry(cwd=cwd, hooks=[], warnings=[], errors=[HookErrorInfo(path=cwd, message=error.detail)])
    folders = between(config.project_root, config.cwd) if config.trust_level == TRUSTED else []
    hooks, odd = find(layers, [folder / ".codex" for folder in folders], enabled(config))
    return HooksListEntry(cwd=cwd, hooks=[shown(place, hook) for place, hook in enumerate(hooks)], warnings=odd, errors=[])


def shown(place: int, hook: Hook) -> CommandHook | McpToolHook:
    """A hook as clients see it."""
    facts: dict[str, Any] = {
        "key": hook.key,
        "event_name": hook.event,
        "matcher": hook.matcher,
        "timeout_sec": hook.timeout_s,
        "status_message": hook.status_message,
        "additional_context_limit": hook.context_limit,
        "source_path": str(hook.path),
        "source": hook.source,
        "plugin_id": hook.plugin_id,
        "environment_id": None,
        "display_order": place,
        "enabled": hook.is_enabled,
        "is_managed": False,
        "current_hash": hook.digest,
        "trust_status": hook.trust,
    }
    if isinstance(hook.does, ToolUse):
        return McpToolHook(server=hook.does.server, tool=hook.does.tool, **facts)
    return CommandHook(command=hook.does, async_=hook.is_async, **facts)


ROUTES = [route(HOOKS_LIST, list_hooks)]
