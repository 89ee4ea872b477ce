#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds what this machine has the tools for and runs every benchmark of every peer, interleaved.
#   ./run.sh                     everything
#   ./run.sh BENCH...            some benchmarks          (ONLY="go cN" ./run.sh: some peers)
# Parameters: ./params (or PARAMS=file). Build outputs: ${BUILD:-./build}. Results: $BUILD/raw.tsv, $BUILD/table.txt
# A further peer (our language): an executable $BUILD/peer-NAME that takes BENCH as its argument, reads the
# parameters from the environment and prints lines "BENCH NAME METRIC VALUE UNIT".
# Tools (Debian names): gcc g++ golang-go erlang-base libcaf-dev libmimalloc-dev libxxhash-dev wrk nginx-light python3
set -u
cd "$(dirname "$0")"
BUILD=${BUILD:-$PWD/build}; mkdir -p "$BUILD/ebin"; BUILD=$(cd "$BUILD" && pwd)
R=${REPS:-}; set -a; . "${PARAMS:-./params}"; REPS=${R:-$REPS}; set +a
export BUILD
have() { command -v "$1" >/dev/null 2>&1; }
note() { echo "# $*" >&2; }
hdr() { echo "#include <$1>" | gcc -E - >/dev/null 2>&1; }

gcc -O2 -march=native limit/actors.c -o "$BUILD/peer-c1" -lm -lpthread || note "c1: not built"
gcc -O2 -march=native -DPAR limit/actors.c -o "$BUILD/peer-cN" -lm -lpthread || note "cN: not built"
have go && (cd go && GOFLAGS=-mod=mod GOTOOLCHAIN=local go build -o "$BUILD/peer-go" .) || note "go: not built"
have erlc && erlc -o "$BUILD/ebin" erlang/bpeer.erl || note "erlang: not built"
[ "${BUILD_ONLY:-}" ] && exit 0
exec python3 drive.py "$@"
