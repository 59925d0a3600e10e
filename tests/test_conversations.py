"""Every golden dialog, over memory and over stdio: the same file, the same bytes. See tests/support/golden.py."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from tests.support.deterministic import REPOSITORY, served
from tests.support.golden import FOLDER, Dialog, Names, mark, play
from tests.support.home import Home, make_home
from tests.support.process import ServerProcess, started

FILES = sorted(FOLDER.glob("*.txt"))


@asynccontextmanager
async def over_stdio(home: Home) -> AsyncIterator[ServerProcess]:
    """The deterministic server as a process, which has to end by itself and well."""
    command = [sys.executable, "-m", "tests.support.deterministic"]
    async with started(command, home, {"PYTHONPATH": str(REPOSITORY)}) as server:
        yield server
        await server.end()


CONNECTIONS = {"memory": served, "stdio": over_stdio}


def test_there_are_dialogs() -> None:
    assert len(FILES) >= 14


@pytest.mark.parametrize("connect", CONNECTIONS.values(), ids=CONNECTIONS.keys())
@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
async def test_the_dialog_goes_as_it_is_written(file: Path, connect: object, tmp_path: Path) -> None:
    text = await anyio.Path(file).read_text()
    played = await play(Dialog.parse(text), tmp_path, connect)  # type: ignore[arg-type]
    assert played.text().splitlines() == text.splitlines()


async def test_a_line_that_is_not_said_any_more_fails_the_dialog(tmp_path: Path) -> None:
    text = (FOLDER / "handshake.txt").read_text().replace("Not initialized", "Not greeted")
    played = await play(Dialog.parse(text), tmp_path, served)
    assert played.text() != text


async def test_a_dialog_that_waits_for_what_does_not_come_says_what_came(tmp_path: Path) -> None:
    ask = '> {"id":1,"method":"model/list","params":{}}\n'
    dialog = Dialog.parse(f"# Authority: none.\n{ask}< turn/completed\n")
    with pytest.raises(AssertionError, match=r"(?s)turn/completed did not come.*Not initialized"):
        await play(dialog, tmp_path, served, deadline_s=0.5)


@pytest.mark.parametrize("text", ["> {}\n< 1\n", "# Authority: none.\n> {}\n", "# Authority: none.\n? {}\n< 1\n"])
def test_a_dialog_that_is_not_whole_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="dialog"):
        Dialog.parse(text)


def test_ids_are_named_by_what_they_are_in_the_order_of_their_appearance(tmp_path: Path) -> None:
    one, two, three = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
    names = Names(make_home(tmp_path, "http://127.0.0.1:9/v1"))
    line = f'{{"thread":{{"id":"{one}"}},"turnId":"{two}","path":"rollout-{one}.jsonl","threadId":"{three}","revision":"{two}"}}'
    hidden = (
        '{"thread":{"id":"$thread"},"turnId":"$turn","path":"rollout-$thread.jsonl","threadId":"$thread2","revision":"$turn"}'
    )
    assert names.hide(line) == hidden
    assert names.show(hidden) == line


@pytest.mark.parametrize(
    ("line", "known_by"),
    [('{"id":1,"result":{}}', "1"), ('{"id":"a"}', '"a"'), ('{"method":"m"}', "m"), ("turn/completed", "turn/completed")],
)
def test_a_line_is_known_by_its_method_or_the_id_that_it_answers(line: str, known_by: str) -> None:
    assert mark(line) == known_by
