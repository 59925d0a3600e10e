"""Texts of hooks for the model, kept short: what is too long goes into a file, and the model gets its ends and the path."""

import logging
import os
from pathlib import Path

from app_server.core.models.metadata import Truncation
from app_server.core.tools.truncation import byte_budget, estimate_tokens, truncate_middle

log = logging.getLogger(__name__)

FOLDER = "hook_outputs"
LONGEST_TOKENS = 2_500


def shortened(text: str, limit: int | None, home: Path, thread_id: str, file_id: str) -> str:
    """The text, if it has at most so many tokens (None: as usual; 0: however many). Blocks."""
    if limit == 0:
        return text
    policy = Truncation("tokens", LONGEST_TOKENS if limit is None else limit)
    if len(text.encode(errors="surrogatepass")) <= byte_budget(policy):
        return text
    file = home / FOLDER / thread_id / f"{file_id}.txt"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as stream:
            stream.write(text)
    except OSError as error:
        log.warning("a hook's output could not be kept in %s: %s", file, error)
        return truncate_middle(text, policy)
    footer = f"\n\nFull hook output saved to: {file}"
    left = max(policy.limit - estimate_tokens(len(footer.encode())), 0)
    return truncate_middle(text, Truncation("tokens", left)) + footer
