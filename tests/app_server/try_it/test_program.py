"""The terminal client with the real server behind it."""

from collections.abc import Callable

from tests.app_server.try_it.stage import Stage, Terminal


def test_a_rehearsed_turn_of_the_real_server_is_shown_whole(real_stage: Stage):
    (real_stage.folder / "hello.txt").write_text("hi")
    code, shown = real_stage.run("--yes", "what is here?")
    assert code == 0
    assert "Looking around the workspace\n$ ls -la\nRun `ls -la` in " in shown
    assert "Accepted by --yes.\n" in shown
    assert "hello.txt\n" in shown
    assert "  exit code 0 · " in shown
    assert "This is a rehearsal, not a model: nobody read the prompt. `ls -la` ended with exit code 0 and printed:" in shown
    assert " out (76 reasoning) · " in shown.splitlines()[-1]


def test_a_script_plays_against_the_real_server_in_order(real_stage: Stage):
    code, shown = real_stage.run("--yes", "-", stdin="/think **One**\n/run exit 3\n/slow\n/say two words\n/fail 400\n")
    assert code == 1
    order = ["One\n", "$ exit 3\n", "  exit code 3 · ", "two words\n", "The rehearsal was asked to fail."]
    assert sorted(order, key=shown.index) == order


def test_a_declined_command_of_the_real_server_does_not_run(real_stage: Stage):
    code, shown = real_stage.run("/run touch made.txt")
    assert code == 0
    assert "  declined\n" in shown
    assert not (real_stage.folder / "made.txt").exists()


def test_ctrl_c_interrupts_a_turn_of_the_real_server_and_the_next_one_works(
    real_stage: Stage, at_terminal: Callable[..., Terminal]
):
    terminal = at_terminal("--yes")
    terminal.wait_for("›")
    # What the command prints is not what was typed, so the terminal's echo can't be taken for it.
    terminal.type("/run printf %s%s it-r uns; exec sleep 300\r")
    terminal.wait_for("it-runs")
    terminal.interrupt()
    terminal.wait_for("Interrupted.")
    terminal.wait_for("›")
    terminal.type("/run printf %s%s still- here\r")
    terminal.wait_for("still-here")
    terminal.wait_for("›")
    terminal.type("\x04")
    assert terminal.wait_end() == 0


def test_what_the_real_server_refuses_at_its_start_is_one_clear_line(real_stage: Stage):
    real_stage.environ["CODEX_HOME"] = "/nowhere"
    code, shown = real_stage.run("hi")
    assert code == 1
    assert 'Error: The server ended: CODEX_HOME points to "/nowhere", but that path does not exist' in shown.splitlines()[-1]


def test_a_provider_that_is_not_defined_is_one_clear_line(real_stage: Stage):
    code, shown = real_stage.run("-c", "model_provider=nobody", "hi")
    assert code == 1
    assert shown == "Error: The server ended: Model provider `nobody` not found\n"
