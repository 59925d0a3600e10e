"""A command that is to be run: the vocabulary of those who run processes and of those who put a sandbox around them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Launch:
    """What to run. `fds` are inherited, for wrappers that are handed open files.

    `dies_with_parent`: the argv itself sees to it that the child does not outlive the daemon. `when_ended` is called once,
    when the process has ended or could not be started, to give back what the launch holds.
    """

    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str]
    fds: tuple[int, ...] = ()
    dies_with_parent: bool = False
    when_ended: Callable[[], None] | None = None
