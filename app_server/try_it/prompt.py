"""The lines that a person enters: typed at a terminal, piped in, or given on the command line.

At a terminal the program waits in its event loop until the first key of a line, so that Ctrl-C and the end of the
server are noticed; then readline, where Python has it, takes over with its editing and history until Enter. Readline
blocks, and it misses a signal that comes just before it starts to wait, which is why it does not do all the waiting.
"""

import contextlib
import signal
import sys
import termios
from collections.abc import AsyncIterator, Iterator

import anyio

from app_server.try_it.interrupts import INTERRUPTED, Interrupts, Quit
from app_server.try_it.view import View

with contextlib.suppress(ImportError):
    # input() uses it from now on.
    import readline  # noqa: F401

HAS_READLINE = "readline" in sys.modules
SIGN, CONTINUED = "› ", "… "
HINT = "Ctrl-C again, or /quit, ends the program."


async def lines_to_enter(prompt: str | None, is_terminal: bool, view: View, interrupts: Interrupts) -> AsyncIterator[str]:
    """What to enter: the prompt of the command line, or line by line what is typed or piped in. Raises: Quit."""
    sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
    if prompt is not None:
        yield read_all() if prompt == "-" else prompt
        return
    typist = Typist(view, interrupts)
    while True:
        line = await typist.line(SIGN) if is_terminal else read_line()
        while line is not None and line.endswith("\\"):
            more = await typist.line(CONTINUED) if is_terminal else read_line()
            line = line[:-1] + "\n" + (more or "")
        if line is None:
            return
        if line.strip():
            yield line


class Typist:
    """A person at a terminal. Two Ctrl-C without a line between them end the program."""

    def __init__(self, view: View, interrupts: Interrupts) -> None:
        self._view = view
        self._interrupts = interrupts
        self._was_interrupted = False

    async def line(self, sign: str) -> str | None:
        """The next line, without its end; None at the end of input. Raises: Quit."""
        while True:
            line = ""
            try:
                with waiting_for_keys(), self._interrupts.handled_by(lambda: self._interrupt(sign)):
                    self._view.ask(sign)
                    await anyio.wait_readable(sys.stdin.fileno())
                    line = read_typed(sign)
            except EOFError:
                self._view.say("")
                return None
            except KeyboardInterrupt:
                self._interrupt("")
                continue
            self._was_interrupted = False
            return line

    def _interrupt(self, sign: str) -> None:
        if self._was_interrupted:
            self._view.say("")
            raise Quit
        self._was_interrupted = True
        self._view.say("")
        self._view.say(HINT, "dim")
        self._view.ask(sign)


@contextlib.contextmanager
def waiting_for_keys() -> Iterator[None]:
    """While the context is open, the terminal gives each key at once and unseen, for readline to take and show.

    Without readline it stays as it is: it gives whole lines, and shows them by itself.
    """
    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    if HAS_READLINE:
        waiting = termios.tcgetattr(keyboard)
        waiting[3] &= ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(keyboard, termios.TCSADRAIN, waiting)
    try:
        yield
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


def read_typed(sign: str) -> str:
    """The line whose first key is there already, within `waiting_for_keys`. Blocks. Raises: EOFError, KeyboardInterrupt."""
    if not HAS_READLINE:
        return interruptible_input("")
    # Readline shows the prompt itself, over the one that stands there, and what is typed only where keys were seen before.
    keyboard = sys.stdin.fileno()
    modes = termios.tcgetattr(keyboard)
    modes[3] |= termios.ECHO
    termios.tcsetattr(keyboard, termios.TCSADRAIN, modes)
    sys.stdout.write("\r")
    sys.stdout.flush()
    return interruptible_input(sign)


def read_line() -> str | None:
    """A line of what is piped in, None at its end. Blocks. Raises: Quit, on Ctrl-C."""
    try:
        return interruptible_input("")
    except EOFError:
        return None
    except KeyboardInterrupt:
        raise Quit(INTERRUPTED) from None


def read_all() -> str:
    """All that is piped in. Blocks. Raises: Quit, on Ctrl-C."""
    try:
        with raising_on_interrupt():
            return sys.stdin.read()
    except KeyboardInterrupt:
        raise Quit(INTERRUPTED) from None


def interruptible_input(sign: str) -> str:
    """`input`, which Ctrl-C ends. Raises: EOFError, KeyboardInterrupt."""
    with raising_on_interrupt():
        return input(sign)


@contextlib.contextmanager
def raising_on_interrupt() -> Iterator[None]:
    """While the context is open, Ctrl-C raises KeyboardInterrupt here, and the event loop, which stands still, hears nothing."""
    wakeup = signal.set_wakeup_fd(-1)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
