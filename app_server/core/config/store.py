"""The source of every `Config`: reads files when they changed and remembers the result when they did not.

A load notes which files it looked at, present or absent. The next one for the same directory and overrides only
asks the file system whether any of them changed; that takes microseconds, so callers load as often as they like.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app_server.core.clock import Clock
from app_server.core.config import layers, requirements
from app_server.core.config.config import Config, Place, Texts, resolve
from app_server.core.config.layers import InvalidConfig, Sources, Stack, absolute
from app_server.core.config.limits import BEGIN, Limits
from app_server.core.config.overrides import from_json, merge
from app_server.core.config.trust import with_trust
from app_server.core.frozen import replace
from app_server.core.models.catalog import CatalogError, parse_catalog
from app_server.core.models.metadata import ModelInfo

SYSTEM = Path("/etc/codex")
REMEMBERED = 64
Signature = tuple[int, int, int] | None


class _Reading:
    """One look at the files of a load.

    Invariant: a file's state is noted before the file is read, so that a later change is seen.
    """

    def __init__(self) -> None:
        self.files: dict[Path, Signature] = {}
        self.markers: dict[Path, bool] = {}

    def is_current(self) -> bool:
        """Whether a new look would find the same."""
        return all(signature(path) == seen for path, seen in self.files.items()) and all(
            path.exists() == seen for path, seen in self.markers.items()
        )

    def exists(self, path: Path) -> bool:
        """Whether something is there; its content does not matter."""
        self.markers[path] = path.exists()
        return self.markers[path]

    def read_text(self, path: Path) -> str | None:
        """The text of a file, or None where there is none (a directory counts as none)."""
        self.files[path] = signature(path)
        if self.files[path] is None:
            return None
        try:
            return path.read_text(encoding="utf-8")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        except UnicodeDecodeError:
            raise InvalidConfig(f"{path}: stream did not contain valid UTF-8", path=path) from None
        except OSError as error:
            raise InvalidConfig(f"Failed to read {path}: {os_text(error)}", path=path) from None

    def named_text(self, path: str, noun: str) -> str:
        """The text of a file that the configuration names. Raises: InvalidConfig."""
        self.files[Path(path)] = signature(Path(path))
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise InvalidConfig(f"failed to read {noun} {path}: {os_text(error)}") from None
        except UnicodeDecodeError:
            raise InvalidConfig(f"failed to read {noun} {path}: stream did not contain valid UTF-8") from None
        if not text:
            raise InvalidConfig(f"{noun} is empty: {path}")
        return text

    def catalog(self, path: str) -> tuple[ModelInfo, ...]:
        """The models of a catalogue file. Raises: InvalidConfig."""
        self.files[Path(path)] = signature(Path(path))
        try:
            return parse_catalog(Path(path).read_bytes(), path)
        except OSError as error:
            raise InvalidConfig(os_text(error)) from None
        except CatalogError as error:
            raise InvalidConfig(str(error)) from None

    def texts(self, raw: Mapping[str, Any]) -> Texts:
        """The contents of the files that a configuration names. Raises: InvalidConfig."""
        instructions = raw.get("model_instructions_file")
        prompt = raw.get("experimental_compact_prompt_file")
        catalog = raw.get("model_catalog_json")
        return Texts(
            base_instructions=self.named_text(instructions, "model instructions file") if instructions else None,
            compact_prompt=self.named_text(prompt, "experimental compact prompt file") if prompt else None,
            catalog=self.catalog(catalog) if catalog else None,
        )


def signature(path: Path) -> Signature:
    """What changes when a file does: time, size and inode; None for an absent one."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino


def os_text(error: OSError) -> str:
    """A system error as the reference words it."""
    return f"{error.strerror} (os error {error.errno})"


class ConfigStore:
    """Loads configuration for any working directory.

    Invariant: a `Config` that `load` returns agrees with the files as they were when `load` was called.
    """

    def __init__(
        self,
        home: Path,
        environment: Mapping[str, str],
        cli_overrides: Mapping[str, Any],
        clock: Clock,
        *,
        cwd: Path | None = None,
        system: Path = SYSTEM,
        is_strict: bool = False,
        with_plugins: Callable[[Config], Config] = lambda config: config,
    ) -> None:
        self.home = home
        self.cwd = cwd or Path.cwd()
        self.user_file = home / layers.FILE_NAME
        self._environment = environment
        self._session = dict(cli_overrides)
        self._system = system
        self._is_strict = is_strict
        self._with_plugins = with_plugins
        self._clock = clock
        self._remembered: dict[tuple[str, str], tuple[_Reading, Config]] = {}
        self._switched: dict[str, bool] = {}
        self._told: set[str] = set()

    def load(self, cwd: str | Path | None = None, overrides: Mapping[str, Any] | None = None) -> Config:
        """The configuration for a directory (default: the process's own), with a thread's `config` map on top.

        Raises: ConfigError (InvalidConfig, which knows the place).
        """
        directory = str(cwd) if cwd is not None else ""
        key = (directory, json.dumps(overrides, sort_keys=True) if overrides else "")
        known = self._remembered.get(key)
        if known is not None and known[0].is_current():
            return known[1]
        reading = _Reading()
        config = self._resolved(self.absolute(directory), overrides or {}, reading)
        if config.raw.get("plugins"):
            config = self._with_plugins(config)
        if len(self._remembered) >= REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[key] = (reading, config)
        return config

    def switch_features(self, wishes: Mapping[str, bool]) -> dict[str, bool]:
        """Switch features for the time that the process runs; those that were, as the configuration leaves them open."""
        applied = self.usable().features.open_to_clients(wishes)
        self._switched |= applied
        self._remembered.clear()
        return applied

    @property
    def switched(self) -> Mapping[str, bool]:
        """What clients have switched."""
        return self._switched

    def limits(self) -> Limits:
        """What the administrator requires. Raises: InvalidConfig."""
        return requirements.read(self._system / requirements.FILE, _Reading().read_text)

    def untold(self, texts: Sequence[str]) -> list[str]:
        """Those warnings about the configuration that no client was told as it came; they count as told now."""
        new = [text for text in texts if text not in self._told]
        self._told.update(new)
        return new

    def layers(self, cwd: str | Path | None = None) -> Stack:
        """The layers as they are, unchecked, for whoever shows or edits them. Raises: InvalidConfig (no TOML)."""
        return layers.read(self._sources(_Reading()), self.absolute(cwd or ""), self._session)

    def startup(self) -> tuple[Config, list[dict[str, Any]]]:
        """The configuration that the process runs with, and the `configWarning`s for each client.

        A broken file is a warning, and the defaults hold; settings of our own command line that can't hold are fatal.
        Raises: ConfigError, whose `detail` belongs on stderr.
        """
        try:
            config = self.load()
        except InvalidConfig as problem:
            if self._is_strict:
                raise
            return self._defaults(), [problem.to_warning()]
        unknown = layers.validated(config.stack)
        if self._is_strict and (text := layers.unknown_key_error(unknown)) is not None:
            raise InvalidConfig(text)
        texts = [
            *(text for text in config.warnings if text.startswith(BEGIN.partition("{")[0])),
            layers.disabled_warning(config.stack.layers),
            *layers.refused_keys_warnings(config.stack.layers),
            layers.unknown_keys_warning(unknown),
        ]
        return config, [{"summary": text, "details": None} for text in texts if text is not None]

    def usable(self) -> Config:
        """The configuration of the process's own directory, or what the command line alone says while the files are broken."""
        try:
            return self.load()
        except InvalidConfig:
            return self._defaults()

    def startup_warnings(self) -> list[dict[str, Any]]:
        """The `configWarning` data for a client that just initialized. Raises: as `startup`."""
        warnings = self.startup()[1]
        self._told.update(warning["summary"] for warning in warnings)
        return warnings

    def trust(self, config: Config) -> None:
        """Add an entry to the user's file that trusts the project of `config`, unless the user decided already.

        Written as a new file that replaces the old one. Raises: OSError, InvalidConfig (the file changed and broke).
        """
        if config.trust_level is not None:
            return
        text = self.user_text()
        layers.parse_file(self.user_file, text)
        self.replace_user_text(with_trust(text, config.stack.trust_key))

    def user_text(self) -> str:
        """The text of the user's file, empty where there is none. Raises: InvalidConfig (unreadable)."""
        return _Reading().read_text(self.user_file) or ""

    def replace_user_text(self, text: str) -> None:
        """Write the user's file anew: a new file that replaces the old one at once. Raises: OSError."""
        fresh = self.user_file.with_name(f".{layers.FILE_NAME}.{self._clock.uuid4()}")
        fresh.write_text(text, encoding="utf-8")
        if self.user_file.exists():
            fresh.chmod(self.user_file.stat().st_mode & 0o7777)
        fresh.replace(self.user_file.resolve())

    def check(self, user_text: str) -> None:
        """Whether the configuration would hold with this text as the user's file. Raises: InvalidConfig."""
        reading = _Reading()

        def read_text(path: Path) -> str | None:
            return user_text if path == self.user_file else reading.read_text(path)

        sources = Sources(self.home, self._user_home(), self._system, self.cwd, read_text, reading.exists)
        stack = layers.read(sources, self.cwd, self._session)
        resolve(Place(self.home, self.cwd, self._environment), stack, reading.texts)
        limits = requirements.read(self._system / requirements.FILE, reading.read_text)
        requirements.check_features(layers.parse_file(self.user_file, user_text), limits)

    def absolute(self, path: str | Path) -> Path:
        """A client's path, seen from the process's directory; it need not exist."""
        return Path(absolute(str(path), self.cwd, self._user_home()))

    def _resolved(self, cwd: Path, overrides: Mapping[str, Any], reading: _Reading) -> Config:
        session = merge(self._session, from_json(overrides)) if overrides else self._session
        stack = layers.read(self._sources(reading), cwd, session)
        return self._limited(resolve(Place(self.home, cwd, self._environment), stack, reading.texts), reading)

    def _limited(self, config: Config, reading: _Reading) -> Config:
        """The configuration within what the administrator requires, with what clients have switched."""
        limits = requirements.read(self._system / requirements.FILE, reading.read_text)
        return self._with_switches(requirements.constrained(config, limits))

    def _with_switches(self, config: Config) -> Config:
        if not self._switched:
            return config
        open_ones = config.features.open_to_clients(self._switched)
        return replace(config, features=replace(config.features, switched=open_ones))

    def _defaults(self) -> Config:
        """What holds when the files can't be used: the command line alone. Raises: InvalidConfig."""
        reading = _Reading()
        sources = Sources(self.home, self._user_home(), self._system, self.cwd, lambda _: None, reading.exists)
        stack = layers.read(sources, self.cwd, self._session)
        return self._limited(resolve(Place(self.home, self.cwd, self._environment), stack, reading.texts), reading)

    def _sources(self, reading: _Reading) -> Sources:
        return Sources(self.home, self._user_home(), self._system, self.cwd, reading.read_text, reading.exists)

    def _user_home(self) -> Path:
        return Path(self._environment.get("HOME") or "/")
