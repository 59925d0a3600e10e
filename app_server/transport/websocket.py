"""One client's websocket: its HTTP request, then frames; without input or output of its own.

Bytes from the client go in by `feed`, which gives the whole text messages; what is to be written comes out of `frame`.
So the reading and writing around it is that of any other client. Binary messages are ignored, pings answered, and
whatever breaks the protocol ends the connection with a close code. Source: spec/server.md section 10.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from websockets.exceptions import InvalidHandshake, InvalidHeader, InvalidHeaderValue, InvalidMethod, InvalidUpgrade
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

MESSAGE_BYTES = 64 << 20
"""The longest message that a client may send."""
HEALTH = ("/healthz", "/readyz")
MALFORMED = 1002
NOT_UTF8 = 1007
GOING_AWAY = 1001
TRY_AGAIN_LATER = 1013

Admit = Callable[[str | None], str | None]
"""What is wrong with an `Authorization` header (or with its absence); None when its client may come in."""


class WebSocket:
    """The state of one connection."""

    def __init__(self, admit: Admit) -> None:
        self._admit = admit
        self._protocol = ServerProtocol(max_size=MESSAGE_BYTES)
        self._parts: list[bytes] = []
        self._is_text = False

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent and received: from the accepted request to the first close frame of either side."""
        return self._protocol.state is State.OPEN

    @property
    def has_said_all(self) -> bool:
        """Whether nothing follows what `frame` gave last: the request was refused, or the client has closed or erred."""
        return self._protocol.eof_sent

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes from the client; the text messages that they complete."""
        self._protocol.receive_data(data)
        messages: list[bytes] = []
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._answer(event)
            elif isinstance(event, Frame):
                self._take(event, messages)
        return messages

    def frame(self, lines: bytes) -> bytes:
        """What is to be written now: answers to the client's control frames, and a message for each of the lines."""
        if lines and self._protocol.state is State.OPEN:
            for line in lines.removesuffix(b"\n").split(b"\n"):
                self._protocol.send_text(line)
        return b"".join(self._protocol.data_to_send())

    def close(self, code: int, reason: str) -> None:
        """Begin to close; the frame that says why comes out of `frame`."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)

    def _answer(self, request: Request) -> None:
        """Accept the client, or tell it why not."""
        protocol = self._protocol
        if protocol.eof_sent:  # what came behind the request made no sense, and has ended the connection
            return
        if "Origin" in request.headers:  # a web page, which has no business here
            self._refuse(HTTPStatus.FORBIDDEN)
        elif request.path.partition("?")[0] in HEALTH:
            if request.method in ("GET", "HEAD"):
                self._refuse(HTTPStatus.OK)
            else:
                self._refuse(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET,HEAD"})
        elif (complaint := self._admit(_authorization(request))) is not None:
            self._refuse(HTTPStatus.UNAUTHORIZED, complaint)
        else:
            try:
                protocol.process_request(request)
            except InvalidMethod:
                self._refuse(HTTPStatus.METHOD_NOT_ALLOWED, "Request method must be `GET`")
            except InvalidHandshake as error:
                self._refuse(HTTPStatus.BAD_REQUEST, _complaint(error))
            else:
                protocol.send_response(protocol.accept(request))

    def _refuse(self, status: HTTPStatus, text: str = "", headers: Mapping[str, str] | None = None) -> None:
        response = self._protocol.reject(status, text)
        if not text:
            del response.headers["Content-Type"]
        for name, value in (headers or {}).items():
            response.headers[name] = value
        self._protocol.send_response(response)

    def _take(self, frame: Frame, messages: list[bytes]) -> None:
        """Put the fragments of a message together."""
        if frame.opcode is Opcode.TEXT or frame.opcode is Opcode.BINARY:
            self._is_text = frame.opcode is Opcode.TEXT
            self._parts = []
        elif frame.opcode is not Opcode.CONT:
            return
        if self._is_text:
            self._parts.append(bytes(frame.data))
            if frame.fin:
                messages.append(b"".join(self._parts))
                self._parts = []


def _authorization(request: Request) -> str | None:
    values = request.headers.get_all("Authorization")
    return ", ".join(values) if values else None


def _complaint(error: InvalidHandshake) -> str:
    """What is wrong with a request that wants to become a websocket, in the reference's words."""
    if isinstance(error, InvalidUpgrade):
        return f"{error.name} header did not include 'upgrade'" if error.name == "Connection" else NO_UPGRADE
    if isinstance(error, InvalidHeader) and error.name == "Sec-WebSocket-Version":
        return "`Sec-WebSocket-Version` header did not include '13'"
    if isinstance(error, InvalidHeader) and not isinstance(error, InvalidHeaderValue):
        return f"`{error.name}` header missing"
    return str(error)


NO_UPGRADE = "`Upgrade` header did not include 'websocket'"
