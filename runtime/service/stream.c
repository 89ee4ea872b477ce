// SPDX-License-Identifier: MIT
// Standard streams, the program's arguments and environment; and the results that all operations
// share.
#include "runtime/service/outside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_MAX = 64 << 20 };

// ---- results ------------------------------------------------------------------------------------

static const prism_type byte = {
    .name = "u8", .kind = PRISM_U8, .flags = PRISM_PLAIN, .size = 1, .align = 1};

prism_buffer *outside_buffer(prism_cx *cx, const void *bytes, uint64_t len) {
    prism_buffer *b = prism_buffer_new(cx, &byte, len);
    if (bytes && len)
        memcpy(b->data, bytes, len);
    if (b)
        b->len = len;
    return b;
}

void outside_push(struct outside_call *call, uint32_t field, prism_buffer **list, const void *bytes,
                  uint64_t len) {
    const prism_type *holder = call->result;
    if (holder->kind == PRISM_STRUCT && holder->count > 1)
        holder = holder->fields[field].type;
    if (holder->kind == PRISM_STRUCT)
        holder = holder->fields[0].type;
    const prism_type *item = holder->element;
    uint64_t at = prism_buffer_len(*list);
    prism_buffer_own(call->cx, list, item, at + 1);
    ((struct outside_text *)(*list)->data)[at] =
        (struct outside_text){len ? outside_buffer(call->cx, bytes, len) : NULL};
    (*list)->len = at + 1;
}

bool outside_path(const prism_buffer *b, char *out, size_t room) {
    uint64_t len = prism_buffer_len(b);
    if (len == 0 || len >= room || memchr(b->data, 0, len))
        return false;
    memcpy(out, b->data, len);
    out[len] = 0;
    return true;
}

// ---- streams ------------------------------------------------------------------------------------

static void read_stream(struct outside_call *c) {
    struct outside_bytes *r = c->value;
    int64_t wanted = c->operands[0].number;
    uint64_t room = wanted < 1 ? 1 : wanted > READ_MAX ? READ_MAX : (uint64_t)wanted;
    prism_buffer *b = outside_buffer(c->cx, NULL, room);
    ssize_t n;
    do
        n = read(STDIN_FILENO, b->data, room);
    while (n < 0 && errno == EINTR);
    r->status = n < 0 ? outside_error_of(errno) : 0;
    b->len = n > 0 ? (uint64_t)n : 0;
    r->text.bytes = b;
}

static void write_stream(struct outside_call *c) {
    int64_t *status = c->value;
    const prism_buffer *b = c->operands[1].buffer;
    uint64_t len = prism_buffer_len(b);
    for (uint64_t at = 0; at < len && *status >= 0;) {
        ssize_t n = write((int)c->operands[0].number, b->data + at, len - at);
        if (n < 0 && errno != EINTR)
            *status = errno == EPIPE ? OUTSIDE_CLOSED : outside_error_of(errno);
        at += n > 0 ? (uint64_t)n : 0;
    }
}

// ---- the process --------------------------------------------------------------------------------

static int argument_count;
static char **arguments;

void outside_keep_arguments(int argc, char **argv) {
    argument_count = argc;
    arguments = argv;
}

static void process_arguments(struct outside_call *c) {
    prism_buffer **list = c->value;
    for (int i = 1; i < argument_count; i++)
        outside_push(c, 0, list, arguments[i], strlen(arguments[i]));
}

static void process_variable(struct outside_call *c) {
    struct outside_bytes *r = c->value;
    char name[256];
    const char *value =
        outside_path(c->operands[0].buffer, name, sizeof name) ? getenv(name) : NULL;
    r->status = value ? 0 : OUTSIDE_NOT_FOUND;
    if (value && *value)
        r->text.bytes = outside_buffer(c->cx, value, strlen(value));
}

static struct outside_need variable_needs(const prism_operand *operands) {
    return (struct outside_need){"Environment.Read", operands[0].buffer};
}

const prism_outside prism_outside_stream_read = {"stream.read", "Streams", read_stream, NULL,
                                                 OUTSIDE_BLOCKS};
const prism_outside prism_outside_stream_write = {"stream.write", "Streams", write_stream, NULL,
                                                  OUTSIDE_BLOCKS};
const prism_outside prism_outside_process_arguments = {"process.arguments", "Process",
                                                       process_arguments, NULL, OUTSIDE_BLOCKS};
const prism_outside prism_outside_process_variable = {
    "process.variable", "Process", process_variable, variable_needs, OUTSIDE_BLOCKS};
