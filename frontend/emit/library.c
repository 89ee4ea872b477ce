// SPDX-License-Identifier: MIT
// What C calls of a program: a function for each export, which takes its arguments as C has them,
// and the header that says so. docs/language.md, "Functions for C", has the rules;
// runtime/parallel/library.c does the rest.
#include "frontend/emit/inner.h"

#include <assert.h>

static bool is_text(const struct mir_type *t) {
    return t->kind == MIR_STRUCT && (t->mark == MIR_MARK_STRING || t->mark == MIR_MARK_BYTES);
}

static bool is_result(const struct mir_type *t) {
    return t->kind == MIR_ENUM && str_starts(str_from(t->name), STR("Result<"));
}

// What C gets when it goes well.
static const struct mir_type *given(const struct mir_function *f) {
    return is_result(f->result) ? f->result->variants.at[0].types.at[0] : f->result;
}

static const char *last_part(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

const char *emit_export_name(struct arena *a, const struct mir_module *m,
                             const struct emit_options *options, int32_t at) {
    return str_format(a, "%s_%s", options->library, last_part(m->exports.at[at])).data;
}

// A name of Prism where C or C++ may have another use for it.
static const char *word(struct arena *a, const char *name) {
    static const char *const taken[] = {
        "alignas",  "alignof",  "and",      "asm",      "auto",      "bool",     "break",
        "case",     "catch",    "char",     "class",    "const",     "continue", "default",
        "delete",   "do",       "double",   "else",     "enum",      "explicit", "export",
        "extern",   "false",    "float",    "for",      "friend",    "goto",     "if",
        "inline",   "int",      "long",     "mutable",  "namespace", "new",      "not",
        "nullptr",  "operator", "or",       "private",  "protected", "public",   "register",
        "restrict", "result",   "return",   "short",    "signed",    "sizeof",   "static",
        "struct",   "switch",   "template", "this",     "throw",     "true",     "try",
        "typedef",  "typename", "union",    "unsigned", "using",     "virtual",  "void",
        "volatile", "while",    "xor"};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(name, taken[i]) == 0)
            return str_format(a, "%s_", name).data;
    return name;
}

// ---- the header -----------------------------------------------------------------------------

struct header {
    struct arena *a;
    const struct mir_module *m;
    const struct emit_options *options;
    struct text *out;
    bool *is_defined; // by type
};

static const char *c_type(const struct header *h, const struct mir_type *t) {
    static const char *const numbers[] = {
        [MIR_BOOL] = "bool",    [MIR_CHAR] = "uint32_t", [MIR_I8] = "int8_t",
        [MIR_I16] = "int16_t",  [MIR_I32] = "int32_t",   [MIR_I64] = "int64_t",
        [MIR_U8] = "uint8_t",   [MIR_U16] = "uint16_t",  [MIR_U32] = "uint32_t",
        [MIR_U64] = "uint64_t", [MIR_F32] = "float",     [MIR_F64] = "double"};
    if (is_text(t))
        return "prism_text";
    if (t->kind == MIR_STRUCT)
        return str_format(h->a, "%s_%s", h->options->library, last_part(t->name)).data;
    return numbers[t->kind];
}

static void define(struct header *h, const struct mir_type *t) {
    if (t->kind != MIR_STRUCT || is_text(t) || h->is_defined[t->id])
        return;
    h->is_defined[t->id] = true;
    for (int32_t i = 0; i < t->fields.len; i++)
        define(h, t->fields.at[i].type);
    text_put(h->out, STR("typedef struct {\n"));
    for (int32_t i = 0; i < t->fields.len; i++)
        text_printf(h->out, "    %s %s;\n", c_type(h, t->fields.at[i].type),
                    word(h->a, t->fields.at[i].name));
    text_printf(h->out, "} %s;\n\n", c_type(h, t));
}

static const char *parameter_name(struct arena *a, const struct mir_function *f, int32_t i) {
    const char *name = f->locals.at[i].name;
    return name ? word(a, name) : str_format(a, "argument_%d", i).data;
}

static void declare(struct header *h, int32_t at) {
    const struct mir_function *f = mir_find_function(h->m, h->m->exports.at[at]);
    const struct mir_type *gives = given(f);
    for (int32_t i = 0; i < f->param_count; i++)
        define(h, f->locals.at[i].type);
    define(h, gives);
    text_printf(h->out, "int %s(", emit_export_name(h->a, h->m, h->options, at));
    bool any = false;
    for (int32_t i = 0; i < f->param_count; i++, any = true) {
        const struct mir_type *t = f->locals.at[i].type;
        const char *name = parameter_name(h->a, f, i);
        text_put(h->out, any ? STR(", ") : STR(""));
        if (is_text(t))
            text_printf(h->out, "const %s *%s, size_t %s_len",
                        t->mark == MIR_MARK_STRING ? "char" : "void", name, name);
        else
            text_printf(h->out, "%s %s", c_type(h, t), name);
    }
    if (!emit_is_void(gives))
        text_printf(h->out, "%s%s *result", any ? ", " : "", c_type(h, gives));
    else if (!any)
        text_put(h->out, STR("void"));
    text_put(h->out, STR(");\n"));
}

void emit_header(const struct mir_module *m, const struct emit_options *options, struct str link,
                 struct text *out) {
    struct header h = {.a = m->arena, .m = m, .options = options, .out = out};
    const char *name = options->library;
    h.is_defined = arena_array(m->arena, bool, m->types.len);
    text_printf(out,
                "// Made by prism from %s. Link with lib%s.a %.*s\n"
                "#ifndef PRISM_LIBRARY_%s_H\n#define PRISM_LIBRARY_%s_H\n\n"
                "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n"
                "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n",
                options->name, name, STR_ARGS(link), name, name);
    text_put(out,
             STR("#ifndef PRISM_LIBRARY\n#define PRISM_LIBRARY\n"
                 "// What every function gives.\n"
                 "enum {\n"
                 "    PRISM_OK = 0,\n"
                 "    PRISM_ERROR = 1,   // the function gave an Err\n"
                 "    PRISM_FAILED = 2,  // it failed: a trap, an argument that is none\n"
                 "    PRISM_STOPPED = 3, // the library is not running, or was stopped meanwhile\n"
                 "    PRISM_RUNNING = 4  // it has been started already\n"
                 "};\n"
                 "// A text (UTF-8) or bytes that a function gave; a NUL stands behind them.\n"
                 "// `data` is the caller's, who gives it to free().\n"
                 "typedef struct {\n    char *data;\n    size_t len;\n} prism_text;\n"
                 "#endif\n\n"));
    text_printf(
        out,
        "// Starts the library with so many threads, 0: one a core, and waits for its main.\n"
        "int prism_%s_start(unsigned workers);\n"
        "// Cancels the calls that are under way, stops everything and waits for that.\n"
        "int prism_%s_stop(void);\n"
        "// What the latest function in this thread says of its failure; \"\" if it went well.\n"
        "const char *prism_%s_message(void);\n\n",
        name, name, name);
    text_put(
        out,
        STR("// These may be called by any thread, several at once. `result` may be NULL; it is\n"
            "// set when PRISM_OK is given.\n"));
    for (int32_t i = 0; i < m->exports.len; i++)
        declare(&h, i);
    text_put(out, STR("\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n"));
}

// ---- the functions --------------------------------------------------------------------------

static void put_parameters(struct emitter *e, const struct mir_function *f, struct text *out) {
    const struct mir_type *gives = given(f);
    bool any = false;
    for (int32_t i = 0; i < f->param_count; i++, any = true) {
        const struct mir_type *t = f->locals.at[i].type;
        text_put(out, any ? STR(", ") : STR(""));
        if (is_text(t))
            text_printf(out, "const void *p%d, size_t p%d_len", i, i);
        else
            text_put(out, str_from(emit_declare(e, t, emit_format(e, "p%d", i))));
    }
    if (!emit_is_void(gives))
        text_printf(out, "%svoid *result", any ? ", " : "");
    else if (!any)
        text_put(out, STR("void"));
}

// Characters have to be some, wherever they stand.
static void put_characters(struct emitter *e, const struct mir_type *t, const char *lvalue,
                           struct text *out) {
    if (t->kind == MIR_CHAR)
        text_printf(out, "    (void)prism_library_char(cx, %s);\n", lvalue);
    for (int32_t i = 0; t->kind == MIR_STRUCT && !is_text(t) && i < t->fields.len; i++)
        put_characters(e, t->fields.at[i].type,
                       emit_format(e, "%s.%s", lvalue, emit_field(e, t, i)), out);
}

static void put_export(struct emitter *e, int32_t at) {
    const struct mir_function *f = mir_find_function(e->m, e->m->exports.at[at]);
    const struct function_state *s = emit_function(e, f);
    const char *name = emit_export_name(e->arena, e->m, e->options, at);
    struct text *out = &e->tables;
    text_printf(out, "static const prism_export export_%d = {&fn_%s, %s};\nint %s(", at, s->c,
                is_result(f->result) ? "true" : "false", name);
    put_parameters(e, f, out);
    text_printf(out, ");\nint %s(", name);
    put_parameters(e, f, out);
    text_printf(out,
                ") {\n    prism_cx *cx = prism_library_enter();\n"
                "    if (!cx)\n        return PRISM_LIBRARY_STOPPED;\n"
                "    struct args_%s args = {0};\n",
                s->c);
    for (int32_t i = 0; i < f->param_count; i++) {
        const struct mir_type *t = f->locals.at[i].type;
        const char *to = emit_format(e, "args.%s", s->locals.at[i]);
        if (is_text(t))
            text_printf(out, "    %s.%s = prism_library_%s(cx, p%d, p%d_len);\n", to,
                        emit_field(e, t, 0), t->mark == MIR_MARK_STRING ? "utf8" : "bytes", i, i);
        else
            text_printf(out, "    %s = p%d;\n", to, i);
        put_characters(e, t, to, out);
    }
    text_printf(out, "    return prism_library_call(cx, &export_%d, &args, %s);\n}\n", at,
                emit_is_void(given(f)) ? "NULL" : "result");
}

void emit_library(struct emitter *e) {
    const char *name = e->options->library;
    for (int32_t i = 0; i < e->m->exports.len; i++)
        put_export(e, i);
    text_printf(&e->tables,
                "int prism_%s_start(unsigned workers);\n"
                "int prism_%s_start(unsigned workers) {\n"
                "    return prism_library_start(&prism_program_main, workers);\n}\n"
                "int prism_%s_stop(void);\n"
                "int prism_%s_stop(void) {\n    return prism_library_stop();\n}\n"
                "const char *prism_%s_message(void);\n"
                "const char *prism_%s_message(void) {\n    return prism_library_message();\n}\n",
                name, name, name, name, name, name);
}
