"""The review family of the wire contract."""

from typing import Annotated, Any, Literal

from pydantic import Field

from protocol.base import Method, Params, Response, TypeAliasType, Variant
from protocol.turn import Turn

ReviewDelivery = TypeAliasType("ReviewDelivery", Literal["inline"])
"""Review delivery."""


class UncommittedChangesTarget(Variant):
    """Uncommitted changes target."""

    type: Literal["uncommittedChanges"] = "uncommittedChanges"


class BaseBranchTarget(Variant):
    """Base branch target."""

    type: Literal["baseBranch"] = "baseBranch"
    branch: str


class CommitTarget(Variant):
    """Commit target."""

    type: Literal["commit"] = "commit"
    sha: str
    title: str | None = None


class CustomTarget(Variant):
    """Custom target."""

    type: Literal["custom"] = "custom"
    instructions: str


ReviewTarget = TypeAliasType(
    "ReviewTarget",
    Annotated[UncommittedChangesTarget | BaseBranchTarget | CommitTarget | CustomTarget, Field(discriminator="type")],
)
"""Review target."""


class ReviewStartParams(Params):
    """What `review/start` asks with."""

    thread_id: str
    target: ReviewTarget
    delivery: ReviewDelivery | None = None


class ReviewStartResponse(Response):
    """What `review/start` is answered with."""

    turn: Turn
    review_thread_id: str


REVIEW_START = Method("review/start", ReviewStartParams, ReviewStartResponse)

METHODS: tuple[Method[Any, Any], ...] = (REVIEW_START,)
