#!/bin/sh
# Run the tests; arguments go to pytest. Sets itself up.
# Tests that need bubblewrap, Node or root are skipped where these are missing; with CI=true that is a failure.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/scripts/setup.sh"
set_up
cd "$root"
exec "$venv/bin/python" -m pytest "$@"
