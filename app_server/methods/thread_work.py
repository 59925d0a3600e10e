"""Turns that are not talks: `thread/compact/start`, `thread/shellCommand`. Source: spec/turns.md sections 2.7 and 8."""

from app_server.core.errors import CallerError
from app_server.core.turn.turn import Kind, Turn
from app_server.core.turn.work import LONGEST_COMMAND_S, CommandLine
from app_server.routing import route
from app_server.services import Context
from protocol.thread_open import (
    THREAD_COMPACT_START,
    THREAD_SHELL_COMMAND,
    ThreadCompactStartParams,
    ThreadCompactStartResponse,
    ThreadShellCommandParams,
    ThreadShellCommandResponse,
)


def compact(context: Context, params: ThreadCompactStartParams) -> None:
    """Compact the thread's history. A turn that runs is interrupted for it."""
    thread = context.services.threads.get(params.thread_id)
    clock = context.services.clock
    turn = Turn(clock.uuid7(), clock.now_ms(), Kind.COMPACT)
    thread.replace_turn(turn, lambda: context.reply(ThreadCompactStartResponse()))


def shell_command(context: Context, params: ThreadShellCommandParams) -> None:
    """Run a command of the user's own: in a turn of its own, or beside the one that runs."""
    thread = context.services.threads.get(params.thread_id)
    if not params.command.strip():
        raise CallerError("command must not be empty", reason="empty", data={"field": "command"})
    timeout_s = LONGEST_COMMAND_S if params.timeout_ms is None else max(params.timeout_ms, 0) / 1000
    line = CommandLine(params.command, timeout_s)
    runtime, clock = thread.runtime, context.services.clock
    if thread.turn is not None:
        context.reply(ThreadShellCommandResponse())
        runtime.spawn(runtime.run_beside, thread, thread.turn, line)
        return
    turn = Turn(clock.uuid7(), clock.now_ms(), Kind.COMMAND)
    turn.work = line
    thread.begin_turn(turn, lambda: context.reply(ThreadShellCommandResponse()))


ROUTES = [route(THREAD_COMPACT_START, compact), route(THREAD_SHELL_COMMAND, shell_command)]
