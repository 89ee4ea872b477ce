#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# make bench-bugs: schedules to the first bug, median of SEEDS seeds and the worst of them, for each
# strategy and for the portfolio, which is what `prism test --simulate` does by default. ">N" means that
# this seed did not find it within N runs. A cell whose first three seeds find nothing is left at that.
# Nothing here passes or fails.
set -u
cd "$(dirname "$0")" || exit 2
: "${PRISM:?set PRISM to the prism command}"
seeds=${SEEDS:-20} runs=${RUNS:-2000} hopeless=3
strategies=${STRATEGIES:-portfolio random pos pct surw delay round-robin fuzz}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
runs_to_bug() { # runs_to_bug STRATEGY SEED PROGRAM FLAGS...
    local strategy=$1 seed=$2 program=$3
    shift 3
    nice "$PRISM" test --simulate --json --trace-dir "$work" --strategy "$strategy" --seed "$seed" \
        --runs "$runs" "$@" "$program" |
        sed -n '1{/"status":"failed"/!s/.*/none/;s/.*"run":\([0-9]*\).*/\1/;p}'
}
cell() { # cell STRATEGY PROGRAM FLAGS...: a line for each seed
    local strategy=$1 seed none=0 at
    shift
    for seed in $(seq 1 "$seeds"); do
        at=$(runs_to_bug "$strategy" "$seed" "$@")
        echo "$at"
        [ "$at" = none ] && none=$((none + 1))
        [ "$none" -eq "$hopeless" ] && [ "$seed" -eq "$hopeless" ] && break
    done
}
row() { # row NAME PROGRAM FLAGS...
    local name=$1
    shift
    printf '%-16s' "$name"
    for strategy in $strategies; do
        cell "$strategy" "$@" | sed "s/none/$((runs + 1))/" | sort -n | awk -v limit="$runs" '
            { at[NR] = $1 }
            function shown(n) { return n > limit ? ">" limit : n }
            END { printf " %13s", shown(at[int((NR + 1) / 2)]) " " shown(at[NR]) }'
    done
    printf '\n'
}
printf '%-16s' "median worst"
for strategy in $strategies; do printf ' %13s' "$strategy"; done
printf '\n'
naive=../../../corpus/programs/philosophers/naive.prism
for n in 3 5 7; do row "phil $n" "$naive" --set n=$n; done
for n in 2 4 9 19 49; do row "reorder $n" reorder.prism --set setters=$n; done
row "lost wake-up" lost_wakeup.prism
row "lost_update 2,1" lost_update.prism
row "lost_update 2,3" lost_update.prism --set rounds=3
