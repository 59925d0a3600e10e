#!/bin/sh
# Talk to the daemon in the current folder; arguments go to `app-server try`. Sets itself up.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/scripts/setup.sh"
set_up
exec "$venv/bin/app-server" try "$@"
