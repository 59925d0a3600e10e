"""What goes to stderr: which records, in which form, and never a secret.

Records come from the standard `logging`, under the names of our modules. `RUST_LOG` chooses among them in the words of
the reference's filter (`info`, `off`, `codex_core=debug,httpx=warn`), `LOG_FORMAT=json` makes each an object on a line.
Secrets are taken out here, when a record has become text, so nobody who logs has to think of them. A reader of stderr
who stalls costs records, never the server's time. Source: spec/server.md section 11.
"""

import json
import logging
import os
import re
import select
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache

TRACE = 5
OFF = logging.CRITICAL + 1
LEVELS = {
    "trace": TRACE,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
    "off": OFF,
    "5": TRACE,
    "4": logging.DEBUG,
    "3": logging.INFO,
    "2": logging.WARNING,
    "1": logging.ERROR,
    "0": OFF,
}
SHOWN = {TRACE: "TRACE", logging.WARNING: "WARN", logging.CRITICAL: "ERROR"}
"""Levels that are called otherwise than in `logging`."""
CRATES = {"codex": "app_server", "codex_app_server": "app_server", "codex_core": "app_server.core"}
"""Where the parts that the reference's users name in a filter are at home here."""
ATOMIC_BYTES = 4096
"""A pipe that can take anything takes this much without waiting."""
HIDDEN = "[REDACTED]"
SHORTEST_SECRET = 8
SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)
log = logging.getLogger(__name__)


def configure(environment: Mapping[str, str], descriptor: int = 2) -> None:
    """Send what this environment asks for to a descriptor, from now on and for the whole process."""
    secrets = [value for name, value in environment.items() if SECRET_NAME.search(name) and len(value) >= SHORTEST_SECRET]
    as_json = environment.get("LOG_FORMAT", "").lower() == "json"
    handler = Descriptor(descriptor)
    handler.setFormatter((JsonLine if as_json else TextLine)(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    levels, refused = read_filter(environment.get("RUST_LOG", ""))
    for target, level in levels.items():
        logging.getLogger(target).setLevel(level)
    if refused:
        log.warning("parts of RUST_LOG were ignored, since they are no filters: %s", ", ".join(refused))


def read_filter(text: str) -> tuple[dict[str, int], list[str]]:
    """The level of each logger ("" is the root), and the parts that say nothing. A span or a field in brackets is passed over."""
    levels: dict[str, int] = {}
    refused = []
    for part in filter(None, (each.strip() for each in re.sub(r"\[[^\]]*\]", "", text).split(","))):
        target, equals, level = part.rpartition("=")
        if not equals and level.lower() in LEVELS:
            levels[""] = LEVELS[level.lower()]
        elif not equals:
            levels[_logger(level)] = TRACE
        elif target and level.lower() in LEVELS:
            levels[_logger(target)] = LEVELS[level.lower()]
        else:
            refused.append(part)
    levels.setdefault("", logging.ERROR if levels else logging.WARNING)
    return levels, refused


def _logger(target: str) -> str:
    crate, _, rest = target.replace("::", ".").partition(".")
    return ".".join(filter(None, (CRATES.get(crate, crate), rest)))


class Descriptor(logging.Handler):
    """Writes lines to a descriptor as far as it takes them without waiting; says afterwards how many it did not take."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        line = self.format(record)
        lost = f"{self._lost} lines of the log were lost, since nobody read them\n" if self._lost else ""
        self._lost = 0 if self._write(f"{lost}{line}\n") else self._lost + 1

    def _write(self, text: str) -> bool:
        """Whether all of it could be written; a line that was begun and is not taken further is torn."""
        rest = text.encode(errors="backslashreplace")
        try:
            while rest:
                if not select.select([], [self._descriptor], [], 0)[1]:
                    return False
                rest = rest[os.write(self._descriptor, rest[:ATOMIC_BYTES]) :]
        except (OSError, ValueError):
            return False  # nobody is there any more
        return True


class WithoutSecrets(logging.Formatter):
    """Turns a record into its parts without secrets; the forms are the two classes below."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = sorted(secrets, key=len, reverse=True)

    def parts(self, record: logging.LogRecord) -> tuple[str, str, str, str]:
        """Time, level, message and traceback."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        return when, SHOWN.get(record.levelno, record.levelname), self._clean(record.getMessage()), self._clean(trace)

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return redacted(text)


class TextLine(WithoutSecrets):
    """`TIME LEVEL target: message`."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as text; a traceback follows on lines of its own."""
        when, level, message, trace = self.parts(record)
        return f"{when} {level:>5} {record.name}: {message}" + (f"\n{trace}" if trace else "")


class JsonLine(WithoutSecrets):
    """`{"timestamp", "level", "fields": {"message"}, "target"}`."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as an object on one line."""
        when, level, message, trace = self.parts(record)
        fields = {"message": message, **({"exception": trace} if trace else {})}
        return json.dumps({"timestamp": when, "level": level, "fields": fields, "target": record.name}, ensure_ascii=False)


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """What looks like a secret, and what stands there instead. Most servers log nothing, so this is made when it is needed."""
    named = r"(?:api[_-]?key|(?:access|refresh|id|bearer|auth)?[_-]?token|secret|password|authorization)"
    quotes = r"""\\?["']?"""
    return [
        (re.compile(r"(?i)\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {HIDDEN}"),
        (re.compile(r"\bsk-[A-Za-z0-9_-]{16,}"), HIDDEN),
        (re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"), HIDDEN),
        (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*"), HIDDEN),
        (re.compile(rf"(?i)({named}{quotes}\s*[:=]\s*b?{quotes})[^\s\"'\\,&\[]{{8,}}"), rf"\1{HIDDEN}"),
        (re.compile(r"(?i)(://[^/\s:@]+:)[^/\s@]+@"), rf"\1{HIDDEN}@"),
    ]


def redacted(text: str) -> str:
    """The text without what looks like a secret."""
    for pattern, instead in _patterns():
        text = pattern.sub(instead, text)
    return text
