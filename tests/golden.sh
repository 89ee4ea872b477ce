#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One test of tests/golden/: a program is run and its output compared. tests/golden/README.md says
# how a program states what it expects.
set -u
path=$1
name=${path#tests/golden/}
echo 1..1
not_ok() {
    echo "not ok 1 - $name"
    printf '%s\n' "$@" | sed 's/^/# /'
    exit 1
}
directive() { # the value of the first `// NAME: value` line
    sed -n "s|^// $1: *||p" "$path" | head -n 1
}

command=$(directive run)
read -r -a command <<<"${command:-run}"
status_expected=$(directive exit)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
if [ -f "${path%.prism}.out" ]; then
    cp "${path%.prism}.out" "$work/expected"
else
    sed -n 's|^.*//> \{0,1\}||p' "$path" >"$work/expected"
fi

input=/dev/null
[ -f "${path%.prism}.in" ] && input=${path%.prism}.in
"$PRISM" "${command[@]}" "$path" >"$work/out" 2>"$work/err" <"$input"
status=$?
[ $status -eq "${status_expected:-0}" ] ||
    not_ok "exit $status, expected ${status_expected:-0}" "$(cat "$work/out" "$work/err")"
if ! diff -u "$work/expected" "$work/out" >"$work/diff"; then
    not_ok "$(cat "$work/diff")" "$(cat "$work/err")"
fi
while read -r said; do
    grep -qF -- "$said" "$work/err" || not_ok "stderr lacks: $said" "$(cat "$work/err")"
done < <(sed -n 's|^// stderr: *||p' "$path")
echo "ok 1 - $name"
