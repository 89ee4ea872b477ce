// SPDX-License-Identifier: MIT
// Replies and futures stand for one answer: they are handed on, never copied. On each way through a
// body this follows which variables that hold one have been given away; behind a loop's round, too.
#include "frontend/sema/way.h"

static bool is_affine(struct checker *c, struct type *t, int depth) {
    t = resolve(t);
    if (t->kind == TYPE_REPLY || t->kind == TYPE_FUTURE)
        return true;
    if (depth == 0 || t->kind == TYPE_FN || t->kind == TYPE_REF)
        return false;
    for (int32_t i = 0; i < t->arg_count; i++)
        if (is_affine(c, t->args[i], depth - 1))
            return true;
    if (t->kind == TYPE_STRUCT && !t->structure->module->is_std)
        for (int32_t i = 0; i < t->structure->fields.len; i++)
            if (is_affine(c, sema_field_type(c->prog, t, -1, i), depth - 1))
                return true;
    if (t->kind == TYPE_ENUM && !t->enumeration->module->is_std)
        for (int32_t v = 0; v < t->enumeration->variants.len; v++)
            for (int32_t i = 0; i < t->enumeration->variants.at[v].fields.len; i++)
                if (is_affine(c, sema_field_type(c->prog, t, v, i), depth - 1))
                    return true;
    return false;
}

bool type_is_copyable(struct checker *c, struct type *t) {
    return !is_affine(c, t, 4);
}

struct moves {
    struct checker *c;
    struct sema_variable *const *at;
    int32_t count;
    bool is_first; // copies are told with the first variables only
    bool told[WAY_ITEMS];
};

static const char *kind_word(struct type *t) {
    t = resolve(t);
    return t->kind == TYPE_REPLY ? "reply" : t->kind == TYPE_FUTURE ? "future" : "value";
}

static int32_t index_of(const struct moves *m, const struct sema_variable *v) {
    for (int32_t i = 0; v && i < m->count; i++)
        if (m->at[i] == v)
            return i;
    return -1;
}

static void say_gone(struct moves *m, int32_t i, const struct step *before, struct span span) {
    struct checker *c = m->c;
    const struct sema_variable *v = m->at[i];
    if (m->told[i])
        return;
    m->told[i] = true;
    bool same = before->span.start == span.start && before->span.source == span.source;
    struct diag *d = diag_add(c->sink, P2024, span, "`%s` was given away before", v->name);
    diag_primary(c->sink, d,
                 same ? "given away here, in an earlier round of the loop" : "used again here");
    if (!same)
        diag_label(c->sink, d, before->span, "given away here");
    diag_note(c->sink, d, "A %s stands for one answer: it can be handed on, not copied.",
              kind_word(v->type));
}

static void say_copied(struct checker *c, const struct ast_expr *e) {
    struct diag *d =
        diag_add(c->sink, P2025, e->span, "a %s cannot be copied", kind_word(info(c, e)->type));
    diag_primary(c->sink, d, "it would stay here, too");
    diag_note(c->sink, d, "`pop`, `remove` or, for an `Option`, `take` leave nothing behind.");
}

static void over(void *context, const struct step *s, struct way_state *state) {
    int32_t i = index_of(context, s->variable);
    if (i < 0)
        return;
    if (s->kind == STEP_TAKE && !state->because[i])
        state->because[i] = s;
    else if (s->kind == STEP_BIND || s->kind == STEP_ASSIGN)
        state->because[i] = NULL;
}

static void look_at(void *context, const struct step *s, const struct way_state *state) {
    struct moves *m = context;
    if (m->is_first && s->kind == STEP_COPY)
        say_copied(m->c, s->place);
    int32_t i = index_of(m, s->variable);
    bool is_use = s->kind == STEP_USE || s->kind == STEP_TAKE || s->kind == STEP_WRITE;
    if (i >= 0 && is_use && state->because[i])
        say_gone(m, i, state->because[i], s->span);
}

void check_moves(struct checker *c, const struct flow_body *b, const struct way *w) {
    for (int32_t from = 0; from < b->affine.len; from += WAY_ITEMS) {
        struct moves m = {.c = c,
                          .at = b->affine.at + from,
                          .count = b->affine.len - from,
                          .is_first = from == 0};
        m.count = m.count < WAY_ITEMS ? m.count : WAY_ITEMS;
        way_walk(c, w, over, look_at, &m);
    }
}
