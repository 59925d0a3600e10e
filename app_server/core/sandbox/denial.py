"""Whether a command has failed because of its sandbox, as far as its end tells. Source: spec/approvals-sandbox.md section 7."""

WORDS = (
    "operation not permitted", "permission denied", "read-only file system", "seccomp", "sandbox", "landlock",
    "failed to write file",
)  # fmt: skip
KILLED_BY_FILTER = 128 + 31


def looks_denied(exit_code: int | None, output: str) -> bool:
    """Whether the sandbox seems to have refused something; a guess by the words of the system."""
    if not exit_code:
        return False
    lowered = output.lower()
    return any(word in lowered for word in WORDS) or exit_code == KILLED_BY_FILTER
