"""app-server: an open agent daemon that speaks the protocol of `codex app-server`."""

RELEASE = "0.1.0"
"""Our own release, shown by `--version` and `server/diagnostics`."""
PROTOCOL_VERSION = "0.169.0"
"""The version of the reference whose protocol we match; clients read it out of `userAgent` and gate features on it."""
