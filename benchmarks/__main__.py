"""`python -m benchmarks`: ask every question of every server, round by round, and print one table.

The servers take turns within each round, so that a slow minute of the machine hits both. The exit code is 1 when
something could not be measured; a missed target is shown and is not an error.
"""

import argparse
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import (
    big_thread,
    bursts,
    commands,
    idle_memory,
    load,
    long_thread,
    model_list,
    parallel_turns,
    small_requests,
    startup,
    stored_threads,
    stream,
    thread_memory,
    thread_start,
    turn_latency,
)
from benchmarks.client import ServerFailed
from benchmarks.homes import Subject
from benchmarks.network import NotIsolated, execute_isolated, switch_loopback_on
from benchmarks.provider import running_provider
from benchmarks.report import Figures, Row, table

OURS = Path(sys.executable).parent / "app-server"


@dataclass(frozen=True, slots=True)
class Question:
    """A module that measures something: its rows, and one round of it."""

    rows: Sequence[Row]
    measure: Callable[[Subject], Figures]


QUESTIONS = {
    "startup": Question(startup.ROWS, startup.measure),
    "idle-memory": Question(idle_memory.ROWS, idle_memory.measure),
    "small-requests": Question(small_requests.ROWS, small_requests.measure),
    "model-list": Question(model_list.ROWS, model_list.measure),
    "thread-start": Question(thread_start.ROWS, thread_start.measure),
    "turn-latency": Question(turn_latency.ROWS, turn_latency.measure),
    "commands": Question(commands.TURN_ROWS, commands.measure_turn),
    "sandbox": Question(commands.SANDBOX_ROWS, commands.measure_sandbox),
    "output": Question(commands.OUTPUT_ROWS, commands.measure_output),
    "long-thread": Question(long_thread.ROWS, long_thread.measure),
    "stream": Question(stream.ROWS, stream.measure),
    "parallel-turns": Question(parallel_turns.ROWS, parallel_turns.measure),
    "thread-memory": Question(thread_memory.ROWS, thread_memory.measure),
    "stored-threads": Question(stored_threads.ROWS, stored_threads.measure),
    "big-thread": Question(big_thread.ROWS, big_thread.measure),
    "bursts": Question(bursts.ROWS, bursts.measure),
    "load": Question(load.ROWS, load.measure),
}


def main() -> None:
    options = _parser().parse_args()
    try:
        if options.isolated:
            switch_loopback_on()
        elif options.reference:
            execute_isolated(["--isolated", *sys.argv[1:]])
    except NotIsolated as error:
        sys.exit(f"benchmarks: {error}")
    questions = [QUESTIONS[name] for name in options.only]
    commands = {"ours": options.server, **({"reference": options.reference} if options.reference else {})}
    with running_provider() as provider_url:
        subjects = [Subject(name, shlex.split(command), provider_url) for name, command in commands.items()]
        found: dict[str, list[Figures]] = {subject.name: [] for subject in subjects}
        for number, (subject, figures) in enumerate(_figures(questions, subjects, options.rounds)):
            found[subject.name].append(figures)
            if sys.stderr.isatty():
                print(f"\r{number + 1} of {len(questions) * len(subjects) * options.rounds} measured ", end="", file=sys.stderr)
    print(table([row for question in questions for row in question.rows], found, options.rounds))
    sys.exit(not all(figures for of_server in found.values() for figures in of_server))


def _figures(questions: Sequence[Question], subjects: Sequence[Subject], rounds: int) -> Iterator[tuple[Subject, Figures]]:
    """What each question found, question by question. A server that fails one has no figures, and stderr says why."""
    for question in questions:
        for _ in range(rounds):
            for subject in subjects:
                figures: Figures = {}
                try:
                    figures = question.measure(subject)
                except (ServerFailed, OSError) as error:
                    print(f"{subject.name}: {question.rows[0].label}: {error}", file=sys.stderr)
                yield subject, figures


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--server", default=str(OURS), metavar="CMD", help="the server to measure (default: %(default)s)")
    parser.add_argument("--reference", metavar="PATH", help="the server to hold it against, run without any network but loopback")
    parser.add_argument("--rounds", type=int, default=5, help="rounds per question; the median is shown (default: %(default)s)")
    parser.add_argument(
        "--only",
        type=_names,
        default=list(QUESTIONS),
        metavar="NAME,...",
        help=f"ask only these questions: {', '.join(QUESTIONS)}",
    )
    parser.add_argument("--isolated", action="store_true", help=argparse.SUPPRESS)
    return parser


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in QUESTIONS]:
        raise argparse.ArgumentTypeError(f"no such question: {', '.join(unknown)}")
    return names


if __name__ == "__main__":
    main()
