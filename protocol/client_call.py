"""The client call family of the wire contract."""

from typing import Any, Literal

from protocol.base import I64, Method, Params, Response, TypeAliasType
from protocol.item_parts import DynamicToolCallOutputContentItem


class DynamicToolCallParams(Params):
    """What `item/tool/call` asks with."""

    thread_id: str
    turn_id: str
    call_id: str
    namespace: str | None = None
    tool: str
    arguments: Any


class DynamicToolCallResponse(Response):
    """What `item/tool/call` is answered with."""

    content_items: list[DynamicToolCallOutputContentItem]
    success: bool


ChatgptAuthTokensRefreshReason = TypeAliasType("ChatgptAuthTokensRefreshReason", Literal["unauthorized"])
"""Chatgpt auth tokens refresh reason."""


class ChatgptAuthTokensRefreshParams(Params):
    """What `account/chatgptAuthTokens/refresh` asks with."""

    reason: ChatgptAuthTokensRefreshReason
    previous_account_id: str | None = None


class ChatgptAuthTokensRefreshResponse(Response):
    """What `account/chatgptAuthTokens/refresh` is answered with."""

    access_token: str
    chatgpt_account_id: str
    chatgpt_plan_type: str | None = None


class AttestationGenerateParams(Params):
    """What `attestation/generate` asks with."""


class AttestationGenerateResponse(Response):
    """What `attestation/generate` is answered with."""

    token: str


class CurrentTimeReadParams(Params):
    """What `currentTime/read` asks with."""

    thread_id: str


class CurrentTimeReadResponse(Response):
    """What `currentTime/read` is answered with."""

    current_time_at: I64


ITEM_TOOL_CALL = Method("item/tool/call", DynamicToolCallParams, DynamicToolCallResponse)
ACCOUNT_CHATGPT_AUTH_TOKENS_REFRESH = Method(
    "account/chatgptAuthTokens/refresh", ChatgptAuthTokensRefreshParams, ChatgptAuthTokensRefreshResponse
)
ATTESTATION_GENERATE = Method("attestation/generate", AttestationGenerateParams, AttestationGenerateResponse)
CURRENT_TIME_READ = Method("currentTime/read", CurrentTimeReadParams, CurrentTimeReadResponse)

SERVER_METHODS: tuple[Method[Any, Any], ...] = (
    ITEM_TOOL_CALL,
    ACCOUNT_CHATGPT_AUTH_TOKENS_REFRESH,
    ATTESTATION_GENERATE,
    CURRENT_TIME_READ,
)
