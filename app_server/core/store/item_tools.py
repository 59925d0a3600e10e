"""What tools do: between the wire's form and the files'. See `items`."""

from collections.abc import Mapping
from typing import Any

from app_server.core.store.command_line import joined, split
from app_server.core.store.words import camel, duration, duration_ms, file_path, file_url, present, snake

Data = Mapping[str, Any]
MOVED = "\n\nMoved to: "
"""Stands before the target of a move, at the end of the wire's diff; files have the target apart."""


def store_command(data: Data) -> dict[str, Any]:
    return present(
        plugin_id=data["pluginId"],
        script_path=data["scriptPath"],
        process_id=data["processId"],
        command=split(data["command"]),
        cwd=file_url(data["cwd"]),
        parsed_cmd=[store_action(each) for each in data["commandActions"]],
        source=snake(data["source"]),
        status=snake(data["status"]),
        aggregated_output=data["aggregatedOutput"],
        exit_code=data["exitCode"],
        duration=duration(data["durationMs"]),
    )


def read_command(stored: Data) -> dict[str, Any]:
    cwd, command = file_path(stored.get("cwd")), stored["command"]
    return {
        "pluginId": stored.get("plugin_id"),
        "scriptPath": stored.get("script_path"),
        "command": command if isinstance(command, str) else joined(command),
        "cwd": cwd,
        "processId": stored.get("process_id"),
        "source": camel(stored.get("source") or "agent"),
        "status": camel(stored["status"]),
        "commandActions": [read_action(each, cwd) for each in stored.get("parsed_cmd") or []],
        "aggregatedOutput": stored.get("aggregated_output") or None,
        "exitCode": stored.get("exit_code"),
        "durationMs": duration_ms(stored.get("duration")),
    }


def store_action(data: Data) -> dict[str, Any]:
    stored = {"type": snake(data["type"]), "cmd": data["command"]}
    stored.update({name: value for name, value in data.items() if name not in ("type", "command")})
    return stored


def read_action(stored: Data, cwd: str) -> dict[str, Any]:
    """What a command does, as far as it was understood. The file that it reads is named relative to the command's directory."""
    data = {name: value for name, value in stored.items() if name not in ("type", "cmd")}
    data.update(type=camel(stored["type"]), command=stored["cmd"])
    if data["type"] == "read" and not str(data["path"]).startswith("/"):
        data["path"] = f"{cwd.rstrip('/')}/{data['path']}"
    return data


def store_file_change(data: Data) -> dict[str, Any]:
    status = None if data["status"] == "inProgress" else data["status"]
    return present(changes={each["path"]: store_change(each) for each in data["changes"]}, status=status)


def read_file_change(stored: Data) -> dict[str, Any]:
    changes = [read_change(path, change) for path, change in sorted(stored["changes"].items())]
    return {"changes": changes, "status": camel(stored.get("status") or "in_progress")}


def store_change(data: Data) -> dict[str, Any]:
    kind, diff = data["kind"]["type"], data["diff"]
    if kind != "update":
        return {"type": kind, "content": diff}
    moved = data["kind"]["move_path"]
    return {"type": kind, "unified_diff": diff if moved is None else diff.removesuffix(MOVED + moved), "move_path": moved}


def read_change(path: str, stored: Data) -> dict[str, Any]:
    kind = stored["type"]
    if kind != "update":
        return {"path": path, "kind": {"type": kind}, "diff": stored["content"]}
    moved = stored.get("move_path")
    diff = stored["unified_diff"] + (MOVED + moved if moved is not None else "")
    return {"path": path, "kind": {"type": kind, "move_path": moved}, "diff": diff}


def store_mcp_call(data: Data) -> dict[str, Any]:
    context, result = data["appContext"] or {}, data["result"]
    names = ("connectorId", "linkId", "appName", "actionName")
    return {
        "server": data["server"],
        "tool": data["tool"],
        "arguments": data["arguments"],
        **present(
            **{name: context.get(name) for name in names},
            mcpAppResourceUri=data.get("mcpAppResourceUri") or context.get("resourceUri"),
            mcpAppUi=data["mcpAppUi"],
            pluginId=data["pluginId"],
            readOnlyHint=data["readOnlyHint"],
            status=data["status"],
            result=present(**result, isError=data["status"] == "failed" or None) if result is not None else None,
            error=data["error"],
            duration=duration(data["durationMs"]),
        ),
    }


def read_mcp_call(stored: Data) -> dict[str, Any]:
    resource, connector = stored.get("mcpAppResourceUri"), stored.get("connectorId")
    names = ("linkId", "appName", "actionName")
    context = {"connectorId": connector, "resourceUri": resource, **{name: stored.get(name) for name in names}}
    result = stored.get("result")
    return {
        "server": stored["server"],
        "tool": stored["tool"],
        "arguments": stored.get("arguments"),
        "status": camel(stored["status"]),
        "appContext": context if connector is not None else None,
        "mcpAppResourceUri": resource,
        "mcpAppUi": stored.get("mcpAppUi"),
        "pluginId": stored.get("pluginId"),
        "readOnlyHint": stored.get("readOnlyHint"),
        "result": read_mcp_result(result) if isinstance(result, Mapping) else None,
        "error": stored.get("error"),
        "durationMs": duration_ms(stored.get("duration")),
    }


def read_mcp_result(stored: Data) -> dict[str, Any]:
    """What an MCP tool answered; that it was an error is in the item's status."""
    names = ("content", "structuredContent", "_meta")
    return {name: stored.get(name) for name in names}


def store_dynamic_call(data: Data) -> dict[str, Any]:
    return {
        **present(namespace=data["namespace"], tool=data["tool"]),
        "arguments": data["arguments"],
        **present(
            status=snake(data["status"]),
            content_items=data["contentItems"],
            success=data["success"],
            duration=duration(data["durationMs"]),
        ),
    }


def read_dynamic_call(stored: Data) -> dict[str, Any]:
    return {
        "namespace": stored.get("namespace"),
        "tool": stored["tool"],
        "arguments": stored.get("arguments"),
        "status": camel(stored["status"]),
        "contentItems": stored.get("content_items"),
        "success": stored.get("success"),
        "durationMs": duration_ms(stored.get("duration")),
    }


def store_collab_call(data: Data) -> dict[str, Any]:
    states = {thread_id: store_agent_state(state) for thread_id, state in data["agentsStates"].items()}
    return present(
        tool=snake(data["tool"]),
        status=snake(data["status"]),
        sender_thread_id=data["senderThreadId"],
        receiver_thread_ids=data["receiverThreadIds"],
        prompt=data["prompt"],
        model=data["model"],
        reasoning_effort=data["reasoningEffort"],
        agents_states=states,
    )


def read_collab_call(stored: Data) -> dict[str, Any]:
    states = stored.get("agents_states") or {}
    return {
        "tool": camel(stored["tool"]),
        "status": camel(stored["status"]),
        "senderThreadId": stored["sender_thread_id"],
        "receiverThreadIds": stored.get("receiver_thread_ids") or [],
        "prompt": stored.get("prompt"),
        "model": stored.get("model"),
        "reasoningEffort": stored.get("reasoning_effort"),
        "agentsStates": {thread_id: read_agent_state(state) for thread_id, state in states.items()},
    }


def store_agent_state(data: Data) -> Any:
    """An agent's state: a word, or the word and what it said, for the two states in which it says something."""
    word = snake(data["status"])
    return {word: data["message"]} if word in ("completed", "errored") else word


def read_agent_state(stored: Any) -> dict[str, Any]:
    if isinstance(stored, str):
        return {"status": camel(stored), "message": None}
    ((word, message),) = stored.items()
    return {"status": camel(word), "message": message}


def store_activity(data: Data) -> dict[str, Any]:
    return present(
        kind=data["kind"],
        agent_thread_id=data["agentThreadId"],
        agent_path=data["agentPath"],
        model=data["model"],
        reasoning_effort=data["reasoningEffort"],
    )


def store_search(data: Data) -> dict[str, Any]:
    action = data["action"]
    stored = {"type": "other"} if action is None else present(**{**action, "type": snake(action["type"])})
    return present(query=data["query"], action=stored, results=data["results"])


def read_search(stored: Data) -> dict[str, Any]:
    action = stored.get("action")
    read = {**action, "type": camel(action["type"])} if isinstance(action, Mapping) else None
    return {"query": stored.get("query") or "", "action": read, "results": stored.get("results")}
