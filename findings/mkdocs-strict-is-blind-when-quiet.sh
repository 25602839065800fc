#!/usr/bin/env bash
# MkDocs: a strict build that is also quiet finds no fault with anything.
#
# One would guess: --quiet changes what is printed, and --strict what is accepted, so that `build --strict --quiet` in a gate fails
# as `build --strict` does, and only says less.
# What happens: with --quiet it exits 0 whatever is broken: a link to a page that does not exist, a picture that is missing, a page that
# the navigation names and nobody wrote. --quiet raises the level of the logger "mkdocs" to ERROR, and strict mode counts warnings with
# a handler of that very logger, which no warning reaches any more. Sending stderr away (2>/dev/null) keeps the status.
# Versions: mkdocs 1.6.1.
# Source: mkdocs/__main__.py (quiet_option), mkdocs/commands/build.py (CountHandler); mkdocs issue 4126.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet mkdocs==1.6.1
mkdir -p "$folder/docs"
printf 'site_name: Broken\nnav: [index.md, unwritten.md]\n' > "$folder/mkdocs.yml"
printf '# Broken\n\n[a page](gone.md) ![a picture](gone.png)\n' > "$folder/docs/index.md"
status_of() {
    local status=0
    "$folder/venv/bin/python" -m mkdocs build --config-file "$folder/mkdocs.yml" "$@" > "$folder/said" 2>&1 || status=$?
    echo "build $*: exit status $status, $(grep -c WARNING "$folder/said" || true) warnings printed"
}
"$folder/venv/bin/python" -m pip list --format freeze | grep "^mkdocs=="
status_of --strict | tee "$folder/strict"
status_of --strict --quiet | tee "$folder/quiet"
grep -q "exit status 1" "$folder/strict" && grep -q "exit status 0" "$folder/quiet"
# Output seen (Linux x86_64, Python 3.11.7):
# mkdocs==1.6.1
# build --strict: exit status 1, 3 warnings printed
# build --strict --quiet: exit status 0, 0 warnings printed
