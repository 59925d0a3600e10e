"""The user verification family of the wire contract."""

from typing import Annotated, Any, Literal

from pydantic import Field

from protocol.base import I64, Method, Params, Record, Response, TypeAliasType, Variant
from protocol.scalars import RequestId


class UserVerificationStatusParams(Params, extra="forbid"):
    """What `userVerification/status` asks with."""


UserVerificationUnavailableReason = TypeAliasType(
    "UserVerificationUnavailableReason", Literal["credentialMissing", "biometricsUnavailable", "providerUnavailable"]
)
"""User verification unavailable reason."""


class UserVerificationStatusResponse(Response):
    """What `userVerification/status` is answered with."""

    credential_id: str | None = None
    unavailable_reason: UserVerificationUnavailableReason | None = None
    unavailable_message: str | None = None


class UserVerificationEnrollParams(Params, extra="forbid"):
    """What `userVerification/enroll` asks with."""


class UserVerificationEnrollResponse(Response):
    """What `userVerification/enroll` is answered with."""

    credential_id: str
    algorithm: str | None = None
    public_key: str | None = None


class UserVerificationDeleteParams(Params, extra="forbid"):
    """What `userVerification/delete` asks with."""


class UserVerificationDeleteResponse(Response):
    """What `userVerification/delete` is answered with."""


class UserVerificationVerifyParams(Params, extra="forbid"):
    """What `userVerification/verify` asks with."""

    challenge: str
    title: str
    description: str


class UserVerificationProof(Record, extra="forbid"):
    """User verification proof."""

    credential_id: str
    signature: str


class UserVerificationVerifyResponse(Response):
    """What `userVerification/verify` is answered with."""

    proof: UserVerificationProof


class UserVerificationCancelParams(Params, extra="forbid"):
    """What `userVerification/cancel` asks with."""

    request_id: RequestId


class UserVerificationCancelResponse(Response):
    """What `userVerification/cancel` is answered with."""


UserVerificationCancellationReason = TypeAliasType("UserVerificationCancellationReason", Literal["userCancelled", "interrupted"])
"""User verification cancellation reason."""

UserVerificationInvalidRequestReason = TypeAliasType("UserVerificationInvalidRequestReason", Literal["invalidParams"])
"""User verification invalid request reason."""

UserVerificationFailureReason = TypeAliasType(
    "UserVerificationFailureReason", Literal["authenticationFailed", "timeout", "providerError", "serviceError"]
)
"""User verification failure reason."""


class InvalidRequestDetails(Variant, extra="forbid"):
    """Invalid request details."""

    type: Literal["invalidRequest"] = "invalidRequest"
    reason: UserVerificationInvalidRequestReason


class VerificationUnavailable(Variant, extra="forbid"):
    """Verification unavailable."""

    type: Literal["unavailable"] = "unavailable"
    reason: UserVerificationUnavailableReason


class CancelledDetails(Variant, extra="forbid"):
    """Cancelled details."""

    type: Literal["cancelled"] = "cancelled"
    reason: UserVerificationCancellationReason


class FailedDetails(Variant, extra="forbid"):
    """Failed details."""

    type: Literal["failed"] = "failed"
    reason: UserVerificationFailureReason


UserVerificationErrorDetails = TypeAliasType(
    "UserVerificationErrorDetails",
    Annotated[InvalidRequestDetails | VerificationUnavailable | CancelledDetails | FailedDetails, Field(discriminator="type")],
)
"""User verification error details."""


class UserVerificationRpcError(Record, extra="forbid"):
    """User verification rpc error."""

    code: I64
    message: str
    data: UserVerificationErrorDetails


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
