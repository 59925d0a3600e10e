"""The tool that changes files by a patch, as a tool of its own and for scripts that are nothing but a call of it.

Models write patches as free text that the provider holds to a grammar; some wrap them into a here-document for a
program `apply_patch`, which there is not: `patch_in_script` recognizes that. Source: spec/tools.md section 5.
"""

import os
import re
import time
from pathlib import Path
from typing import Any

import anyio.to_thread

from app_server.core.frozen import frozen
from app_server.core.patch.grammar import GRAMMAR
from app_server.core.patch.parser import PatchError
from app_server.core.patch.plan import Plan, plan_patch
from app_server.core.tools.base import Denial, PatchAction, Permit, Prepared, ToolCall, ToolFailure, ToolHost, ToolOutput
from protocol.item import FileChangeItem

_SCRIPT = re.compile(
    r"""\s*(?:cd\s+(?:'(?P<single>[^']*)'|"(?P<double>[^"$`\\]*)"|(?P<bare>[\w@%+=:,./-]+))\s*&&\s*)?"""
    r"""(?:apply_patch|applypatch)\s*<<-?\s*(?P<quote>['"]?)(?P<tag>\w+)(?P=quote)[ \t]*\n"""
    r"""(?P<patch>.*\n)[ \t]*(?P=tag)\s*""",
    re.DOTALL,
)


@frozen
class PatchCall:
    """A checked patch. It is planned again when it is carried out, since files may have changed while the user was asked."""

    text: str
    cwd: str
    item: FileChangeItem


class ApplyPatch:
    """The tool `apply_patch`."""

    name = "apply_patch"
    is_parallel = False

    def spec(self) -> dict[str, Any]:
        """The tool as the model sees it."""
        return {
            "type": "custom",
            "name": self.name,
            "description": _DESCRIPTION,
            "format": {"type": "grammar", "syntax": "lark", "definition": GRAMMAR},
        }

    def prepare(self, call: ToolCall, host: ToolHost) -> Prepared:
        """Check the patch. Raises: ToolFailure (it is malformed, or does not fit the files)."""
        return prepare_patch(call.call_id, call.arguments, host.cwd)

    async def run(self, call: ToolCall, prepared: Prepared, permit: Permit, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """Change the files. Cancel: waits until all of them are written."""
        return ToolOutput(await carry_out(prepared.arguments, host))

    def declined(self, call: ToolCall, prepared: Prepared, denial: Denial, host: ToolHost) -> ToolOutput:  # noqa: ARG002
        """The files may not be changed."""
        return ToolOutput(decline(prepared.arguments, denial, host))


def prepare_patch(call_id: str, text: str, cwd: str) -> Prepared:
    """A patch that was checked, with what it touches. Raises: ToolFailure."""
    try:
        plan = plan_patch(text, cwd)
    except PatchError as error:
        raise ToolFailure(str(error)) from None
    item = FileChangeItem(id=call_id, changes=plan.to_wire(), status="inProgress")
    return Prepared(PatchCall(text, cwd, item), PatchAction(plan.paths), item)


async def carry_out(call: PatchCall, host: ToolHost) -> str:
    """Change the files, show it, and say how it went."""
    host.open_item(call.item)
    began = time.monotonic()
    plan: Plan | None = None
    try:
        plan = plan_patch(call.text, call.cwd)
        await anyio.to_thread.run_sync(plan.carry_out)
        text = plan.summary()
    except PatchError as error:
        plan, text = None, f"{error}\n"
    host.close_item(call.item.model_copy(update={"status": "failed" if plan is None else "completed"}))
    if plan is not None:
        host.note_changes(plan.changes)
    seconds = round(time.monotonic() - began, 1)
    return f"Exit code: {int(plan is None)}\nWall time: {seconds:g} seconds\nOutput:\n{text}"


def decline(call: PatchCall, denial: Denial, host: ToolHost) -> str:
    """Show that the files may not be changed, and say so."""
    host.open_item(call.item)
    host.close_item(call.item.model_copy(update={"status": "declined"}))
    if denial.whole or denial.has_failed:
        return denial.reason
    return f"patch {denial.reason}"


def patch_in_script(script: str, cwd: str) -> tuple[str, str] | None:
    """The patch and its folder, where a script is nothing but a call of `apply_patch`, perhaps in another folder."""
    found = _SCRIPT.fullmatch(script)
    if found is None or f"\n{found['tag']}\n" in found["patch"]:
        return None
    folder = found["single"] or found["double"] or found["bare"] or ""
    return found["patch"], os.path.normpath(Path(cwd, folder))


_DESCRIPTION = (
    "Change files by a patch. Paths count from the turn's folder. The input is the patch itself, as free text: between "
    "`*** Begin Patch` and `*** End Patch`, any number of files, each to add, to delete or to update. An update shows the "
    "lines around each change as context."
)
