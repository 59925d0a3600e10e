"""Error codes of the protocol and the stable reasons in `error.data.reason`.

The codes are those of JSON-RPC and of the reference. The reasons are ours: words that a client may branch on, while
the texts beside them may change. An error that names one of the params also says which (`data.field`, with dots between
the members) and what was expected there (`data.expected`); some say how to go on (`data.remedy`).
"""

from collections.abc import Mapping
from typing import Final

INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
OVERLOADED: Final = -32001

CODES: Mapping[int, str] = {
    INVALID_REQUEST: "The request can't be read or does not fit the state of the server; nearly all mistakes of callers.",
    METHOD_NOT_FOUND: "The method is known, but this server does not serve it.",
    INVALID_PARAMS: "The params can be read but break a rule that their shape does not tell.",
    INTERNAL_ERROR: "The server failed, or something that it depends on: the file system, the configuration, the network.",
    OVERLOADED: "Too many requests are waiting; try again later.",
}
"""What each code means."""

REASONS: Mapping[str, str] = {
    "account_required": "The method works only with a ChatGPT login.",
    "already_initialized": "The client has sent `initialize` before.",
    "canceled": "The client has given the request up.",
    "config_write_refused": "The configuration was not changed; `data.config_write_error_code` says why.",
    "conflicting_fields": "Two members exclude each other.",
    "duplicate": "The name that the client chose is in use.",
    "empty": "A member that must not be empty is.",
    "experimental_required": "The method or member is open only to clients with the `experimentalApi` capability.",
    "input_closed": "The command's input has been closed.",
    "input_too_large": "The user's input is longer than a turn may have.",
    "internal": "The server failed in a way that it did not foresee; its log has the details under the id in the text.",
    "invalid_client_name": "The client's name can't be sent in an HTTP header.",
    "invalid_config": "The configuration can't be used as it is; the text says where it is wrong.",
    "invalid_cursor": "The cursor is not one that an earlier page came with.",
    "invalid_item": "An entry is not an item for the model.",
    "invalid_request": "The request does not fit the state of the server.",
    "invalid_thread_id": "The id of the thread is no UUID.",
    "invalid_type": "A member has a value of another type.",
    "invalid_value": "A member has a value of the right type that is not allowed.",
    "io_error": "The system refused access to a file; the text is the system's own.",
    "mcp_server": "An MCP server could not be reached, or did not do what it was asked for; the text says what it did.",
    "missing_field": "A required member is absent.",
    "no_active_turn": "No turn of the thread is running.",
    "no_input": "The command was started without an input that can be written.",
    "no_terminal": "The command is not attached to a terminal.",
    "login_failed": "The login could not be carried out or kept; the text says why.",
    "login_refused": "The configuration, or a login that a client holds, does not allow this kind of login.",
    "not_allowed": "The administrator of the machine does not allow this value.",
    "not_available": "What the method is about is switched off or does not exist on this server.",
    "not_found": "What a member names does not exist.",
    "not_initialized": "The client has to send `initialize` first.",
    "not_supported": "This server does not serve the method yet.",
    "server_overloaded": "Too many requests are waiting; the official SDK retries by this word.",
    "project_not_found": "No project has this id.",
    "provider_failed": "The provider was asked and did not answer as it should; the text says what it did.",
    "readStateConflict": "The thread's read state has changed since the client looked at it; `data.readState` is what it is now.",
    "remote_image": "An image has an address on the network; only data URLs and local files are taken.",
    "sandbox_unavailable": "There is no sandbox here in which the command could run as it was asked.",
    "spawn_failed": "A command could not be started; the text is the system's own.",
    "stale_path": "The file is not the one in which the thread is kept now.",
    "thread_archived": "The thread is archived.",
    "thread_busy": "Another process is writing the thread.",
    "thread_ephemeral": "The thread is never written to disk, and the method is about threads that are.",
    "thread_loaded": "The thread is loaded, and the method is about threads that are not.",
    "thread_not_found": "No thread has this id, or it is not loaded.",
    "thread_not_materialized": "The thread is not on disk yet: nothing has happened in it.",
    "thread_referenced": "Another thread's history continues this one's; `data.remedy` says which.",
    "too_many": "There are as many of a kind as there may be.",
    "turn_in_progress": "The turn is still running, or one is running where none may.",
    "turn_active": "The thread is busy with a turn.",
    "turn_mismatch": "Another turn is running than the one that the request names.",
    "turn_not_steerable": "The turn that is running takes no input.",
    "turn_not_found": "The thread has no such turn.",
    "unknown_environment": "No environment has this id.",
    "unknown_field": "A member is not among those that the object may have.",
    "unknown_method": "No method has this name.",
    "unknown_profile": "No permission profile has this name.",
    "unknown_variant": "A member has a word that is not among those known.",
}
"""What each reason means."""
