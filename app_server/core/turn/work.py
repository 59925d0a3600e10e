"""What turns are to do that are not regular ones. Values only, which handlers make without importing the turn loop."""

from dataclasses import dataclass

from protocol.review import ReviewTarget

LONGEST_COMMAND_S = 3600.0


@dataclass(frozen=True, slots=True)
class Review:
    """Have changes reviewed."""

    target: ReviewTarget


@dataclass(frozen=True, slots=True)
class CommandLine:
    """Run what the user has typed."""

    script: str
    timeout_s: float = LONGEST_COMMAND_S
