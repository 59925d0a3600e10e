"""What can go wrong with a server, in the words that models and clients know from the reference."""

import json
from typing import Any


class ServerTrouble(Exception):
    """A server does not do what it was asked for; the text says why."""


class RemoteError(ServerTrouble):
    """The server has answered with an error."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        shown = "" if data is None else f"({json.dumps(data, ensure_ascii=False, separators=(',', ':'))})"
        super().__init__(f"Mcp error: {code}: {message}{shown}")
        self.code = code
        self.message = message
        self.data = data


class LinkClosed(ServerTrouble):
    """The connection has ended."""

    def __init__(self) -> None:
        super().__init__("Transport closed")


class TooLate(ServerTrouble):
    """The server has not answered in time."""

    def __init__(self, method: str, seconds: float) -> None:
        super().__init__(f"timed out awaiting {method} after {int(seconds * 1000)}ms")


class OddAnswer(ServerTrouble):
    """The server has answered something else than was asked for."""

    def __init__(self) -> None:
        super().__init__("Unexpected response type")


class LoginNeeded(ServerTrouble):
    """The server does not take the login that there was."""


class NotStarted(ServerTrouble):
    """The server could not be started."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"MCP startup failed: {reason}")
        self.reason = reason


class Refusal(Exception):
    """What the server asks for can't be done; it gets this error as its answer."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602


def os_error_text(error: OSError) -> str:
    """Why a program could not be started."""
    return f"{error.strerror} (os error {error.errno})" if error.errno else str(error)
