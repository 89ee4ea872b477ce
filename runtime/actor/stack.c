// SPDX-License-Identifier: MIT
// Threads with large stacks.
#include "runtime/actor/stack.h"

enum { STACK_BYTES_LEAST = 1 << 20 };

int stack_thread(pthread_t *thread, void *(*body)(void *), void *context) {
    int wrong = -1;
    for (size_t bytes = STACK_BYTES; wrong && bytes >= STACK_BYTES_LEAST; bytes /= 2) {
        pthread_attr_t attr;
        pthread_attr_init(&attr);
        pthread_attr_setstacksize(&attr, bytes);
        wrong = pthread_create(thread, &attr, body, context);
        pthread_attr_destroy(&attr);
    }
    return wrong;
}

struct call {
    int (*run)(int argc, char **argv);
    int argc;
    char **argv;
    int status;
};

static void *make_call(void *context) {
    struct call *c = context;
    c->status = c->run(c->argc, c->argv);
    return NULL;
}

int stack_main(int (*run)(int argc, char **argv), int argc, char **argv) {
    struct call c = {run, argc, argv, 0};
    pthread_t thread;
    if (stack_thread(&thread, make_call, &c) != 0)
        return run(argc, argv);
    pthread_join(thread, NULL);
    return c.status;
}
