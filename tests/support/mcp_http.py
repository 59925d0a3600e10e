"""A small MCP server over HTTP on loopback, which may want a login; it notes what it was asked and with which headers."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

TOOLS = [{"name": "add", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": True}}]


@dataclass
class HttpServer:
    """`token`: what requests must bear, where a login is wanted; `renewed`: what a refresh gives."""

    is_streaming: bool = False
    token: str | None = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def result_of(method: str, params: dict[str, Any]) -> dict[str, Any]:
    if method == "initialize":
        info = {"name": "web", "version": "2"}
        return {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": info}
    if method == "tools/list":
        return {"tools": TOOLS}
    total = params["arguments"]["a"] + params["arguments"]["b"]
    return {"content": [{"type": "text", "text": str(total)}]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    def reply(self, status: int, body: Any = None, kind: str = "application/json", **headers: str) -> None:
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        site: HttpServer = self.server.site
        if site.token is not None and self.path == "/.well-known/oauth-authorization-server":
            ends = {name: f"{site.origin}/{name.split('_')[0]}" for name in ("authorization_endpoint", "token_endpoint")}
            more = {"issuer": site.origin, "registration_endpoint": f"{site.origin}/register"}
            self.reply(200, {**ends, **more, "response_types_supported": ["code"], "scopes_supported": ["read"]})
        else:
            self.reply(405 if self.path == "/mcp" else 404)

    def do_DELETE(self) -> None:
        self.reply(200)

    def do_POST(self) -> None:
        site: HttpServer = self.server.site
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/register":
            self.reply(201, {**json.loads(data), "client_id": "client-1"})
        elif self.path == "/token":
            form = {name: values[0] for name, values in parse_qs(data.decode()).items()}
            site.forms.append(form)
            tokens = {"access_token": site.token, "token_type": "Bearer", "expires_in": 3600, "refresh_token": "again"}
            self.reply(200, tokens)
        elif site.token is not None and self.headers.get("Authorization") != f"Bearer {site.token}":
            self.reply(401, {}, WWW_Authenticate="Bearer")
        else:
            self.speak(json.loads(data), site)

    def speak(self, message: dict[str, Any], site: HttpServer) -> None:
        site.asked.append((message["method"], {name.lower(): value for name, value in self.headers.items()}))
        if "id" not in message:
            self.reply(202)
            return
        answer = {"jsonrpc": "2.0", "id": message["id"], "result": result_of(message["method"], message.get("params") or {})}
        if site.is_streaming:
            self.reply(200, f"event: message\ndata: {json.dumps(answer)}\n\n".encode(), "text/event-stream")
        else:
            self.reply(200, answer, Mcp_Session_Id="session-1")


@contextmanager
def serving(**options: Any) -> Iterator[HttpServer]:
    """A running server."""
    site = HttpServer(**options)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.site = site  # type: ignore[attr-defined]
        site.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
