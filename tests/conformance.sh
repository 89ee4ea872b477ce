#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One test of tests/conformance/: a rule of docs/language.md. A program with lines `// expect: Pnnnn
# LINE:COLUMN` breaks the rule and is checked as those of tests/messages/ are. Any other one is run, where it has
# a `main`, as those of tests/golden/ are, and interpreted as tests/differential does it; its tests hold when they
# are simulated.
set -u
path=$1
name=${path#tests/}
if grep -q '^// expect: P' "$path"; then
    exec bash tests/messages.sh "$path"
fi
count=0 failures=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
result() { # result GOOD? WHAT: with $work/wrong if it is bad
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $count - $name$2"
    else
        failures=$((failures + 1))
        echo "not ok $count - $name$2"
        head -40 "$work/wrong" | sed 's/^/# /'
    fi
}
has_main() {
    grep -qE '^(async )?function main\(' "$path"
}

if has_main; then
    bash tests/golden.sh "$path" | sed -n '/^ok\|^not ok\|^1\.\./!p' >"$work/wrong"
    result "${PIPESTATUS[0]}" ""
fi
if has_main && ! grep -qE '^// (interp: no|run:)' "$path"; then
    expected=$(sed -n 's|^// exit: *||p' "$path" | head -n 1)
    sed -n 's|^.*//> \{0,1\}||p' "$path" >"$work/expected"
    "$PRISM" build "$path" --dump mir >"$work/mir" 2>"$work/wrong"
    timeout 60 "${BUILD:-build}/tests/mir-interp" "$work/mir" >"$work/out" 2>>"$work/wrong" </dev/null
    status=$?
    [ $status -eq "${expected:-0}" ] && diff -u "$work/expected" "$work/out" >>"$work/wrong"
    result $? ", interpreted"
fi
if grep -qE '^(test|property|chaos_test) ' "$path"; then
    "$PRISM" test --simulate --runs 500 --trace-dir "$work" "$path" >"$work/wrong" 2>&1
    result $? ", simulated"
fi
[ $count -gt 0 ] || { : >"$work/wrong"; result 1 ": nothing to run"; }
echo "1..$count"
[ $failures -eq 0 ]
