// SPDX-License-Identifier: MIT
// dump: the tree as indented lines. Types and patterns are written on one line, as in a source;
// expressions, statements and items are a line each, with what they consist of below them.
#ifndef PRISM_SYNTAX_DUMP_H
#define PRISM_SYNTAX_DUMP_H

#include "frontend/syntax/syntax.h"

struct dump {
    struct text *out;
    int32_t indent; // in steps of two spaces
};

// One line, one step deeper than what stands around it. What the line holds is put behind it up to
// line_end.
void line_begin(struct dump *d);
static inline void line_end(struct dump *d) {
    text_putc(d->out, '\n');
}
void dump_line(struct dump *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Inline, without a newline (dump_inline.c).
void put_quoted(struct dump *d, struct str s);
void put_path(struct dump *d, const struct ast_path *path);
void put_type(struct dump *d, const struct ast_type_expr *type);
void put_type_args(struct dump *d, const struct ast_type_args *args);
void put_pattern(struct dump *d, const struct ast_pattern *pattern);
void put_generics(struct dump *d, const struct ast_generics *generics);

// Lines (dump_expr.c).
void dump_expr(struct dump *d, const struct ast_expr *e);
void dump_block(struct dump *d, const char *title, const struct ast_block *block);
void dump_clauses(struct dump *d, const struct ast_clauses *clauses);
// A line `title`, and below it `e`; nothing if it is NULL.
void dump_part(struct dump *d, const char *title, const struct ast_expr *e);

#endif
