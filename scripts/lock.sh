#!/bin/sh
# Write requirements.lock anew: the newest releases that pyproject.toml allows, what it takes to run, to develop and to
# build, for Python 3.11 to 3.14, with the hashes of all their files. Uses uv, in a virtual environment of its own.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/scripts/setup.sh"
python=$(find_python) || exit 1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$python" -m venv "$scratch/venv"
"$scratch/venv/bin/python" -m pip --disable-pip-version-check install -qq uv
# The build requirements, and what hatchling needs besides for an editable install.
"$python" -c '
import sys, tomllib
print(*tomllib.load(open(sys.argv[1], "rb"))["build-system"]["requires"], "editables", sep="\n")
' "$root/pyproject.toml" >"$scratch/build.in"
cd "$root"
{
    echo "# Written by scripts/lock.sh. To change it, change pyproject.toml and run that again."
    "$scratch/venv/bin/uv" pip compile --quiet --universal --python-version 3.11 --group dev --generate-hashes \
        --no-emit-index-url --no-header --no-annotate pyproject.toml "$scratch/build.in"
} >"$scratch/requirements.lock"
mv "$scratch/requirements.lock" requirements.lock
