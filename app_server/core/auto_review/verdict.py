"""What the reviewer decides: the form it is asked for, and reading it. Source: spec/approvals-sandbox.md section 8."""

import json
from typing import Any, Literal

from app_server.core.frozen import frozen
from protocol.guardian import GuardianApprovalReview, GuardianRiskLevel, GuardianUserAuthorization

Outcome = Literal["allow", "deny"]
RISKS: tuple[GuardianRiskLevel, ...] = ("low", "medium", "high", "critical")
AUTHORIZATIONS: tuple[GuardianUserAuthorization, ...] = ("unknown", "low", "medium", "high")
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "risk_level": {"type": "string", "enum": list(RISKS)},
        "user_authorization": {"type": "string", "enum": list(AUTHORIZATIONS)},
        "outcome": {"type": "string", "enum": ["allow", "deny"]},
        "rationale": {"type": "string"},
    },
    "required": ["outcome"],
}
_NO_RATIONALE: dict[Outcome, str] = {
    "allow": "Auto-review returned a low-risk allow decision.",
    "deny": "Auto-review returned a deny decision without a rationale.",
}
_REFUSED = (
    "This action was rejected due to unacceptable risk.\nReason: {rationale}\nDo not try to reach the same end in another way, "
    "by a detour or by getting around the rules. Do something that is clearly safer, or stop and ask the user, who may approve "
    "it knowing the risk."
)
_NOT_REVIEWED = (
    "{why}\nThe action was not carried out, since nobody could review it; that says nothing about whether it is safe. Do not get "
    "around the review: remove what went wrong, or ask the user."
)


@frozen
class Verdict:
    """A decision. `failure`: there is none, and why; then the action counts as denied."""

    outcome: Outcome
    risk_level: GuardianRiskLevel | None
    user_authorization: GuardianUserAuthorization | None
    rationale: str
    failure: bool = False
    has_timed_out: bool = False

    @property
    def is_allowed(self) -> bool:
        """Whether the action may happen."""
        return self.outcome == "allow"

    def wire(self) -> GuardianApprovalReview:
        """As clients are told."""
        status: Literal["approved", "denied", "timedOut"] = "approved" if self.is_allowed else "denied"
        return GuardianApprovalReview(
            status="timedOut" if self.has_timed_out else status,
            risk_level=self.risk_level,
            user_authorization=self.user_authorization,
            rationale=self.rationale,
        )

    def warning(self) -> str:
        """As people are told."""
        if self.failure:
            return self.rationale
        decided = "approved" if self.is_allowed else "denied"
        facts = f"risk: {self.risk_level}, authorization: {self.user_authorization}"
        return f"Automatic approval review {decided} ({facts}): {self.rationale}"

    def refusal(self) -> str:
        """As the model is told that asked for the action."""
        return _NOT_REVIEWED.format(why=self.rationale) if self.failure else _REFUSED.format(rationale=self.rationale)


def failed(why: str, *, has_timed_out: bool = False) -> Verdict:
    """There is no decision."""
    text = f"Automatic approval review failed: {why}"
    return Verdict("deny", None, None, text, failure=True, has_timed_out=has_timed_out)


def read_verdict(text: str | None) -> Verdict | None:
    """The decision in the reviewer's answer, which may stand among other words; None if there is none."""
    start, end = (text or "").find("{"), (text or "").rfind("}")
    if text is None or start < 0:
        return None
    try:
        given = json.loads(text[start : end + 1])
    except ValueError:
        return None
    outcome = given.get("outcome")
    if outcome not in _NO_RATIONALE:
        return None
    risk, authorization, rationale = (given.get(name) for name in ("risk_level", "user_authorization", "rationale"))
    return Verdict(
        outcome,
        risk if risk in RISKS else "low" if outcome == "allow" else "high",
        authorization if authorization in AUTHORIZATIONS else "unknown",
        rationale if isinstance(rationale, str) and rationale else _NO_RATIONALE[outcome],
    )
