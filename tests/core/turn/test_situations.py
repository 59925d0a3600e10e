"""What users are warned of and the model is told beside the words of a turn, as a whole turn brings it about."""

from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.core.turn.dialogue import LITTLE, MUCH, PROMPT, ended, runs, said, says, see_through, told
from tests.support.client import RpcError
from tests.support.deterministic import conversing
from tests.support.provider import Step

pytestmark = pytest.mark.anyio

FILTERED: Step = {"incomplete": {"incomplete_details": {"reason": "content_filter"}}}


async def test_instructions_that_do_not_fit_are_warned_of_at_the_start_and_where_the_folder_changes(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one"), says("two")], top="project_doc_max_bytes = 20") as talk:
        (talk.home.work / ".git").mkdir()
        (talk.home.work / "sub").mkdir()
        (talk.home.work / "AGENTS.md").write_text("x" * 22)
        (talk.home.work / "sub" / "AGENTS.md").write_text("y")
        thread = await talk.start_thread()
        await see_through(talk, thread)
        await see_through(talk, thread, cwd=str(talk.home.work / "sub"))
    advice = "Trim your project instructions to fit the budget. If you need to keep them all, increase `project_doc_max_bytes`."
    cut = f"Loaded only 20 of 22 bytes from `{talk.home.work}/AGENTS.md` in environment `local` under the 20-byte project "
    skipped = f"Skipped project instructions in environment `local` starting at `{talk.home.work}/sub/AGENTS.md` because the "
    assert [warning["message"] for warning in told(talk, "warning")] == [
        f"{cut}instruction budget. {advice}",
        f"{cut}instruction budget. {advice}",
        f"{skipped}20-byte budget was exhausted. {advice}",
    ]
    order = [message.get("method") for message in talk.client.messages]
    after_start = order.index("turn/started", order.index("turn/completed"))
    assert order[after_start : after_start + 4] == ["turn/started", "warning", "warning", "item/started"]


async def test_all_instructions_together_count_the_general_ones_too(tmp_path: Path) -> None:
    async with conversing(tmp_path, top="project_doc_max_bytes = 20") as talk:
        (talk.home.codex_home / "AGENTS.md").write_text("g" * 15)
        (talk.home.work / "AGENTS.md").write_text("x" * 9)
        await talk.start_thread()
        await talk.client.request("thread/loaded/list", {})
    assert [warning["message"][:61] for warning in told(talk, "warning")] == [
        "Combined user instructions use 47 bytes, above the 20-byte `p"
    ]


async def test_an_answer_that_a_filter_has_cut_is_followed_by_advice(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("bad", FILTERED), says("fine")], retries=1) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread)
    assert said(talk, 1)[-2] == "bad"
    assert said(talk, 1)[-1].startswith("<content_filter_guidance>")


async def test_words_of_the_configuration_are_the_base_where_nothing_better_is_given(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one"), says("two")], top='instructions = "Mine."') as talk:
        await see_through(talk, await talk.start_thread())
        await see_through(talk, await talk.start_thread(baseInstructions="Theirs."))
    assert (said(talk, 0)[0], said(talk, 1)[0]) == ("Mine.", "Theirs.")


async def test_injected_items_get_ids_of_their_kind(tmp_path: Path) -> None:
    items = [
        {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "c1"},
        {"type": "custom_tool_call", "name": "g", "input": "x", "call_id": "c2"},
        {"type": "custom_tool_call_output", "call_id": "c2", "output": "y"},
        {"type": "message", "role": "user", "id": "msg_mine", "content": [{"type": "input_text", "text": "z"}]},
    ]
    async with conversing(tmp_path, [says("one")]) as talk:
        thread = await talk.start_thread()
        await talk.client.request("thread/inject_items", {"threadId": thread, "items": items})
        await see_through(talk, thread)
    kinds = [(item["type"], str(item["id"]).partition("_")[0]) for item in talk.provider.requests[0].body["input"][3:-1]]
    assert kinds == [
        ("function_call", "fc"),
        ("function_call_output", "fco"),
        ("custom_tool_call", "ctc"),
        ("custom_tool_call_output", "ctco"),
        ("message", "msg"),
    ]
    assert talk.provider.requests[0].body["input"][-2]["id"] == "msg_mine"


async def test_while_a_larger_model_sums_up_its_window_is_told(tmp_path: Path) -> None:
    huge: dict[str, Any] = {"completed": {"usage": {"input_tokens": 90000, "output_tokens": 5, "total_tokens": 90005}}}
    async with conversing(tmp_path, [says("one", huge), says("gist", LITTLE), says("two", LITTLE)], top=PROMPT) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread)
        await see_through(talk, thread, model="lab-text")
    windows = [usage["tokenUsage"]["modelContextWindow"] for usage in told(talk, "thread/tokenUsage/updated")]
    large, small = windows[0], windows[-1]
    assert windows == [large, large, large, small, small]
    assert large > small


async def test_a_null_tier_is_the_standard_one(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one"), says("two")]) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread, serviceTier="fast")
        await see_through(talk, thread, serviceTier=None)
    assert [request.body.get("service_tier") for request in talk.provider.requests] == ["priority", None]
    assert [each["threadSettings"]["serviceTier"] for each in told(talk, "thread/settings/updated")] == ["priority", "default"]


async def test_after_a_compaction_openai_is_told_what_the_situation_s_parts_are(tmp_path: Path) -> None:
    compaction: Step = {"item": {"type": "compaction", "id": "cmp_1", "encrypted_content": "secret"}}
    async with conversing(
        tmp_path,
        [runs("true", end=MUCH), ["created", compaction, "completed"], says("two")],
        top="model_auto_compact_token_limit = 200",
    ) as talk:
        config = (talk.home.codex_home / "config.toml").read_text().replace('name = "mock"', 'name = "OpenAI"')
        (talk.home.codex_home / "config.toml").write_text(config)
        thread = await talk.start_thread()
        await talk.start_turn(thread)
        await ended(talk, thread)
    notes = [item["internal_chat_message_metadata_passthrough"] for item in talk.provider.requests[2].body["input"][1:3]]
    assert [note["content_item_kinds"] for note in notes] == [["permissions.instructions"], ["environments.environment_context"]]
    assert not any("create_time" in note for note in notes)


async def test_a_question_that_an_interrupt_withdraws_is_resolved_behind_the_end_of_the_turn(tmp_path: Path) -> None:
    async with conversing(tmp_path, [runs("true")]) as talk:
        thread = await talk.start_thread(approvalPolicy="untrusted")
        await talk.start_turn(thread)
        await talk.client.wait_request("item/commandExecution/requestApproval")
        await talk.client.request("turn/interrupt", {"threadId": thread, "turnId": ""})
        await talk.client.wait_notification("serverRequest/resolved")
    told_last = [message["method"] for message in talk.client.messages if "method" in message][-3:]
    assert told_last == ["thread/status/changed", "turn/completed", "serverRequest/resolved"]
    flags = [each["status"].get("activeFlags") for each in told(talk, "thread/status/changed")]
    assert flags == [[], ["waitingOnApproval"], None]


async def test_a_thread_without_an_environment_has_no_place_to_work_on(tmp_path: Path) -> None:
    calls: list[list[Step]] = [
        ["created", {"call": name, "arguments": {}, "call_id": name}, "completed"]
        for name in ("exec_command", "write_stdin", "view_image")
    ]
    patch: list[Step] = ["created", {"custom": "apply_patch", "input": "*** Begin Patch", "call_id": "p"}, "completed"]
    async with conversing(tmp_path, [*calls, patch, says("none"), says("back"), says("gone")]) as talk:
        (talk.home.work / "AGENTS.md").write_text("Read me.")
        local = {"environmentId": "local", "cwd": str(talk.home.work)}
        thread = await talk.start_thread(environments=[])
        answered = talk.client.messages[-2]["result"]
        assert (answered["thread"]["environments"], answered["runtimeWorkspaceRoots"], answered["instructionSources"]) == (
            [],
            [],
            [],
        )
        await see_through(talk, thread, "a")
        await see_through(talk, thread, "b", environments=[local])
        await see_through(talk, thread, "c", environments=[])
        await talk.client.request("thread/shellCommand", {"threadId": thread, "command": "touch made"})
        turn = await ended(talk, thread)
        assert not (talk.home.work / "made").exists()
    assert (turn["status"], turn["error"]["message"]) == ("failed", "shell is unavailable in this session")
    outputs = [item["output"] for item in talk.provider.requests[4].body["input"] if "output" in item]
    assert len(set(outputs)) == 1
    assert outputs[0].startswith("No usable execution environment is available.")
    assert len(outputs) == 4
    contexts = [
        [part["text"] for part in item["content"]]
        for item in talk.provider.requests[-1].body["input"]
        if item.get("role") == "user" and item["content"][-1]["text"].startswith("<environment_context>")
    ]
    assert [len(parts) for parts in contexts] == [1, 2, 2]
    assert ["<cwd>" in parts[-1] for parts in contexts] == [False, True, False]
    assert "Read me." in contexts[1][0]
    assert [len(each["threadSettings"]["environments"]) for each in told(talk, "thread/settings/updated")] == [1, 0]


@pytest.mark.parametrize("method", ["thread/start", "turn/start", "thread/settings/update"])
async def test_an_environment_that_there_is_not_is_refused(method: str, tmp_path: Path) -> None:
    async with conversing(tmp_path) as talk:
        thread = await talk.start_thread()
        params = {"threadId": thread, "input": [], "environments": [{"environmentId": "zz", "cwd": "/"}]}
        with pytest.raises(RpcError, match="unknown turn environment id `zz`"):
            await talk.client.request(method, params)


async def test_items_that_are_injected_into_a_turn_reach_the_model_behind_its_answer(tmp_path: Path) -> None:
    gate = anyio.Event()
    items = [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "injected"}]}]
    answer: list[Step] = [*runs("true")[:-1], gate, "completed"]
    async with conversing(tmp_path, [answer, says("after")]) as talk:
        thread = await talk.start_thread()
        await talk.start_turn(thread, "go")
        await talk.client.wait_notification("item/completed", item__type="commandExecution")
        await talk.client.request("thread/inject_items", {"threadId": thread, "items": items})
        gate.set()
        await ended(talk, thread)
    assert len(talk.provider.requests) == 2
    assert said(talk)[-4:] == ["go", "function_call", "function_call_output", "injected"]


async def test_items_that_are_injected_behind_everything_keep_the_turn_going(tmp_path: Path) -> None:
    gate = anyio.Event()
    items = [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "injected"}]}]
    async with conversing(tmp_path, [["created", {"message": "one"}, gate, "completed"], says("two")]) as talk:
        thread = await talk.start_thread()
        await talk.start_turn(thread, "go")
        await talk.client.wait_notification("item/completed", item__type="agentMessage")
        await talk.client.request("thread/inject_items", {"threadId": thread, "items": items})
        gate.set()
        turn = await ended(talk, thread)
    assert said(talk)[-3:] == ["go", "one", "injected"]
    assert turn["items"][0]["text"] == "two"


async def test_a_remark_is_not_what_came_of_a_turn(tmp_path: Path) -> None:
    remark: Step = {"message": "hm", "phase": "commentary"}
    async with conversing(tmp_path, [["created", remark, "completed"]]) as talk:
        thread = await talk.start_thread()
        await see_through(talk, thread)
        page = await talk.client.request("thread/turns/list", {"threadId": thread})
    assert [item["type"] for item in page["data"][0]["items"]] == ["userMessage"]


async def test_folders_of_the_workspace_are_told_where_they_change_and_shown_as_writable(tmp_path: Path) -> None:
    async with conversing(tmp_path, [says("one"), says("two")]) as talk:
        own = str(talk.home.work)
        thread = await talk.start_thread(sandbox="workspace-write", runtimeWorkspaceRoots=[own, f"{own}/b"])
        started = talk.client.messages[-2]["result"]["sandbox"]
        await see_through(talk, thread, "a")
        await see_through(talk, thread, "b", runtimeWorkspaceRoots=[f"{own}/c"])
    assert (started["writableRoots"], started["excludeTmpdirEnvVar"]) == ([f"{own}/b"], False)
    (shown,) = [each["threadSettings"]["sandboxPolicy"] for each in told(talk, "thread/settings/updated")]
    assert (shown["writableRoots"], shown["excludeTmpdirEnvVar"]) == ([f"{own}/c", "/tmp"], True)
    context = talk.provider.requests[1].body["input"][-2]["content"][0]["text"]
    assert f"<root>{own}/c</root>" in context
    assert "<cwd>" not in context
