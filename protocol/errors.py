"""Error codes of the protocol and the stable reasons in `error.data.reason`.

The codes are those of JSON-RPC and of the reference. The reasons are ours: words that a client may branch on, while
the texts beside them may change.
"""

from typing import Final

INVALID_REQUEST: Final = -32600
"""The request cannot be read or does not fit the state of the server; nearly all mistakes of callers have this code."""
METHOD_NOT_FOUND: Final = -32601
"""The method is known but this server does not serve it."""
INVALID_PARAMS: Final = -32602
"""The params can be read but break a rule that their shape does not tell."""
INTERNAL_ERROR: Final = -32603
"""The server or something it depends on failed."""
OVERLOADED: Final = -32001
"""Too many requests are waiting; the client should try again later."""

INVALID_REQUEST_REASON: Final = "invalid_request"
"""The request does not fit the state of the server."""
UNKNOWN_METHOD: Final = "unknown_method"
"""No method has this name."""
MISSING_FIELD: Final = "missing_field"
"""A required member is absent."""
INVALID_TYPE: Final = "invalid_type"
"""A member has a value of another type."""
INVALID_VALUE: Final = "invalid_value"
"""A member has a value of the right type that is not allowed."""
UNKNOWN_VARIANT: Final = "unknown_variant"
"""A member has a word that is not among those known."""
NOT_INITIALIZED: Final = "not_initialized"
"""The client has to send `initialize` first."""
ALREADY_INITIALIZED: Final = "already_initialized"
"""The client has sent `initialize` before."""
EXPERIMENTAL_REQUIRED: Final = "experimental_required"
"""The method or member is open only to clients with the `experimentalApi` capability."""
THREAD_NOT_FOUND: Final = "thread_not_found"
"""No thread has this id, or it is not loaded."""
NOT_SUPPORTED: Final = "not_supported"
"""This server does not serve the method."""
OVERLOADED_REASON: Final = "overloaded"
"""Too many requests are waiting."""
INTERNAL: Final = "internal"
"""The server failed; its log has the details."""
