#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Generated code beside C: each program of this folder in Prism (prism build --release) and in C (cc
# -O2), what they print compared, the best of five times of the processor each.
#
# PROGRAMS="nbody fib" runs some; RUNS=9 takes the best of nine.
set -u
cd "$(dirname "$0")/../../.." || exit 2
: "${PRISM:=$PWD/build/bin/prism}"
here=tests/bench/code
runs=${RUNS:-5}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
best() { # best PROGRAM: seconds of processor time, to the thousandth
    local program=$1 i seconds least=999
    for ((i = 0; i < runs; i++)); do
        TIMEFORMAT='%3U %3S'
        seconds=$({ time "$program" >"$program.out" 2>/dev/null; } 2>&1 | awk '{ print $1 + $2 }')
        least=$(awk -v a="$seconds" -v b="$least" 'BEGIN { print a < b ? a : b }')
    done
    echo "$least"
}
status=0
printf '%-12s %8s %8s %7s\n' program C Prism ratio
for source in "$here"/*.prism; do
    name=$(basename "$source" .prism)
    case " ${PROGRAMS:-$name} " in *" $name "*) ;; *) continue ;; esac
    "${CC:-cc}" -O2 "$here/$name.c" -o "$work/$name.c" -lm || exit 1
    "$PRISM" build --release "$source" -o "$work/$name.prism" >"$work/log" 2>&1 || {
        cat "$work/log"
        exit 1
    }
    c=$(best "$work/$name.c")
    prism=$(best "$work/$name.prism")
    same=
    cmp -s "$work/$name.c.out" "$work/$name.prism.out" || { same="  PRINTS SOMETHING ELSE" && status=1; }
    printf '%-12s %8.3f %8.3f %6.2fx%s\n' "$name" "$c" "$prism" \
        "$(awk -v p="$prism" -v c="$c" 'BEGIN { print p / (c > 0 ? c : 0.001) }')" "$same"
done
exit $status
