// SPDX-License-Identifier: MIT
// stack: the C stack below generated code. Recursion is bounded by a count (PRISM_DEPTH_MAX), the same
// everywhere; the stack has to be large enough for that many frames of any size that programs have. Only
// what is touched takes memory.
#ifndef PRISM_STACK_H
#define PRISM_STACK_H

#include <pthread.h>
#include <stddef.h>

#define STACK_BYTES ((size_t)1 << 30) // 100 KB for each of PRISM_DEPTH_MAX calls

// As pthread_create, with a stack of STACK_BYTES, or of what the system grants.
int stack_thread(pthread_t *thread, void *(*body)(void *), void *context);

// Calls a program's main on such a stack and returns what it returns.
int stack_main(int (*run)(int argc, char **argv), int argc, char **argv);

#endif
