"""Where files of rules are. Cheap, since every start asks whether there are any. Source: spec/approvals-sandbox.md section 4."""

from pathlib import Path

from app_server.core.config.config import Config, is_trusted
from app_server.core.config.layers import FOLDER_NAME
from app_server.core.config.trust import between

FOLDER = "rules"


def rule_files(config: Config) -> list[Path]:
    """The files of rules that hold for a working directory: the system's, the user's, and those of a trusted project."""
    folders = [config.stack.layers[0].base, config.home]
    if is_trusted(config):
        folders += [folder / FOLDER_NAME for folder in between(config.project_root, config.cwd)]
    return [file for folder in dict.fromkeys(folders) for file in sorted((folder / FOLDER).glob("*.rules")) if file.is_file()]
