"""The questions that the server asks the person: may this command run, may these files change, and the like.

One key answers. Without a terminal nobody can be asked: then everything is declined, unless `--yes` was given, and the
view says so. Questions of several commands at once are asked one after the other.
"""

import os
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import anyio

from app_server.try_it.view import View, script_of

Params = dict[str, Any]

KEYS = {"y": "accept", "a": "acceptForSession", "n": "decline", "c": "cancel"}
KEYS_SHOWN = "[y] accept  [a] accept for this session  [n] decline  [c] cancel the turn"
WORDS = {
    "accept": "Accepted.",
    "acceptForSession": "Accepted for this session.",
    "decline": "Declined.",
    "cancel": "Cancelled, and the turn with it.",
}


class Approver:
    """Answers approval questions. `can_ask`: a person sits at a terminal."""

    def __init__(self, view: View, accepts_all: bool, can_ask: bool) -> None:
        self._view = view
        self._accepts_all = accepts_all
        self._can_ask = can_ask
        self._lock = anyio.Lock()

    async def answer(self, method: str, params: Params) -> Params | None:
        """The result to send back, or None for a question that this client doesn't know.

        Cancel: when somebody else answered, or the turn ended; the keyboard is left as it was.
        """
        if method == "item/commandExecution/requestApproval":
            question = f"Run `{script_of(params.get('command') or 'a command')}` in {params.get('cwd')}?"
        elif method == "item/fileChange/requestApproval":
            question = f"Change these files{' under ' + params['grantRoot'] if params.get('grantRoot') else ''}?"
        elif method == "item/permissions/requestApproval":
            question = f"Grant these permissions: {params.get('permissions')}?"
        else:
            return None
        async with self._lock:
            self._view.pause()
            decision = await self._decide(question, params.get("reason"))
            self._view.resume("waiting")
        if method != "item/permissions/requestApproval":
            return {"decision": decision}
        is_granted = decision in ("accept", "acceptForSession")
        scope = "session" if decision == "acceptForSession" else "turn"
        return {"permissions": params.get("permissions", {}) if is_granted else {}, "scope": scope}

    async def _decide(self, question: str, reason: str | None) -> str:
        self._view.say(question, "bold yellow")
        if reason:
            self._view.say(f"Reason: {reason}", "yellow")
        if self._accepts_all:
            self._view.say("Accepted by --yes.", "dim")
            return "accept"
        if not self._can_ask:
            self._view.say("Declined: there is no terminal to ask at. Use --yes to accept everything.", "yellow")
            return "decline"
        with single_keys() as keyboard:
            self._view.say(KEYS_SHOWN, "dim")
            while True:
                await anyio.wait_readable(keyboard)
                pressed = os.read(keyboard, 1)
                if not pressed:  # The terminal is gone, and the person with it.
                    return "cancel"
                decision = KEYS.get(pressed.decode(errors="replace").lower())
                if decision is not None:
                    self._view.say(WORDS[decision], "dim")
                    return decision


@contextmanager
def single_keys() -> Iterator[int]:
    """Read keys without Enter and without echo for as long as the context is open; yields the descriptor to read."""
    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    # What was typed before the question is no answer to it.
    termios.tcflush(keyboard, termios.TCIFLUSH)
    tty.setcbreak(keyboard, termios.TCSANOW)
    try:
        yield keyboard
    finally:
        with suppress(termios.error):  # A terminal that is gone needs no repair.
            termios.tcsetattr(keyboard, termios.TCSANOW, before)
