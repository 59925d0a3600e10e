"""Proof that the user is there, by a key that the machine guards."""

from typing import Annotated, Any, Literal

from pydantic import Field

from protocol.base import I64, Method, Params, Record, Response, TypeAliasType, Variant
from protocol.scalars import RequestId


class UserVerificationStatusParams(Params, extra="forbid"):
    """Nothing to ask with."""


UserVerificationUnavailableReason = TypeAliasType(
    "UserVerificationUnavailableReason", Literal["credentialMissing", "biometricsUnavailable", "providerUnavailable"]
)
"""Why no proof can be had."""


class UserVerificationStatusResponse(Response):
    """Whether a proof can be had."""

    credential_id: str | None = None
    """The key; null: none."""
    unavailable_reason: UserVerificationUnavailableReason | None = None
    """Why not; null when it can."""
    unavailable_message: str | None = None
    """The same, for the user; null when it can."""


class UserVerificationEnrollParams(Params, extra="forbid"):
    """Nothing to ask with."""


class UserVerificationEnrollResponse(Response):
    """The key that was made or found."""

    credential_id: str
    """Its id."""
    algorithm: str | None = None
    """Its kind; null when not told."""
    public_key: str | None = None
    """Its public half, DER in base64 for URLs; null when not told."""


class UserVerificationDeleteParams(Params, extra="forbid"):
    """Nothing to ask with."""


class UserVerificationDeleteResponse(Response):
    """The key is gone."""


class UserVerificationVerifyParams(Params, extra="forbid"):
    """What to prove."""

    challenge: str
    """What to sign, up to 4096 bytes in base64 for URLs."""
    title: str
    """What it is for, for the user."""
    description: str
    """More about it."""


class UserVerificationProof(Record, extra="forbid"):
    """A signature."""

    credential_id: str
    """The key."""
    signature: str
    """The signature, DER in base64 for URLs."""


class UserVerificationVerifyResponse(Response):
    """The proof."""

    proof: UserVerificationProof
    """The signature."""


class UserVerificationCancelParams(Params, extra="forbid"):
    """A request of this family to give up."""

    request_id: RequestId
    """The id of that request."""


class UserVerificationCancelResponse(Response):
    """It is given up, if it was there."""


UserVerificationCancellationReason = TypeAliasType("UserVerificationCancellationReason", Literal["userCancelled", "interrupted"])
"""Who gave up."""

UserVerificationInvalidRequestReason = TypeAliasType("UserVerificationInvalidRequestReason", Literal["invalidParams"])
"""What was wrong with a request."""

UserVerificationFailureReason = TypeAliasType(
    "UserVerificationFailureReason", Literal["authenticationFailed", "timeout", "providerError", "serviceError"]
)
"""What failed."""


class InvalidRequestDetails(Variant, extra="forbid"):
    """The request was wrong."""

    type: Literal["invalidRequest"] = "invalidRequest"
    """The tag of this alternative."""
    reason: UserVerificationInvalidRequestReason
    """In which way."""


class VerificationUnavailable(Variant, extra="forbid"):
    """No proof can be had."""

    type: Literal["unavailable"] = "unavailable"
    """The tag of this alternative."""
    reason: UserVerificationUnavailableReason
    """Why."""


class CancelledDetails(Variant, extra="forbid"):
    """It was given up."""

    type: Literal["cancelled"] = "cancelled"
    """The tag of this alternative."""
    reason: UserVerificationCancellationReason
    """By whom."""


class FailedDetails(Variant, extra="forbid"):
    """It failed."""

    type: Literal["failed"] = "failed"
    """The tag of this alternative."""
    reason: UserVerificationFailureReason
    """What failed."""


UserVerificationErrorDetails = TypeAliasType(
    "UserVerificationErrorDetails",
    Annotated[InvalidRequestDetails | VerificationUnavailable | CancelledDetails | FailedDetails, Field(discriminator="type")],
)
"""What the `data` of an error of this family holds."""


class UserVerificationRpcError(Record, extra="forbid"):
    """An error of this family."""

    code: I64
    """The code."""
    message: str
    """A sentence."""
    data: UserVerificationErrorDetails
    """What happened."""


USER_VERIFICATION_STATUS = Method("userVerification/status", UserVerificationStatusParams, UserVerificationStatusResponse)
USER_VERIFICATION_ENROLL = Method("userVerification/enroll", UserVerificationEnrollParams, UserVerificationEnrollResponse)
USER_VERIFICATION_DELETE = Method("userVerification/delete", UserVerificationDeleteParams, UserVerificationDeleteResponse)
USER_VERIFICATION_VERIFY = Method("userVerification/verify", UserVerificationVerifyParams, UserVerificationVerifyResponse)
USER_VERIFICATION_CANCEL = Method("userVerification/cancel", UserVerificationCancelParams, UserVerificationCancelResponse)

METHODS: tuple[Method[Any, Any], ...] = (
    USER_VERIFICATION_STATUS,
    USER_VERIFICATION_ENROLL,
    USER_VERIFICATION_DELETE,
    USER_VERIFICATION_VERIFY,
    USER_VERIFICATION_CANCEL,
)
