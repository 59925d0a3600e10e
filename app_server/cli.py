"""The command line: arguments and environment become `Settings`, the only place that knows either.

Words and exit codes are the reference's: a command line that can't be read is `error: ...` and exit code 2, one
that can't be carried out is `Error: ...` and exit code 1. Reading it by hand keeps argparse (and its start-up time)
out of the server. What only some command lines need is loaded when they need it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, cast

from app_server import PROTOCOL_VERSION, RELEASE
from app_server.cli_options import COMMANDS, SERVE, STDIO, TRANSPORTS, TRY, WS_AUTH_MODES, Command, help_text
from app_server.core.frozen import frozen
from app_server.lazy import lazy

split = lazy("app_server.core.config.overrides:split")
nested = lazy("app_server.core.config.overrides:nested")
is_known_feature = lazy("app_server.core.config.features:is_known")
ip_address = lazy("ipaddress:ip_address")


class Printed(Exception):
    """What the command line asked for is a text for stdout."""


class UsageError(Exception):
    """The command line can't be read or carried out; the text is a whole message for stderr."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@frozen
class Settings:
    """What the person who started the process wants.

    `overrides` are the session's configuration (`-c`, `--enable`, `--disable`) as one nested table; `arguments` are
    the words of a subcommand that reads them itself; `websocket` are the options about clients on the network, by name.
    """

    command: str
    home: Path
    environment: Mapping[str, str]
    overrides: Mapping[str, Any]
    arguments: tuple[str, ...]
    listen: str
    websocket: Mapping[str, str]
    is_strict: bool
    analytics_default_enabled: bool
    out: Path | None
    experimental: bool
    prettier: Path | None
    sock: Path | None


Found = dict[str, list[str]]
WEBSOCKET = ("ws-", "allow-unauthenticated-network")
"""How the options begin that are about clients on the network."""


def parse(argv: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """Read a command line (without the program's name). Raises: Printed, UsageError."""
    words = list(argv)
    name, command = "serve", SERVE
    found: Found = {}
    rest: tuple[str, ...] = ()
    while words:
        word = words.pop(0)
        if word.startswith("-") and word not in ("-", "--"):
            _take_option(command, word, words, found)
        elif command is not SERVE:
            _usage(f"unexpected argument '{word}' found", command.usage())
        elif word == TRY:
            name, rest, words = TRY, tuple(words), []
        elif word == "help":
            command, found["help"] = _helped(words), [""]
            words = []
        elif word in COMMANDS:
            name, command = word, COMMANDS[word]
        elif word not in ("app-server", "--"):
            _usage(f"unrecognized subcommand '{word}'", SERVE.usage())
    if "help" in found:
        raise Printed(help_text(command))
    if "version" in found:
        raise Printed(f"app-server {RELEASE} (protocol {PROTOCOL_VERSION})")
    _check(command, found)
    toggles = [f"features.{feature}=true" for feature in found.get("enable", [])]
    toggles += [f"features.{feature}=false" for feature in found.get("disable", [])]
    overrides = [*found.get("config", []), *toggles]
    inherited = [part for override in overrides for part in ("-c", override)] if name == TRY else []
    return Settings(
        command="listen" if name == "serve" and (_last(found, "listen") or STDIO) != STDIO else name,
        home=_home(environment, is_needed=name in ("serve", "proxy")),
        environment=dict(environment),
        overrides=_overrides(overrides),
        arguments=(*inherited, *rest),
        listen=_last(found, "listen") or STDIO,
        websocket={name: values[-1] for name, values in found.items() if name.startswith(WEBSOCKET)},
        is_strict="strict-config" in found,
        analytics_default_enabled="analytics-default-enabled" in found,
        out=_path(found, "out"),
        experimental="experimental" in found,
        prettier=_path(found, "prettier"),
        sock=_path(found, "sock"),
    )


def _take_option(command: Command, word: str, words: list[str], found: Found) -> None:
    """Read one option, and its value from the same or the next word."""
    if word.startswith("--"):
        name, equals, value = word[2:].partition("=")
        option = next((each for each in command.options if each.name == name), None)
    else:
        value = word[2:].removeprefix("=")
        equals = value
        option = next((each for each in command.options if each.short == word[1]), None)
    if option is None:
        _usage(f"unexpected argument '{word.partition('=')[0]}' found", command.usage())
    if option.value is None and equals:
        _usage(f"unexpected value '{value}' for '{option.shown()}' found; no more were expected", command.usage())
    if option.value is not None and not equals:
        if not words or words[0].startswith("--"):
            _usage(f"a value is required for '{option.shown()}' but none was supplied")
        value = words.pop(0)
    if option.name in found and not option.is_repeatable:
        _usage(f"the argument '{option.shown()}' cannot be used multiple times", command.usage())
    found.setdefault(option.name, []).append(value)


def _check(command: Command, found: Found) -> None:
    """Refuse what can be read and not be meant, or not be done."""
    missing = [option.shown() for option in command.options if option.name in command.required and option.name not in found]
    if missing:
        _usage("the following required arguments were not provided:\n  " + "\n  ".join(missing), command.usage())
    for feature in [*found.get("enable", []), *found.get("disable", [])]:
        if not is_known_feature(feature):
            _fail(f"Unknown feature flag: {feature}; `experimentalFeature/list` names the known ones")
    if "profile" in found:
        _fail("--profile can't be used with app-server; put the settings into config.toml or pass them with -c")
    if "stdio" in found and "listen" in found:
        _usage("the argument '--stdio' cannot be used with '--listen <URL>'", "app-server --stdio")
    mode = _last(found, "ws-auth")
    if mode is not None and mode not in WS_AUTH_MODES:
        _usage(f"invalid value '{mode}' for '--ws-auth <MODE>'\n  [possible values: {', '.join(WS_AUTH_MODES)}]")
    skew = _last(found, "ws-max-clock-skew-seconds")
    if skew is not None and not (skew.isascii() and skew.isdigit()):
        _usage(f"invalid value '{skew}' for '--ws-max-clock-skew-seconds <SECONDS>': invalid digit found in string")
    listen = _last(found, "listen")
    if listen is not None and (complaint := _wrong_url(listen)) is not None:
        _usage(f"invalid value '{listen}' for '--listen <URL>': {complaint}")
    if listen == "off":
        _fail("no transport configured; use --listen or enable remote control")
    if mode is None and any(option.startswith("ws-") for option in found):
        _fail("websocket auth flags require `--ws-auth capability-token` or `--ws-auth signed-bearer-token`")


def _wrong_url(url: str) -> str | None:
    if url in (STDIO, "off") or url.startswith("unix://"):
        return None
    if not url.startswith("ws://"):
        return f"unsupported --listen URL `{url}`; expected {TRANSPORTS}"
    host, _, port = url.removeprefix("ws://").rpartition(":")
    try:
        ip_address(host.strip("[]"))
        if 0 <= int(port) < 65536:
            return None
    except ValueError:
        pass
    return f"invalid websocket --listen URL `{url}`; expected `ws://IP:PORT`"


def _home(environment: Mapping[str, str], *, is_needed: bool) -> Path:
    """The directory of our files: `CODEX_HOME`, which has to exist, or `~/.codex`, which is made."""
    named = environment.get("CODEX_HOME")
    home = Path(named) if named else Path(environment.get("HOME") or "/") / ".codex"
    if not is_needed:
        return home
    try:
        if not named:
            home.mkdir(parents=True, exist_ok=True)
        elif not home.exists():
            _fail(f'CODEX_HOME points to "{named}", but that path does not exist; create it, or unset CODEX_HOME to use ~/.codex')
        elif not home.is_dir():
            _fail(f'CODEX_HOME points to "{home.resolve()}", but that path is not a directory; name a directory or unset it')
        return home.resolve()
    except OSError as error:
        _fail(f"the home directory {home} can't be used: {error.strerror}; set CODEX_HOME to a directory that can be written")


def _overrides(words: Sequence[str]) -> dict[str, Any]:
    try:
        return cast(dict[str, Any], nested([split(word) for word in words])) if words else {}
    except ValueError as error:
        _fail(f"error parsing -c overrides: {error}")


def _helped(words: list[str]) -> Command:
    """The command that `help` is asked about."""
    name = next((word for word in words if word != "app-server"), None)
    if name is not None and name not in COMMANDS:
        _usage(f"unrecognized subcommand '{name}'", SERVE.usage())
    return COMMANDS[name] if name else SERVE


def _last(found: Found, name: str) -> str | None:
    return found[name][-1] if name in found else None


def _path(found: Found, name: str) -> Path | None:
    value = _last(found, name)
    return None if value is None else Path(value)


def _usage(complaint: str, usage: str | None = None) -> NoReturn:
    hint = f"\n\nUsage: {usage}" if usage else ""
    raise UsageError(f"error: {complaint}{hint}\n\nFor more information, try '--help'.", 2)


def _fail(complaint: str) -> NoReturn:
    raise UsageError(f"Error: {complaint}", 1)
