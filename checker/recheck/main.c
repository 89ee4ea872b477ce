// SPDX-License-Identifier: MIT
// recheck CERTIFICATE PROGRAM.mir: the independent check of proofs of deadlock freedom. It shares
// nothing with the checker that makes them, knows no solver, and is small enough to be read at
// once.
//
// Exit code 0: the certificate holds; 1: it does not, with the reason on standard output; 2: asked
// wrongly.
#include "checker/recheck/recheck.h"

#include <inttypes.h>
#include <stdlib.h>

static int refuse(struct arena *a, const char *why) {
    printf("%s\n", why);
    arena_free(a);
    return 1;
}

int main(int argc, char **argv) {
    struct arena a = {0};
    struct str text, program;
    if (argc != 3 || file_read(&a, argv[1], &text) || file_read(&a, argv[2], &program)) {
        fprintf(stderr, "usage: recheck CERTIFICATE PROGRAM.mir\n");
        arena_free(&a);
        return 2;
    }
    struct source source;
    struct diag_sink sink = {.arena = &a};
    source_init(&a, &source, argv[2], program);
    struct mir_module *m = mir_parse(&a, &source, &sink);
    if (!m || sink.errors)
        return refuse(&a, "the program's MIR cannot be read");
    mir_infer(m);
    if (!mir_validate(m, &sink))
        return refuse(&a, "the program's MIR is not valid");
    struct cert cert = {.arena = &a};
    int32_t conditional = 0;
    const char *wrong = cert_read(&cert, text);
    if (!wrong)
        wrong = order_holds(&cert);
    if (!wrong)
        wrong = program_covered(&cert, m, &conditional);
    if (wrong)
        return refuse(&a, wrong);
    printf("%.*s: the certificate holds: %d waits in %d stages; %d places that wait rest on its "
           "conditions, %d are not reached\n",
           STR_ARGS(cert.subject), cert.edges.len, cert.stages.len, conditional, cert.unmet.len);
    arena_free(&a);
    return 0;
}
