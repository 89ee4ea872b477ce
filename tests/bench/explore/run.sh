#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# make bench-explore: how many executions `--exhaustive` takes beside the number that an optimal
# reduction needs, how many of them fail beside how many should, and how fast schedules and steps are
# simulated. Nothing here passes or fails.
set -u
cd "$(dirname "$0")" || exit 2
: "${PRISM:?set PRISM to the prism command}"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export PRISM_TRACE_DIR=$work
value() {
    sed -n "1s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p" "$work/out"
}
explored() { # explored NAME OPTIMAL BAD PROGRAM FLAGS...
    local name=$1 optimal=$2 bad=$3 program=$4 end
    shift 4
    "$PRISM" test --exhaustive --keep-going --json "$@" "$program.prism" >"$work/out"
    end=all
    [ "$(value exhausted)" = true ] || end="until the limit of $(value limit)"
    printf '%-20s %10s %10s %6s %6s %8s   %s\n' "$name" "$(value schedules)" "$optimal" \
        "$(value failing)" "$bad" "$(value pruned)" "$end"
}
sampled() { # sampled NAME PROGRAM FLAGS...
    local name=$1 program=$2
    shift 2
    "$PRISM" test --simulate --json "$@" "$program.prism" >"$work/out"
    awk -v name="$name" -v n="$(value schedules)" -v steps="$(value steps)" -v ms="$(value elapsed_ms)" \
        'BEGIN { if (ms < 1) ms = 1
                 printf "%-20s %12d %14.0f %14.0f\n", name, n, 1000 * n / ms, 1000 * steps / ms }'
}
printf '%-20s %10s %10s %6s %6s %8s\n' "exhaustive" executions optimal bad of-them pruned
explored "fan_in(4)" 24 0 fan_in
explored "fan_in(5)" 120 0 fan_in --set n=5
explored "fan_in_sel(4)" 1 0 fan_in_sel
explored "fan_in_first(4)" 4 0 fan_in_first
explored "lost_update(2,1)" 6 4 lost_update
explored "lost_update(3,1)" 90 84 lost_update --set clients=3
explored "rmw 2x1" 4 0 rmw
explored "rmw 2x2" 34 0 rmw --set rounds=2
explored "rmw 2x3" 328 0 rmw --set rounds=3
explored "ask_deadlock" 2 1 ask_deadlock
explored "phil(2)" 3 1 philosophers --set n=2
explored "phil(3)" 7 1 philosophers
explored "mutex 2x2" 6 0 mutex
explored "mutex 2x3" 20 0 mutex --set rounds=3
explored "queue lock 2x2" - 0 queue_lock
explored "readers(5)" 32 0 readers --set n=5
explored "last_zero(5)" 64 0 last_zero
explored "last_zero(10)" 3328 0 last_zero --set n=10
printf '\n%-20s %12s %14s %14s\n' "speed" schedules "schedules/s" "steps/s"
sampled "fan_in(8), dpor" fan_in --exhaustive --set n=8
sampled "mutex 2x2, random" mutex --strategy random --runs 100000
sampled "mutex 2x1000, random" mutex --strategy random --runs 100 --set rounds=1000
sampled "fan_in(15), random" fan_in --strategy random --runs 1000 --set n=15
