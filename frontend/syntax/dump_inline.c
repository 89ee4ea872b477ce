// SPDX-License-Identifier: MIT
// What the dump writes on one line: names, types, patterns.
#include "frontend/syntax/dump.h"

#include <inttypes.h>

void put_quoted(struct dump *d, struct str s) {
    text_putc(d->out, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (c == '"' || c == '\\')
            text_printf(d->out, "\\%c", c);
        else if (c < ' ' || c == 0x7f)
            text_printf(d->out, "\\x%02x", c);
        else
            text_putc(d->out, (char)c);
    }
    text_putc(d->out, '"');
}

void put_path(struct dump *d, const struct ast_path *path) {
    for (int32_t i = 0; i < path->names.len; i++)
        text_printf(d->out, "%s%s", i ? "." : "", path->names.at[i].text);
}

// ---- types --------------------------------------------------------------------------------------

void put_type_args(struct dump *d, const struct ast_type_args *args) {
    text_putc(d->out, '<');
    for (int32_t i = 0; i < args->args.len; i++) {
        const struct ast_type_arg *arg = &args->args.at[i];
        text_printf(d->out, "%s", i ? ", " : "");
        if (arg->name.text)
            text_printf(d->out, "%s = ", arg->name.text);
        put_type(d, arg->type);
    }
    text_putc(d->out, '>');
}

static void put_types(struct dump *d, struct ast_type_expr *const *at, int32_t len,
                      const char *between) {
    for (int32_t i = 0; i < len; i++) {
        text_printf(d->out, "%s", i ? between : "");
        put_type(d, at[i]);
    }
}

static void put_ability_names(struct dump *d, const char *word, const struct ast_ability *at,
                              int32_t len) {
    text_printf(d->out, " %s [", word);
    for (int32_t i = 0; i < len; i++) {
        text_printf(d->out, "%s%s", i ? ", " : "", at[i].is_denied ? "!" : "");
        put_path(d, &at[i].path);
    }
    text_putc(d->out, ']');
}

void put_type(struct dump *d, const struct ast_type_expr *type) {
    switch (type->kind) {
    case TYPE_EXPR_ERROR:
        text_put(d->out, STR("<error>"));
        return;
    case TYPE_EXPR_INFER:
        text_putc(d->out, '_');
        return;
    case TYPE_EXPR_PATH:
        for (int32_t i = 0; i < type->path.segments.len; i++) {
            const struct ast_type_segment *s = &type->path.segments.at[i];
            text_printf(d->out, "%s%s", i ? "." : "", s->name.text);
            if (s->args)
                put_type_args(d, s->args);
        }
        return;
    case TYPE_EXPR_TUPLE:
        text_putc(d->out, '(');
        put_types(d, type->tuple.elements.at, type->tuple.elements.len, ", ");
        text_putc(d->out, ')');
        return;
    case TYPE_EXPR_MUT:
        text_put(d->out, STR("mut "));
        put_type(d, type->mutable);
        return;
    case TYPE_EXPR_FUNCTION:
        text_putc(d->out, '(');
        put_types(d, type->function.params.at, type->function.params.len, ", ");
        text_put(d->out, STR(") -> "));
        put_type(d, type->function.result);
        const struct ast_clauses *c = type->function.clauses;
        if (c && c->has_effects)
            put_ability_names(d, "effects", c->effects.at, c->effects.len);
        if (c && c->has_capabilities)
            put_ability_names(d, "capabilities", c->capabilities.at, c->capabilities.len);
        return;
    }
}

void put_generics(struct dump *d, const struct ast_generics *generics) {
    for (int32_t i = 0; i < generics->params.len; i++) {
        const struct ast_generic *g = &generics->params.at[i];
        text_printf(d->out, "%s%s", i ? ", " : "<", g->name.text);
        text_printf(d->out, "%s", g->bounds.len ? ": " : "");
        put_types(d, g->bounds.at, g->bounds.len, " + ");
    }
    if (generics->params.len)
        text_putc(d->out, '>');
}

// ---- patterns -----------------------------------------------------------------------------------

static void put_literal(struct dump *d, const struct ast_expr *e) {
    switch (e->kind) {
    case EXPR_INT:
        text_printf(d->out, "%" PRIu64, e->int_value);
        return;
    case EXPR_FLOAT:
        text_printf(d->out, "%.17g", e->float_value);
        return;
    case EXPR_STRING:
        put_quoted(d, e->string);
        return;
    case EXPR_CHAR:
        text_printf(d->out, "'\\u{%x}'", (unsigned)e->char_value);
        return;
    case EXPR_BOOL:
        text_printf(d->out, "%s", e->bool_value ? "true" : "false");
        return;
    case EXPR_UNARY:
        text_putc(d->out, '-');
        put_literal(d, e->unary.operand);
        return;
    default:
        text_put(d->out, STR("<error>"));
    }
}

static void put_patterns(struct dump *d, struct ast_pattern *const *at, int32_t len, int32_t rest) {
    text_putc(d->out, '(');
    for (int32_t i = 0; i <= len; i++) {
        if (i == rest)
            text_printf(d->out, "%s..", i ? ", " : "");
        if (i == len)
            break;
        text_printf(d->out, "%s", i || rest == 0 ? ", " : "");
        put_pattern(d, at[i]);
    }
    text_putc(d->out, ')');
}

static void put_struct_pattern(struct dump *d, const struct ast_pattern *pattern) {
    put_path(d, &pattern->record.path);
    text_put(d->out, STR(" {"));
    for (int32_t i = 0; i < pattern->record.fields.len; i++) {
        text_printf(d->out, "%s%s: ", i ? ", " : " ", pattern->record.fields.at[i].name.text);
        put_pattern(d, pattern->record.fields.at[i].pattern);
    }
    if (pattern->record.has_rest)
        text_printf(d->out, "%s..", pattern->record.fields.len ? ", " : " ");
    text_put(d->out, STR(" }"));
}

static void put_bind(struct dump *d, const struct ast_pattern *pattern) {
    const struct ast_binding *b = &pattern->bind.binding;
    text_printf(d->out, "%s%s", b->is_mut ? "mut " : "", b->name.text);
    if (pattern->bind.inner) {
        text_put(d->out, STR(" @ "));
        put_pattern(d, pattern->bind.inner);
    }
}

static void put_range(struct dump *d, const struct ast_pattern *pattern) {
    if (pattern->range.low)
        put_literal(d, pattern->range.low);
    text_printf(d->out, "%s", pattern->range.is_inclusive ? "..=" : "..");
    if (pattern->range.high)
        put_literal(d, pattern->range.high);
}

void put_pattern(struct dump *d, const struct ast_pattern *pattern) {
    switch (pattern->kind) {
    case PATTERN_ERROR:
        text_put(d->out, STR("<error>"));
        return;
    case PATTERN_WILDCARD:
        text_putc(d->out, '_');
        return;
    case PATTERN_BIND:
        put_bind(d, pattern);
        return;
    case PATTERN_PATH:
        text_putc(d->out, '.'); // so that it cannot be mistaken for what binds
        put_path(d, &pattern->path);
        return;
    case PATTERN_CALL:
        put_path(d, &pattern->call.path);
        put_patterns(d, pattern->call.elements.at, pattern->call.elements.len, pattern->call.rest);
        return;
    case PATTERN_STRUCT:
        put_struct_pattern(d, pattern);
        return;
    case PATTERN_TUPLE:
        put_patterns(d, pattern->tuple.elements.at, pattern->tuple.elements.len,
                     pattern->tuple.rest);
        return;
    case PATTERN_LITERAL:
        put_literal(d, pattern->literal);
        return;
    case PATTERN_RANGE:
        put_range(d, pattern);
        return;
    case PATTERN_OR:
        for (int32_t i = 0; i < pattern->any.alternatives.len; i++) {
            text_printf(d->out, "%s", i ? " | " : "");
            put_pattern(d, pattern->any.alternatives.at[i]);
        }
        return;
    }
}
