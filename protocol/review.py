"""Reviews: a model looks at changes and says what it finds."""

from typing import Annotated, Any, Literal

from pydantic import Field

from protocol.base import Method, Params, Response, TypeAliasType, Variant
from protocol.turn import Turn

ReviewDelivery = TypeAliasType("ReviewDelivery", Literal["inline"])
"""Where a review takes place: in the thread itself."""


class UncommittedChangesTarget(Variant):
    """Everything that is not committed."""

    type: Literal["uncommittedChanges"] = "uncommittedChanges"
    """The tag of this alternative."""


class BaseBranchTarget(Variant):
    """Everything since a branch."""

    type: Literal["baseBranch"] = "baseBranch"
    """The tag of this alternative."""
    branch: str
    """The branch."""


class CommitTarget(Variant):
    """A commit."""

    type: Literal["commit"] = "commit"
    """The tag of this alternative."""
    sha: str
    """The commit."""
    title: str | None = None
    """Its subject, to be shown; null: none."""


class CustomTarget(Variant):
    """Whatever the user says."""

    type: Literal["custom"] = "custom"
    """The tag of this alternative."""
    instructions: str
    """What to review, and how."""


ReviewTarget = TypeAliasType(
    "ReviewTarget",
    Annotated[UncommittedChangesTarget | BaseBranchTarget | CommitTarget | CustomTarget, Field(discriminator="type")],
)
"""What to review."""


class ReviewStartParams(Params):
    """A review to begin."""

    thread_id: str
    """The thread."""
    target: ReviewTarget
    """What to review."""
    delivery: ReviewDelivery | None = None
    """Where it takes place; null: in the thread."""


class ReviewStartResponse(Response):
    """The review has begun."""

    turn: Turn
    """Its turn."""
    review_thread_id: str
    """The thread that it takes place in."""


REVIEW_START = Method("review/start", ReviewStartParams, ReviewStartResponse)

METHODS: tuple[Method[Any, Any], ...] = (REVIEW_START,)
