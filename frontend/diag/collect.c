// SPDX-License-Identifier: MIT
// Making diagnostics and collecting them in a sink; codes and their names; "did you mean".
#include "frontend/diag/diag.h"

#include <assert.h>
#include <ctype.h>

struct code_info {
    const char *name, *title;
    enum severity severity;
};

static const struct code_info codes[] = {
#define DIAG(code, severity, title) {"P" #code, title, SEVERITY_##severity},
#include "frontend/diag/codes.def"
#undef DIAG
};

const char *diag_code_name(enum diag_code code) {
    assert(code < DIAG_CODE_COUNT);
    return codes[code].name;
}

const char *diag_code_title(enum diag_code code) {
    assert(code < DIAG_CODE_COUNT);
    return codes[code].title;
}

static bool same_but_case(struct str typed, const char *name) {
    size_t i = 0;
    for (; i < typed.len && name[i]; i++)
        if (toupper((unsigned char)typed.data[i]) != name[i])
            return false;
    return i == typed.len && !name[i];
}

bool diag_code_parse(struct str name, enum diag_code *out) {
    for (int i = 0; i < DIAG_CODE_COUNT; i++)
        if (same_but_case(name, codes[i].name))
            return *out = (enum diag_code)i, true;
    return false;
}

// Near is at most a third of what was typed, and one slip in anything that has two letters.
const char *diag_nearest(struct str typed, const char *const *candidates, int32_t count) {
    int limit = typed.len < 3 ? 1 : (int)(typed.len > 64 ? 64 : typed.len) / 3;
    const char *best = NULL;
    int best_distance = limit + 1;
    for (int32_t i = 0; i < count; i++) {
        int distance = str_distance(typed, str_from(candidates[i]));
        bool is_other_letter = typed.len == 1 && strlen(candidates[i]) == 1 && distance == 1 &&
                               toupper((unsigned char)typed.data[0]) !=
                                   toupper((unsigned char)candidates[i][0]);
        if (distance < best_distance && !is_other_letter) {
            best_distance = distance;
            best = candidates[i];
        }
    }
    return best;
}

static struct str format_list(struct arena *a, const char *format, va_list args) {
    char small[512];
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(small, sizeof small, format, args);
    assert(len >= 0);
    char *data = arena_alloc(a, (size_t)len + 1);
    vsnprintf(data, (size_t)len + 1, format, again);
    va_end(again);
    return (struct str){data, (size_t)len};
}

#define FORMATTED(into, arena, format)                                                             \
    do {                                                                                           \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        (into) = format_list((arena), (format), args);                                             \
        va_end(args);                                                                              \
    } while (0)

struct diag *diag_add(struct diag_sink *sink, enum diag_code code, struct span span,
                      const char *format, ...) {
    assert(code < DIAG_CODE_COUNT);
    enum severity severity = codes[code].severity;
    bool is_unseen = (severity == SEVERITY_ERROR && sink->errors >= DIAG_ERRORS_MAX) ||
                     (severity == SEVERITY_WARNING && sink->warnings >= DIAG_ERRORS_MAX);
    if (is_unseen && sink->unseen) {
        sink->errors += severity == SEVERITY_ERROR;
        sink->warnings += severity == SEVERITY_WARNING;
        return sink->unseen;
    }
    struct diag *d = arena_new(sink->arena, struct diag);
    d->code = code;
    d->severity = codes[code].severity;
    d->span = span;
    FORMATTED(d->title, sink->arena, format);
    if (d->severity == SEVERITY_ERROR)
        sink->errors++;
    if (d->severity == SEVERITY_WARNING)
        sink->warnings++;
    if (is_unseen)
        sink->unseen = d;
    else
        vec_push(sink->arena, &sink->all, d);
    return d;
}

static bool is_seen(const struct diag_sink *sink, const struct diag *d) {
    return d && d != sink->unseen;
}

void diag_primary(struct diag_sink *sink, struct diag *d, const char *format, ...) {
    if (!is_seen(sink, d))
        return;
    FORMATTED(d->label, sink->arena, format);
}

void diag_label(struct diag_sink *sink, struct diag *d, struct span span, const char *format, ...) {
    if (!is_seen(sink, d))
        return;
    struct diag_label label = {.span = span};
    FORMATTED(label.text, sink->arena, format);
    vec_push(sink->arena, &d->labels, label);
}

void diag_note(struct diag_sink *sink, struct diag *d, const char *format, ...) {
    if (!is_seen(sink, d))
        return;
    struct str note;
    FORMATTED(note, sink->arena, format);
    vec_push(sink->arena, &d->notes, note);
}

void diag_fix(struct diag_sink *sink, struct diag *d, struct span span, struct str replacement,
              const char *title, ...) {
    if (!is_seen(sink, d))
        return;
    struct diag_fix fix = {0};
    FORMATTED(fix.title, sink->arena, title);
    struct diag_edit edit = {span, replacement};
    vec_push(sink->arena, &fix.edits, edit);
    vec_push(sink->arena, &d->fixes, fix);
}
