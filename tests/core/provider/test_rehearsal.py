"""The rehearsal provider: what it plays, that it waits for outputs, and that it needs nothing but the input."""

import json
from typing import Any

import anyio
import pytest

from app_server.core.provider.base import Event, ModelRequest, ProviderError
from app_server.core.provider.rehearsal import Rehearsal, pieces
from app_server.core.provider.rehearsal_script import DIRECTIVES, progress_of

EXEC = {"type": "function", "name": "exec_command"}
CONTEXT = {
    "type": "message",
    "role": "user",
    "content": [{"type": "input_text", "text": "<environment_context>\n</environment_context>"}],
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def prompt_item(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def request_of(items: list[dict[str, Any]], tools: list[dict[str, Any]] | None = None) -> ModelRequest:
    return ModelRequest(
        thread_id="thread",
        session_id="thread",
        turn_id="01-turn",
        model="any",
        input=[json.dumps(item).encode() for item in items],
        tools=[EXEC] if tools is None else tools,
        prompt_cache_key="thread",
    )


async def answer(
    items: list[dict[str, Any]], tools: list[dict[str, Any]] | None = None, into: list[Event] | None = None
) -> list[Event]:
    """All events of one answer; `into` also has those that came before an error."""
    events: list[Event] = [] if into is None else into
    with anyio.fail_after(5):
        async with Rehearsal(pause_s=0).stream(request_of(items, tools)) as stream:
            assert stream.started.status == 200
            async for batch in stream:
                events.extend(batch)
    return events


async def play(prompt: str, *given: str, tools: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Hold a turn as the agent loop does: every call gets the next output; returns all items that the provider made."""
    items, made, left = [CONTEXT, prompt_item(prompt)], [], list(given)
    while True:
        events = await answer(items, tools)
        done = [event["item"] for event in events if event["type"] == "response.output_item.done"]
        calls = [item for item in done if item["type"].endswith("_call")]
        made += done
        outputs = [{"type": f"{call['type']}_output", "call_id": call["call_id"], "output": left.pop(0)} for call in calls]
        items = items + done + outputs
        if not calls and events[-1]["response"].get("end_turn", True):
            assert not left
            return made


def kinds(items: list[dict[str, Any]]) -> list[str]:
    return [item["type"] for item in items]


def text_of(item: dict[str, Any]) -> str:
    parts: list[dict[str, str]] = item["summary"] if item["type"] == "reasoning" else item["content"]
    return parts[0]["text"]


OUTPUT = (
    "Chunk ID: 0a1b2c\nWall time: 0.0100 seconds\nProcess exited with code 0\nOriginal token count: 4\nOutput:\nREADME.md\nsrc\n"
)


async def test_a_plain_prompt_gets_a_header_a_listing_and_a_report():
    thought, call, report = await play("what is here?", OUTPUT)
    assert text_of(thought).startswith("**Looking around the workspace**\n")
    assert (call["name"], json.loads(call["arguments"])) == ("exec_command", {"cmd": "ls -la"})
    assert text_of(report).startswith("This is a rehearsal, not a model: nobody read the prompt.")
    assert "`ls -la` ended with exit code 0 and printed:\n\n~~~\nREADME.md\nsrc\n~~~" in text_of(report)


async def test_the_answer_streams_in_several_deltas_that_join_to_its_text():
    events = await answer([prompt_item("/say one two three four five six seven")])
    deltas = [event["delta"] for event in events if event["type"] == "response.output_text.delta"]
    assert deltas == ["one two three four", " five six seven"]


async def test_the_events_of_an_answer_come_in_the_order_of_the_responses_api():
    events = await answer([prompt_item("/think **Plan**\nbody\n/say hi")])
    assert [event["type"].removeprefix("response.") for event in events] == [
        "created",
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "output_item.done",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.done",
        "output_item.done",
        "completed",
    ]
    assert len({event["item_id"] for event in events if "item_id" in event}) == 2


async def test_directives_run_in_order_and_each_run_waits_for_its_output():
    made = await play("/say first\n/run false\n/think **T**\n/run true\n/say last", OUTPUT.replace("code 0", "code 1"), OUTPUT)
    assert kinds(made) == ["message", "function_call", "reasoning", "function_call", "message"]
    assert [json.loads(item["arguments"])["cmd"] for item in made if item["type"] == "function_call"] == ["false", "true"]
    assert len({item["id"] for item in made}) == len(made)


async def test_a_script_that_ends_with_a_command_reports_its_outcome():
    made = await play("/run true", OUTPUT.replace("README.md\nsrc\n", ""))
    assert text_of(made[-1]) == "The script is played. `true` ended with exit code 0 and printed nothing."


async def test_a_refused_command_is_reported_as_what_the_tool_answered():
    made = await play("/run rm -rf x", "exec_command failed: rejected by user")
    assert "did not run to its end. The tool answered:\n\n~~~\nexec_command failed: rejected by user\n~~~" in text_of(made[-1])


async def test_lines_without_a_slash_continue_the_directive_above():
    made = await play("/say a\nb\n\nc\n  /say d")
    assert [text_of(item) for item in made] == ["a\nb\n\nc", "d"]


async def test_a_long_output_is_cut_in_the_report():
    made = await play("/run seq 20", "Process exited with code 0\nOutput:\n" + "".join(f"{n}\n" for n in range(20)))
    assert "11\n(8 more lines)\n~~~" in text_of(made[-1])


@pytest.mark.parametrize(
    ("prompt", "why"),
    [
        ("/dance", "`/dance` is not a directive."),
        ("/usr/bin/python is broken", "`/usr/bin/python` is not a directive."),
        ("/patch", "`/patch` needs a text behind it."),
        ("/say", "`/say` needs a text behind it."),
        ("/fail often", "`/fail` needs an HTTP status from 400 to 599, not `often`."),
        ("/slow", "The script holds nothing to play."),
    ],
)
async def test_a_directive_that_can_not_be_played_gets_an_answer_that_lists_those_that_can(prompt: str, why: str):
    (item,) = await play(prompt)
    assert text_of(item).startswith(why)
    assert all(usage in text_of(item) for usage, _ in DIRECTIVES.values())


async def test_slow_streams_word_by_word():
    events = await answer([prompt_item("/slow\n/say one two three")])
    assert [event["delta"] for event in events if "delta" in event] == ["one", " two", " three"]


async def test_a_failing_status_refuses_the_request():
    with pytest.raises(ProviderError) as caught:
        await answer([prompt_item("/fail 404")])
    assert caught.value.info == {"httpConnectionFailed": {"httpStatusCode": 404}}


async def test_a_failure_behind_an_answer_lets_the_answer_end_first():
    prompt = prompt_item("/say hello\n/fail 500")
    events = await answer([prompt])
    assert events[-1]["response"]["end_turn"] is False
    with pytest.raises(ProviderError) as caught:
        await answer([prompt, *(event["item"] for event in events if event["type"] == "response.output_item.done")])
    assert caught.value.info == "internalServerError"


async def test_a_disconnect_cuts_the_stream_in_the_middle_of_an_answer():
    events: list[Event] = []
    with pytest.raises(ProviderError) as caught:
        await answer([prompt_item("/say whole\n/disconnect\n/say never")], into=events)
    assert caught.value.is_retryable
    assert events[-1]["type"] == "response.output_text.delta"
    assert [event["type"] for event in events].count("response.output_item.done") == 1


async def test_a_request_without_the_tool_is_told_so_instead_of_calling_it():
    assert kinds(await play("summarize", tools=[])) == ["message"]
    said, last = await play("/run ls\n/say on", tools=[])
    assert text_of(said) == "`ls` was not run: this request offers no `exec_command` tool."
    assert text_of(last) == "on"


def named(*names: str) -> list[dict[str, Any]]:
    return [{"type": "function", "name": name} for name in names]


PATCH = "*** Begin Patch\n*** Add File: a.txt\n+hi\n*** End Patch"


@pytest.mark.parametrize("prompt", [f"/patch {PATCH}", "/patch\n*** Add File: a.txt\n+hi"])
async def test_a_patch_goes_to_the_tool_for_patches(prompt: str):
    call, report = await play(
        prompt, "Success. Updated the following files:\nA a.txt\n", tools=named("exec_command", "apply_patch")
    )
    assert (call["type"], call["name"], call["input"]) == ("custom_tool_call", "apply_patch", PATCH)
    assert call["id"].startswith("ctc_")
    assert (
        text_of(report)
        == "The script is played. `apply_patch` answered:\n\n~~~\nSuccess. Updated the following files:\nA a.txt\n~~~"
    )


async def test_a_model_without_a_tool_for_patches_gets_them_through_a_script():
    call, report = await play(f"/patch {PATCH}", "Exit code: 0", tools=named("exec_command"))
    assert json.loads(call["arguments"])["cmd"] == f"apply_patch <<'END_OF_PATCH'\n{PATCH}\nEND_OF_PATCH\n"
    assert "`apply_patch` answered:" in text_of(report)


async def test_a_plan_has_a_step_a_line():
    call, said = await play("/plan\n[x] look\n[>] think\n[ ] act\nrest [x]\n/say on", "Plan updated", tools=named("update_plan"))
    assert json.loads(call["arguments"]) == {
        "plan": [
            {"step": "look", "status": "completed"},
            {"step": "think", "status": "in_progress"},
            {"step": "act", "status": "pending"},
            {"step": "rest [x]", "status": "pending"},
        ]
    }
    assert text_of(said) == "on"


@pytest.mark.parametrize(("below", "labels"), [("\nRed\n Blue", ["Red", "Blue"]), ("", ["Yes", "No"])])
async def test_a_question_has_its_answers_below_it(below: str, labels: list[str]):
    call, report = await play(f"/ask Which?{below}", '{"answers":{}}', tools=named("request_user_input"))
    (question,) = json.loads(call["arguments"])["questions"]
    assert question["question"] == "Which?"
    assert [option["label"] for option in question["options"]] == labels
    assert '`request_user_input` answered:\n\n~~~\n{"answers":{}}\n~~~' in text_of(report)


async def test_directives_whose_tools_are_not_offered_say_so():
    made = await play("/plan a\n/ask b\n/patch c", tools=[])
    assert [text_of(item) for item in made] == [
        "`/plan` was not run: this request offers no `update_plan` tool.",
        "`/ask` was not run: this request offers no `request_user_input` tool.",
        "`/patch` was not run: this request offers no `apply_patch` tool.",
    ]


async def test_a_second_prompt_starts_anew():
    first = [
        prompt_item("/say one"),
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "one"}]},
    ]
    events = await answer([*first, CONTEXT, prompt_item("/say two")])
    assert [event["text"] for event in events if event["type"] == "response.output_text.done"] == ["two"]


async def test_the_same_input_gives_the_same_events():
    assert await answer([prompt_item("hello")]) == await answer([prompt_item("hello")])


async def test_usage_follows_from_sizes():
    events = await answer([prompt_item("/say " + "word " * 100)])
    usage = events[-1]["response"]["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert usage["input_tokens"] == -(-len(json.dumps(prompt_item("/say " + "word " * 100))) // 4)
    assert usage["output_tokens"] > 100
    assert usage["output_tokens_details"] == {"reasoning_tokens": 0}


def test_context_and_foreign_outputs_are_not_taken_for_a_prompt_or_a_step():
    items = [
        prompt_item("/say x"),
        {"type": "function_call_output", "name": "clock", "output": "noon"},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "<skill>\n..."}]},
    ]
    progress = progress_of([json.dumps(item).encode() for item in items])
    assert (progress.prompt, progress.played) == ("/say x", 0)


@pytest.mark.parametrize("text", ["", "one", " lead", "trail \n", "a  b\n\nc d e f g", "word " * 9])
@pytest.mark.parametrize("words", [1, 4])
def test_pieces_join_to_the_text(text: str, words: int):
    assert "".join(pieces(text, words)) == text
