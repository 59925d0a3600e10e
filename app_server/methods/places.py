"""The environments that a request names for a thread: there is one, the server's own machine, and a thread may have none."""

from app_server.core.errors import CallerError
from app_server.core.frozen import replace
from app_server.core.settings import Wishes
from protocol.capability import TurnEnvironmentParams

LOCAL = "local"
"""The name of the one environment that there is."""


def with_environments(wishes: Wishes, environments: list[TurnEnvironmentParams] | None) -> Wishes:
    """The wishes with the place that the first environment names; an empty list wishes for none. Raises: CallerError."""
    if environments is None:
        return wishes
    for each in environments:
        if each.environment_id != LOCAL:
            raise CallerError(
                f"unknown turn environment id `{each.environment_id}`",
                reason="unknown_environment",
                data={"field": "environments"},
            )
    if not environments:
        return replace(wishes, has_environment=False)
    first = environments[0]
    roots = first.runtime_workspace_roots if first.runtime_workspace_roots is not None else wishes.runtime_workspace_roots
    return replace(wishes, has_environment=True, cwd=first.cwd, runtime_workspace_roots=roots)
