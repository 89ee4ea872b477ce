#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Compiles the benchmarks of tests/bench/runtime/ as a peer: peer-prism.sh PRISM DIR [NAME...] makes DIR/NAME.
# A program's constants are replaced by the parameters of those names (tests/bench/peers/params, or what the
# environment says). Each program prints "NAME prism METRIC VALUE UNIT".
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prism=$1 out=$2
shift 2
[ $# -gt 0 ] || set -- $(cd "$here/runtime" && ls ./*.prism | sed 's,^./,,;s/\.prism$//')
while IFS='=' read -r name value; do
    export "$name=${!name:-$value}"
done < <(grep '^[A-Z]' "$here/peers/params")
mkdir -p "$out"
for bench in "$@"; do
    source=$here/runtime/$bench.prism
    script=
    for constant in $(sed -n 's/^const \([A-Z_]*\):.*/\1/p' "$source"); do
        value=${!constant:-}
        [ -n "$value" ] && script="$script;s/^const $constant: \([a-z0-9]*\) = .*/const $constant: \1 = $value;/"
    done
    sed "${script#;}" "$source" >"$out/$bench.prism"
    "$prism" build "$out/$bench.prism" -o "$out/$bench" --release
done
