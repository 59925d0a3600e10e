"""Has actions reviewed by a model in the user's place, and tells clients what became of it.

The reviewer talks in a thread of its own, which clients do not see and no file keeps: it reads what has happened since it
was asked last, may look at the machine without changing it, and answers with a verdict. Whatever keeps it from doing so
counts as a refusal. Source: spec/approvals-sandbox.md section 8; differs: the reference keeps the reviewer's own thread.
"""

from typing import Any

import anyio

from app_server.core.auto_review import briefs, reviewed
from app_server.core.auto_review.reviewing_thread import reviewing_thread
from app_server.core.auto_review.verdict import SCHEMA, Verdict, failed, read_verdict
from app_server.core.history_item import message
from app_server.core.thread import Thread
from app_server.core.tools.base import Denial, PatchAction, Prepared, ToolCall
from app_server.core.turn.said import Said
from app_server.core.turn.turn import Outcome, Turn
from app_server.core.unload import stop
from protocol.guardian import (
    GuardianApprovalReview,
    ItemGuardianApprovalReviewCompletedNotification,
    ItemGuardianApprovalReviewStartedNotification,
)
from protocol.notice import GuardianWarningNotification

ATTEMPTS = 3
LONGEST_S = 90.0
_NOT_JSON = "guardian assessment was not valid JSON"


class Reviewer:
    """The reviewer of one thread. It judges one action at a time."""

    def __init__(self, thread: Thread) -> None:
        self._thread = thread
        self._own: Thread | None = None
        self._seen = 0
        self._entries = 0
        self._rounds = 0
        self._one = anyio.Lock()

    async def review(self, turn: Turn, call: ToolCall, prepared: Prepared) -> Denial | None:
        """The verdict on an action of a turn, None for consent. Cancel: clients are told that there is no verdict."""
        thread, clock = self._thread, self._thread.runtime.clock
        facts: dict[str, Any] = {
            "thread_id": thread.id,
            "turn_id": turn.id,
            "started_at_ms": clock.now_ms(),
            "review_id": clock.uuid7(),
            "target_item_id": call.call_id,
            "action": reviewed.to_clients(call, prepared, thread.settings.cwd),
        }
        begun = GuardianApprovalReview(status="inProgress")
        thread.publish(ItemGuardianApprovalReviewStartedNotification(review=begun, **facts))
        outcome = GuardianApprovalReview(status="aborted")
        try:
            verdict = await self.judge(call, prepared, turn.root_id)
            outcome = verdict.wire()
            thread.publish(GuardianWarningNotification(thread_id=thread.id, message=verdict.warning()))
        finally:
            ended: dict[str, Any] = {"completed_at_ms": clock.now_ms(), "decision_source": "agent", "review": outcome}
            thread.publish(ItemGuardianApprovalReviewCompletedNotification(**facts, **ended))
        if verdict.is_allowed:
            return None
        return Denial(verdict.refusal(), whole=isinstance(prepared.action, PatchAction))

    async def judge(self, call: ToolCall, prepared: Prepared, root_turn_id: str) -> Verdict:
        """Ask until there is a verdict that can be read, a few times at most."""
        async with self._one:
            verdict = None
            action = reviewed.to_reviewer(call, prepared, self._thread.settings.cwd)
            try:
                with anyio.move_on_after(LONGEST_S) as scope:
                    for _ in range(ATTEMPTS):
                        verdict = await self._ask(action, root_turn_id)
                        if verdict is not None:
                            break
            finally:
                if self._own is not None and self._own.turn is not None:
                    with anyio.CancelScope(shield=True):
                        await stop(self._own)
            if scope.cancelled_caught:
                return failed(f"there was no answer within {LONGEST_S:.0f} seconds", has_timed_out=True)
            return verdict or failed(_NOT_JSON)

    async def _ask(self, action: dict[str, Any], root_turn_id: str) -> Verdict | None:
        """One turn of the reviewer; None if its answer is no verdict."""
        own = self._own = self._own or reviewing_thread(self._thread)
        clock, ended = own.runtime.clock, anyio.Event()
        turn = Turn(clock.uuid7(), clock.now_ms(), output_schema=SCHEMA, root_id=root_turn_id)
        turn.is_schema_strict = False
        own.begin_turn(turn, lambda: None, self._said(own, action))
        own.when_idle(ended.set)
        await ended.wait()
        if turn.outcome is Outcome.FAILED and turn.error is not None:
            return failed(turn.error.message)
        return read_verdict(turn.last_message.text if turn.last_message is not None else None)

    def _said(self, own: Thread, action: dict[str, Any]) -> Said:
        """What the reviewer is asked: what it has not seen yet, and the action."""
        items = self._thread.history.items()
        if len(items) < self._seen:
            self._seen = 0  # the history was shortened: it begins anew
        entries = briefs.entries_of(items, self._seen)
        self._seen = len(items)
        parts = briefs.brief(entries, self._entries + 1, self._thread.session_id, action)
        is_second, self._rounds = self._rounds == 1, self._rounds + 1
        self._entries += len(entries)
        asked = [message(own.new_message_id(), "user", parts, "auto_review.request")]
        if is_second:
            asked.insert(0, message(own.new_message_id(), "developer", [briefs.AGAIN], "auto_review.again"))
        return Said(before=tuple(asked))

    async def aclose(self) -> None:
        """The thread ends."""
        if self._own is not None:
            await stop(self._own)
