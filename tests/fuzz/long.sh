#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# libFuzzer over each target of tests/fuzz (FUZZ_TARGETS chooses) for FUZZ_SECONDS, starting from the
# programs, traces, records and command lines at hand and what is kept in tests/fuzz/corpus (make fuzz-ci). An input that breaks a target stays below build/fuzz/TARGET/.
set -u
cd "$(dirname "$0")/../.." || exit 2
: "${FUZZERS:?the folder of the targets that were built for libFuzzer}"
seconds=${FUZZ_SECONDS:-60}
prism=$PWD/${BUILD:-build}/bin/prism
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export PRISM_TRACE_DIR=$work/trace PRISM_CACHE_DIR=$work/cache

mkdir "$work/parse" "$work/mir" "$work/trace"
number=0
while read -r path; do
    number=$((number + 1))
    cp "$path" "$work/${path##*.}.$number"
done < <(find tests corpus runtime/std -name '*.prism' -o -name '*.mir' | sort)
mv "$work"/prism.* "$work/parse/"
mv "$work"/mir.* "$work/mir/"
cp -R "$work/parse" "$work/front"
for f in corpus/programs/*/wrong.prism corpus/programs/philosophers/naive.prism; do
    "$prism" test --quiet --simulate "$f" >/dev/null 2>&1
done
# What a test's process says on its pipe, and command lines as the tests have them.
mkdir "$work/records" "$work/flags" "$work/manifest" "$work/json" "$work/cbor" "$work/schema" "$work/cert"
number=0
for f in "$PRISM_CACHE_DIR"/*.sim; do
    number=$((number + 1))
    "$f" --prism-sim --fd 3 --runs 50 3>"$work/records/$number" >/dev/null 2>&1 </dev/null
done
grep -hos '"\$PRISM" [a-z].*' tests/*/run | sed 's/^"\$PRISM" //; s/[>|<].*//' |
    while read -r words; do
        number=$((number + 1))
        tr ' ' '\n' <<<"$words" >"$work/flags/$number"
    done
targets=${FUZZ_TARGETS:-parse front mir trace records flags manifest json cbor schema cert}
for target in $targets; do
    cp -R tests/fuzz/corpus/"$target"/. "$work/$target/"
done

# shellcheck disable=SC2086 # names are words
set -- $targets
echo "1..$#"
number=0 failures=0
for target in "$@"; do
    number=$((number + 1))
    kept=build/fuzz/$target
    mkdir -p "$kept"
    if "$FUZZERS/${target}_fuzz" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -seed=1 \
        -artifact_prefix="$kept/" -print_final_stats=1 "$work/$target" >"$work/log" 2>&1; then
        echo "ok $number - $target: $(sed -n 's/^stat::number_of_executed_units: //p' "$work/log") inputs"
    else
        failures=$((failures + 1))
        echo "not ok $number - $target; the input is in $kept/"
        tail -40 "$work/log" | sed 's/^/# /'
    fi
done
[ $failures -eq 0 ]
