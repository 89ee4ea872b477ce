// SPDX-License-Identifier: MIT
// mir-interp FILE.mir [NAME] [--set PARAM=VALUE]... [--seed N]: runs a test, or a function without
// parameters, of a file of core MIR; without a name the entry, else all tests.
// mir-interp FILE.mir --print | --lower: prints the file's text again, or its lowered form
// (validated). Exit: 0 all well, 1 something failed, 2 asked wrongly or the file is not valid MIR.
#include "tests/differential/interp/interp.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

// Values nest as deep as programs make them, and are walked by recursion.
static const size_t stack_bytes = (size_t)1 << 30;
static const int64_t steps_max = 2000000000;

struct options {
    const char *path, *name;
    struct str settings[64];
    int setting_count;
    uint64_t seed;
    bool prints, lowers;
    int status;
};

static int usage(void) {
    fprintf(stderr, "usage: mir-interp FILE.mir [NAME] [--set PARAM=VALUE]... [--seed N]\n");
    return 2;
}

static bool parse_options(struct options *o, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "--set") == 0 && has_value && o->setting_count < 64)
            o->settings[o->setting_count++] = str_from(argv[++i]);
        else if (strcmp(argv[i], "--seed") == 0 && has_value)
            o->seed = strtoull(argv[++i], NULL, 0);
        else if (strcmp(argv[i], "--print") == 0)
            o->prints = true;
        else if (strcmp(argv[i], "--lower") == 0)
            o->lowers = true;
        else if (argv[i][0] == '-' && argv[i][1])
            return false;
        else if (!o->path)
            o->path = argv[i];
        else if (!o->name)
            o->name = argv[i];
        else
            return false;
    }
    return o->path;
}

// ---- reading ------------------------------------------------------------------------------------

static void say(const struct diag_sink *sink, const struct source *s) {
    for (int32_t i = 0; i < sink->all.len; i++) {
        const struct diag *d = sink->all.at[i];
        int32_t line = 1, column = 1;
        if (d->span.source)
            source_position(s, d->span.start, &line, &column);
        fprintf(stderr, "%s:%d:%d: error[%s]: %.*s\n", s->path, line, column,
                diag_code_name(d->code), STR_ARGS(d->title));
    }
}

static struct mir_module *read_module(struct arena *a, const char *path) {
    struct str text;
    const char *wrong = file_read(a, path, &text);
    if (wrong) {
        fprintf(stderr, "error: %s\n", wrong);
        return NULL;
    }
    struct source *s = arena_new(a, struct source);
    struct diag_sink sink = {.arena = a};
    source_init(a, s, path, text);
    struct mir_module *m = mir_parse(a, s, &sink);
    if (m) {
        mir_infer(m);
        if (mir_validate(m, &sink) && !m->lowered)
            return m;
    }
    if (m && m->lowered)
        fprintf(stderr, "error: %s is lowered MIR: only core is interpreted\n", path);
    say(&sink, s);
    return NULL;
}

// ---- a test's parameters ------------------------------------------------------------------------

static bool set_value(const struct mir_type *t, struct str text, struct value *out) {
    char *end, *copy = strndup(text.data, text.len);
    bool right = true;
    errno = 0;
    if (t->kind == MIR_BOOL) {
        right = str_is(text, "true") || str_is(text, "false");
        out->bits = str_is(text, "true");
    } else if (mir_is_float(t->kind)) {
        out->number = strtod(copy, &end);
        right = text.len && !*end;
    } else if (mir_is_integer(t->kind)) {
        out->bits =
            mir_is_signed(t->kind) ? (uint64_t)strtoll(copy, &end, 10) : strtoull(copy, &end, 10);
        right = text.len && !*end && errno == 0;
    } else {
        *out = value_of_text(text);
    }
    free(copy);
    return right;
}

// The bytes of a text are put into one.
static bool test_args(const struct options *o, const struct mir_test *t,
                      const struct mir_function *f, struct value *args) {
    bool used[64] = {0};
    for (int32_t i = 0; i < t->params.len; i++) {
        const struct mir_test_param *p = &t->params.at[i];
        struct str name = str_from(p->name);
        args[i] = value_of_const(&p->value);
        for (int k = 0; k < o->setting_count; k++) {
            struct str s = o->settings[k];
            if (!str_starts(s, name) || s.len <= name.len || s.data[name.len] != '=')
                continue;
            struct str text = {s.data + name.len + 1, s.len - name.len - 1};
            used[k] = set_value(p->value.type, text, &args[i]);
        }
        if (p->value.type->kind == MIR_BUFFER && f->locals.at[i].type->kind == MIR_STRUCT) {
            struct box *text = box_new(1);
            text->items[0] = args[i];
            args[i] = (struct value){.box = text};
        }
    }
    for (int k = 0; k < o->setting_count; k++)
        if (!used[k])
            return false;
    return true;
}

// ---- running ------------------------------------------------------------------------------------

static bool run(const struct options *o, struct arena *a, struct mir_module *m,
                const struct mir_function *f, struct value *args, bool is_entry) {
    struct interp in = {.arena = a, .module = m, .seed = o->seed, .steps_left = steps_max};
    in.error_type = mir_type_prim(m, MIR_ERROR);
    in.unit_type = mir_type_prim(m, MIR_UNIT);
    in.live = arena_array(a, struct live, m->functions.len);
    in.has_live = arena_array(a, bool, m->functions.len);
    world_run(&in, f, args, is_entry);
    fflush(stdout);
    return !in.failed;
}

static int run_test(const struct options *o, struct arena *a, struct mir_module *m,
                    const struct mir_test *t) {
    struct value args[MIR_PARAMS_MAX + 1];
    if (!test_args(o, t, mir_find_function(m, t->function), args)) {
        fprintf(stderr, "error: --set names no parameter of `%s`, or has a wrong value\n", t->name);
        return 2;
    }
    return run(o, a, m, mir_find_function(m, t->function), args, false) ? 0 : 1;
}

static int run_all(const struct options *o, struct arena *a, struct mir_module *m) {
    int status = 0;
    struct value none[1];
    if (!o->name && m->entry)
        return run(o, a, m, mir_find_function(m, m->entry), none, true) ? 0 : 1;
    bool found = false;
    for (int32_t i = 0; i < m->tests.len; i++) {
        if (o->name && strcmp(m->tests.at[i].name, o->name) != 0)
            continue;
        found = true;
        int one = run_test(o, a, m, &m->tests.at[i]);
        status = one > status ? one : status;
    }
    const struct mir_function *f = found || !o->name ? NULL : mir_find_function(m, o->name);
    if (f && f->param_count == 0 && !f->self)
        return run(o, a, m, f, none, true) ? 0 : 1;
    if (!found) {
        fprintf(stderr, "error: there is no test or function to run\n");
        return 2;
    }
    return status;
}

static int print_text(const struct options *o, struct arena *a, struct mir_module *m) {
    struct diag_sink sink = {.arena = a};
    struct text out = {.arena = a};
    if (o->lowers) {
        mir_own(m);
        mir_suspend(m);
        mir_validate(m, &sink);
    }
    mir_print(m, MIR_PRINT_ALL, &out);
    fwrite(out.data, 1, out.len, stdout);
    say(&sink, &(struct source){.path = o->path});
    return sink.errors ? 1 : 0;
}

static void *run_file(void *options) {
    struct options *o = options;
    struct arena a = {0};
    struct mir_module *m = read_module(&a, o->path);
    o->status = 2;
    if (m && (o->prints || o->lowers))
        o->status = print_text(o, &a, m);
    else if (m)
        o->status = run_all(o, &a, m);
    arena_free(&a);
    return NULL;
}

// What is still held somewhere when the program is over (a future's error, an actor's state) is not
// given back: counts only tell what is shared. The leak sanitizer asks this.
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void) {
    return 1;
}

int main(int argc, char **argv) {
    struct options o = {0};
    if (!parse_options(&o, argc, argv))
        return usage();
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    if (pthread_attr_setstacksize(&attributes, stack_bytes) != 0 ||
        pthread_create(&thread, &attributes, run_file, &o) != 0)
        return 70;
    pthread_join(thread, NULL);
    return o.status;
}
