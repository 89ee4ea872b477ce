// SPDX-License-Identifier: MIT
// The pipeline of a simulated program.
#include "blackbox.h"
#include "command/command.h"
#include "fault/fault.h"
#include "sample/sample.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// ---- running ------------------------------------------------------------------------------------

static int run_test(void *host, const struct options *o, const prism_test *test,
                    const struct arguments *args) {
    return test_run(host, o, test, args);
}

static bool strategy_is_known(const char *strategy) {
    enum sampling how;
    return !strcmp(strategy, "portfolio") || !strcmp(strategy, "dpor") ||
           sampling_of_word(strategy, &how);
}

// Settings of faults are checked before anything runs; false: one is wrong.
static bool faults_are_right(const struct options *o) {
    struct fault_plan plan = {0};
    const char *near;
    for (uint32_t i = 0; i < o->fault_count; i++) {
        const char *wrong = fault_set(&plan, o->faults[i], &near);
        if (!wrong)
            continue;
        send_error(o->fd, "fault", wrong, near);
        return false;
    }
    return true;
}

static int run_command(struct world_host *host, struct options *o) {
    if (!faults_are_right(o))
        return send_end(o->fd, EXIT_ASKED, NULL);
    if (!strategy_is_known(o->strategy)) {
        send_sentence(o->fd, "unsupported", "`%s` is not built yet", o->strategy);
        return send_end(o->fd, EXIT_ASKED, NULL);
    }
    if (!world_map()) {
        send_error(o->fd, "io",
                   "the simulator's memory cannot be had at its fixed address (is there a limit, "
                   "as of `ulimit -v`?)",
                   NULL);
        return send_end(o->fd, EXIT_IO, NULL);
    }
    if (o->autopsy >= 0)
        return send_end(o->fd, autopsy_run(host, o), NULL);
    if (o->shared >= 0)
        blackbox_open(host, o->shared);
    return o->replay ? send_end(o->fd, replay_run(host, o), NULL)
                     : child_run_tests(host->program, o, run_test, host);
}

int sim_main(const prism_program *program, int argc, char **argv) {
    struct options o;
    const char *wrong = options_read(argc, argv, &o);
    if (o.fd < 0 || (argc > 1 && strcmp(argv[1], "--prism-sim"))) {
        fprintf(stderr, "this is a simulated Prism program; run it with `prism test --simulate`\n");
        return EXIT_ASKED;
    }
    child_catch_signals();
    signal(SIGPIPE, SIG_IGN);
    send_hello(o.fd, program);
    if (wrong) {
        send_error(o.fd, "usage", wrong, NULL);
        return send_end(o.fd, EXIT_ASKED, NULL);
    }
    o.steps = o.steps ? o.steps : STEPS_MAX_DEFAULT;
    struct world_host host = {.program = program, .steps_max = (uint32_t)o.steps};
    int code = run_command(&host, &o);
    world_host_free(&host);
    return code;
}
