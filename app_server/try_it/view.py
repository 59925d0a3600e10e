"""What the person sees of a thread: notifications in, lines on the terminal out.

The view knows items and deltas, never the connection. Text is written once and not redrawn, so that a long answer
scrolls as it should; only the spinner is drawn over. Several commands may run at once: the first one's output is shown
live, the others' when they end. Everything from outside is shown without its terminal control sequences.
"""

import re
import shlex
from collections import Counter
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.rule import Rule
from rich.status import Status
from rich.text import Text

Params = dict[str, Any]

LINES_SHOWN = 200
"""Of an output that was not shown live, so many lines; the rest is counted."""

CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class View:
    """Shows one thread. Its state is what is on the screen: which item's text is open, and what was shown of each."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._status = Status("", console=console, spinner="dots")
        self._is_spinning = False
        self._may_spin = False
        self._open_item: str | None = None
        self._is_line_open = False
        self._shown: dict[str, str] = {}
        self._summaries: dict[tuple[str, int], str] = {}
        self._last_error = ""
        self._usage: dict[str, Counter[str]] = {}
        self._handlers: dict[str, Callable[[Params], None]] = {
            "item/started": self._on_item_started,
            "item/completed": self._on_item_completed,
            "item/agentMessage/delta": self._on_answer_delta,
            "item/reasoning/summaryTextDelta": self._on_summary_delta,
            "item/commandExecution/outputDelta": self._on_output_delta,
            "turn/plan/updated": self._on_plan,
            "thread/tokenUsage/updated": self._on_usage,
            "error": self._on_error,
            "warning": lambda params: self.warn(str(params.get("message"))),
            "configWarning": self._on_summary_and_details,
            "deprecationNotice": self._on_summary_and_details,
        }

    def show(self, method: str, params: Params) -> None:
        """Show a notification; one that means nothing here is passed over."""
        handler = self._handlers.get(method)
        if handler is not None:
            handler(params)

    def begin_turn(self) -> None:
        """Forget the turn before and start waiting."""
        self._may_spin = True
        self._open_item = None
        self._shown.clear()
        self._summaries.clear()
        self._last_error = ""
        self.wait("waiting for the model")

    def end_turn(self, turn: Params) -> None:
        """Close the turn with what it came to and what it took."""
        self.pause()
        status, error = turn.get("status"), turn.get("error") or {}
        if status == "failed" and error.get("message") != self._last_error:
            self.fail(str(error.get("message")))
        if status == "interrupted":
            self._print(Text("Interrupted.", style="yellow"))
        # By turn, since an interrupted turn's usage may come when the next one runs already.
        used = self._usage.get(str(turn.get("id")))
        took = [tokens_of(used)] if used else []
        if isinstance(turn.get("durationMs"), int):
            took.append(f"{turn['durationMs'] / 1000:.1f} s")
        self._print(Rule(Text(" · ".join(took), style="dim"), style="dim", align="right"))

    def wait(self, what: str) -> None:
        """Show the spinner with a word on what is waited for; not between turns, and not over a question."""
        self._break_line()
        if not self._may_spin:
            return
        self._status.update(Text(clean(what), style="dim"))
        if not self._is_spinning:
            self._status.start()
            self._is_spinning = True

    def pause(self) -> None:
        """Take the spinner away until `resume`: a question stands there, or the turn is over."""
        self._rest()
        self._may_spin = False

    def resume(self, what: str) -> None:
        """Let the spinner come back."""
        self._may_spin = True
        self.wait(what)

    def say(self, text: str, style: str = "") -> None:
        """Write whole lines."""
        self._print(Text(clean(text), style=style))

    def ask(self, sign: str) -> None:
        """Write the beginning of a line that a person goes on with."""
        self._break_line()
        self.console.print(Text(sign), end="")

    def warn(self, text: str) -> None:
        """Write a warning."""
        self._print(Text.assemble(("Warning: ", "bold yellow"), clean(text)))

    def fail(self, text: str) -> None:
        """Write an error."""
        self._print(Text.assemble(("Error: ", "bold red"), clean(text)))

    def _on_item_started(self, params: Params) -> None:
        item = params.get("item", {})
        kind = item.get("type")
        if kind == "commandExecution":
            if self._open_item is None:
                self._open_command(item)
        elif kind == "agentMessage":
            self._rest()
            self._open_item = item.get("id")
        elif kind == "reasoning":
            self.wait("reasoning")

    def _on_item_completed(self, params: Params) -> None:
        item = params.get("item", {})
        item_id, kind = str(item.get("id")), item.get("type")
        if kind == "commandExecution":
            self._close_command(item_id, item)
        elif kind == "agentMessage":
            self._write(rest_of(item.get("text") or "", self._shown.get(item_id, "")))
        elif kind == "fileChange":
            for change in item.get("changes", []):
                self.say(f"{item.get('status')}: {change.get('kind', {}).get('type')} {change.get('path')}", "cyan")
                self.say(change.get("diff", ""), "dim")
        elif kind not in ("userMessage", "reasoning"):
            name = " ".join(str(item[key]) for key in ("server", "tool", "query", "path", "review") if item.get(key))
            self.say(f"{kind} {name} {item.get('status') or ''}".strip(), "cyan")
        if self._open_item == item_id:
            self._open_item = None
        self.wait("waiting for the model")

    def _on_answer_delta(self, params: Params) -> None:
        self._write_delta(params, "")

    def _on_output_delta(self, params: Params) -> None:
        if params.get("itemId") == self._open_item:
            self._write_delta(params, "dim")

    def _on_summary_delta(self, params: Params) -> None:
        part = str(params.get("itemId")), int(params.get("summaryIndex", 0))
        before = self._summaries.get(part, "")
        self._summaries[part] = before + str(params.get("delta", ""))
        header = header_of(self._summaries[part])
        if header and not header_of(before):
            self._print(Text(clean(header), style="italic magenta"))
            self.wait(header)

    def _on_plan(self, params: Params) -> None:
        marks = {"completed": "✔", "inProgress": "▸"}
        for step in params.get("plan", []):
            self.say(f"{marks.get(step.get('status'), '·')} {step.get('step')}", "cyan")

    def _on_usage(self, params: Params) -> None:
        self._usage.setdefault(str(params.get("turnId")), Counter()).update(params.get("tokenUsage", {}).get("last", {}))

    def _on_error(self, params: Params) -> None:
        error = params.get("error", {})
        message, details = str(error.get("message")), error.get("additionalDetails")
        if not params.get("willRetry"):
            self._last_error = message
            self.fail(message)
            return
        # While there is no network the same attempt is announced again and again.
        text = f"{message} ({details})" if details else message
        if text != self._last_error:
            self._last_error = text
            self.say(text, "yellow")
        self.wait(f"{message} · Ctrl-C interrupts")

    def _on_summary_and_details(self, params: Params) -> None:
        self.warn(" ".join(str(text) for text in (params.get("summary"), params.get("details")) if text))

    def _open_command(self, item: Params) -> None:
        self._rest()
        self._print(Text.assemble(("$ ", "bold cyan"), (clean(script_of(item.get("command") or "")), "bold")))
        self._open_item = item.get("id")
        self.wait("running")

    def _close_command(self, item_id: str, item: Params) -> None:
        if self._open_item != item_id:
            self._open_command(item)
        output = item.get("aggregatedOutput") or ""
        if item_id not in self._shown:
            self._write(first_lines(output, LINES_SHOWN), "dim")
        elif rest_of(output, self._shown[item_id]):
            self._write(rest_of(output, self._shown[item_id]), "dim")
        self._rest()
        code, took = item.get("exitCode"), item.get("durationMs")
        how = str(item.get("status")) if code is None else f"exit code {code}"
        style = "green" if code == 0 else "red" if item.get("status") == "failed" else "yellow"
        self.say(f"  {how}" + (f" · {took / 1000:.2f} s" if isinstance(took, int) else ""), style)

    def _write_delta(self, params: Params, style: str) -> None:
        item_id, delta = str(params.get("itemId")), str(params.get("delta", ""))
        self._shown[item_id] = self._shown.get(item_id, "") + delta
        self._write(delta, style)

    def _write(self, text: str, style: str = "") -> None:
        """Write running text, which may stop in the middle of a line."""
        text = clean(text)
        if not text:
            return
        self._stop_spinner()
        self.console.print(Text(text, style=style), end="", soft_wrap=True)
        self._is_line_open = not text.endswith("\n")

    def _print(self, what: Text | Rule) -> None:
        """Write whole lines: folded between words for a person, and as they are for a program."""
        self._break_line()
        self.console.print(what, soft_wrap=not self.console.is_terminal)

    def _rest(self) -> None:
        self._stop_spinner()
        self._break_line()

    def _break_line(self) -> None:
        if self._is_line_open:
            self._is_line_open = False
            self.console.print()

    def _stop_spinner(self) -> None:
        if self._is_spinning:
            self._status.stop()
            self._is_spinning = False


def tokens_of(used: Counter[str]) -> str:
    """The tokens of a turn in words."""
    return (
        f"{used['inputTokens']:,} tokens in ({used['cachedInputTokens']:,} cached), "
        f"{used['outputTokens']:,} out ({used['reasoningOutputTokens']:,} reasoning)"
    )


def header_of(summary: str) -> str | None:
    """The text between the first `**` pair of a reasoning summary; None when there is none, or nothing in it."""
    found = re.search(r"\*\*(.+?)\*\*", summary, re.DOTALL)
    return (found[1].strip() or None) if found else None


def script_of(command: str) -> str:
    """What a command does, without the shell that it is handed to: `ls` of `/bin/bash -lc ls`."""
    try:
        words = shlex.split(command)
    except ValueError:
        return command
    return words[2] if len(words) == 3 and words[1] in ("-lc", "-c") else command


def rest_of(whole: str, shown: str) -> str:
    """What is still to be shown of a text; nothing, when what was shown is not how it begins."""
    return whole[len(shown) :] if whole.startswith(shown) else ""


def first_lines(text: str, count: int) -> str:
    """The first lines of a text, and how many there are beyond them."""
    lines = text.splitlines(keepends=True)
    left = len(lines) - count
    return text if left <= 0 else "".join(lines[:count]) + f"({left:,} more lines)\n"


def clean(text: str) -> str:
    """A text without control sequences, which could redraw the screen or lie about what is on it."""
    return CONTROL.sub("", text)
