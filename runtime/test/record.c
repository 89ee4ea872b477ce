// SPDX-License-Identifier: MIT
// Records: sending them, and those that both runtimes send alike.
#include "runtime/test/child.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

bool record_send(int fd, struct cbor_out *record) {
    size_t sent = 0;
    while (sent < record->len) {
        ssize_t n = write(fd, record->bytes + sent, record->len - sent);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        sent += (size_t)n;
    }
    bool all = sent == record->len;
    cbor_out_free(record);
    return all;
}

void record_text(struct cbor_out *o, const char *key, const char *value) {
    cbor_put_string(o, key);
    cbor_put_string(o, value);
}

void record_uint(struct cbor_out *o, const char *key, uint64_t value) {
    cbor_put_string(o, key);
    cbor_put_uint(o, value);
}

void record_hash(struct cbor_out *o, const char *key, uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "0x%016llx", (unsigned long long)value);
    record_text(o, key, text);
}

void record_bool(struct cbor_out *o, const char *key, bool value) {
    cbor_put_string(o, key);
    cbor_put_bool(o, value);
}

void record_text_or_null(struct cbor_out *o, const char *key, const char *value) {
    cbor_put_string(o, key);
    if (value)
        cbor_put_string(o, value);
    else
        cbor_put_null(o);
}

void record_params(struct cbor_out *o, const prism_test *test, const void *args) {
    const prism_type *type = test->function->args;
    uint32_t count = type ? type->count : 0;
    char value[1024];
    cbor_put_string(o, "params");
    cbor_put_map(o, count);
    for (uint32_t i = 0; i < count; i++) {
        argument_show(&type->fields[i], args, value, sizeof value);
        record_text(o, test->params[i].name, value);
    }
}

void send_error(int fd, const char *error, const char *message, const char *near) {
    struct cbor_out out = {0};
    cbor_put_map(&out, near ? 4 : 3);
    record_text(&out, "record", "error");
    record_text(&out, "error", error);
    record_text(&out, "message", message);
    if (near)
        record_text(&out, "near", near);
    record_send(fd, &out);
}

void send_sentence(int fd, const char *error, const char *format, const char *what) {
    char sentence[1024];
    snprintf(sentence, sizeof sentence, format, what);
    send_error(fd, error, sentence, NULL);
}

void send_hello(int fd, const prism_program *p) {
    struct cbor_out out = {0};
    cbor_put_map(&out, 4);
    record_text(&out, "record", "hello");
    record_uint(&out, "version", 1);
    record_text(&out, "program", p->name);
    record_hash(&out, "mir", p->mir_hash);
    record_send(fd, &out);
}

int send_end(int fd, int code, const struct counts *counts) {
    struct cbor_out out = {0};
    cbor_put_map(&out, 5);
    record_text(&out, "record", "end");
    record_uint(&out, "exit", (uint64_t)code);
    record_uint(&out, "passed", counts ? counts->passed : 0);
    record_uint(&out, "failed", counts ? counts->failed : 0);
    record_uint(&out, "undecided", counts ? counts->undecided : 0);
    return record_send(fd, &out) ? code : EXIT_IO;
}
