// SPDX-License-Identifier: MIT
// C names. They are the program's own as far as C allows, and depend on the module alone.
#include "frontend/emit/inner.h"

#include <assert.h>

static bool is_word_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Words that a member or local of generated C must not be called.
static bool is_c_word(const char *name) {
    static const char *const words[] = {
        "auto",     "break",  "case",   "char",     "const",    "continue", "default",  "do",
        "double",   "else",   "enum",   "extern",   "float",    "for",      "goto",     "if",
        "inline",   "int",    "long",   "register", "restrict", "return",   "short",    "signed",
        "sizeof",   "static", "struct", "switch",   "typedef",  "union",    "unsigned", "void",
        "volatile", "while",  "bool",   "true",     "false",    "offsetof", "nothing",  "tag",
        "asm",      "typeof", "unix",   "linux",    "i386",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], name) == 0)
            return true;
    return false;
}

// File-level names of generated C begin so, with a capital, or hold no number at their end; locals
// end in their number.
static bool is_reserved(const char *name) {
    static const char *const prefixes[] = {
        "f_",        "type_",    "actor_",  "sites_",      "args_",        "fn_",
        "closure_",  "caps_",    "run_",    "call_",       "messages_",    "params_",
        "dup_",      "drop_",    "fields_", "frame_",      "t_",           "value_of_",
        "variants_", "default_", "prism_",  "invariants_", "test_params_", "new_",
        "free_",     "bare_",    "in_",     "room_",
    };
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

// Lower-case first: what begins with a capital or an underscore may be a macro of the C headers.
static bool is_member(const char *name) {
    if (!name || name[0] < 'a' || name[0] > 'z' || is_c_word(name))
        return false;
    for (const char *p = name; *p; p++)
        if (!is_word_char(*p))
            return false;
    return true;
}

const char *emit_format(struct emitter *e, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    assert(len >= 0);
    char *data = arena_alloc(e->arena, (size_t)len + 1);
    vsnprintf(data, (size_t)len + 1, format, again);
    va_end(again);
    va_end(args);
    return data;
}

const char *emit_name(struct emitter *e, const char *prefix, const char *name) {
    struct text t = {.arena = e->arena};
    text_put(&t, str_from(prefix));
    for (const char *p = name; *p; p++)
        if (is_word_char(*p))
            text_putc(&t, *p);
        else if (t.len && t.data[t.len - 1] != '_')
            text_putc(&t, '_');
    while (t.len > 1 && t.data[t.len - 1] == '_' && !is_word_char(name[strlen(name) - 1]))
        t.data[--t.len] = 0;
    const char *wanted = str_dup(e->arena, text_str(&t)).data, *unique = wanted;
    for (int n = 2; map_get(&e->taken, str_from(unique)); n++)
        unique = emit_format(e, "%s_%d", wanted, n);
    map_put(e->arena, &e->taken, str_from(unique), (void *)unique);
    return unique;
}

const char *emit_field(struct emitter *e, const struct mir_type *t, int32_t field) {
    const char *name = t->fields.at[field].name;
    bool unique = is_member(name);
    for (int32_t i = 0; i < t->fields.len && unique; i++)
        unique = i == field || strcmp(t->fields.at[i].name, name) != 0;
    return unique ? name : emit_format(e, "f%d", field);
}

const char *emit_quoted(struct emitter *e, struct str s) {
    struct text t = {.arena = e->arena};
    text_putc(&t, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (c == '\n')
            text_put(&t, STR("\\n"));
        else if (c == '"' || c == '\\')
            text_printf(&t, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f || c == '?') // `?`: no trigraphs
            text_printf(&t, "\\%03o", c);
        else
            text_putc(&t, (char)c);
    }
    text_putc(&t, '"');
    return t.data;
}

int32_t emit_actor_index(const struct emitter *e, const char *actor) {
    for (int32_t i = 0; i < e->m->actors.len; i++)
        if (strcmp(e->m->actors.at[i]->name, actor) == 0)
            return i;
    assert(!"the module has the actor");
    return 0;
}

static void name_locals(struct emitter *e, const struct mir_function *f) {
    name_list *names = &emit_function(e, f)->locals;
    for (int32_t i = 0; i < f->locals.len; i++) {
        const char *name = f->locals.at[i].name;
        vec_push(e->arena, names,
                 is_member(name) && !is_reserved(name) ? emit_format(e, "%s_%d", name, i)
                                                       : emit_format(e, "_%d", i));
    }
}

void emit_names(struct emitter *e) {
    e->functions = arena_array(e->arena, struct function_state, e->m->functions.len);
    e->actors = arena_array(e->arena, const char *, e->m->actors.len);
    for (int32_t i = 0; i < e->m->functions.len; i++) {
        const struct mir_function *f = e->m->functions.at[i];
        emit_function(e, f)->c = emit_name(e, "", emit_format(e, "f_%s", f->name));
        name_locals(e, f);
    }
    for (int32_t i = 0; i < e->m->actors.len; i++)
        e->actors[i] = emit_name(e, "actor_", e->m->actors.at[i]->name);
}
