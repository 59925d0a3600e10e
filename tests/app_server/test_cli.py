"""The command line: texts and exit codes of the reference, and what becomes of good words."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app_server import PROTOCOL_VERSION, RELEASE
from app_server.cli import Printed, Settings, UsageError, parse

HINT = "\n\nFor more information, try '--help'."
USAGE = f"\n\nUsage: app-server [OPTIONS] [COMMAND]{HINT}"


def settings(tmp_path: Path, *words: str) -> Settings:
    return parse(words, {"HOME": str(tmp_path)})


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nope"], f"error: unrecognized subcommand 'nope'{USAGE}"),
        (["--", "x"], f"error: unrecognized subcommand 'x'{USAGE}"),
        (["help", "bogus"], f"error: unrecognized subcommand 'bogus'{USAGE}"),
        (["-x"], f"error: unexpected argument '-x' found{USAGE}"),
        (["--bogus=1"], f"error: unexpected argument '--bogus' found{USAGE}"),
        (["--listen"], f"error: a value is required for '--listen <URL>' but none was supplied{HINT}"),
        (["--listen", "--stdio"], f"error: a value is required for '--listen <URL>' but none was supplied{HINT}"),
        (
            ["--listen", "http://x"],
            "error: invalid value 'http://x' for '--listen <URL>': unsupported --listen URL `http://x`; expected `stdio://`, "
            f"`unix://`, `unix://PATH`, `ws://IP:PORT`, or `off`{HINT}",
        ),
        (
            ["--listen", "ws://localhost:1"],
            "error: invalid value 'ws://localhost:1' for '--listen <URL>': invalid websocket --listen URL `ws://localhost:1`; "
            f"expected `ws://IP:PORT`{HINT}",
        ),
        (
            ["--stdio", "--listen", "off"],
            f"error: the argument '--stdio' cannot be used with '--listen <URL>'\n\nUsage: app-server --stdio{HINT}",
        ),
        (["--stdio", "--stdio"], f"error: the argument '--stdio' cannot be used multiple times{USAGE}"),
        (["--stdio=1"], f"error: unexpected value '1' for '--stdio' found; no more were expected{USAGE}"),
        (
            ["--ws-auth", "bogus"],
            "error: invalid value 'bogus' for '--ws-auth <MODE>'\n"
            f"  [possible values: capability-token, signed-bearer-token]{HINT}",
        ),
        (
            ["--ws-max-clock-skew-seconds", "x"],
            f"error: invalid value 'x' for '--ws-max-clock-skew-seconds <SECONDS>': invalid digit found in string{HINT}",
        ),
        (
            ["generate-ts"],
            "error: the following required arguments were not provided:\n  --out <DIR>\n\n"
            f"Usage: app-server generate-ts [OPTIONS] --out <DIR>{HINT}",
        ),
        (
            ["generate-json-schema", "--prettier", "x"],
            "error: unexpected argument '--prettier' found\n\n"
            f"Usage: app-server generate-json-schema [OPTIONS] --out <DIR>{HINT}",
        ),
    ],
)
def test_a_line_that_cannot_be_read_ends_with_2(tmp_path: Path, words: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        settings(tmp_path, *words)
    assert (str(caught.value), caught.value.exit_code) == (message, 2)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-c", "model"], "Error: error parsing -c overrides: Invalid override (missing '='): model"),
        (["-c", "=x"], "Error: error parsing -c overrides: Empty key in override: =x"),
        (["--enable", "zz"], "Error: Unknown feature flag: zz"),
        (["--disable", "zz"], "Error: Unknown feature flag: zz"),
        (["--listen", "off"], "Error: no transport configured; use --listen or enable remote control"),
        (["--profile", "p"], "Error: --profile can't be used with app-server"),
        (
            ["--ws-issuer", "x"],
            "Error: websocket auth flags require `--ws-auth capability-token` or `--ws-auth signed-bearer-token`",
        ),
    ],
)
def test_a_line_that_cannot_be_carried_out_ends_with_1(tmp_path: Path, words: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        settings(tmp_path, *words)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 1


def test_serving_is_what_happens_without_a_subcommand(tmp_path: Path) -> None:
    for words in ([], ["app-server"], ["--stdio"], ["app-server", "--listen", "stdio://"], ["--listen=stdio://"]):
        found = settings(tmp_path, *words)
        assert (found.command, found.listen, found.overrides) == ("serve", "stdio://", {})
    found = settings(
        tmp_path, "--strict-config", "--analytics-default-enabled", "--ws-auth", "capability-token", "--ws-issuer=me"
    )
    assert (found.is_strict, found.analytics_default_enabled) == (True, True)
    assert found.websocket == {"ws-auth": "capability-token", "ws-issuer": "me"}


def test_listening_for_websockets_is_told_from_serving_stdio(tmp_path: Path) -> None:
    for url in ("ws://127.0.0.1:0", "ws://[::1]:80", "unix://", "unix://relative"):
        found = settings(tmp_path, "app-server", "--listen", url, "--allow-unauthenticated-network")
        assert (found.command, found.listen, found.websocket) == ("listen", url, {"allow-unauthenticated-network": ""})
    assert settings(tmp_path, "proxy", "--sock", "/s").sock == Path("/s")


def test_overrides_and_features_make_one_table_in_order(tmp_path: Path) -> None:
    words = ["-c", "model=a", "app-server", "-cmodel=b", "--config=list=[1, 2]", "-c=features.apps=true", "--enable", "memories"]
    found = settings(tmp_path, *words, "--disable", "apps")
    assert found.overrides == {"model": "b", "list": [1, 2], "features": {"apps": False, "memories": True}}


def test_try_gets_its_words_as_they_are_with_the_overrides_before_it(tmp_path: Path) -> None:
    found = settings(tmp_path, "-c", "a=1", "--enable", "goals", "try", "--yes", "--help", "-c", "b=2", "do it")
    assert (found.command, found.arguments) == (
        "try",
        ("-c", "a=1", "-c", "features.goals=true", "--yes", "--help", "-c", "b=2", "do it"),
    )
    assert not (tmp_path / ".codex").exists()


def test_the_exporters_get_their_options(tmp_path: Path) -> None:
    found = settings(tmp_path, "generate-ts", "-o", "d", "--experimental", "-p", "bin")
    assert (found.command, found.out, found.experimental, found.prettier) == ("generate-ts", Path("d"), True, Path("bin"))
    assert settings(tmp_path, "generate-json-schema", "--out=d").command == "generate-json-schema"


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"], ["app-server", "--help"], ["--listen", "stdio://", "-h"]])
def test_help_lists_commands_and_options(tmp_path: Path, words: list[str]) -> None:
    with pytest.raises(Printed, match=r"Usage: app-server \[OPTIONS\] \[COMMAND\]") as caught:
        settings(tmp_path, *words)
    for part in ("--listen <URL>", "--strict-config", "generate-ts", "try"):
        assert part in str(caught.value)


def test_help_of_a_subcommand_is_its_own(tmp_path: Path) -> None:
    for words in (["help", "generate-ts"], ["generate-ts", "--help"]):
        with pytest.raises(Printed, match="--prettier") as caught:
            settings(tmp_path, *words)
        assert "--listen" not in str(caught.value)


def test_the_version_names_our_release_and_the_protocol(tmp_path: Path) -> None:
    with pytest.raises(Printed, match=rf"^app-server {RELEASE} \(protocol {PROTOCOL_VERSION}\)$"):
        settings(tmp_path, "app-server", "--version")


def test_the_home_is_made_only_where_nobody_named_one(tmp_path: Path) -> None:
    assert settings(tmp_path).home == (tmp_path / ".codex").resolve()
    assert (tmp_path / ".codex").is_dir()
    named = tmp_path / "named"
    with pytest.raises(UsageError, match=f'^Error: CODEX_HOME points to "{named}", but that path does not exist') as caught:
        parse([], {"HOME": str(tmp_path), "CODEX_HOME": str(named)})
    assert caught.value.exit_code == 1
    named.write_text("")
    with pytest.raises(UsageError, match=f'^Error: CODEX_HOME points to "{named}", but that path is not a directory'):
        parse([], {"HOME": str(tmp_path), "CODEX_HOME": str(named)})
    assert parse([], {"HOME": str(tmp_path), "CODEX_HOME": ""}).home == (tmp_path / ".codex").resolve()


def test_an_unusual_home_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"^Error: the home directory .*/file/.codex can't be used"):
        parse([], {"HOME": str(tmp_path / "file")})


HEAVY = {"argparse", "tomllib", "pydantic", "anyio", "httpx", "app_server.core.config.store"}


def test_a_plain_command_line_loads_nothing_heavy(tmp_path: Path) -> None:
    code = "import sys; from app_server.cli import parse; parse(['app-server'], {'HOME': sys.argv[1]}); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    loaded = set(done.stdout.split())
    assert "app_server.cli_options" in loaded
    assert loaded & HEAVY == set()
