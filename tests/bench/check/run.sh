#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# make bench-check: lines per second of the processor's time of `prism check` over generated programs of
# four sizes; the best of five runs of each, and the part that is starting up, measured with an empty
# program. Where time(1) is installed, also how much memory it took.
set -u
cd "$(dirname "$0")" || exit 2
: "${PRISM:?set PRISM to the prism command}"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
best() { # best FILE: microseconds
    local least=999999999 took
    for _ in 1 2 3 4 5; do
        TIMEFORMAT='%3U %3S'
        { time "$PRISM" check "$1" >"$work/said" 2>&1; } 2>"$work/time" || { cat "$work/said" >&2 && exit 1; }
        took=$(awk '{ print ($1 + $2) * 1000000 }' "$work/time")
        [ "$took" -lt $least ] && least=$took
    done
    echo $least
}
memory() { # memory FILE: KiB at most, or -
    [ -x /usr/bin/time ] && /usr/bin/time -f %M "$PRISM" check "$1" 2>&1 | tail -1 || echo -
}
printf 'function main() {\n}\n' >"$work/empty.prism"
empty=$(best "$work/empty.prism") || exit 1
printf 'starting up: %d us\n%10s %10s %12s %10s\n' "$empty" lines us lines/s KiB
for blocks in 25 250 1000 4348; do
    ./generate.sh $blocks >"$work/program.prism"
    lines=$(wc -l <"$work/program.prism")
    us=$(best "$work/program.prism") || exit 1
    printf '%10d %10d %12d %10s\n' "$lines" "$us" $((lines * 1000000 / us)) "$(memory "$work/program.prism")"
done
