# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# One program, one meaning: each program of tests/golden/run, each that shows a rule in tests/conformance, and each one
# below corpus/programs whose tests hold says the same in the interpreter of core MIR, as a native program on one worker and on two, compiled by gcc
# and by clang, with -O0 and with -O2, and in the simulator. What golden programs have to say stands in
# them; tests say nothing, so that their programs get a main that tells which of them came to their end.
# Native runs also have to give back all of their memory.
#
# PRISM_TEST_LONG=1 (make agreement-campaign) adds what takes longer: clang -O0, 4 and 16 workers, more
# schedules.
#
# Sourced in the top folder by those that say which programs: tests/agreement/run, tests/agreement-conformance/run.
: "${PRISM:?set PRISM to the prism command}"
PRISM=$(realpath "$PRISM")
interp=${BUILD:-build}/tests/mir-interp
long=${PRISM_TEST_LONG:-}
schedules=500
[ -n "$long" ] && schedules=20000
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export PRISM_CACHE_DIR=$work/cache PRISM_TRACE_DIR=$work/traces PRISM_CHECK_LEAKS=1 NO_COLOR=1
count=0 failures=0

# `prism build` optimises; a compiler that leaves it out stands in for -O0.
for cc in gcc clang; do
    # shellcheck disable=SC2016 # it is the compiler that expands them
    printf '#!/bin/bash\nexec %s "${@/#-O[12]/-O0}"\n' $cc >"$work/$cc-O0"
    chmod +x "$work/$cc-O0"
done

result() { # result GOOD? NAME: with ./wrong if it is bad
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $count - $2"
    else
        failures=$((failures + 1))
        echo "not ok $count - $2"
        head -20 "$work/wrong" | sed 's/^/# /'
    fi
}
# same NAME STATUS COMMAND...: the command ends with that status and says what is expected
same() {
    local name=$1 expected=$2 status
    shift 2
    timeout 60 "$@" >"$work/out" 2>"$work/err" </dev/null
    status=$?
    diff -u "$work/expected" "$work/out" >"$work/wrong"
    [ $status -eq "$expected" ] || echo "exit $status, expected $expected" >>"$work/wrong"
    local good=0
    [ -s "$work/wrong" ] && good=1
    cat "$work/err" >>"$work/wrong"
    result $good "$name"
}

# The simulator tells what was printed in the story of a failure: the program becomes a test that fails
# at its end. Spaces and line ends are not compared, since the story has its own; a story of very many
# steps is cut, and shows only that the end was reached.
words() {
    tr -s ' \n' '\n\n' <"$1" | sed '/^$/d'
}
simulated() { # simulated NAME PROGRAM
    local main='main()'
    grep -q '^async function main' "$2" && main='await main()'
    if grep -q 'parallel\.' "$2"; then # hundreds of tasks: too long a story to be told
        { cat "$2" && echo "test to_the_end() { $main; }"; } >"$work/simulated.prism"
        "$PRISM" test --simulate --only to_the_end --runs 1 --strategy random \
            "$work/simulated.prism" >"$work/wrong" 2>&1
        result $? "$1 to the end"
        return
    fi
    { cat "$2" && echo "test to_the_end() { $main; assert!(false); }"; } >"$work/simulated.prism"
    timeout 60 "$PRISM" test --simulate --only to_the_end --runs 1 --strategy random \
        "$work/simulated.prism" >"$work/story" 2>"$work/err"
    sed -n 's/^ *prints //p' "$work/story" >"$work/out"
    local good=0
    # What is left out, steps or the rest of a long line, cannot be compared.
    if grep -q 'earlier steps are left out\|^ *prints .*\.\.$' "$work/story"; then
        grep -q '^error\[P4101\]: false$' "$work/story" || good=1
    else
        diff <(words "$work/expected") <(words "$work/out") >"$work/wrong" || good=1
    fi
    cat "$work/story" "$work/err" >>"$work/wrong"
    result $good "$1"
}

natively() { # natively NAME STATUS PROGRAM [BUILDS]: builds, with different numbers of workers
    local how workers
    local builds=${4-gcc:-O2:1 gcc:-O2:2 gcc-O0:-O0:2 clang:-O2:2}
    [ -n "$long" ] && builds="$builds clang-O0:-O0:1 clang-O0:-O0:2 clang:-O2:4 gcc:-O2:16"
    for how in $builds; do
        local cc=${how%%:*} level=${how#*:}
        workers=${level#*:} level=${level%:*}
        command -v "${cc%-O0}" >/dev/null || continue
        [ -x "$work/$cc" ] && cc=$work/$cc
        if ! CC=$cc "$PRISM" build --release "$3" -o "$work/program" >"$work/wrong" 2>&1; then
            result 1 "$1, $(basename "${cc%-O0}") $level: compiles"
            continue
        fi
        PRISM_WORKERS=$workers same "$1, $(basename "${cc%-O0}") $level, $workers workers" "$2" \
            "$work/program"
    done
}

interpreted() { # interpreted NAME STATUS PROGRAM
    if ! "$PRISM" build --dump mir "$3" >"$work/program.mir" 2>"$work/wrong"; then
        result 1 "$1: becomes MIR"
        return
    fi
    same "$1, interpreted" "$2" "$interp" "$work/program.mir"
}

# Programs that say in comments what they print.
agree() { # agree PATH...
    local path name status
    for path in "$@"; do
        name=${path#tests/} name=${name%.prism}
        grep -qE '^// (run:|expect: P)' "$path" && continue
        grep -qE '^(async )?function main\(' "$path" || continue # its tests are run in tests/conformance
        status=$(sed -n 's|^// exit: *||p' "$path" | head -n 1)
        status=${status:-0}
        if [ -f "${path%.prism}.out" ]; then
            cp "${path%.prism}.out" "$work/expected"
        else
            sed -n 's|^.*//> \{0,1\}||p' "$path" >"$work/expected"
        fi
        grep -q '^// interp: no' "$path" || interpreted "$name" "$status" "$path"
        # What shows a rule also runs as it stands, in tests/conformance.
        case $path in
        tests/conformance/*) natively "$name" "$status" "$path" clang:-O2:1 ;;
        *) natively "$name" "$status" "$path" ;;
        esac
        grep -q '^// agreement: no' "$path" && continue
        [ "$status" -eq 0 ] && simulated "$name, simulated" "$path"
    done
}
finish() {
    echo "1..$count"
    [ $failures -eq 0 ]
}
