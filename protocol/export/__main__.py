"""Write, check or print what is exported: `python -m protocol.export write|check|print [--experimental]`."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from protocol.export.json_schema import BUNDLE, json_schema_files
from protocol.export.python_models import python_files
from protocol.export.surface import Surface, load_surface
from protocol.export.typescript import typescript_files

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Output:
    """A directory of the repository whose files are all exported."""

    path: str
    """Below the repository. Another output below this one is not part of it."""
    files: Callable[[Surface], dict[str, str]]
    """What belongs there: relative path -> text."""


OUTPUTS = (
    Output("schema", lambda surface: json_schema_files(experimental=False, surface=surface)),
    Output("schema/experimental", lambda surface: json_schema_files(experimental=True, surface=surface)),
    Output("generated/typescript", lambda surface: typescript_files(experimental=True, surface=surface)),
    Output("generated/python", python_files),
)


def main(arguments: list[str]) -> int:
    """Run one verb. Returns the exit code: 1 when `check` found a difference."""
    parser = argparse.ArgumentParser(prog="python -m protocol.export", description=__doc__)
    parser.add_argument("verb", choices=("write", "check", "print"))
    parser.add_argument("--experimental", action="store_true", help="print: the bundle of the experimental surface")
    options = parser.parse_args(arguments)
    surface = load_surface()
    if options.verb == "print":
        sys.stdout.write(json_schema_files(experimental=options.experimental, surface=surface)[BUNDLE])
        return 0
    if options.verb == "write":
        for output in OUTPUTS:
            _replace(output, output.files(surface))
        return 0
    differences = [line for output in OUTPUTS for line in compare(output, output.files(surface))]
    sys.stdout.write("".join(f"{line}\n" for line in differences))
    return 1 if differences else 0


def compare(output: Output, files: dict[str, str]) -> list[str]:
    """What differs between the directory and what should be in it, one line each."""
    directory = REPOSITORY / output.path
    present = _present(output)
    lines = [f"missing: {output.path}/{path}" for path in sorted(files.keys() - present)]
    lines += [f"unexpected: {output.path}/{path}" for path in sorted(present - files.keys())]
    for path in sorted(present & files.keys()):
        if (directory / path).read_text(encoding="utf-8") != files[path]:
            lines.append(f"differs: {output.path}/{path}")
    return lines


def _replace(output: Output, files: dict[str, str]) -> None:
    """Make the directory hold exactly these files."""
    directory = REPOSITORY / output.path
    for path in _present(output) - files.keys():
        (directory / path).unlink()
    for path, text in files.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def _present(output: Output) -> set[str]:
    """The files below the directory, without those of another output below it."""
    directory = REPOSITORY / output.path
    others = [REPOSITORY / each.path for each in OUTPUTS if each.path.startswith(output.path + "/")]
    others.append(directory / "__pycache__")
    found = (path for path in directory.rglob("*") if path.is_file() and not any(other in path.parents for other in others))
    return {path.relative_to(directory).as_posix() for path in found}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
