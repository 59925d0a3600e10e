"""The terminal client's conversation with the server: handshake, lines, images, commands of its own."""

import json
from collections.abc import Callable

from tests.app_server.try_it.stage import PLAIN, STARTED, Stage, Terminal, result


def test_the_handshake_comes_first_and_the_thread_starts_in_the_current_folder(stage: Stage):
    stage.run("--model", "other", "hi")
    methods = [json.loads(line).get("method") for line in stage.log.read_text().splitlines()[1:]]
    assert methods == ["initialize", "initialized", "thread/start", "turn/start"]
    assert stage.received("thread/start") == [{"cwd": str(stage.folder), "model": "other"}]


def test_without_a_provider_the_rehearsal_answers_and_says_so(stage: Stage):
    _, shown = stage.run("hi")
    assert shown.splitlines()[0].startswith("No provider is configured and OPENAI_API_KEY is not set")
    assert json.loads(stage.log.read_text().splitlines()[0]) == {"argv": ["-c", 'model_provider="rehearsal"']}


def test_piped_lines_are_turns_and_a_dash_takes_all_as_one_prompt(stage: Stage):
    stage.run(stdin="one\n\n/think two\nthree \\\nfour\n")
    stage.run("-", stdin="five\nsix\n")
    texts = [params["input"][0]["text"] for params in stage.received("turn/start")]
    assert texts == ["one", "/think two", "three \nfour", "five\nsix\n"]


def test_a_server_that_dies_at_the_prompt_ends_the_program(stage: Stage, at_terminal: Callable[..., Terminal]):
    stage.set({"thread/start": [*PLAIN["thread/start"], "die"]})
    terminal = at_terminal()
    terminal.wait_for("Error: ")
    terminal.wait_for("The server ended: the disk is full")
    assert terminal.wait_end() == 1


def test_a_refused_request_is_one_line(stage: Stage):
    stage.set({"thread/start": [{"id": "$id", "error": {"code": -32600, "message": "failed to load configuration: x"}}]})
    code, shown = stage.run("hi")
    assert (code, shown.splitlines()[-1]) == (1, "Error: thread/start: failed to load configuration: x")


def test_a_server_that_dies_is_named_with_its_last_words(stage: Stage):
    stage.set({"turn/start": [*STARTED, "die"]})
    code, shown = stage.run("hi")
    assert code == 1
    assert shown.endswith("Error: The server ended: the disk is full\n")


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\2\0\0\0\3"
"""The beginning of one; no more is looked at."""


MODELS = [
    {"model": "m", "inputModalities": ["text"], "serviceTiers": [{"id": "priority"}], "description": "words only"},
    {"model": "eyes", "inputModalities": ["text", "image"], "serviceTiers": []},
]


def test_an_image_is_refused_for_a_text_only_model_and_sent_to_another(stage: Stage):
    stage.set({"model/list": [result(data=MODELS, nextCursor=None)]})
    image = stage.folder / "a b.png"
    image.write_bytes(PNG)
    _, shown = stage.run(stdin='/image "a b.png"\nfirst\n/model eyes\n/image a b.png\nsecond\n/image none.png\nthird\n')
    assert "Warning: m is a text-only model, so the image was not attached." in shown
    assert "Warning: none.png is no file, so nothing was attached." in shown
    first, second, third = stage.received("turn/start")
    assert [len(params["input"]) for params in (first, second, third)] == [1, 2, 1]
    assert second["input"][1] == {"type": "localImage", "path": str(image)}
    assert (second["model"], "model" in third) == ("eyes", False)


def test_a_file_that_is_no_image_is_not_attached(stage: Stage):
    stage.set({"model/list": [result(data=MODELS, nextCursor=None)]})
    (stage.folder / "notes.txt").write_text("words")
    _, shown = stage.run(stdin="/model eyes\n/image notes.txt\nlook\n")
    assert "Warning: notes.txt is no PNG, JPEG, WebP or GIF image, so nothing was attached." in shown
    assert len(stage.received("turn/start")[0]["input"]) == 1


def test_an_image_is_dropped_when_the_model_became_text_only_after_it_was_attached(stage: Stage):
    stage.set({"model/list": [result(data=MODELS, nextCursor=None)]})
    (stage.folder / "a.png").write_bytes(PNG)
    _, shown = stage.run(stdin="/model eyes\n/image a.png\n/model m\nlook\n")
    assert "Warning: m is a text-only model, so the images were not sent." in shown
    assert len(stage.received("turn/start")[0]["input"]) == 1


def test_fast_is_stored_where_the_server_can_and_used_at_once(stage: Stage):
    stage.set({"model/list": [result(data=MODELS)], "config/value/write": [result(status="ok")]})
    _, shown = stage.run(stdin="/fast\none\n/fast\ntwo\nthree\n")
    assert "Fast mode is on, and stays so." in shown
    assert [edit["value"] for edit in stage.received("config/value/write")] == ["fast", None]
    assert [params.get("serviceTier") for params in stage.received("turn/start")] == ["priority", "default", None]


def test_fast_lasts_for_the_session_where_the_server_can_not_store_it(stage: Stage):
    refusal = {"id": "$id", "error": {"code": -32601, "message": "config/value/write is not supported yet"}}
    stage.set({"model/list": [result(data=[])], "config/value/write": [refusal]})
    _, shown = stage.run(stdin="/fast\none\n")
    assert "Fast mode is on for this session only; it could not be stored: config/value/write is not supported yet" in shown
    assert "Warning: m offers no fast mode" in shown
    assert stage.received("turn/start")[0]["serviceTier"] == "priority"


def test_help_and_models_need_no_turn(stage: Stage):
    stage.set({"model/list": [result(data=MODELS)]})
    _, shown = stage.run(stdin="/help\n/model\n/quit\nnever\n")
    assert "/image PATH" in shown
    assert "▸ m  words only" in shown
    assert stage.received("turn/start") == []
