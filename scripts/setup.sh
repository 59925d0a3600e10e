# Sourced by the other scripts, which set $root: makes .venv from requirements.lock, once, and again when the lock, the
# project's own metadata or the Python changed. Needs a Python 3.11 to 3.14 with its venv module, and nothing else.
# PYTHON names the interpreter to use; without it the first fitting one of the usual names is taken.

fail() {
    echo "app-server: $1" >&2
    exit 1
}

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null
}

# The interpreter itself, also when a virtual environment is active.
find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        if fits "$candidate"; then
            "$candidate" -c 'import sys; print(sys._base_executable)'
            return
        fi
    done
    fail "no Python 3.11 to 3.14 found${PYTHON:+ at $PYTHON}: install one (on Debian: apt-get install python3-venv), or name it: PYTHON=/path/to/python"
}

identity() {
    "$1" -c 'import sys; print(sys.version_info[:3], sys.base_prefix)' 2>/dev/null
}

install() {
    "$venv/bin/python" -m pip --disable-pip-version-check install -qq --compile "$@"
}

# Without compiled modules the daemon starts four times slower, and Python does not write them where
# PYTHONDONTWRITEBYTECODE is set. So they are made here, again whenever a source is newer.
compile_sources() {
    [ -n "$(find "$root/protocol" "$root/app_server" -name '*.py' -newer "$venv/.compiled" 2>&1 | head -n 1)" ] || return 0
    touch "$venv/.compiling"
    "$venv/bin/python" -m compileall -q --invalidation-mode timestamp "$root/protocol" "$root/app_server" >&2 || return 0
    mv "$venv/.compiling" "$venv/.compiled"
}

set_up() {
    venv=$root/.venv
    python=$(find_python) || exit 1
    wanted="$(cat "$root/requirements.lock" "$root/pyproject.toml" | cksum) $(identity "$python") $root"
    if [ "$(cat "$venv/.stamp" 2>/dev/null)" = "$wanted" ] && fits "$venv/bin/python"; then
        compile_sources
        return
    fi
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "$python has no venv module: install it (on Debian: apt-get install python3-venv)"
    echo "app-server: setting up $venv with $("$python" --version), once; this takes about a minute" >&2
    if [ "$(identity "$venv/bin/python")" != "$(identity "$python")" ]; then
        "$python" -m venv --clear "$venv" || fail "could not make $venv: see the lines above"
    fi
    install --require-hashes -r "$root/requirements.lock" ||
        fail "could not install requirements.lock: see the lines above; a package index must be reachable"
    install --no-deps --no-build-isolation --editable "$root" || fail "could not install the project: see the lines above"
    rm -f "$venv/.compiled"
    compile_sources
    echo "$wanted" >"$venv/.stamp"
}
