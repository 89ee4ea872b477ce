// SPDX-License-Identifier: MIT
// A program on the parallel runtime: runs its entry and ends with 0, or with 1 after an uncaught
// failure or when nobody could move any more. PRISM_WORKERS sets the number of workers (default:
// one a core).
#include "runtime/actor/stack.h"
#include "runtime/parallel/runtime.h"
#include "runtime/service/outside.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint32_t runtime_worker_count(void) {
    const char *wanted = getenv("PRISM_WORKERS");
    long count = wanted && *wanted ? atol(wanted) : sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > WORKERS_MAX ? WORKERS_MAX : (uint32_t)count;
}

static void tell_stuck(struct runtime *rt) {
    fprintf(stderr, "error: nobody can move, and the program still waits\n");
    runtime_tell_waiting(rt);
}

static void tell_failed(struct runtime *rt) {
    fprintf(stderr, "error: ");
    runtime_tell(&rt->workers[0].cx, rt->root_error);
}

#define EXIT_LOST 74 // output could not be written, whatever else there was

static int run_entry(struct runtime *rt, const prism_program *program) {
    if (!program->entry) {
        fprintf(stderr, "error: %s has no main to run\n", program->name);
        return 2;
    }
    runtime_init(rt, runtime_worker_count(), program);
    signals_begin(rt);
    rt->tells_failures = true;
    rt->output_by_line = isatty(STDOUT_FILENO);
    rt->ends_with_root = true;
    runtime_run(rt, program->entry, NULL);
    output_flush(rt);
    runtime_tell_not_taken(rt);
    bool told_to_end = signals_number(rt) != 0;
    if (!rt->root_ended && !told_to_end)
        tell_stuck(rt);
    else if (rt->root_error && !told_to_end)
        tell_failed(rt);
    int status = !rt->root_ended || rt->root_error || rt->has_first;
    int64_t leaked = runtime_end(rt);
    output_flush(rt);
    if (rt->output_error) {
        fprintf(stderr, "error: cannot write standard output: %s\n", strerror(rt->output_error));
        status = EXIT_LOST;
    }
    if (rt->signals.number)
        status = 128 + rt->signals.number;
    if (leaked && getenv("PRISM_CHECK_LEAKS")) {
        fprintf(stderr, "error: %lld blocks of memory were not given back\n", (long long)leaked);
        status = 70;
    }
    return status;
}

static bool is_test(int argc, char **argv) {
    return argc > 1 && !strcmp(argv[1], "--prism-test");
}

static int run_program(int argc, char **argv) {
    if (prism_program_main.abi_version != PRISM_ABI_VERSION) {
        fprintf(stderr, "error: the program was compiled for another version of the runtime\n");
        return 70;
    }
    if (is_test(argc, argv))
        return parallel_tests(argc, argv);
    outside_keep_arguments(argc, argv);
    struct runtime *rt = calloc(1, sizeof *rt);
    if (!rt)
        return 70;
    int status = run_entry(rt, &prism_program_main);
    if (!rt->is_left)
        free(rt);
    return status;
}

int main(int argc, char **argv) {
    if (!is_test(argc, argv))
        signals_block();
    return stack_main(run_program, argc, argv);
}
