// SPDX-License-Identifier: MIT
// The entry of a simulated program; in an object of its own, so that tests can bring theirs.
#include "command/command.h"
#include "runtime/actor/stack.h"

static int run_program(int argc, char **argv) {
    return sim_main(&prism_program_main, argc, argv);
}

int main(int argc, char **argv) {
    return stack_main(run_program, argc, argv);
}
