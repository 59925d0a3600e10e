"""The account session family of the wire contract."""

from typing import Any, Literal

from protocol.base import I64, Method, OneOf, Params, Record, Response, SnakeVariant, TypeAliasType, Variant


class AccountSessionsListParams(Params):
    """What `accountSession/list` asks with."""

    refresh_workspace_metadata: bool = False


AccountSessionWorkspaceKind = TypeAliasType("AccountSessionWorkspaceKind", Literal["personal", "workspace"])
"""Account session workspace kind."""


class AccountSessionWorkspace(Record):
    """Account session workspace."""

    account_id: str
    name: str | None = None
    image_url: str | None = None
    kind: AccountSessionWorkspaceKind | None = None


class AccountSession(Record):
    """Account session."""

    session_id: str
    email: str | None = None
    user_id: str | None = None
    display_name: str | None = None
    image_url: str | None = None
    last_used_at: I64
    is_active: bool
    selected_workspace_account_id: str | None = None
    workspaces: list[AccountSessionWorkspace]


class AccountSessionsResponse(Response):
    """What `accountSession/list` is answered with."""

    active_session_id: str | None = None
    sessions: list[AccountSession]


class AccountSessionsSwitchParams(Params):
    """What `accountSession/switch` asks with."""

    session_id: str
    account_id: str
    allow_browser_login: bool = False


class SwitchedSessions(Variant):
    """Switched sessions."""

    active_session_id: str | None = None
    sessions: list[AccountSession]


class SwitchNeedsLogin(SnakeVariant):
    """Switch needs login."""

    auth_url: str
    login_id: str


class AccountSessionsSwitchResponse(OneOf[SwitchedSessions | SwitchNeedsLogin]):
    """What `accountSession/switch` is answered with."""


ACCOUNT_SESSION_LIST = Method("accountSession/list", AccountSessionsListParams, AccountSessionsResponse)
ACCOUNT_SESSION_SWITCH = Method("accountSession/switch", AccountSessionsSwitchParams, AccountSessionsSwitchResponse)

METHODS: tuple[Method[Any, Any], ...] = (ACCOUNT_SESSION_LIST, ACCOUNT_SESSION_SWITCH)
