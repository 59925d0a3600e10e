"""The program `app-server try`: from its arguments to its exit code.

Whatever goes wrong ends in one clear line, and in the server's last words when the server is to blame.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import anyio
from rich.console import Console

from app_server.try_it.ask import Approver
from app_server.try_it.interrupts import INTERRUPTED, Interrupts, Quit
from app_server.try_it.options import Options, Unusable, parse
from app_server.try_it.peer import Refused, ServerEnded, connect
from app_server.try_it.prompt import lines_to_enter
from app_server.try_it.session import Session
from app_server.try_it.view import View

FAILED = 1

SERVER = (sys.executable, "-P", "-m", "app_server", "app-server")
"""How the server is started: by this interpreter, and never with modules from the current folder."""

REHEARSING = (
    "No provider is configured and OPENAI_API_KEY is not set: the rehearsal provider answers, offline and without a model."
)


def run(arguments: Sequence[str], environ: Mapping[str, str], server: Sequence[str] = SERVER) -> int:
    """Run the client and return its exit code: 0, 1 when something failed, 130 after Ctrl-C.

    Raises: SystemExit, for `--help` and for arguments that can't be understood.
    """
    view = View(Console(highlight=False))
    code = 0
    try:
        code = anyio.run(converse, parse(arguments, environ), environ, server, view)
    except* Quit as group:
        code = max(error.exit_code for error in leaves(group) if isinstance(error, Quit))
    except* BrokenPipeError:
        # Nobody reads us any more; what Python still wants to flush goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FAILED
    except* (Unusable, Refused, ServerEnded, OSError) as group:
        for error in leaves(group):
            view.fail(str(error))
        code = FAILED
    except* KeyboardInterrupt:
        code = INTERRUPTED
    return code


async def converse(options: Options, environ: Mapping[str, str], server: Sequence[str], view: View) -> int:
    """Hold the conversation that the options ask for. Raises: Quit, Unusable, Refused, ServerEnded, OSError."""
    cwd = current_folder()
    is_terminal = sys.stdin.isatty() and view.console.is_terminal
    interrupts = Interrupts()
    session = Session(view, Approver(view, options.accepts_all, can_ask=is_terminal), options, cwd, interrupts)
    flags = [flag for override in options.overrides for flag in ("-c", override)]
    if options.is_fallback:
        view.say(REHEARSING, "yellow")
    is_well = True
    async with connect([*server, *flags], cwd, environ, session.on_message) as peer, anyio.create_task_group() as tasks:
        await tasks.start(interrupts.listen)
        await session.begin(peer, tasks)
        async for line in lines_to_enter(options.prompt, is_terminal, view, interrupts):
            try:
                is_well = await session.enter(line)
            except Refused as refused:
                view.fail(str(refused))
                is_well = False
        tasks.cancel_scope.cancel()
    return 0 if is_well else FAILED


def current_folder() -> str:
    """The folder to work in. Raises: Unusable."""
    try:
        return str(Path.cwd())
    except FileNotFoundError as error:
        raise Unusable("The current folder does not exist any more. Change to another one.") from error


def leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """The errors in a group of groups."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from leaves(error)
        else:
            yield error
