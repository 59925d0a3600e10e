"""`thread/settings/update`: changing a thread's settings between turns."""

from app_server.core.settings import Wishes, given
from app_server.core.thread_wire import wire_settings
from app_server.methods.places import with_environments
from app_server.routing import route
from app_server.services import Context
from protocol.thread_settings import (
    THREAD_SETTINGS_UPDATE,
    ThreadSettingsUpdatedNotification,
    ThreadSettingsUpdateParams,
    ThreadSettingsUpdateResponse,
)


def update(context: Context, params: ThreadSettingsUpdateParams) -> None:
    """Change settings from the next turn on; announced only if anything is different then."""
    thread = context.services.threads.get(params.thread_id)
    wishes = Wishes(
        model=params.model,
        service_tier=given(params, "service_tier"),
        cwd=params.cwd,
        approval_policy=params.approval_policy,
        approvals_reviewer=params.approvals_reviewer,
        sandbox=params.sandbox_policy,
        permissions=params.permissions,
        effort=params.effort,
        summary=params.summary,
        personality=params.personality,
        collaboration_mode=params.collaboration_mode,
        disabled_plugin_ids=params.disabled_plugin_ids,
    )
    changed = thread.settings.changed(with_environments(wishes, params.environments), thread.config)
    context.reply(ThreadSettingsUpdateResponse())
    if changed != thread.settings:
        thread.settings = changed
        if thread.recorder.is_on_disk:
            thread.recorder.settings(changed)
            thread.recorder.sync()
        told = ThreadSettingsUpdatedNotification(thread_id=thread.id, thread_settings=wire_settings(changed))
        thread.publish(told)


ROUTES = [route(THREAD_SETTINGS_UPDATE, update)]
