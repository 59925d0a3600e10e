"""What may import what, found by reading the sources; what is loaded by when, found by starting the server (ARCHITECTURE.md)."""

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from tests.support.home import make_home

ROOT = Path(__file__).parents[1]
SOURCES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for package in ("protocol", "app_server")
    for file in (ROOT / package).rglob("*.py")
}
OURS = ("protocol", "app_server")
ROOMS = ("store", "exec", "provider", "realtime", "mcp", "sandbox")
BEHIND = {
    "httpx": {"app_server.core.provider"},
    "websockets": {"app_server.transport.websocket", "app_server.core.provider", "app_server.core.realtime"},
    "PIL": {"app_server.core.images"},
    "zstandard": {"app_server.core.provider.compression"},
    "rich": {"app_server.try_it"},
    "starlark": {"app_server.core.exec_policy.starlark_file"},
    "tree_sitter": {"app_server.core.exec.script_tree"},
    "tree_sitter_bash": {"app_server.core.exec.script_tree"},
    "jsonschema": set[str](),
    "mcp": {"app_server.core.mcp.link", "app_server.core.mcp.connect", "app_server.core.mcp.login"},
    "mcp_types": {"app_server.core.mcp.link", "app_server.core.mcp.connect", "app_server.core.mcp.login"},
    "httpx2": {"app_server.core.mcp.connect", "app_server.core.mcp.login"},
    "asyncinotify": {"app_server.core.watching"},
    "pathspec": {"app_server.core.file_search.ignore"},
    "opentelemetry": {"app_server.telemetry_export"},
    "keyring": {"app_server.core.auth.in_keyring"},
    "yaml": {"app_server.core.skills.files"},
    "jwt": {"app_server.transport.signed_token"},
    "asyncio": {
        "app_server.core.provider.idle",
        "app_server.core.watching",
        "app_server.listen_client",
        "app_server.serve_loop",
        "app_server.transport.descriptor",
        "app_server.transport.socket",
    },
}
"""Heavy libraries, and those that are another way to do what anyio does: each within these modules or packages."""
BANNED_NAMES = {"util", "utils", "helper", "helpers", "misc", "common"}
LONGEST_LINES = 500


def imports(module: str) -> Iterator[str]:
    """The modules that a module imports at its top, `from package import module` included."""
    for node in ast.walk(ast.parse(SOURCES[module].read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            yield node.module or ""
            yield from (found for alias in node.names if (found := f"{node.module}.{alias.name}") in SOURCES)


def within(module: str, *packages: str) -> bool:
    """Whether a module is one of these or inside one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


IMPORTS = {module: sorted(set(imports(module))) for module in SOURCES}


def modules(*packages: str) -> list[str]:
    """Our modules within packages; at least one."""
    found = [module for module in SOURCES if within(module, *packages)]
    assert found, packages
    return found


def wrong(importers: list[str], is_wrong: Callable[[str, str], bool]) -> list[str]:
    """Every import of these modules that is wrong."""
    return [f"{importer} imports {name}" for importer in importers for name in IMPORTS[importer] if is_wrong(importer, name)]


def test_the_protocol_imports_pydantic_and_the_standard_library() -> None:
    allowed = ("protocol", "pydantic", "pydantic_core", "typing_extensions", *sys.stdlib_module_names)
    assert not wrong(modules("protocol"), lambda _, name: not within(name, *allowed))


def test_only_the_export_imports_the_export() -> None:
    others = [module for module in modules("protocol") if not within(module, "protocol.export")]
    assert not wrong(others, lambda _, name: within(name, "protocol.export"))


def test_the_core_imports_of_ours_only_the_core_and_the_vocabulary_of_the_protocol() -> None:
    ours = wrong(modules("app_server.core"), lambda _, name: within(name, "app_server") and not within(name, "app_server.core"))
    # The package itself holds nothing but the two version numbers.
    assert [text for text in ours if not text.endswith(" imports app_server")] == []
    assert not wrong(
        modules("app_server.core"), lambda _, name: within(name, "protocol.methods", "protocol.rpc", "protocol.export")
    )


def test_rooms_of_the_core_do_not_import_each_other() -> None:
    packages = [f"app_server.core.{room}" for room in ROOMS]
    rooms = [module for module in SOURCES if within(module, *packages)]
    assert rooms

    def is_other_room(importer: str, name: str) -> bool:
        return any(within(name, package) and not within(importer, package) for package in packages)

    assert not wrong(rooms, is_other_room)


def test_transports_move_bytes_and_know_no_message() -> None:
    assert not wrong(
        modules("app_server.transport"), lambda _, name: within(name, *OURS) and not within(name, "app_server.transport")
    )


def test_dispatching_knows_no_method_and_no_service() -> None:
    knowing = (
        "app_server.methods",
        "app_server.services",
        "app_server.compose",
        "app_server.core.thread",
        "app_server.core.threads",
    )
    free = ["app_server.dispatcher", "app_server.routing", "app_server.gating", "app_server.validation", "app_server.outbox"]
    families = {"protocol.base", "protocol.methods", "protocol.errors", "protocol.rpc"}
    assert not wrong(
        free, lambda _, name: within(name, *knowing) or (within(name, "protocol") and name not in {"protocol", *families})
    )


def test_methods_are_known_by_the_table_and_the_composition_alone() -> None:
    knowing = [module for module in SOURCES if any(within(name, "app_server.methods") for name in IMPORTS[module])]
    assert {module for module in knowing if not within(module, "app_server.methods")} <= {"app_server.server"}


@pytest.mark.parametrize("library", BEHIND)
def test_a_heavy_library_stays_behind_its_modules(library: str) -> None:
    others = [module for module in SOURCES if not within(module, *BEHIND[library])]
    assert not wrong(others, lambda _, name: within(name, library))


def test_nothing_is_imported_inside_a_function() -> None:
    found = [
        f"{module}:{inner.lineno}"
        for module, file in SOURCES.items()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert not found


def test_there_are_no_cycles_for_the_type_checker_only() -> None:
    assert [module for module, file in SOURCES.items() if "TYPE_CHECKING" in file.read_text()] == []


def test_modules_are_short_and_named_after_what_they_are() -> None:
    files = [*SOURCES.values(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]
    assert len(files) > 200
    sizes = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in files}
    assert {name: size for name, size in sizes.items() if size > LONGEST_LINES} == {}
    assert [name for name in sizes if Path(name).stem in BANNED_NAMES] == []


BROAD = {
    "app_server.dispatcher": 3,
    "app_server.contained": 1,
    "app_server.core.turn.loop": 1,
    "app_server.core.realtime.manager": 1,
}
"""Where our own bugs end: the task of a request, of a turn, of a spoken conversation, and any other in the background."""


def test_everything_is_caught_at_the_boundaries_only() -> None:
    found = {module: file.read_text().count("except Exception") for module, file in SOURCES.items()}
    assert {module: count for module, count in found.items() if count} == BROAD


# What is loaded by when. Start-up is measured by clients, so every module on the way costs something.

NOTE_MODULES = """\
import os, sys
write = os.write
def noting(descriptor, data):
    for mark in (b'{"id":1,"result"', b'{"id":2,"result"'):
        if mark in bytes(data):
            write(2, f"{mark[6:7].decode()} {' '.join(sorted(sys.modules))}\\n".encode())
    return write(descriptor, data)
os.write = noting
from app_server.__main__ import main
main()
"""
INITIALIZE = b'{"id":1,"method":"initialize","params":{"clientInfo":{"name":"a","version":"1"}}}\n'
START = b'{"id":2,"method":"thread/start","params":{}}\n'
FOR_THE_HANDSHAKE = {
    "app_server",
    "app_server.__main__",
    "app_server.cli",
    "app_server.cli_options",
    "app_server.connection",
    "app_server.core",
    "app_server.core.clock",
    "app_server.core.frozen",
    "app_server.handshake",
    "app_server.identity",
    "app_server.lazy",
    "app_server.lean_imports",
    "app_server.outbox",
    "app_server.serve",
    "app_server.tasks",
    "app_server.transport",
    "app_server.transport.base",
    "app_server.transport.stdio",
}
STAND_INS = {"pydantic.plugin._loader", "httpx._main"}
"""See `app_server.lean_imports`."""
TOO_HEAVY_FOR_THE_HANDSHAKE = (
    *("anyio", "asyncio", "httpx", "logging", "pydantic", "pydantic_core", "typing_extensions"),
    *("dataclasses", "email", "inspect", "socket", "ssl", "subprocess", "tempfile", "tomllib"),
)
NOT_FOR_THE_FIRST_THREAD = (
    *("PIL", "anyio", "asyncio", "h11", "httpx", "rich", "ssl", "websockets", "zstandard"),
    *("app_server.core.exec", "app_server.core.turn.loop", "app_server.core.tools.toolbox", "app_server.core.provider.responses"),
    "protocol.export",
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The modules that were loaded when the answer of each id was written, for a client that sends both requests at once."""
    home = make_home(tmp_path_factory.mktemp("home"), "http://127.0.0.1:9/v1")
    command = [sys.executable, "-c", NOTE_MODULES, "app-server"]
    run = subprocess.run(
        command,
        input=INITIALIZE + START,
        env={**home.environment, "PYTHONPATH": str(ROOT)},
        cwd=home.work,
        capture_output=True,
        timeout=20,
        check=True,
    )
    notes = [line.split() for line in run.stderr.decode().splitlines()]
    found = {id: set(names) for id, *names in notes}
    assert set(found) == {"1", "2"}, run.stderr.decode()
    return found


def test_the_handshake_is_answered_by_the_standard_library_and_few_modules_of_ours(loaded: dict[str, set[str]]) -> None:
    assert {name for name in loaded["1"] if within(name, *OURS)} <= FOR_THE_HANDSHAKE
    assert [name for name in loaded["1"] - STAND_INS if within(name, *TOO_HEAVY_FOR_THE_HANDSHAKE)] == []
    third_party = {name.partition(".")[0] for name in loaded["1"] - STAND_INS} - set(sys.stdlib_module_names) - {"app_server"}
    assert {name for name in third_party if not name.startswith(("_", "pytest"))} <= set()


def test_the_first_thread_starts_without_event_loop_and_http(loaded: dict[str, set[str]]) -> None:
    assert "app_server.core.thread" in loaded["2"]
    assert [name for name in loaded["2"] - STAND_INS if within(name, *NOT_FOR_THE_FIRST_THREAD)] == []


@pytest.mark.parametrize(
    ("name", "member"), [("pydantic.plugin._loader", "get_plugins"), ("httpx._main", "main")], ids=["pydantic", "httpx"]
)
def test_a_library_still_has_the_module_whose_place_we_take(name: str, member: str) -> None:
    spec = PathFinder.find_spec(name, import_module(name.rpartition(".")[0]).__path__)
    assert spec is not None
    assert spec.origin is not None
    assert f"def {member}(" in Path(spec.origin).read_text()
