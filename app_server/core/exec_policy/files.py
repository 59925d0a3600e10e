"""The rules of a working directory, and the file to which answers of the user add some.

Where one file can't be read, none of them holds, and who asked is told why. Source: spec/approvals-sandbox.md section 4.
"""

import fcntl
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app_server.core.config.config import Config
from app_server.core.exec_policy.places import FOLDER, rule_files
from app_server.core.exec_policy.rulebook import Rulebook
from app_server.core.exec_policy.starlark_file import RulesError, read_rules

OWN_FILE = "default.rules"


def load_rules(config: Config) -> Rulebook:
    """All rules that hold for a working directory. Raises: RulesError."""
    book = Rulebook()
    for file in rule_files(config):
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RulesError(file, f"failed to read rules file {file}: {error}") from None
        book += read_rules(file, text)
    return book


def rules_warnings(config: Config) -> list[dict[str, Any]]:
    """The `configWarning`s about the rules of a working directory."""
    try:
        load_rules(config)
    except RulesError as error:
        return [error.to_warning()]
    return []


def append_rule(home: Path, words: Sequence[str]) -> None:
    """Add a rule that allows commands that begin with these words to the user's file, unless it is there. Raises: OSError."""
    line = f'prefix_rule(pattern=[{", ".join(json.dumps(word, ensure_ascii=False) for word in words)}], decision="allow")'
    file = home / FOLDER / OWN_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+", encoding="utf-8") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)  # other servers with this home may write too; closing gives the lock back
        opened.seek(0)
        text = opened.read()
        if line not in text.splitlines():
            opened.write(f"{line}\n" if not text or text.endswith("\n") else f"\n{line}\n")
