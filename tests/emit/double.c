// SPDX-License-Identifier: MIT
// A runtime for generated code with one strand and no actors, that counts what is allocated: a
// program that
// ends with anything alive, or with a depth, fails. Every third wait is over at once, the others
// suspend.
// PRISM_TEST_FUEL sets how many loop iterations a segment has.
#include "runtime/value/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long live_objects;
static unsigned waits;

void *prism_alloc(prism_cx *cx, size_t bytes) {
    (void)cx;
    live_objects++;
    void *memory = aligned_alloc(16, (bytes + 15) & ~(size_t)15);
    memset(memory, 0xa5, bytes);
    return memory;
}
void prism_free(prism_cx *cx, void *memory, size_t bytes) {
    (void)cx;
    live_objects--;
    memset(memory, 0xdd, bytes);
    free(memory);
}
void *prism_grow(prism_cx *cx, void *memory, size_t bytes, size_t wanted) {
    void *grown = prism_alloc(cx, wanted);
    memcpy(grown, memory, bytes);
    prism_free(cx, memory, bytes);
    return grown;
}
uint64_t prism_identity(const prism_type *type, const void *value) {
    (void)type, (void)value;
    return 0;
}

// ---- handles: there are none ------------------------------------------------------------------

#define HANDLE(name)                                                                               \
    void prism_##name##_dup(prism_##name *lend) {                                                  \
        if (lend)                                                                                  \
            abort();                                                                               \
    }                                                                                              \
    void prism_##name##_drop(prism_cx *cx, prism_##name *own) {                                    \
        (void)cx;                                                                                  \
        if (own)                                                                                   \
            abort();                                                                               \
    }
HANDLE(reply)
HANDLE(future)
HANDLE(scope)
HANDLE(token)

// ---- failing and waiting -------------------------------------------------------------------

void prism_raise(prism_cx *cx, prism_error *own, const prism_site *site) {
    (void)site;
    cx->failure = own;
}
prism_error *prism_caught(prism_cx *cx) {
    prism_error *error = cx->failure;
    cx->failure = NULL;
    return error;
}
static int fuel(void) {
    const char *text = getenv("PRISM_TEST_FUEL");
    return text ? atoi(text) : PRISM_FUEL;
}
void prism_spin(prism_cx *cx, const prism_site *site) {
    (void)site;
    cx->fuel = fuel();
}
prism_status prism_yield(prism_cx *cx, const prism_site *site) {
    (void)cx, (void)site;
    return waits++ % 3 == 0 ? PRISM_DONE : PRISM_SUSPENDED;
}
prism_status prism_spent(prism_cx *cx, const prism_site *site) {
    cx->fuel = fuel();
    return prism_yield(cx, site);
}
bool prism_deep(prism_cx *cx, const prism_site *site) {
    cx->depth_max = PRISM_DEPTH_MAX;
    if (cx->depth <= PRISM_DEPTH_MAX)
        return true;
    cx->depth--;
    prism_trap(cx, PRISM_DEPTH, NULL, site);
    return false;
}
prism_status prism_sleep(prism_cx *cx, int64_t ns, const prism_site *site) {
    (void)ns;
    return prism_yield(cx, site);
}
void prism_print(prism_cx *cx, int stream, const prism_buffer *lend_text, const prism_site *site) {
    (void)cx, (void)site;
    if (lend_text)
        fwrite(lend_text->data, 1, lend_text->len, stream == 1 ? stdout : stderr);
}
const char PRISM_ABI_SYMBOL = 1;

// ---- the run -------------------------------------------------------------------------------

static void run_frame(prism_cx *cx, const prism_function *f) {
    size_t bytes = ((size_t)f->frame_size + 15) & ~(size_t)15;
    void *frame = aligned_alloc(16, bytes);
    memset(frame, 0, bytes);
    while (f->run(cx, frame) == PRISM_SUSPENDED) {
        if (cx->depth) // every call has left
            abort();
        cx->fuel = fuel();
    }
    free(frame);
}

static void say_failure(const prism_error *e) {
    printf("failed: %s", prism_failure_word(e->kind));
    if (e->text)
        printf(": %s", e->text);
    if (e->site)
        printf(" in %s, %s", e->site->function, e->site->operation);
    putchar('\n');
}

int main(void) {
    // Everything is to be counted: nothing goes the short ways.
    prism_pool pools[PRISM_POOLS] = {0};
    for (size_t i = 0; i < PRISM_POOLS; i++)
        pools[i].count = PRISM_BATCH;
    prism_cx cx = {.fuel = fuel(), .pools = pools};
    const prism_function *f = prism_program_main.entry;
    _Alignas(16) unsigned char args[16] = {0}, result[256] = {0};
    if (f->run)
        run_frame(&cx, f);
    else
        f->call(&cx, NULL, args, result);
    if (cx.failure) {
        say_failure(cx.failure);
        prism_error_drop(&cx, cx.failure);
    }
    fflush(stdout);
    if (live_objects || cx.depth) {
        printf("%ld objects are left, depth %d\n", live_objects, cx.depth);
        return 99;
    }
    return cx.failure ? 1 : 0;
}
