"""The generated TypeScript: it compiles strictly, a client can be written with it, and it describes what goes on the wire.

The compiler is npm's `typescript`, pinned in tests/typescript: `npm ci --prefix tests/typescript --ignore-scripts` installs it.
Another one may be named by `APP_SERVER_TSC`. Without any these tests are skipped, but on CI they fail.
"""

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from protocol.export.surface import Surface, load_surface
from protocol.export.typescript import typescript_files, write_typescript
from protocol.export.typescript_facts import path_of

PROJECT = Path(__file__).parents[1] / "typescript"
GENERATED = Path(__file__).parents[2] / "generated" / "typescript"
RECORDED = json.loads((Path(__file__).parent / "recorded_messages.json").read_text())
INSTALL = "no TypeScript compiler: run `npm ci --prefix tests/typescript --ignore-scripts`, or set APP_SERVER_TSC"
STRICT = ("--strict", "--noEmit", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler")


def _compiler() -> list[str] | None:
    """The command that compiles TypeScript, if there is one here."""
    if named := os.environ.get("APP_SERVER_TSC"):
        return shlex.split(named)
    local = PROJECT / "node_modules" / ".bin" / "tsc"
    if local.exists() and shutil.which("node"):
        return [str(local)]
    if shutil.which("npx"):
        command = ["npx", "--no-install", "tsc"]
        if subprocess.run([*command, "--version"], capture_output=True, cwd=PROJECT, timeout=60).returncode == 0:
            return command
    return None


@pytest.fixture(scope="module")
def tsc() -> list[str]:
    command = _compiler()
    if command is None:
        if os.environ.get("CI") == "true":
            pytest.fail(INSTALL)
        pytest.skip(INSTALL)
    return command


@pytest.fixture(scope="module")
def surface() -> Surface:
    return load_surface()


def _complaints(tsc: list[str], *arguments: str | Path) -> str:
    """What the compiler says; nothing when all is well."""
    done = subprocess.run([*tsc, *map(str, arguments)], capture_output=True, text=True, cwd=PROJECT, timeout=300)
    assert (done.returncode == 0) == (not done.stdout), done.stdout + done.stderr
    return done.stdout


def test_the_types_and_a_client_written_with_them_compile_strictly(tsc: list[str]) -> None:
    assert len(list(GENERATED.rglob("*.ts"))) > 900
    assert _complaints(tsc, "-p", "tsconfig.json") == ""


def test_the_stable_types_compile_by_themselves(tsc: list[str], tmp_path: Path) -> None:
    write_typescript(tmp_path, experimental=False)
    assert _complaints(tsc, *STRICT, tmp_path / "index.ts") == ""


def test_recorded_messages_have_their_types(tsc: list[str], tmp_path: Path, surface: Surface) -> None:
    assert len(RECORDED) > 100
    program = tmp_path / "recorded.ts"
    program.write_text("".join(_typed(message, number, surface) for number, message in enumerate(RECORDED)))
    assert _complaints(tsc, *STRICT, program) == ""


def test_a_message_of_another_shape_has_not_its_type(tsc: list[str], tmp_path: Path, surface: Surface) -> None:
    program = tmp_path / "wrong.ts"
    program.write_text(_typed({"kind": "notification", "method": "thread/closed", "data": {"threadId": 5}}, 0, surface))
    assert "Type 'number' is not assignable to type 'string'" in _complaints(tsc, *STRICT, program)


def _typed(message: dict[str, Any], number: int, surface: Surface) -> str:
    """Lines of TypeScript that give a recorded message the type it should have."""
    value = message["data"]
    if message["kind"] == "notification":
        path, value = "ServerNotification", {"method": message["method"], "params": value}
    elif message["kind"] == "request":
        path, value = "ServerRequest", {"method": message["method"], "id": 0, "params": value}
    else:
        (path,) = [path_of(each.result) for each in surface.client_requests if each.row.name == message["method"]]
    name = path.rpartition("/")[2]
    type_ = f"Type{number}"
    import_ = f'import type {{ {name} as {type_} }} from "{(GENERATED / path).as_posix()}";'
    return f"{import_}\nexport const message{number}: {type_} = {json.dumps(value)};\n"


@pytest.mark.parametrize("experimental", [True, False])
def test_what_a_message_carries_has_a_file_and_a_place_in_an_index(surface: Surface, experimental: bool) -> None:
    files = typescript_files(experimental=experimental, surface=surface)
    names = [each.params for each in surface.notifications]
    names += [name for each in surface.requests(experimental=experimental) for name in (each.params, each.result) if name]
    assert len(names) > 250
    for path in map(path_of, names):
        folder, _, name = path.rpartition("/")
        assert f"export type {name} =" in files[f"{path}.ts"]
        assert f'export type {{ {name} }} from "./{name}";' in files[f"{folder}/index.ts" if folder else "index.ts"]


def test_the_stable_surface_lacks_experimental_methods_and_members(surface: Surface) -> None:
    stable = typescript_files(experimental=False, surface=surface)
    whole = typescript_files(experimental=True, surface=surface)
    assert stable.keys() < whole.keys()
    assert {"v2/ProcessSpawnParams.ts", "v2/ProcessSpawnResponse.ts"} <= whole.keys() - stable.keys()
    for path, text in (("ClientRequest.ts", '"process/spawn"'), ("v2/ThreadStartParams.ts", "dynamicTools?:")):
        assert text in whole[path]
        assert text not in stable[path]


def test_methods_of_older_servers_are_typed_too(surface: Surface) -> None:
    files = typescript_files(experimental=False, surface=surface)
    assert '{ method: "getAuthStatus"; id: RequestId; params: GetAuthStatusParams }' in files["ClientRequest.ts"]
    assert "conversationId: ThreadId;" in files["GetConversationSummaryParams.ts"]
