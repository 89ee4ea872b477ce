#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Generated code beside C and Go: each program of this folder in Prism (prism build --release), in C (cc
# -O2) and, where Go is installed, in Go; what they print compared, the best of five times of the
# processor each, of all threads.
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
over() { # over A B: how many times B goes into A
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2fx", a / (b > 0 ? b : 0.001) }'
}
status=0
same= # what is wrong with what the program at hand prints
compare() { # compare NAME LANGUAGE: does it print what C does?
    cmp -s "$work/$1.c.out" "$work/$1.$2.out" && return
    same="$same  $2 PRINTS SOMETHING ELSE" status=1
}
have_go=
if command -v go >/dev/null; then have_go=yes; else echo "go is not installed: left out"; fi
printf '%-12s %8s %8s %8s %8s %8s\n' program C Go Prism of-C of-Go
for source in "$here"/*.prism; do
    name=$(basename "$source" .prism)
    case " ${PROGRAMS:-$name} " in *" $name "*) ;; *) continue ;; esac
    # shellcheck disable=SC2046 # `// link: ` says with what besides
    "${CC:-cc}" -O2 "$here/$name.c" -o "$work/$name.c" $(sed -n 's|^// link: ||p' "$here/$name.c") -lm || exit 1
    "$PRISM" build --release "$source" -o "$work/$name.prism" >"$work/log" 2>&1 || {
        cat "$work/log"
        exit 1
    }
    same= go=- of_go=-
    c=$(best "$work/$name.c")
    prism=$(best "$work/$name.prism")
    compare "$name" prism
    if [ -n "$have_go" ]; then
        GOFLAGS=-mod=mod GOTOOLCHAIN=local go build -o "$work/$name.go" "$here/$name.go" || exit 1
        go=$(best "$work/$name.go")
        compare "$name" go
        of_go=$(over "$prism" "$go")
    fi
    printf '%-12s %8s %8s %8s %8s %8s%s\n' "$name" "$c" "$go" "$prism" "$(over "$prism" "$c")" \
        "$of_go" "$same"
done
exit $status
