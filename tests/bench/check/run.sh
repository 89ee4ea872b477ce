#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# make bench-check: lines per second of `prism check` over generated programs of three sizes; the best
# of three runs of each, and the part that is starting up, measured with an empty program.
set -u
cd "$(dirname "$0")" || exit 2
: "${PRISM:?set PRISM to the prism command}"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
best() { # best FILE: milliseconds
    local least=999999999 start took
    for _ in 1 2 3; do
        start=$(date +%s%N)
        "$PRISM" check "$1" >"$work/said" 2>&1 || { cat "$work/said" >&2 && exit 1; }
        took=$((($(date +%s%N) - start) / 1000))
        [ $took -lt $least ] && least=$took
    done
    echo $least
}
printf 'function main() {\n}\n' >"$work/empty.prism"
empty=$(best "$work/empty.prism") || exit 1
printf 'starting up: %d us\n%10s %10s %12s\n' "$empty" lines us lines/s
for blocks in 25 250 1000; do
    ./generate.sh $blocks >"$work/program.prism"
    lines=$(wc -l <"$work/program.prism")
    us=$(best "$work/program.prism") || exit 1
    printf '%10d %10d %12d\n' "$lines" "$us" $((lines * 1000000 / us))
done
