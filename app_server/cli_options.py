"""The commands and options of the command line, as tables, and the help that is made from them."""

from app_server.core.frozen import frozen

STDIO = "stdio://"
CONTROL_SOCKET = "app-server-control/app-server-control.sock"
"""Where `unix://` listens, below the home."""
TRANSPORTS = "`stdio://`, `unix://`, `unix://PATH`, `ws://IP:PORT`, or `off`"
WS_AUTH_MODES = ("capability-token", "signed-bearer-token")


@frozen
class Option:
    """An option and how often it may stand. `value` is the placeholder of its value, None for a switch."""

    name: str
    value: str | None
    about: str
    short: str = ""
    is_repeatable: bool = False

    def shown(self) -> str:
        """As messages name it."""
        return f"--{self.name} <{self.value}>" if self.value else f"--{self.name}"


@frozen
class Command:
    """A subcommand: what it is for, its options, and those that it can't do without."""

    name: str
    about: str
    options: tuple[Option, ...]
    required: tuple[str, ...] = ()

    def usage(self) -> str:
        """The line that shows how it is called."""
        words = ["app-server", self.name] if self.name else ["app-server"]
        needs = [option.shown() for option in self.options if option.name in self.required]
        return " ".join([*words, "[OPTIONS]", *(needs if self.name else ["[COMMAND]"])])


SHARED = (
    Option("config", "key=value", "Override a value of config.toml; the value is TOML, or else plain text", "c", True),
    Option("enable", "FEATURE", "Switch a feature on (same as -c features.FEATURE=true)", "", True),
    Option("disable", "FEATURE", "Switch a feature off (same as -c features.FEATURE=false)", "", True),
    Option("help", None, "Print this help", "h"),
)
EXPORT = (
    Option("out", "DIR", "The directory to write to", "o"),
    Option("experimental", None, "Include experimental methods and members"),
)
SERVE = Command(
    "",
    "An agent daemon that speaks the protocol of `codex app-server` on stdin and stdout.",
    (
        Option("listen", "URL", f"Where to listen: {TRANSPORTS} [default: stdio://]"),
        Option("stdio", None, "Listen on stdin and stdout (same as --listen stdio://)"),
        Option("strict-config", None, "Refuse to start when config.toml has unknown keys"),
        Option("analytics-default-enabled", None, "Accepted for compatibility; nothing is ever collected"),
        Option("ws-auth", "MODE", f"How websocket clients prove who they are: {' or '.join(WS_AUTH_MODES)}"),
        Option("ws-token-file", "PATH", "File with the capability token"),
        Option("ws-token-sha256", "HEX", "SHA-256 of the capability token"),
        Option("ws-shared-secret-file", "PATH", "File with the secret that signs bearer tokens"),
        Option("ws-issuer", "ISSUER", "Expected issuer of bearer tokens"),
        Option("ws-audience", "AUDIENCE", "Expected audience of bearer tokens"),
        Option("ws-max-clock-skew-seconds", "SECONDS", "How far clocks may differ"),
        Option("allow-unauthenticated-network", None, "Listen beyond loopback without authentication"),
        Option("profile", "NAME", "Refused: put the settings into config.toml", "p"),
        Option("version", None, "Print the version", "V"),
        *SHARED,
    ),
)
COMMANDS = {
    "generate-ts": Command(
        "generate-ts",
        "Write the protocol as TypeScript types.",
        (*EXPORT, Option("prettier", "PRETTIER_BIN", "Format the files with this program", "p"), *SHARED),
        ("out",),
    ),
    "generate-json-schema": Command("generate-json-schema", "Write the protocol as JSON Schema.", (*EXPORT, *SHARED), ("out",)),
    "proxy": Command(
        "proxy", "Copy stdin and stdout to a running server's socket.", (Option("sock", "PATH", "The socket"), *SHARED)
    ),
}
TRY = "try"
LISTED = {**{name: command.about for name, command in COMMANDS.items()}, TRY: "Talk to the server in this terminal."}


def help_text(command: Command) -> str:
    """The answer to `--help`."""
    sections = [command.about, f"Usage: {command.usage()}"]
    if command is SERVE:
        sections.append("Commands:\n" + "\n".join(f"  {name:<22}{about}" for name, about in LISTED.items()))
    lines = []
    for option in command.options:
        short = f"-{option.short}, " if option.short else "    "
        lines.append(f"  {short}{option.shown():<40}{option.about}")
    sections.append("Options:\n" + "\n".join(lines))
    return "\n\n".join(sections)
