#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# corpus/programs/wordcount on a text of MEGABYTES (100): all of its counts are those of tr, sort and uniq, on one
# and on two workers; then how fast it is, beside a C program and, if Go is there, a Go program, one after
# the other, REPS (3) times. PRISM and WORK say where prism is and where files may be put.
set -u
: "${PRISM:?}" "${WORK:?}"
here=$(cd "$(dirname "$0")" && pwd)
program=$here/../../../corpus/programs/wordcount/wordcount.prism
size=${MEGABYTES:-100} reps=${REPS:-3}
mkdir -p "$WORK" && cd "$WORK" || exit 2
export LC_ALL=C PRISM_CACHE_DIR=$WORK/cache

cc -O2 "$here/text.c" -o text && cc -O2 "$here/count.c" -o count-c || exit 2
[ -s "text-$size" ] || { ./text "$size" >"text-$size.new" && mv "text-$size.new" "text-$size"; }
"$PRISM" build --release "$program" -o count-prism >build.log 2>&1 || { cat build.log; exit 2; }
export PRISM_ALLOW="FileSystem.Read($WORK)"

tr -cs 'A-Za-z' '\n' <"text-$size" | tr 'A-Z' 'a-z' | sed '/^$/d' | sort | uniq -c |
    sort -k1,1nr -k2 | sed 's/^ *//' >wanted
status=0
for workers in 1 2; do
    PRISM_WORKERS=$workers ./count-prism --top 1000000 "$WORK/text-$size" >got
    if cmp -s wanted got; then
        echo "equal to tr | sort | uniq -c: $(wc -l <wanted) words, $workers worker(s)"
    else
        echo "DIFFERS from tr | sort | uniq -c on $workers worker(s)"
        diff wanted got | head -5
        status=1
    fi
done

peers=(count-c)
if command -v go >/dev/null && go build -o count-go "$here/count.go" 2>build.log; then
    peers+=(count-go)
fi
measure() { # measure NAME COMMAND...: by the clock, and by what the processors did
    local name=$1 from to TIMEFORMAT='%U %S'
    shift
    from=$(date +%s%N)
    { time "$@" >/dev/null; } 2>cpu
    to=$(date +%s%N)
    awk -v n="$name" -v ns=$((to - from)) -v mb="$size" \
        '{ printf "BENCH wordcount %s %.0f MB/s (%.0f ms, CPU %.0f ms)\n", n, mb / (ns / 1e9), ns / 1e6,
           ($1 + $2) * 1000 }' cpu
}
for ((i = 0; i < reps; i++)); do
    for peer in "${peers[@]}"; do
        measure "$peer" "./$peer" 10 "$WORK/text-$size"
    done
    for workers in 1 2; do
        PRISM_WORKERS=$workers measure "count-prism-$workers" ./count-prism --top 10 "$WORK/text-$size"
    done
done
exit $status
