"""Threads that can't do without some MCP server: they are opened only when it is there. Source: spec/threads.md section 2."""

from app_server.core.errors import INTERNAL_ERROR, CallerError
from app_server.core.thread import Thread


async def require_servers(thread: Thread, doing: str) -> None:
    """Wait for the servers that a thread can't do without. Raises: CallerError (one can't be started; all are let go)."""
    if not thread.config.requires_servers:
        return
    if thread.servers is None:
        await thread.runtime.attach_servers(thread)
    await thread.servers.wait_required()
    missing = thread.servers.missing()
    if missing:
        thread.servers.end()
        reasons = "; ".join(f"{name}: {reason}" for name, reason in missing)
        cause = f"Failed to initialize session: required MCP servers failed to initialize: {reasons}"
        raise CallerError(f"error {doing} thread: Fatal error: {cause}", code=INTERNAL_ERROR, reason="mcp_server")
