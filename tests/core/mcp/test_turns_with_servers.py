"""Tools of MCP servers in turns of a real server process: what clients see, what the model gets, and what is asked."""

from typing import Any

from tests.conftest import Conversation, Converse
from tests.support.mcp import server_table

FREE = {"approvalPolicy": "never", "sandbox": "danger-full-access"}
ASKING = {"approvalPolicy": "on-request", "sandbox": "danger-full-access"}
DONE: list[Any] = ["created", {"message": "Done."}, "completed"]


def calls(*names: str, **arguments: Any) -> list[Any]:
    """One answer that calls tools of the small server."""
    made = [{"call": name, "namespace": "mcp__lab", "arguments": arguments} for name in names]
    return ["created", *made, "completed"]


async def start(talk: Conversation, options: dict[str, Any] = FREE) -> str:
    """A thread whose server is there."""
    thread = (await talk.client.request("thread/start", {"cwd": str(talk.home.work), **options}))["thread"]["id"]
    await talk.client.wait_notification("mcpServer/startupStatus/updated", status="ready", threadId=thread)
    return str(thread)


async def begin(talk: Conversation, thread: str) -> str:
    words = [{"type": "text", "text": "Go."}]
    return str((await talk.client.request("turn/start", {"threadId": thread, "input": words}))["turn"]["id"])


async def end(talk: Conversation, thread: str) -> None:
    turn = (await talk.client.wait_notification("turn/completed", threadId=thread))["turn"]
    assert turn["status"] == "completed", turn


def items(talk: Conversation) -> list[Any]:
    """The calls as they have ended."""
    return [
        message["params"]["item"]
        for message in talk.client.messages
        if message.get("method") == "item/completed" and message["params"]["item"]["type"] == "mcpToolCall"
    ]


def outputs(talk: Conversation) -> list[Any]:
    """What the model has got for its calls, by the last request."""
    return [item["output"] for item in talk.provider.requests[-1].body["input"] if item["type"] == "function_call_output"]


async def test_a_tool_of_a_server_is_offered_called_and_answered(converse: Converse) -> None:
    async with converse([calls("add", a=2, b=3), DONE], tables=server_table()) as talk:
        thread = await start(talk)
        await begin(talk, thread)
        await end(talk, thread)
        offered = {tool.get("name"): tool for tool in talk.provider.requests[0].body["tools"]}

    group = offered["mcp__lab"]
    assert (group["type"], group["description"]) == ("namespace", "Use it well.")
    assert [tool["name"] for tool in group["tools"]] == ["add", "ask", "die", "look_up", "steps", "wait", "where", "write"]
    assert {"list_mcp_resources", "list_mcp_resource_templates", "read_mcp_resource"} <= set(offered)
    [item] = items(talk)
    assert (item["server"], item["tool"], item["status"], item["readOnlyHint"]) == ("lab", "add", "completed", True)
    assert item["result"] == {"content": [{"type": "text", "text": "5"}], "structuredContent": {"sum": 5}, "_meta": None}
    [output] = outputs(talk)
    assert output.startswith("Wall time: ")
    assert output.endswith('Output:\n{"sum":5}')


async def test_a_tool_that_may_change_things_is_asked_about_and_stays_allowed_for_the_session(converse: Converse) -> None:
    script = [calls("write"), calls("write"), calls("write"), DONE]
    async with converse(script, tables=server_table()) as talk:
        thread = await start(talk, ASKING)
        turn = await begin(talk, thread)
        request = await talk.client.wait_request("mcpServer/elicitation/request")
        asked = request["params"]
        await talk.client.answer(request, {"action": "decline", "content": None, "_meta": None})
        request = await talk.client.wait_request("mcpServer/elicitation/request")
        await talk.client.answer(request, {"action": "accept", "content": {}, "_meta": {"persist": "session"}})
        await end(talk, thread)

    assert asked["turnId"] == turn
    assert asked["message"] == 'Allow the lab MCP server to run tool "write"?'
    assert (asked["_meta"]["tool_name"], asked["_meta"]["persist"]) == ("write", ["session", "always"])
    assert [(item["status"], item["error"]) for item in items(talk)] == [
        ("failed", {"message": "user rejected MCP tool call"}),
        ("completed", None),
        ("completed", None),
    ]


async def test_under_policy_never_a_sandboxed_thread_refuses_what_it_would_ask_about(converse: Converse) -> None:
    async with converse([calls("write", "add", a=1, b=1), DONE], tables=server_table()) as talk:
        thread = await start(talk, {"approvalPolicy": "never", "sandbox": "read-only"})
        await begin(talk, thread)
        await end(talk, thread)

    by_tool = {item["tool"]: item for item in items(talk)}
    assert by_tool["write"]["error"] == {"message": "MCP tool call requires approval, but approval policy is never"}
    assert by_tool["add"]["status"] == "completed"


async def test_a_question_of_a_server_reaches_the_client_and_the_answer_the_server(converse: Converse) -> None:
    async with converse([calls("ask"), DONE], tables=server_table()) as talk:
        thread = await start(talk, ASKING)
        turn = await begin(talk, thread)
        request = await talk.client.wait_request("mcpServer/elicitation/request")
        asked = request["params"]
        await talk.client.answer(request, {"action": "accept", "content": {"name": "Ada"}, "_meta": None})
        await end(talk, thread)

    assert (asked["mode"], asked["message"], asked["turnId"], asked["serverName"]) == ("form", "Who?", turn, "lab")
    assert asked["requestedSchema"] == {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    assert outputs(talk)[0][1]["text"] == '{"action": "accept", "content": {"name": "Ada"}}'


async def test_a_question_of_a_server_is_declined_where_the_policy_wants_none(converse: Converse) -> None:
    async with converse([calls("ask"), DONE], tables=server_table()) as talk:
        thread = await start(talk)
        await begin(talk, thread)
        await end(talk, thread)

    assert outputs(talk)[0][1]["text"] == '{"action": "decline"}'


async def test_what_a_tool_says_of_its_progress_is_told(converse: Converse) -> None:
    async with converse([calls("steps"), DONE], tables=server_table()) as talk:
        thread = await start(talk)
        await begin(talk, thread)
        told = await talk.client.wait_notification("item/mcpToolCall/progress", threadId=thread)
        await end(talk, thread)

    assert told["message"] == "half"
    assert told["itemId"] == items(talk)[0]["id"]


async def test_tools_that_do_not_count_are_neither_offered_nor_called(converse: Converse) -> None:
    more = 'enabled_tools = ["add", "write"]\ndisabled_tools = ["write"]'
    async with converse([calls("write"), DONE], tables=server_table(more=more)) as talk:
        thread = await start(talk)
        await begin(talk, thread)
        await end(talk, thread)
        [group] = [tool for tool in talk.provider.requests[0].body["tools"] if tool.get("name") == "mcp__lab"]

    assert [tool["name"] for tool in group["tools"]] == ["add"]
    assert outputs(talk) == ["unsupported call: mcp__labwrite"]


async def test_a_server_that_is_not_there_does_not_hold_up_a_turn(converse: Converse) -> None:
    async with converse([DONE], tables='[mcp_servers.lab]\ncommand = "/no/such/program"\n') as talk:
        result = await talk.client.request("thread/start", {"cwd": str(talk.home.work), **FREE})
        thread = result["thread"]["id"]
        told = await talk.client.wait_notification("mcpServer/startupStatus/updated", status="failed")
        await begin(talk, thread)
        await end(talk, thread)

    assert told["error"] == ("MCP client for `lab` failed to start: MCP startup failed: No such file or directory (os error 2)")


async def test_a_server_that_dies_is_gone_for_the_turn_and_back_for_the_next(converse: Converse) -> None:
    script = [calls("die"), calls("add", a=1, b=1), DONE, calls("add", a=1, b=1), DONE]
    async with converse(script, tables=server_table()) as talk:
        thread = await start(talk)
        await begin(talk, thread)
        await end(talk, thread)
        await begin(talk, thread)
        await end(talk, thread)

    died, missed, back = items(talk)
    closed = "tool call error: tool call failed for `lab/{}`\n\nCaused by:\n    Transport closed"
    assert died["error"] == {"message": closed.format("die")}
    assert missed["error"] == {"message": closed.format("add")}
    assert back["status"] == "completed"


async def test_a_call_that_takes_too_long_is_given_up_and_the_server_told(converse: Converse) -> None:
    async with converse([calls("wait"), DONE], tables=server_table(more="tool_timeout_sec = 0.3", LAB_NOTES="notes")) as talk:
        thread = await start(talk)
        await begin(talk, thread)
        await end(talk, thread)
        notes = (talk.home.work / "notes").read_text().splitlines()

    assert items(talk)[0]["error"]["message"].endswith("timed out awaiting tools/call after 300ms")
    assert "cancelled" in notes
