"""What the server asks the client itself to do: run a tool of its own, renew a login, vouch for itself, tell the time."""

from typing import Any, Literal

from protocol.base import I64, Method, Params, Response, TypeAliasType
from protocol.item_parts import DynamicToolCallOutputContentItem


class DynamicToolCallParams(Params):
    """Run a tool that the client brought."""

    thread_id: str
    """The thread."""
    turn_id: str
    """The turn."""
    call_id: str
    """The id of the call, which is that of its item."""
    namespace: str | None = None
    """The group that the tool belongs to; null: none."""
    tool: str
    """The tool."""
    arguments: Any
    """What it is given."""


class DynamicToolCallResponse(Response):
    """What the tool answered."""

    content_items: list[DynamicToolCallOutputContentItem]
    """The answer for the model."""
    success: bool
    """Whether it worked."""


ChatgptAuthTokensRefreshReason = TypeAliasType("ChatgptAuthTokensRefreshReason", Literal["unauthorized"])
"""Why a fresh token is needed."""


class ChatgptAuthTokensRefreshParams(Params):
    """A fresh token is needed; sent to clients that manage the login."""

    reason: ChatgptAuthTokensRefreshReason
    """Why."""
    previous_account_id: str | None = None
    """The account in use so far; null when the login did not tell."""


class ChatgptAuthTokensRefreshResponse(Response):
    """A fresh token."""

    access_token: str
    """The token."""
    chatgpt_account_id: str
    """The account that it belongs to."""
    chatgpt_plan_type: str | None = None
    """The plan of the account; null when unknown."""


class AttestationGenerateParams(Params):
    """The client should vouch for itself."""


class AttestationGenerateResponse(Response):
    """The client vouches for itself."""

    token: str
    """A token that only the provider understands."""


class CurrentTimeReadParams(Params):
    """What time is it for the user of this thread?"""

    thread_id: str
    """The thread."""


class CurrentTimeReadResponse(Response):
    """The time."""

    current_time_at: I64
    """In whole Unix seconds."""


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
