"""What a provider tells beside its answer: limits, another model than was asked for, checks of the account.

One object sees every answer of a turn, since some things are told only once per turn. It looks at the headers of an
answer, and at those events that carry more than the answer. Source: spec/upstream.md sections 3, 9 and 10.
"""

from collections.abc import Callable, Mapping
from typing import Any

from app_server.core.provider.base import Event, ProviderError, ResponseStarted
from app_server.core.provider.rate_limits import ORDINARY, from_event, from_headers, merged, of_refusal
from app_server.core.thread import Thread
from app_server.core.turn.turn import Turn
from protocol.account_usage import AccountRateLimitsUpdatedNotification, RateLimitSnapshot
from protocol.model import (
    ModelReroutedNotification,
    ModelSafetyBufferingUpdatedNotification,
    ModelVerification,
    ModelVerificationNotification,
)
from protocol.notice import WarningNotification

MODEL_HEADERS = ("openai-model", "x-openai-model")
VERIFICATIONS: dict[str, ModelVerification] = {"trusted_access_for_cyber": "trustedAccessForCyber"}
RECOMMENDATION = "openai_verification_recommendation"


class ProviderNews:
    """The news of one turn. `note_etag` gets the version of the provider's list of models."""

    def __init__(self, thread: Thread, turn: Turn, model: str, note_etag: Callable[[str], None]) -> None:
        self._thread = thread
        self._turn = turn
        self._model = model
        self._note_etag = note_etag
        self._is_rerouted = False
        self._is_verified = False

    def started(self, started: ResponseStarted) -> None:
        """An answer has begun. Over a websocket, limits come as events."""
        headers = started.headers
        self._served_by(headers.get(MODEL_HEADERS[0]))
        if not started.is_socket:
            self._note_limits(from_headers(headers))
        etag = headers.get("x-models-etag")
        if etag:
            self._note_etag(etag)

    def event(self, event: Event) -> None:
        """An event that has members beside those of an answer."""
        kind = event.get("type")
        if kind == "codex.rate_limits":
            self._note_limits(from_event(event))
            return
        response = event.get("response")
        for holder in (response, event):
            if isinstance(holder, dict) and isinstance(holder.get("headers"), dict):
                self._served_by(model_in(holder["headers"]))
        metadata = event.get("metadata")
        if kind == "response.metadata" and isinstance(metadata, dict):
            self._verified(metadata.get(RECOMMENDATION))
        if "safety_buffering" in event:
            self._buffering(event["safety_buffering"])

    def refused(self, error: ProviderError) -> None:
        """A request was refused because a limit is used up."""
        if error.headers is not None:
            self._note_limits(of_refusal(error.headers))

    def publish_limits(self) -> None:
        """Tell clients the account's limits, which they get after each count of tokens."""
        limits = self._thread.rate_limits or RateLimitSnapshot(limit_id=ORDINARY)
        self._thread.publish(AccountRateLimitsUpdatedNotification(rate_limits=limits))

    def publish_usage(self, window: int | None = None) -> None:
        """Tell again what is used, as far as it is known: an answer has failed halfway, or a limit has stopped it.

        `window`: of another model than the thread's.
        """
        if self._thread.usage.last.total:
            self._thread.publish_tokens(self._turn, window)
        self.publish_limits()

    def _note_limits(self, limits: RateLimitSnapshot) -> None:
        self._thread.rate_limits = merged(self._thread.rate_limits, limits)

    def _served_by(self, model: str | None) -> None:
        """Tell once per turn that another model has answered."""
        if model is None or self._is_rerouted or model.lower() == self._model.lower():
            return
        self._is_rerouted = True
        thread_id = self._thread.id
        self._thread.publish(
            ModelReroutedNotification(
                thread_id=thread_id,
                turn_id=self._turn.id,
                from_model=self._model,
                to_model=model,
                reason="highRiskCyberActivity",
            )
        )
        text = (
            f"Your account was flagged for potentially high-risk cyber activity and this request was routed to {model} as a "
            f"fallback. To regain access to {self._model}, apply for trusted access: https://chatgpt.com/cyber "
            "or learn more: https://developers.openai.com/codex/concepts/cyber-safety"
        )
        self._thread.publish(WarningNotification(thread_id=thread_id, message=text))

    def _verified(self, recommended: Any) -> None:
        """Tell once per turn what the account should be checked for."""
        if not isinstance(recommended, list) or self._is_verified:
            return
        known = [VERIFICATIONS[each] for each in recommended if isinstance(each, str) and each in VERIFICATIONS]
        if known:
            self._is_verified = True
            self._thread.publish(
                ModelVerificationNotification(thread_id=self._thread.id, turn_id=self._turn.id, verifications=known)
            )

    def _buffering(self, told: Any) -> None:
        """Tell that the answer is held back until it has been checked."""
        if not isinstance(told, dict):
            return
        use_cases, reasons, faster = texts_in(told, "use_cases"), texts_in(told, "reasons"), told.get("retry_model")
        if use_cases is None or reasons is None:
            return
        self._thread.publish(
            ModelSafetyBufferingUpdatedNotification(
                thread_id=self._thread.id,
                turn_id=self._turn.id,
                model=self._model,
                use_cases=use_cases,
                reasons=reasons,
                show_buffering_ui=True,
                faster_model=faster if isinstance(faster, str) else None,
            )
        )


def model_in(headers: Mapping[str, Any]) -> str | None:
    """The model that headers in an event name, whatever the case of their names; of a list, the first."""
    for name, value in headers.items():
        if name.lower() in MODEL_HEADERS:
            first = value[0] if isinstance(value, list) and value else value
            if isinstance(first, str):
                return first
    return None


def texts_in(holder: Mapping[str, Any], name: str) -> list[str] | None:
    """A member that is a list of strings; None if it is none."""
    value = holder.get(name)
    return value if isinstance(value, list) and all(isinstance(each, str) for each in value) else None
