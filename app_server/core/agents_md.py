"""The project's own instructions: `AGENTS.md` files in the home directory and from the project's root down to the
working directory.

Each directory gives one file: an override, the usual one, or a fallback name that the configuration allows. The
projects' files share a budget of bytes; the last one that fits is cut where the budget ends.
"""

from pathlib import Path

from app_server.core.config.config import Config
from app_server.core.config.trust import between
from app_server.core.frozen import frozen

NAMES = ("AGENTS.override.md", "AGENTS.md")
ADVICE = "Trim your project instructions to fit the budget. If you need to keep them all, increase `project_doc_max_bytes`."
CUT = (
    "Loaded only {kept} of {size} bytes from `{file}` in environment `local` under the {limit}-byte project instruction budget. "
    + ADVICE
)
SKIPPED = (
    "Skipped project instructions in environment `local` starting at `{file}` because the {limit}-byte budget was exhausted. "
    + ADVICE
)
TOO_MUCH = (
    "Combined user instructions use {size} bytes, above the {limit}-byte `project_doc_max_bytes` setting. The total includes "
    "global and thread instructions. The limit applies only to project files."
)
"""The reference's words, which users may look for."""
BORDER = "\n\n--- project-doc ---\n\n"


@frozen
class ProjectInstructions:
    """The instructions as one text (None: there are none), the files they came from, in order, and what users are to be warned
    of: files that the budget has cut or left out.
    """

    text: str | None
    sources: tuple[Path, ...]
    warnings: tuple[str, ...] = ()


def read(config: Config) -> ProjectInstructions:
    """Find and read the files for the configuration's working directory; a file that can't be read counts as absent."""
    general, sources = "", []
    for name in NAMES:
        general = _text(config.home / name).strip()
        if general:
            sources.append(config.home / name)
            break
    documents = []
    warnings = []
    limit = budget = config.project_doc_max_bytes
    for directory in between(config.project_root, config.cwd) if budget else ():
        file = _first(directory, (*NAMES, *config.project_doc_fallback_filenames))
        if file is None:
            continue
        if budget <= 0:
            warnings.append(SKIPPED.format(file=file, limit=limit))
            break
        whole = _text(file)
        text = _cut(whole, budget)
        if text != whole:
            warnings.append(CUT.format(file=file, limit=limit, kept=budget, size=len(whole.encode())))
        budget -= budget if text != whole else len(text.encode())
        if text.strip():
            documents.append(text)
            sources.append(file)
    parts = [part for part in (general, "\n\n".join(documents)) if part]
    together = BORDER.join(parts)
    if documents and (size := len(together.encode())) > limit:
        warnings.append(TOO_MUCH.format(size=size, limit=limit))
    return ProjectInstructions(together or None, tuple(sources), tuple(warnings))


def _first(directory: Path, names: tuple[str, ...]) -> Path | None:
    return next((directory / name for name in names if (directory / name).is_file()), None)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _cut(text: str, budget: int) -> str:
    """At most `budget` bytes of the text, without half a character at the end."""
    encoded = text.encode()
    return text if len(encoded) <= budget else encoded[:budget].decode(errors="ignore")
