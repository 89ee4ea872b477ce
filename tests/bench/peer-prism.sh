#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One benchmark of tests/bench/runtime/ as a peer: peer-prism NAME. Parameters come from the environment
# (tests/bench/peers/params has them all); a program's constants of these names are replaced by them. Prints
# "NAME prism METRIC VALUE UNIT". Compiled programs are kept, a name and its parameters each.
set -eu
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
source="$here/programs/$1.prism"
[ -f "$source" ] || exit 0 # not written for Prism: no line, no figure

script=
for constant in $(sed -n 's/^const \([A-Z_]*\):.*/\1/p' "$source"); do
    value=${!constant:-}
    [ -n "$value" ] && script="$script;s/^const $constant: i64 = .*/const $constant: i64 = $value;/"
done
text=$(sed "${script#;}" "$source")
key=$(printf '%s' "$text" | cksum | cut -d' ' -f1)
program="$here/compiled/$1-$key"
if [ ! -x "$program" ] || [ "$here/prism" -nt "$program" ]; then
    mkdir -p "$here/compiled"
    printf '%s\n' "$text" >"$program.prism"
    "$here/prism" build "$program.prism" -o "$program" --release >&2
fi
if [ "$1" = idle ]; then # the memory of a million actors, as the system saw it
    "$program" & pid=$!
    peak=0
    while kill -0 "$pid" 2>/dev/null; do
        now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status" 2>/dev/null || true)
        [ -n "$now" ] && peak=$now
        sleep 0.01
    done
    wait "$pid"
    echo "idle prism bytes_per_actor $((peak * 1024 / ${IDLE_N:-1000000})) B"
else
    exec "$program"
fi
