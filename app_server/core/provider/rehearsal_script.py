"""The rehearsal provider's script: what a prompt asks it to play, and how far a conversation has played it.

A prompt whose first line starts with a slash is a script, one directive a line; a line without a slash continues the
directive above it. Any other prompt gets the same three steps: a reasoning part, a look at the workspace, a report.
Every step leaves one item in the thread's history, so the items behind the newest prompt tell which step is next, and
the provider keeps no state: a turn that is retried, resumed or forked plays on where it stood.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

LOOK_AROUND = "ls -la"

THOUGHT = (
    "**Looking around the workspace**\n\n"
    "Nothing is thought here: the rehearsal provider plays a fixed script. It lists the workspace and then reports what it saw."
)

COMMAND = "exec_command"
PATCH = "apply_patch"
PLAN = "update_plan"
ASK = "request_user_input"
PATCH_BEGINS, PATCH_ENDS = "*** Begin Patch", "*** End Patch"
PATCH_SCRIPT = f"{PATCH} <<'END_OF_PATCH'\n"
"""How a script begins that is nothing but a patch, for models that have no tool of its own for that."""
STATES = {"[x]": "completed", "[>]": "in_progress", "[ ]": "pending"}
YES_OR_NO = ["Yes", "No"]

WITHOUT_TOOLS = f"This is a rehearsal, not a model, and this request offers no `{COMMAND}` tool."

CONTEXT_MARKS = (
    "# AGENTS.md instructions",
    "<environment_context>",
    "<turn_aborted>",
    "<skill>",
    "<user_shell_command>",
    "<user_action>",
    "<codex_internal_context",
    "<image ",
    "</image>",
    "image content omitted because ",
)
"""How texts begin that are sent as the user's, but were not written by one."""

CALL_KINDS = ("function_call", "custom_tool_call")
STEP_KINDS = ("reasoning", *CALL_KINDS)
"""Items that a step leaves behind, beside assistant messages."""
OUTPUT_KINDS = ("function_call_output", "custom_tool_call_output")


@dataclass(frozen=True, slots=True)
class Say:
    """Stream a text as an answer."""

    text: str
    is_slow: bool = False


@dataclass(frozen=True, slots=True)
class Think:
    """Stream a text as a reasoning summary."""

    text: str
    is_slow: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """Call a tool, and go on when its output is there. `text`: the arguments as JSON, or a custom tool's input."""

    tool: str
    text: str
    is_custom: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Say what came of the newest call. `is_whole_answer`: the prompt was no script, so explain who answers."""

    is_whole_answer: bool


@dataclass(frozen=True, slots=True)
class Fail:
    """Refuse the request with an HTTP status."""

    status: int


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Begin an answer and cut the stream in the middle of it."""


Step = Say | Think | Call | Report | Fail | Disconnect

DIRECTIVES = {
    "say": ("/say TEXT", "stream TEXT as an answer"),
    "think": ("/think TEXT", "stream TEXT as a reasoning summary; begin it with **Header** to see one"),
    "run": ("/run COMMAND", "run COMMAND in the workspace, through the approval gate like any command"),
    "patch": ("/patch PATCH", "change files by PATCH, in the language of apply_patch; its first and last line may be left out"),
    "plan": ("/plan STEPS", "write down a plan, a step a line; [x] before one says that it is done, [>] that it is being done"),
    "ask": ("/ask QUESTION", "ask the user; each line below QUESTION is an answer to choose"),
    "slow": ("/slow", "stream what follows word by word, with small pauses"),
    "fail": ("/fail STATUS", "fail the model request with an HTTP status from 400 to 599"),
    "disconnect": ("/disconnect", "cut the model's stream in the middle of an answer"),
}
"""Every directive with its usage and its meaning, as the helpful answer lists them."""


def steps_of(prompt: str, offered: Set[str]) -> list[Step]:
    """The steps that a prompt asks for; never empty. `offered`: the names of the tools that the request offers."""
    if not prompt.lstrip().startswith("/"):
        can_run = COMMAND in offered
        return [Think(THOUGHT), run(LOOK_AROUND), Report(is_whole_answer=True)] if can_run else [Say(explain(WITHOUT_TOOLS))]
    steps: list[Step] = []
    is_slow = False
    for name, text in _directives(prompt):
        if name == "slow":
            is_slow = True
        else:
            step = _step(name, text, is_slow, offered)
            if isinstance(step, Call) and step.tool not in offered:
                step = Say(barred(name, step), is_slow)
            steps.append(step)
    if not steps:
        return [Say(explain("The script holds nothing to play."))]
    if isinstance(steps[-1], Call):
        steps.append(Report(is_whole_answer=False))
    return steps


def explain(why: str) -> str:
    """A helpful answer: what is wrong, then every directive."""
    rows = "\n".join(f"- `{usage}`: {meaning}" for usage, meaning in DIRECTIVES.values())
    return f"{why} The rehearsal provider knows these directives, one a line:\n\n{rows}\n\nAny other prompt gets a look around."


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a conversation stands: its newest prompt, how many steps were played since, and what the newest call gave.

    `call` is the command, or the tool where that says nothing.
    """

    prompt: str
    played: int = 0
    call: str = ""
    output: str = ""


def progress_of(items: Sequence[bytes]) -> Progress:
    """Read the items of a model request, from the newest back to the newest prompt.

    A tool output that answers none of our calls doesn't count, and neither does context that is sent as the user's.
    """
    played = 0
    newest_call: dict[str, Any] | None = None
    outputs: dict[str, str] = {}
    prompt = ""
    for raw in reversed(items):
        item = json.loads(raw)
        kind, role = item.get("type"), item.get("role")
        if kind == "message" and role == "user":
            written = _prompt_in(item)
            if written is not None:
                prompt = written
                break
        elif kind in STEP_KINDS or (kind == "message" and role == "assistant"):
            played += 1
            if kind in CALL_KINDS:
                newest_call = newest_call or item
        elif kind in OUTPUT_KINDS:
            outputs[str(item.get("call_id"))] = _text_of(item.get("output"))
    if newest_call is None:
        return Progress(prompt, played)
    return Progress(prompt, played, _name_of(newest_call), outputs.get(str(newest_call.get("call_id")), ""))


def _directives(prompt: str) -> Iterator[tuple[str, str]]:
    """The directives of a script with their texts, continuation lines joined."""
    for block in re.split(r"\n(?=[ \t]*/)", prompt.strip()):
        head, *text = block.split(maxsplit=1)
        yield head.removeprefix("/"), text[0].strip() if text else ""


def barred(name: str, call: Call) -> str:
    """What is said instead of a call of a tool that the request does not offer."""
    what = json.loads(call.text)["cmd"] if name == "run" else f"/{name}"
    return f"`{what}` was not run: this request offers no `{call.tool}` tool."


def run(command: str) -> Call:
    """Run a command."""
    return Call(COMMAND, _json({"cmd": command}))


def patch(text: str, offered: Set[str]) -> Call:
    """Change files, with the tool that is there for it."""
    if not text.startswith(PATCH_BEGINS):
        text = f"{PATCH_BEGINS}\n{text}\n{PATCH_ENDS}"
    if PATCH not in offered and COMMAND in offered:
        return run(f"{PATCH_SCRIPT}{text}\nEND_OF_PATCH\n")
    return Call(PATCH, text, is_custom=True)


def plan(text: str) -> Call:
    """Write down a plan."""
    steps = []
    for line in filter(str.strip, text.splitlines()):
        mark, _, step = line.strip().partition("] ")
        status = STATES.get(f"{mark}]")
        steps.append({"step": step.strip() if status else line.strip(), "status": status or "pending"})
    return Call(PLAN, _json({"plan": steps}))


def ask(text: str) -> Call:
    """Ask the user."""
    question, *options = [line.strip() for line in text.splitlines() if line.strip()]
    answers = [{"label": label, "description": label} for label in options or YES_OR_NO]
    return Call(ASK, _json({"questions": [{"id": "answer", "header": "Rehearsal", "question": question, "options": answers}]}))


CALLS: Mapping[str, Callable[[str, Set[str]], Call]] = {
    "run": lambda text, _: run(text),
    "patch": patch,
    "plan": lambda text, _: plan(text),
    "ask": lambda text, _: ask(text),
}


def _step(name: str, text: str, is_slow: bool, offered: Set[str]) -> Step:
    if name in ("say", "think", *CALLS) and not text:
        return Say(explain(f"`/{name}` needs a text behind it."), is_slow)
    match name:
        case "say":
            return Say(text, is_slow)
        case "think":
            return Think(text, is_slow)
        case "disconnect":
            return Disconnect()
        case "fail":
            if re.fullmatch(r"[45]\d\d", text):
                return Fail(int(text))
            return Say(explain(f"`/fail` needs an HTTP status from 400 to 599, not `{text}`."), is_slow)
        case _ if name in CALLS:
            return CALLS[name](text, offered)
        case _:
            return Say(explain(f"`/{name}` is not a directive."), is_slow)


def _prompt_in(item: dict[str, Any]) -> str | None:
    """The text that a user wrote in a message, or None if all of it is context."""
    content = item.get("content")
    if isinstance(content, str):
        content = [{"type": "input_text", "text": content}]
    parts = [part for part in content or [] if not str(part.get("text", "")).startswith(CONTEXT_MARKS)]
    if not parts:
        return None
    return "\n".join(str(part["text"]) for part in parts if part.get("text"))


def _name_of(item: dict[str, Any]) -> str:
    """The command of a call that runs one; of any other call, the tool's name."""
    if item.get("name") != COMMAND:
        return str(item.get("name"))
    command = str(json.loads(item["arguments"])["cmd"])
    return PATCH if command.startswith(PATCH_SCRIPT) else command


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _text_of(output: Any) -> str:
    """A tool's output as text; the parts of one that has several are joined."""
    if isinstance(output, list):
        return "\n".join(str(part.get("text", "")) for part in output)
    return str(output)
