"""`review/start`. Source: spec/turns.md section 2.8."""

from app_server.core import review
from app_server.core.errors import CallerError
from app_server.core.turn.turn import Kind, Turn
from app_server.core.turn.work import Review
from app_server.routing import route
from app_server.services import Context
from protocol.input import TextInput
from protocol.item import EnteredReviewModeItem, UserMessageItem
from protocol.review import (
    REVIEW_START,
    BaseBranchTarget,
    CommitTarget,
    CustomTarget,
    ReviewStartParams,
    ReviewStartResponse,
    ReviewTarget,
)
from protocol.turn import Turn as WireTurn


def start(context: Context, params: ReviewStartParams) -> None:
    """Have the model review changes. A turn that runs is interrupted for it."""
    thread = context.services.threads.get(params.thread_id)
    check(params.target)
    clock = context.services.clock
    now, hint = clock.now_ms(), review.hint(params.target)
    turn = Turn(clock.uuid7(), now, Kind.REVIEW, inner_id=clock.uuid7())
    turn.work = Review(params.target)
    shown = UserMessageItem(id=turn.id, client_id=None, content=[TextInput(text=hint)])
    wire = WireTurn(
        id=turn.id,
        root_turn_id=None,
        items=[shown],
        items_view="notLoaded",
        status="inProgress",
        error=None,
        started_at=None,
        completed_at=None,
        duration_ms=None,
    )
    entered = EnteredReviewModeItem(id=clock.uuid7(), review=hint, started_at_ms=now, completed_at_ms=now)
    answer = ReviewStartResponse(turn=wire, review_thread_id=thread.id)
    thread.replace_turn(turn, lambda: context.reply(answer), opening=entered)


def check(target: ReviewTarget) -> None:
    """Refuse a review of nothing. Raises: CallerError."""
    if isinstance(target, BaseBranchTarget):
        refuse_blank(target.branch, "branch")
    elif isinstance(target, CommitTarget):
        refuse_blank(target.sha, "sha")
    elif isinstance(target, CustomTarget):
        refuse_blank(target.instructions, "instructions")


def refuse_blank(text: str, name: str) -> None:
    """Raises: CallerError."""
    if not text.strip():
        raise CallerError(f"{name} must not be empty", reason="empty", data={"field": f"target.{name}"})


ROUTES = [route(REVIEW_START, start)]
