#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One test of tests/messages/: `prism check` must say exactly the diagnostics that the program's
# first lines expect, at these places.
#
#   // expect: P1003 5:9          code, line:column; one such line a diagnostic, in any order
#   // expect: P3002 5:9 warning  a warning (then the exit code may be 0)
#   // run: test --simulate        the command; without it: check
#   // exit: 1                     the exit code; without it: 2 if there is an error, else 0
#
# Lines that expect nothing of the kind are ordinary comments. Notes are not compared.
set -u
path=$1
name=${path#tests/messages/}
echo 1..1
not_ok() {
    echo "not ok 1 - $name"
    printf '%s\n' "$@" | sed 's/^/# /'
    exit 1
}

expected=$(sed -n 's|^// expect: *\(P[0-9]\{4\}\)  *\([0-9]*:[0-9]*\).*|\2 \1|p' "$path" | sort)
[ -n "$expected" ] || not_ok "no line \`// expect: Pnnnn LINE:COLUMN\`"
read -r -a command <<<"$(sed -n 's|^// run: *||p' "$path" | head -n 1)"
status_expected=$(sed -n 's|^// exit: *||p' "$path" | head -n 1)
if [ -z "$status_expected" ]; then
    status_expected=2
    grep -q '^// expect: *P[0-9]* *[0-9:]* *$' "$path" || status_expected=0
fi

output=$("$PRISM" "${command[@]:-check}" --format short "$path" 2>&1)
status=$?
actual=$(printf '%s\n' "$output" |
    sed -n 's|^[^ ]*:\([0-9]*:[0-9]*\): [a-z]*\[\(P[0-9]\{4\}\)\].*|\1 \2|p' | sort)
[ "$actual" = "$expected" ] || not_ok "expected:" "$expected" "said:" "$output"
[ $status -eq $status_expected ] || not_ok "exit $status, expected $status_expected" "$output"
echo "ok 1 - $name"
