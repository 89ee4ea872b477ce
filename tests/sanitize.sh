#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sanitize.sh SANITIZER [TESTS...]: builds everything with a sanitizer (address, undefined, thread, or
# address,undefined), the programs that Prism compiles too, and runs tests. Without TESTS those that are
# cheap: unit and golden tests; for `thread` those that have threads. TESTS `all`: whatever runs the
# compiler, the runtimes or the simulator (make test-sanitize), but for tests/emit, which builds its own
# programs with sanitizers.
set -u
cd "$(dirname "$0")/.." || exit 2
san=${1:?a sanitizer}
shift
jobs=${JOBS:-2}
export BUILD=build/san-$san
make -s -j"$jobs" SAN="$san" OPT=-O1 all unit-programs || exit 1

# What Prism hands to the C compiler is sanitized like the runtime that it is linked with.
compiler=$PWD/$BUILD/cc
flags=-fsanitize=$san
[[ $san = *undefined* ]] && flags="$flags -fno-sanitize-recover=all"
printf '#!/bin/sh\nexec %s %s "$@"\n' "$(command -v "${CC:-gcc}")" "$flags" >"$compiler"
chmod +x "$compiler"
export CC=$compiler PRISM_CACHE_DIR=$PWD/$BUILD/cache PRISM_CHECK_LEAKS=1
# Tests that kill a process by a signal are to see it die of that signal.
export ASAN_OPTIONS=detect_leaks=1:handle_segv=0:handle_abort=0 PRISM_SANITIZED=$san
export TSAN_OPTIONS=halt_on_error=1 UBSAN_OPTIONS=print_stacktrace=1

if [ $# -eq 0 ]; then
    export EXPLORED=${EXPLORED:-4} # generated programs of each kind for tests/unit/sim/explore_test
    export PRISM_TEST_SECONDS=${PRISM_TEST_SECONDS:-900}
    set -- unit golden
    [ "$san" = thread ] && set -- unit/parallel golden/run stress
elif [ "$1" = all ]; then
    set -- agreement cli conformance differential docs fuzz goker golden hostile jobs litmus manifest messages \
        properties readme replay schedules services signals snapshots sources stress syntax trace unit verify \
        wordcount
    [ "$san" = thread ] && set -- agreement cli conformance docs goker golden/run hostile services signals \
        sources stress unit/parallel wordcount
    export PRISM_TEST_SECONDS=${PRISM_TEST_SECONDS:-3600}
fi
[ "$san" = thread ] && export PRISM_WORKERS=4
JOBS=$jobs tests/run "$@"
