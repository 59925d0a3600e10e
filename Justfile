# `just` lists what there is. CI runs `just check`, installs the package, and plays the reference's conversations (`just oracle`).

set positional-arguments

python := ".venv/bin/python"
bin := ".venv/bin"

[private]
default:
    @{{just_executable()}} --list --unsorted

# Talk to the daemon in this folder
try *arguments:
    @sh scripts/try.sh "$@"

# Run the tests; arguments go to pytest
test *arguments:
    @sh scripts/test.sh "$@"

# Format, lint, types, schema, docs, tests
check: && types schema-check docs-check test
    {{bin}}/ruff format --check
    {{bin}}/ruff check

# Format the code and mend what lint can mend
fmt:
    {{bin}}/ruff format
    {{bin}}/ruff check --fix

# Check the types
types:
    {{bin}}/mypy

# Write schema/ and generated/ from protocol/
write-app-server-schema *arguments:
    {{python}} -m protocol.export write "$@"

# Fail if schema/ or generated/ are not what protocol/ says
schema-check:
    {{python}} -m protocol.export check

# Write docs/protocol.md and docs/errors.md from the code and the golden dialogs
docs:
    {{python}} -m docs.generate write

# Fail if these pages are not what the code says
docs-check:
    {{python}} -m docs.generate check

# Write the golden dialogs anew, all or those named: what the server says now, for review
golden *dialogs:
    {{python}} -m tests.support.golden "$@"

# Measure against the targets; `--reference PATH` measures another server beside ours
bench *arguments:
    {{python}} -m benchmarks "$@"

# Kill the server at so many moments of turns, and see that it has kept what it had acknowledged
crashes count="200":
    APP_SERVER_CRASHES={{count}} {{python}} -m pytest -q tests/test_crashes.py

# Thousands of turns with a provider that fails as often as not
soak *arguments:
    {{python}} -m benchmarks.provider_soak "$@"

# Minutes of a spoken conversation with hand-offs and reconnects: latency per frame, and memory
voice-soak *arguments:
    {{python}} -m benchmarks.realtime_soak "$@"

# Fuzz what clients send for so many seconds, with atheris in an environment of its own
fuzz seconds="600":
    #!/usr/bin/env bash
    set -euo pipefail
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    {{python}} -m venv --system-site-packages "$scratch"
    "$scratch/bin/python" -m pip --disable-pip-version-check install -qq atheris
    site=$({{python}} -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    PYTHONPATH="$PWD:$site" "$scratch/bin/python" -m tests.fuzz_bytes -max_total_time={{seconds}} -max_len=2000 -timeout=20

# Play the reference's recorded conversations in DIRECTORY: all of them, or those named
oracle directory *scenarios:
    #!/usr/bin/env bash
    set -euo pipefail
    shift
    names=("$@")
    [ ${#names[@]} -gt 0 ] || names=("{{directory}}"/scenarios/*.yaml)
    for index in "${!names[@]}"; do
        case ${names[$index]} in *.yaml) ;; *) names[$index]="{{directory}}/scenarios/${names[$index]}.yaml" ;; esac
    done
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    {{python}} -m venv "$scratch"
    "$scratch/bin/python" -m pip --disable-pip-version-check install -qq -r "{{directory}}/requirements.txt"
    "$scratch/bin/python" "{{directory}}/oracle.py" diff --jobs 2 "${names[@]}" --server "$PWD/.venv/bin/app-server"

# Write requirements.lock anew from pyproject.toml
lock:
    sh scripts/lock.sh
