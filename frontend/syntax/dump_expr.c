// SPDX-License-Identifier: MIT
// Expressions, statements, clauses: a line each, with what they consist of below them.
#include "frontend/syntax/dump.h"

#include <inttypes.h>

void line_begin(struct dump *d) {
    for (int32_t i = 0; i < d->indent; i++)
        text_put(d->out, STR("  "));
}

void dump_line(struct dump *d, const char *format, ...) {
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    line_begin(d);
    text_put(d->out, str_from(text));
    line_end(d);
}

static void dump_within(struct dump *d, const struct ast_expr *e) {
    d->indent++;
    dump_expr(d, e);
    d->indent--;
}

void dump_part(struct dump *d, const char *title, const struct ast_expr *e) {
    if (!e)
        return;
    dump_line(d, "%s", title);
    dump_within(d, e);
}

static void dump_pattern(struct dump *d, const char *title, const struct ast_pattern *pattern) {
    line_begin(d);
    text_printf(d->out, "%s ", title);
    put_pattern(d, pattern);
    line_end(d);
}

static void dump_type(struct dump *d, const char *title, const struct ast_type_expr *type) {
    if (!type)
        return;
    line_begin(d);
    text_printf(d->out, "%s ", title);
    put_type(d, type);
    line_end(d);
}

// ---- clauses ------------------------------------------------------------------------------------

static void dump_abilities(struct dump *d, const char *word, const struct ast_ability *at,
                           int32_t len) {
    dump_line(d, "%s", word);
    d->indent++;
    for (int32_t i = 0; i < len; i++) {
        line_begin(d);
        text_printf(d->out, "%s", at[i].is_denied ? "!" : "");
        put_path(d, &at[i].path);
        line_end(d);
        for (int32_t k = 0; k < at[i].args.len; k++)
            dump_within(d, at[i].args.at[k]);
    }
    d->indent--;
}

void dump_clauses(struct dump *d, const struct ast_clauses *clauses) {
    if (clauses->has_effects)
        dump_abilities(d, "effects", clauses->effects.at, clauses->effects.len);
    if (clauses->has_capabilities)
        dump_abilities(d, "capabilities", clauses->capabilities.at, clauses->capabilities.len);
    for (int32_t i = 0; i < clauses->wheres.len; i++) {
        const struct ast_where *w = &clauses->wheres.at[i];
        line_begin(d);
        text_put(d->out, STR("where "));
        put_type(d, w->subject);
        for (int32_t k = 0; k < w->bounds.len; k++) {
            text_put(d->out, k ? STR(" + ") : STR(": "));
            put_type(d, w->bounds.at[k]);
        }
        line_end(d);
    }
}

// ---- statements ---------------------------------------------------------------------------------

static void dump_stmt(struct dump *d, const struct ast_stmt *stmt) {
    switch (stmt->kind) {
    case STMT_LET:
        dump_pattern(d, "let", stmt->let.pattern);
        d->indent++;
        dump_type(d, "type", stmt->let.type);
        if (stmt->let.value)
            dump_expr(d, stmt->let.value);
        if (stmt->let.otherwise)
            dump_block(d, "else", stmt->let.otherwise);
        d->indent--;
        return;
    case STMT_EXPR:
        dump_expr(d, stmt->expr);
        return;
    case STMT_DEFER:
        dump_part(d, "defer", stmt->expr);
        return;
    case STMT_BIND:
        line_begin(d);
        text_put(d->out, STR("bind "));
        put_path(d, &stmt->bind.service);
        line_end(d);
        dump_within(d, stmt->bind.provider);
        return;
    }
}

void dump_block(struct dump *d, const char *title, const struct ast_block *block) {
    dump_line(d, "%s", title);
    d->indent++;
    for (int32_t i = 0; i < block->stmts.len; i++)
        dump_stmt(d, &block->stmts.at[i]);
    dump_part(d, "value", block->value);
    d->indent--;
}

// ---- leaves -------------------------------------------------------------------------------------

static void dump_name(struct dump *d, const char *title, const char *name,
                      const struct ast_type_args *args) {
    line_begin(d);
    text_printf(d->out, "%s%s", title, name);
    if (args)
        put_type_args(d, args);
    line_end(d);
}

static void dump_args(struct dump *d, const struct ast_arg *at, int32_t len) {
    d->indent++;
    for (int32_t i = 0; i < len; i++) {
        if (at[i].name.text) {
            dump_line(d, "%s:", at[i].name.text);
            dump_within(d, at[i].value);
        } else {
            dump_expr(d, at[i].value);
        }
    }
    d->indent--;
}

static void dump_all(struct dump *d, const char *title, struct ast_expr *const *at, int32_t len) {
    dump_line(d, "%s", title);
    for (int32_t i = 0; i < len; i++)
        dump_within(d, at[i]);
}

// ---- control ------------------------------------------------------------------------------------

static void dump_condition(struct dump *d, const struct ast_condition *c) {
    d->indent++;
    for (; c; c = c->rest) {
        if (c->pattern)
            dump_pattern(d, "let", c->pattern);
        dump_expr(d, c->value);
    }
    d->indent--;
}

static void dump_body(struct dump *d, const struct ast_block *body) {
    d->indent++;
    dump_block(d, "do", body);
    d->indent--;
}

static const char *label_or_nothing(const char *label) {
    return label ? label : "";
}

static void dump_if(struct dump *d, const struct ast_expr *e) {
    dump_line(d, "if");
    dump_condition(d, &e->branch.condition);
    d->indent++;
    dump_block(d, "then", e->branch.then);
    dump_part(d, "else", e->branch.otherwise);
    d->indent--;
}

static void dump_match(struct dump *d, const struct ast_expr *e) {
    dump_line(d, "match");
    dump_within(d, e->match.subject);
    d->indent++;
    for (int32_t i = 0; i < e->match.arms.len; i++) {
        const struct ast_arm *arm = &e->match.arms.at[i];
        dump_pattern(d, "case", arm->pattern);
        d->indent++;
        dump_part(d, "if", arm->guard);
        dump_expr(d, arm->body);
        d->indent--;
    }
    d->indent--;
}

static void dump_select(struct dump *d, const struct ast_expr *e) {
    dump_line(d, "select");
    d->indent++;
    for (int32_t i = 0; i < e->select.arms.len; i++) {
        const struct ast_select_arm *arm = &e->select.arms.at[i];
        if (arm->pattern)
            dump_pattern(d, "case", arm->pattern);
        else
            dump_line(d, "default");
        d->indent++;
        dump_part(d, "of", arm->operation);
        dump_part(d, "if", arm->guard);
        dump_expr(d, arm->body);
        d->indent--;
    }
    d->indent--;
}

static void dump_loop(struct dump *d, const struct ast_expr *e) {
    switch (e->kind) {
    case EXPR_WHILE:
        dump_line(d, "while%s%s", e->while_loop.label ? " '" : "",
                  label_or_nothing(e->while_loop.label));
        dump_condition(d, &e->while_loop.condition);
        dump_body(d, e->while_loop.body);
        return;
    case EXPR_LOOP:
        dump_line(d, "loop%s%s", e->loop.label ? " '" : "", label_or_nothing(e->loop.label));
        dump_body(d, e->loop.body);
        return;
    default:
        dump_pattern(d, "for", e->for_loop.pattern);
        d->indent++;
        if (e->for_loop.label)
            dump_line(d, "label '%s", e->for_loop.label);
        dump_expr(d, e->for_loop.iterable);
        d->indent--;
        dump_body(d, e->for_loop.body);
        return;
    }
}

static void dump_async_with(struct dump *d, const struct ast_async_with *with) {
    dump_line(d, "async with%s%s", with->binding ? " as " : "",
              with->binding ? with->binding->name.text : "");
    dump_within(d, with->resource);
    dump_body(d, with->body);
    d->indent++;
    for (int32_t i = 0; i < with->catches.len; i++) {
        const struct ast_catch *c = &with->catches.at[i];
        const char *word = c->is_boundary ? "catch_boundary" : "catch";
        if (c->pattern)
            dump_pattern(d, word, c->pattern);
        else
            dump_line(d, "%s", word);
        d->indent++;
        dump_part(d, "if", c->guard);
        d->indent--;
        dump_body(d, c->body);
    }
    d->indent--;
}

static void dump_closure(struct dump *d, const struct ast_closure *closure) {
    line_begin(d);
    text_put(d->out, STR("closure |"));
    for (int32_t i = 0; i < closure->params.len; i++) {
        const struct ast_closure_param *param = &closure->params.at[i];
        text_put(d->out, i ? STR(", ") : STR(""));
        put_pattern(d, param->pattern);
        if (param->type) {
            text_put(d->out, STR(": "));
            put_type(d, param->type);
        }
    }
    text_putc(d->out, '|');
    if (closure->result) {
        text_put(d->out, STR(" -> "));
        put_type(d, closure->result);
    }
    line_end(d);
    dump_within(d, closure->body);
}

static void dump_jump(struct dump *d, const char *word, const struct ast_expr *e) {
    dump_line(d, "%s%s%s", word, e->jump.label ? " '" : "", label_or_nothing(e->jump.label));
    if (e->jump.value)
        dump_within(d, e->jump.value);
}

// ---- literals of structs and records ------------------------------------------------------------

static void dump_record(struct dump *d, const struct ast_expr *e) {
    dump_line(d, "record");
    d->indent++;
    for (int32_t i = 0; i < e->record.fields.len; i++) {
        line_begin(d);
        put_path(d, &e->record.fields.at[i].key);
        text_putc(d->out, ':');
        line_end(d);
        dump_within(d, e->record.fields.at[i].value);
    }
    d->indent--;
}

static void dump_struct(struct dump *d, const struct ast_expr *e) {
    dump_type(d, "struct", e->literal.type);
    d->indent++;
    for (int32_t i = 0; i < e->literal.fields.len; i++) {
        dump_line(d, "%s:", e->literal.fields.at[i].name.text);
        dump_within(d, e->literal.fields.at[i].value);
    }
    dump_part(d, "..", e->literal.base);
    d->indent--;
}

static void dump_range(struct dump *d, const struct ast_expr *e) {
    dump_line(d, e->range.is_inclusive ? "range ..=" : "range ..");
    d->indent++;
    dump_part(d, "from", e->range.low);
    dump_part(d, "to", e->range.high);
    d->indent--;
}

// ---- the whole ----------------------------------------------------------------------------------

// Expressions that are written on one line alone.
static bool dump_leaf(struct dump *d, const struct ast_expr *e) {
    switch (e->kind) {
    case EXPR_ERROR:
        dump_line(d, "<error>");
        return true;
    case EXPR_INT:
        dump_line(d, "int %" PRIu64, e->int_value);
        return true;
    case EXPR_FLOAT:
        dump_line(d, "float %.17g", e->float_value);
        return true;
    case EXPR_CHAR:
        dump_line(d, "char U+%04X", (unsigned)e->char_value);
        return true;
    case EXPR_BOOL:
        dump_line(d, e->bool_value ? "true" : "false");
        return true;
    case EXPR_HOLE:
        dump_line(d, "hole");
        return true;
    case EXPR_SELF:
        dump_line(d, "self");
        return true;
    case EXPR_NAME:
        dump_name(d, "name ", e->name.text, e->name.type_args);
        return true;
    case EXPR_STRING:
        line_begin(d);
        text_put(d->out, STR("string "));
        put_quoted(d, e->string);
        line_end(d);
        return true;
    default:
        return false;
    }
}

static void dump_operation(struct dump *d, const struct ast_expr *e) {
    static const char *const unary_texts[] = {"-", "!", "*"};
    switch (e->kind) {
    case EXPR_UNARY:
        dump_line(d, "unary %s", unary_texts[e->unary.op]);
        dump_within(d, e->unary.operand);
        return;
    case EXPR_BINARY:
        dump_line(d, "binary %s", syntax_binary_text(e->binary.op));
        dump_within(d, e->binary.left);
        dump_within(d, e->binary.right);
        return;
    default:
        dump_line(d, "assign %s=", e->assign.is_compound ? syntax_binary_text(e->assign.op) : "");
        dump_within(d, e->assign.target);
        dump_within(d, e->assign.value);
        return;
    }
}

static void dump_postfix(struct dump *d, const struct ast_expr *e) {
    switch (e->kind) {
    case EXPR_MEMBER:
        dump_name(d, "member .", e->member.name.text, e->member.type_args);
        dump_within(d, e->member.object);
        return;
    case EXPR_CALL:
        dump_line(d, "call");
        dump_within(d, e->call.callee);
        dump_args(d, e->call.args.at, e->call.args.len);
        return;
    case EXPR_INDEX:
        dump_line(d, "index");
        dump_within(d, e->index.object);
        dump_within(d, e->index.index);
        return;
    case EXPR_MACRO:
        dump_line(d, "macro %s!", e->macro.name.text);
        dump_args(d, e->macro.args.at, e->macro.args.len);
        return;
    case EXPR_DECLARED:
        dump_line(d, "declared");
        dump_within(d, e->declared.operand);
        d->indent++;
        dump_clauses(d, e->declared.clauses);
        d->indent--;
        return;
    default:
        dump_line(d, e->kind == EXPR_TRY ? "try" : "await");
        dump_within(d, e->operand);
        return;
    }
}

void dump_expr(struct dump *d, const struct ast_expr *e) {
    if (dump_leaf(d, e))
        return;
    switch (e->kind) {
    case EXPR_UNARY:
    case EXPR_BINARY:
    case EXPR_ASSIGN:
        dump_operation(d, e);
        return;
    case EXPR_RANGE:
        dump_range(d, e);
        return;
    case EXPR_TUPLE:
        dump_all(d, "tuple", e->sequence.elements.at, e->sequence.elements.len);
        return;
    case EXPR_LIST:
        dump_all(d, "list", e->sequence.elements.at, e->sequence.elements.len);
        return;
    case EXPR_RECORD:
        dump_record(d, e);
        return;
    case EXPR_STRUCT:
        dump_struct(d, e);
        return;
    case EXPR_CLOSURE:
        dump_closure(d, e->closure);
        return;
    case EXPR_BLOCK:
        dump_block(d, "block", e->block);
        return;
    case EXPR_ASYNC:
        dump_block(d, "async", e->block);
        return;
    case EXPR_IF:
        dump_if(d, e);
        return;
    case EXPR_MATCH:
        dump_match(d, e);
        return;
    case EXPR_WHILE:
    case EXPR_LOOP:
    case EXPR_FOR:
        dump_loop(d, e);
        return;
    case EXPR_ASYNC_WITH:
        dump_async_with(d, e->async_with);
        return;
    case EXPR_SELECT:
        dump_select(d, e);
        return;
    case EXPR_RETURN:
        dump_jump(d, "return", e);
        return;
    case EXPR_BREAK:
        dump_jump(d, "break", e);
        return;
    case EXPR_CONTINUE:
        dump_jump(d, "continue", e);
        return;
    default:
        dump_postfix(d, e);
        return;
    }
}
