#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# make bench-explore: how many executions `--exhaustive` takes beside the number that an optimal
# reduction needs, and how fast schedules and steps are simulated. A search that meets a failure ends
# there: its number is "at most". Nothing here passes or fails.
set -u
cd "$(dirname "$0")" || exit 2
: "${PRISM:?set PRISM to the prism command}"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export PRISM_TRACE_DIR=$work
value() {
    sed -n "1s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p" "$work/out"
}
explored() { # explored NAME OPTIMAL PROGRAM FLAGS...
    local name=$1 optimal=$2 program=$3 end
    shift 3
    "$PRISM" test --simulate --exhaustive --json "$@" "$program.prism" >"$work/out"
    end=all
    [ "$(value exhausted)" = true ] || end="until the $(value kind | sed 's/^test$/failure/')"
    printf '%-20s %10s %10s %8s   %s\n' "$name" "$(value schedules)" "$optimal" "$(value pruned)" "$end"
}
sampled() { # sampled NAME PROGRAM FLAGS...
    local name=$1 program=$2
    shift 2
    "$PRISM" test --simulate --json "$@" "$program.prism" >"$work/out"
    awk -v name="$name" -v n="$(value schedules)" -v steps="$(value steps)" -v ms="$(value elapsed_ms)" \
        'BEGIN { if (ms < 1) ms = 1
                 printf "%-20s %12d %14.0f %14.0f\n", name, n, 1000 * n / ms, 1000 * steps / ms }'
}
printf '%-20s %10s %10s %8s\n' "exhaustive" executions optimal pruned
explored "fan_in(4)" 24 fan_in
explored "lost_update(2,1)" 6 lost_update
explored "lost_update(3,1)" 90 lost_update --set clients=3
explored "ask_deadlock" 2 ask_deadlock
explored "phil(2)" 3 philosophers --set n=2
explored "phil(3)" 7 philosophers
explored "mutex 2x2" 6 mutex
explored "mutex 2x3" 20 mutex --set rounds=3
explored "queue lock 2x2" - queue_lock
printf '\n%-20s %12s %14s %14s\n' "speed" schedules "schedules/s" "steps/s"
sampled "fan_in(8), dpor" fan_in --exhaustive --set n=8
sampled "mutex 2x2, random" mutex --strategy random --runs 100000
sampled "mutex 2x1000, random" mutex --strategy random --runs 100 --set rounds=1000
sampled "fan_in(15), random" fan_in --strategy random --runs 1000 --set n=15
