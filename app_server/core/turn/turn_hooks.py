"""The hooks of a turn: what is asked of them at each of its points, and what becomes of their answers.

Hooks around tools hang on the one gate (`core.tools.runner`), so what they deny no tool can do. What they want the model to
know is said in the developer's place. Source: spec/config-auth.md section 8.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import anyio
import anyio.to_thread

from app_server.core.frozen import replace
from app_server.core.history_item import message
from app_server.core.hooks.thread_hooks import Ended, ThreadHooks
from app_server.core.store.lines import stored_usage
from app_server.core.thread import Thread
from app_server.core.tools.base import CommandAction, Denial, InputAction, Prepared, ToolCall, ToolOutput
from app_server.core.turn.answer import Completed
from app_server.core.turn.said import Said
from app_server.core.turn.turn import Turn
from app_server.core.usage import count_from
from protocol.hook import HookEventName
from protocol.input import TextInput
from protocol.item import HookPromptItem, UserMessageItem
from protocol.item_parts import HookPromptFragment

CONTEXT = "hooks.additional_context"
PATCH_NAMES = ("apply_patch", "Write", "Edit")
"""The name of the tool that changes files, and those by which hooks written for other agents know such tools."""
COMMAND_NAME = "Bash"
UNUSABLE_INPUT = "PreToolUse hook returned an updatedInput that does not fit the tool {name}"


class TurnHooks:
    """What a turn asks of the hooks of its thread. `note` keeps an item for the model."""

    def __init__(self, hooks: ThreadHooks, thread: Thread, turn: Turn, note: Callable[[dict[str, Any]], None]) -> None:
        self._hooks = hooks
        self._thread = thread
        self._turn_id = turn.inner_id
        self._note = note
        self._answered = anyio.Event()
        self._answered.set()
        self._is_continued = False
        self._pending: list[str] = []

    async def begin(self) -> bool:
        """The session begins, if it does with this turn. Returns whether the turn goes on."""
        source, self._hooks.start_source = self._hooks.start_source, None
        if source is None:
            return True
        if self._hooks.agent_type is not None:
            await self._run("subagentStart", {}, (self._hooks.agent_type,))
            return True
        ended = await self._run("sessionStart", {"source": source}, (source,))
        return not any(each.verdict.is_stop for each in ended)

    async def heard(self, said: Said) -> bool:
        """The user has said something. Returns whether it may be said; `tell_heard` is called when it was."""
        if not isinstance(said.item, UserMessageItem):
            return True
        prompt = "\n".join(part.text for part in said.item.content if isinstance(part, TextInput))
        return await self.may_say(prompt)

    async def may_say(self, prompt: str) -> bool:
        """Whether words may be said. What hooks have to add is kept for `tell_heard`."""
        ended = await self._run("userPromptSubmit", {"prompt": prompt}, is_told_later=True)
        is_refused = any(each.verdict.is_stop or each.verdict.status == "blocked" for each in ended)
        if is_refused:
            self.tell_heard()
        return not is_refused

    def tell_heard(self) -> None:
        """Tell the model what hooks had to add to the words."""
        pending, self._pending = self._pending, []
        self._tell(pending)

    async def before_request(self) -> None:
        """The model is about to be asked."""
        self._tell(self._hooks.take_late())
        if self._hooks.are_for("postModelRequest"):
            self._answered = anyio.Event()
        await self._run("preModelRequest", {})

    async def after_request(self, completed: Completed | None, error: str | None) -> None:
        """It has answered, or could not."""
        counted = completed.usage if completed is not None else None
        usage = stored_usage(count_from(counted).wire()) if counted is not None else None
        status = "completed" if error is None else "failed"
        try:
            await self._run("postModelRequest", {"status": status, "error": error, "token_usage": usage})
        finally:
            self._answered.set()

    async def before(self, call: ToolCall, prepared: Prepared) -> ToolCall | ToolOutput | None:
        """A call is to be carried out: the call to carry out instead, the output of one that may not be, or None."""
        await self._answered.wait()
        if call.name == "write_stdin" and not isinstance(prepared.action, InputAction):
            return None  # it only looks at what a command has printed
        names, given = known_as(call)
        facts = {"tool_name": names[0], "tool_input": given, "tool_use_id": call.call_id}
        ended = await self._run("preToolUse", facts, names, call.call_id)
        for each in ended:
            if each.verdict.status == "blocked" and each.verdict.reason is not None:
                reason = await self._hooks.shorten(each.hook, each.verdict.reason)
                return ToolOutput(blocked(names, given, reason))
        changed = [each.verdict.updated_input for each in ended if each.verdict.updated_input is not None]
        if not changed:
            return None
        call_instead = rewritten(call, changed[-1])
        return call_instead or ToolOutput(blocked(names, given, UNUSABLE_INPUT.format(name=names[0])))

    async def consent(self, call: ToolCall, prepared: Prepared) -> Denial | bool:
        """The user is to be asked about a call: a refusal, or whether a hook has agreed in his place."""
        names, given = known_as(call)
        if isinstance(prepared.action, CommandAction) and prepared.action.justification is not None:
            given = {**given, "description": prepared.action.justification}
        ended = await self._run("permissionRequest", {"tool_name": names[0], "tool_input": given}, names, call.call_id)
        refusal = next((each for each in ended if each.verdict.answer is False), None)
        if refusal is not None:
            return Denial(await self._hooks.shorten(refusal.hook, refusal.verdict.reason or ""))
        return any(each.verdict.answer for each in ended)

    async def after(self, call: ToolCall, output: ToolOutput) -> ToolOutput:
        """A call was carried out: its output, or what the model is told instead of it."""
        if not output.is_over:
            return output
        names, given = known_as(call)
        call_id = call.call_id
        if output.about is not None:
            call_id, script = output.about
            names, given = (COMMAND_NAME,), {"command": script}
        response = output.content if output.response is None else output.response
        facts = {"tool_name": names[0], "tool_input": given, "tool_response": response, "tool_use_id": call_id}
        ended = await self._run("postToolUse", facts, names, call_id)
        told = [await self._hooks.shorten(each.hook, each.verdict.reason) for each in ended if each.verdict.reason is not None]
        return ToolOutput("\n\n".join(told)) if told else output

    async def goes_on(self, last_text: str | None, show: Callable[[HookPromptItem], Any]) -> bool:
        """The model has nothing more to do. Returns whether hooks want it to go on; they have told it why, then."""
        facts: dict[str, Any] = {"stop_hook_active": self._is_continued, "last_assistant_message": last_text}
        if self._hooks.agent_type is None:
            ended = await self._run("stop", facts)
        else:
            own_path, parent_id = self._thread.recorder.path, self._thread.recorder.head.parent_thread_id
            found = await anyio.to_thread.run_sync(self._thread.runtime.catalogue().search, parent_id)
            facts |= {"agent_transcript_path": own_path, "transcript_path": str(found.path) if found is not None else None}
            ended = await self._run("subagentStop", facts, (self._hooks.agent_type,))
        wishes = [each for each in ended if each.verdict.status == "blocked" and each.verdict.reason is not None]
        if not wishes or any(each.verdict.is_stop for each in ended):
            return False
        self._is_continued = True
        fragments = [
            HookPromptFragment(text=await self._hooks.shorten(each.hook, each.verdict.reason or ""), hook_run_id=each.run_id)
            for each in wishes
        ]
        item_id = self._thread.new_message_id()
        texts = [as_prompt(each) for each in fragments]
        self._note(message(item_id, "user", texts, "unknown"))
        show(HookPromptItem(id=item_id, fragments=fragments))
        return True

    async def may_compact(self, trigger: str) -> bool:
        """The history is to be compacted. Returns whether it may be."""
        ended = await self._run("preCompact", {"trigger": trigger}, (trigger,))
        return not any(each.verdict.is_stop for each in ended)

    async def compacted(self, trigger: str) -> bool:
        """The history was compacted: the session begins anew. Returns whether the turn goes on."""
        self._hooks.start_source = "compact"
        ended = await self._run("postCompact", {"trigger": trigger}, (trigger,))
        return not any(each.verdict.is_stop for each in ended)

    async def interrupted(self) -> None:
        """The user has stopped the turn."""
        await self._run("interrupt", {})

    async def _run(
        self,
        event: HookEventName,
        facts: dict[str, Any],
        names: Sequence[str] = (),
        call_id: str = "",
        *,
        is_told_later: bool = False,
    ) -> list[Ended]:
        suffix = f":{call_id}" if call_id else ""
        ended = await self._hooks.run(event, self._turn_id, facts, names, suffix)
        contexts = [await self._hooks.shorten(each.hook, text) for each in ended for text in each.verdict.contexts]
        if is_told_later:
            self._pending = contexts
        else:
            self._tell(contexts)
        return ended

    def _tell(self, texts: Sequence[str]) -> None:
        for text in texts:
            self._note(message(self._thread.new_message_id(), "developer", [text], CONTEXT))


def as_prompt(fragment: HookPromptFragment) -> str:
    """What a hook wants, as the model reads it."""
    return f"<hook_prompt hook_run_id={quoteattr(fragment.hook_run_id)}>{escape(fragment.text)}</hook_prompt>"


def known_as(call: ToolCall) -> tuple[tuple[str, ...], Any]:
    """What hooks know a call by, the tool's own name first, and what it is given."""
    if call.name == "apply_patch":
        return PATCH_NAMES, {"command": call.arguments}
    given = json_of(call.arguments)
    if call.name == "exec_command" and isinstance(given, dict):
        return (COMMAND_NAME,), {"command": given.get("cmd", "")}
    name = f"{call.namespace.removesuffix('__')}__{call.name}" if call.namespace else call.name
    return (name,), given


def rewritten(call: ToolCall, updated: Any) -> ToolCall | None:
    """The call with what a hook wants it to be given; None if that does not fit."""
    if call.name not in ("apply_patch", "exec_command"):
        return replace(call, arguments=json.dumps(updated))
    command = updated.get("command") if isinstance(updated, dict) else None
    if not isinstance(command, str):
        return None
    if call.name == "apply_patch":
        return replace(call, arguments=command)
    given = json_of(call.arguments)
    return replace(call, arguments=json.dumps({**given, "cmd": command}))


def blocked(names: Sequence[str], given: Any, reason: str) -> str:
    """What the model is told of a call that a hook has blocked."""
    if names[0] in (COMMAND_NAME, PATCH_NAMES[0]):
        return f"Command blocked by PreToolUse hook: {reason}. Command: {given['command']}"
    return f"Tool call blocked by PreToolUse hook: {reason}. Tool: {names[0]}"


def json_of(text: str) -> Any:
    """What JSON says; text that is none stands for itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text
