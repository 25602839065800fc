#!/usr/bin/env bash
# A local ray.init() changes what `ray start --head` of the same user does from then on: nobody else can join.
#
# One would guess: a program that starts Ray for itself and ends it leaves the machine as it was, so the same
# `ray start --head` gives the same cluster before and after.
# What happens: ray.init() of a local cluster turns token authentication on, and writes ~/.ray/auth_token, which stays.
# `ray start --head` turns authentication on where that file is there. So a cluster that others joined yesterday refuses
# them today, and they are told that it cannot be connected to: the reason is in a line of the log.
# Version: ray 2.60.0.
# Source: ray/_private/authentication/authentication_token_setup.py (enable_token_auth_by_default,
# maybe_enable_token_auth_if_token_available).
# Remedy: `ray get-auth-token --generate` on the head, and a copy of ~/.ray/auth_token on every other computer; or
# RAY_AUTH_MODE=disabled for all, in a network that nobody else is in.
set -euo pipefail
export RAY_USAGE_STATS_ENABLED=0
folder=$(mktemp -d)
head=
trap 'kill $head 2>/dev/null || true; sleep 3; rm -rf "$folder"' EXIT
mkdir "$folder/one" "$folder/other" # homes of two users, or of two computers
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet "ray==2.60.0"
cat > "$folder/join.py" <<'PROGRAM'
import sys

import ray

try:
    ray.init(address=sys.argv[1], log_to_driver=False, logging_level="ERROR")
    print("joined")
except Exception as error:
    print("refused:", type(error).__name__, str(error).splitlines()[0].partition(" at ")[0])
PROGRAM
seen() { # a name, and a port
    HOME="$folder/one" "$folder/venv/bin/ray" start --head --port="$2" --num-cpus=1 --object-store-memory=80000000 \
        --include-dashboard=false --temp-dir="$folder/$2" --disable-usage-stats --block > "$folder/head" 2>&1 &
    head=$!
    for _ in $(seq 120); do grep -q "Ray runtime started" "$folder/head" && break || sleep 1; done
    echo "$1: $(HOME="$folder/other" "$folder/venv/bin/python" "$folder/join.py" "127.0.0.1:$2" 2>/dev/null | tail -1)"
    kill $head && wait $head 2>/dev/null || true
}
seen "another user, before" 6395 | tee "$folder/seen"
HOME="$folder/one" "$folder/venv/bin/python" -c \
    'import ray; ray.init(address="local", num_cpus=1, include_dashboard=False, log_to_driver=False)' 2>/dev/null
ls "$folder/one/.ray"
seen "another user, after a local run" 6396 | tee -a "$folder/seen"
grep -q "before: joined" "$folder/seen"
grep -q "after a local run: refused" "$folder/seen"
# Output seen (Linux x86_64, Python 3.11.7):
# another user, before: joined
# auth_token
# another user, after a local run: refused: ConnectionError Failed to connect to Ray cluster
