"""Several logins at once, and changing between them."""

from typing import Annotated, Any, Literal

from protocol.base import I64, SNAKE_IN_SCHEMA, Method, Params, Record, Response, TypeAliasType, Variant
from protocol.one_of import OneOf


class AccountSessionsListParams(Params):
    """Whether to look up fresh facts."""

    refresh_workspace_metadata: bool = False
    """Whether names and images of workspaces are fetched anew."""


AccountSessionWorkspaceKind = TypeAliasType("AccountSessionWorkspaceKind", Literal["personal", "workspace"])
"""Whose workspace it is."""


class AccountSessionWorkspace(Record):
    """A workspace of a login."""

    account_id: str
    """Its account."""
    name: str | None = None
    """Its name; null when unknown."""
    image_url: str | None = None
    """Its image; null: none."""
    kind: AccountSessionWorkspaceKind | None = None
    """Whose it is; null when unknown."""


class AccountSession(Record):
    """A login."""

    session_id: str
    """Its id."""
    email: str | None = None
    """The address of the user; null when unknown."""
    user_id: str | None = None
    """The id of the user; null when unknown."""
    display_name: str | None = None
    """The name of the user; null when unknown."""
    image_url: str | None = None
    """The image of the user; null: none."""
    last_used_at: I64
    """When it was last used, in Unix seconds."""
    is_active: bool
    """Whether it is the one in use."""
    selected_workspace_account_id: str | None = None
    """The account of the workspace in use; null: none."""
    workspaces: list[AccountSessionWorkspace]
    """Its workspaces."""


class AccountSessionsResponse(Response):
    """The logins."""

    active_session_id: str | None = None
    """The one in use; null: none."""
    sessions: list[AccountSession]
    """All of them."""


class AccountSessionsSwitchParams(Params):
    """Which login and workspace to use from now on."""

    session_id: str
    """The login."""
    account_id: str
    """The account of the workspace."""
    allow_browser_login: bool = False
    """Whether a browser may be opened when the workspace wants its own sign-in."""


class SwitchedSessions(Variant):
    """It is in use."""

    active_session_id: str | None = None
    """The login in use; null: none."""
    sessions: list[AccountSession]
    """All logins."""


class SwitchNeedsLogin(Variant):
    """The user has to sign in first."""

    auth_url: Annotated[str, SNAKE_IN_SCHEMA]
    """Where."""
    login_id: Annotated[str, SNAKE_IN_SCHEMA]
    """The id of that login."""


class AccountSessionsSwitchResponse(OneOf[SwitchedSessions | SwitchNeedsLogin]):
    """Whether the change was made."""


ACCOUNT_SESSION_LIST = Method("accountSession/list", AccountSessionsListParams, AccountSessionsResponse)
ACCOUNT_SESSION_SWITCH = Method("accountSession/switch", AccountSessionsSwitchParams, AccountSessionsSwitchResponse)

METHODS: tuple[Method[Any, Any], ...] = (ACCOUNT_SESSION_LIST, ACCOUNT_SESSION_SWITCH)
