"""What the command line and the environment ask of the terminal client, and which model provider that means.

The provider is looked for in this order: `-c model_provider=...`, the user's config.toml, `OPENAI_API_KEY` (handed to
the server by `-c`, so nothing is written to disk), and else the rehearsal provider, which works offline.
"""

import argparse
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

KEY_VARIABLE = "OPENAI_API_KEY"
URL_VARIABLE = "OPENAI_BASE_URL"
KEY_PROVIDER = "openai-key"
REHEARSAL = "rehearsal"

USAGE = "app-server try [--yes] [--model MODEL] [-c KEY=VALUE]... [PROMPT]"
ABOUT = (
    "Talk to the daemon in the current folder. Without PROMPT, type or pipe in one a line (a backslash at the end "
    "goes on in the next line); PROMPT `-` takes all of standard input as one prompt."
)


class Unusable(Exception):  # told to the person in one line, not a bug of ours
    """The client can't go on; the text names the cause and the remedy."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. `overrides` go to the server as they are, ours behind the person's own."""

    prompt: str | None
    accepts_all: bool
    model: str | None
    overrides: tuple[str, ...]
    is_rehearsal: bool
    is_fallback: bool = False
    """The rehearsal provider answers because there was no other choice."""
    key_goes_to: str | None = None
    """Where the key of the environment is used, if it is: what to look at when that fails."""


def parse(arguments: Sequence[str], environ: Mapping[str, str]) -> Options:
    """Read the command line. Raises: Unusable; SystemExit for `--help` and for what argparse refuses."""
    parser = argparse.ArgumentParser(prog="app-server try", usage=USAGE, description=ABOUT)
    parser.add_argument("--yes", "-y", action="store_true", help="accept every approval question")
    parser.add_argument("--model", "-m", metavar="MODEL", help="the model to use; /model lists them")
    parser.add_argument("--config", "-c", metavar="KEY=VALUE", action="append", default=[], help="override a configuration value")
    parser.add_argument("prompt", nargs="*", metavar="PROMPT", help="what to do; afterwards the program ends")
    parsed = parser.parse_args(arguments)
    provider, added = choose_provider(parsed.config, environ)
    is_rehearsal = provider == REHEARSAL
    return Options(
        prompt=" ".join(parsed.prompt) or None,
        accepts_all=parsed.yes,
        model=parsed.model,
        overrides=(*parsed.config, *added),
        is_rehearsal=is_rehearsal,
        is_fallback=is_rehearsal and bool(added),
        key_goes_to=(environ.get(URL_VARIABLE, "").strip() or "OpenAI") if added and provider == KEY_PROVIDER else None,
    )


def choose_provider(overrides: Sequence[str], environ: Mapping[str, str]) -> tuple[str, list[str]]:
    """The provider's id and the overrides that it takes. Raises: Unusable, if config.toml can't be read."""
    for override in reversed(overrides):
        key, _, value = override.partition("=")
        if key.strip() == "model_provider":
            return value.strip().strip("\"'"), []
    configured = configured_provider(environ)
    if configured:
        return configured, []
    if environ.get(KEY_VARIABLE, "").strip():
        settings = {"name": "OpenAI", "env_key": KEY_VARIABLE, "wire_api": "responses"}
        if environ.get(URL_VARIABLE, "").strip():
            settings["base_url"] = environ[URL_VARIABLE].strip()
        # A JSON string of printable text is a TOML string as well.
        added = [f"model_providers.{KEY_PROVIDER}.{key}={json.dumps(value)}" for key, value in settings.items()]
        return KEY_PROVIDER, [*added, f'model_provider="{KEY_PROVIDER}"']
    return REHEARSAL, [f'model_provider="{REHEARSAL}"']


def configured_provider(environ: Mapping[str, str]) -> str | None:
    """The provider that the user's config.toml selects, or None. Raises: Unusable."""
    home = Path(environ.get("CODEX_HOME") or Path(environ.get("HOME") or "~").expanduser() / ".codex")
    path = home / "config.toml"
    try:
        with path.open("rb") as file:
            provider = tomllib.load(file).get("model_provider")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Unusable(f"{path} can't be read: {error.strerror}. Make it readable or move it away.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Unusable(f"{path} is not valid TOML: {error}. Correct it or move it away.") from error
    return provider if isinstance(provider, str) else None
