"""A small MCP server as a program of its own, in the standard library alone, so that it starts quickly: `python mcp_program.py`.

What it does is told by its environment: LAB_FAIL (exit, init, list, noise), LAB_SLOW_S before it greets, LAB_CHILD to start a
program that outlives a polite end, LAB_NOTES a file to which it writes what is told to it.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

READS = {"readOnlyHint": True}
TOOLS: list[dict[str, Any]] = [
    {
        "name": "add",
        "description": "Adds.",
        "inputSchema": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}},
        "annotations": READS,
    },
    {"name": "where", "inputSchema": {"type": "object"}, "annotations": READS},
    {"name": "ask", "inputSchema": {"type": "object"}, "annotations": READS},
    {"name": "wait", "inputSchema": {"type": "object"}, "annotations": READS},
    {"name": "steps", "inputSchema": {"type": "object"}, "annotations": READS},
    {"name": "die", "inputSchema": {"type": "object"}, "annotations": READS},
    {"name": "write", "description": "Writes.", "inputSchema": {"type": "object"}},
    {"name": "look-up", "inputSchema": {"type": "object"}, "annotations": READS},
]
FORM = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
answers: dict[str, Any] = {}
answered = threading.Condition()
speaking = threading.Lock()


def say(message: dict[str, Any]) -> None:
    with speaking:
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        sys.stdout.flush()


def note(text: str) -> None:
    if "LAB_NOTES" in os.environ:
        with Path(os.environ["LAB_NOTES"]).open("a") as notes:
            notes.write(text + "\n")


def ask(id: str, method: str, params: dict[str, Any]) -> Any:
    say({"id": id, "method": method, "params": params})
    with answered:
        answered.wait_for(lambda: id in answers)
        return answers.pop(id)


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": words}], **more}


def call(params: dict[str, Any]) -> dict[str, Any]:
    arguments = params.get("arguments") or {}
    match params["name"]:
        case "add":
            total = arguments["a"] + arguments["b"]
            return text(str(total), structuredContent={"sum": total})
        case "where":
            return text(json.dumps({"cwd": str(Path.cwd()), "pid": os.getpid(), "environment": sorted(os.environ)}))
        case "ask":
            return text(json.dumps(ask("q1", "elicitation/create", {"message": "Who?", "requestedSchema": FORM})))
        case "wait":
            note("waits")
            time.sleep(60)
        case "steps":
            token = params["_meta"]["progressToken"]
            say({"method": "notifications/progress", "params": {"progressToken": token, "progress": 1, "message": "half"}})
            ask("q2", "ping", {})
            return text("whole")
        case "die":
            os._exit(3)
    return text(arguments.get("say", "done"), isError=params["name"] == "look-up")


def result_of(method: str, params: dict[str, Any]) -> dict[str, Any]:
    fails = os.environ.get("LAB_FAIL")
    if method == "initialize" and fails != "init":
        time.sleep(float(os.environ.get("LAB_SLOW_S", "0")))
        capabilities = {"tools": {}, "resources": {}}
        return {
            "protocolVersion": params["protocolVersion"],
            "capabilities": capabilities,
            "serverInfo": {"name": "lab", "version": "1"},
            "instructions": "Use it well.",
        }
    if method == "tools/list" and fails != "list":
        at = int(params.get("cursor", 0))  # pages of five
        more = {"nextCursor": str(at + 5)} if at + 5 < len(TOOLS) else {}
        return {"tools": TOOLS[at : at + 5], **more}
    if method == "tools/call":
        return call(params)
    if method == "resources/list":
        return {"resources": [{"uri": "lab://one", "name": "one"}]}
    if method == "resources/templates/list":
        return {"resourceTemplates": [{"uriTemplate": "lab://{x}", "name": "any"}]}
    if method == "resources/read" and params["uri"] == "lab://one":
        return {"contents": [{"uri": "lab://one", "mimeType": "text/plain", "text": "one!"}]}
    raise LookupError(method)


def handle(message: dict[str, Any]) -> None:
    try:
        say({"id": message["id"], "result": result_of(message["method"], message.get("params") or {})})
    except LookupError as error:
        say({"id": message["id"], "error": {"code": -32000, "message": f"no {error.args[0]}", "data": {"lab": 1}}})


def main() -> None:
    note(f"pid {os.getpid()}")
    if "LAB_CHILD" in os.environ:
        child = subprocess.Popen(
            [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"]
        )
        note(f"pid {child.pid}")
    if os.environ.get("LAB_FAIL") == "exit":
        sys.exit(7)
    if os.environ.get("LAB_FAIL") == "noise":
        print("This is no message.", flush=True)  # noqa: T201
    for line in sys.stdin:
        message = json.loads(line)
        if "method" in message and "id" in message:
            threading.Thread(target=handle, args=(message,), daemon=True).start()
        elif "id" in message:
            with answered:
                answers[message["id"]] = message.get("result", message.get("error"))
                answered.notify_all()
        elif message["method"] == "notifications/cancelled":
            note("cancelled")
    os._exit(0)


if __name__ == "__main__":
    main()
