// SPDX-License-Identifier: MIT
// Writing certificates. Every number that the proof rests on stands in them, so that checking one
// needs additions and multiplications only.
#include "checker/cert.h"

#include <inttypes.h>

// A name as one word: blanks and backslashes are escaped.
static void put_word(struct text *out, struct str s) {
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == ' ' || s.data[i] == '\\' || s.data[i] == '\n')
            text_printf(out, "\\%02x", (unsigned char)s.data[i]);
        else
            text_putc(out, s.data[i]);
    }
    if (!s.len)
        text_put(out, STR("\\"));
}

// "constant,variable:coefficient,..."
static void put_lin(struct text *out, struct lin l) {
    text_printf(out, " %" PRId64, l.c);
    for (int32_t i = 0; i < l.count; i++)
        text_printf(out, ",%d:%" PRId64, l.t[i].var, l.t[i].coef);
}

static void put_classes(const struct web *w, struct text *out) {
    static const char *const kinds[] = {"root", "actor", "task"};
    for (int32_t i = 0; i < w->classes.len; i++) {
        const struct web_class *c = w->classes.at[i];
        text_printf(out, "class %d %s %d ", i, kinds[c->kind], c->attr_count);
        put_word(out, c->name);
        text_putc(out, ' ');
        put_word(out, c->actor ? str_from(c->actor->name)
                               : str_from(c->function ? c->function->name : ""));
        text_putc(out, '\n');
    }
}

static void put_edge(const struct web *w, int32_t e, struct text *out) {
    const struct web_edge *edge = w->edges.at[e];
    const struct closed *c = edge->closed;
    text_printf(out, "edge %d %d %d %d ", e, edge->from, edge->to, c->vars);
    put_word(out, edge->site);
    text_putc(out, ' ');
    put_word(out, edge->target);
    text_put(out, STR("\nfrom"));
    for (int32_t i = 0; i < c->vals[0]->attr_count; i++)
        put_lin(out, c->vals[0]->attrs[i]);
    text_put(out, STR("\nto"));
    for (int32_t i = 0; i < c->vals[1]->attr_count; i++)
        put_lin(out, c->vals[1]->attrs[i]);
    text_putc(out, '\n');
    for (int32_t i = 0; i < c->con_count; i++) {
        text_put(out, c->cons[i].rel == CON_EQ ? STR("if ==") : STR("if >="));
        put_lin(out, c->cons[i].l);
        text_putc(out, '\n');
    }
}

static void put_stage(const struct web *w, const struct rank_stage *s, int32_t index,
                      struct text *out) {
    text_printf(out, "stage %d\n", index);
    for (int32_t c = 0; c < w->classes.len; c++) {
        text_printf(out, "rank %d %" PRId64, c, s->rows[c].constant);
        for (int32_t i = 0; i < w->classes.at[c]->attr_count; i++)
            text_printf(out, " %" PRId64, s->rows[c].attrs[i]);
        for (int32_t i = 0; i < w->params; i++)
            text_printf(out, " %" PRId64, s->rows[c].params[i]);
        text_putc(out, '\n');
    }
    for (int32_t e = 0; e < w->edges.len; e++) {
        const struct rank_step *step = &s->steps[e];
        if (!step->open)
            continue;
        text_printf(out, "%s %d %" PRId64, step->strict ? "down" : "level", e, step->scale);
        for (int32_t i = 0; i < w->edges.at[e]->closed->con_count; i++)
            text_printf(out, " %" PRId64, step->multipliers[i]);
        text_putc(out, '\n');
    }
}

// Waits that stand in the program and that no execution was found to reach.
static void put_unmet(const struct web *w, struct text *out) {
    for (int32_t i = 0; i < w->module->functions.len; i++) {
        const struct mir_function *f = w->module->functions.at[i];
        for (int32_t b = 0; b < f->blocks.len; b++)
            for (int32_t k = 0; k < f->blocks.at[b].insts.len; k++) {
                const struct mir_inst *in = &f->blocks.at[b].insts.at[k];
                if (in->op != MIR_OP_ASK && in->op != MIR_OP_FORWARD && in->op != MIR_OP_TASK)
                    continue;
                struct str site =
                    str_format(w->arena, "%s/%s#%d", f->name, mir_op_name(in->op), in->site);
                bool met = false;
                for (int32_t e = 0; e < w->edges.len && !met; e++)
                    met = str_eq(w->edges.at[e]->site, site);
                if (met)
                    continue;
                text_put(out, STR("unmet "));
                put_word(out, site);
                text_putc(out, '\n');
            }
    }
}

void cert_write(const struct web *w, const struct rank *r, struct str subject, struct text *out) {
    text_put(out, STR("prism-certificate 1\nproperty deadlock-freedom\nsubject "));
    put_word(out, subject);
    text_printf(out, "\nmodule %016" PRIx64 "\nroot ", mir_hash(w->module));
    put_word(out, str_from(w->root->name));
    text_printf(out, "\nparams %d", w->params);
    for (int32_t i = 0; i < w->params; i++)
        text_printf(out, " %" PRId64, w->param_least[i]);
    text_putc(out, '\n');
    put_classes(w, out);
    for (int32_t e = 0; e < w->edges.len; e++)
        put_edge(w, e, out);
    put_unmet(w, out);
    for (int32_t s = 0; s < r->stages.len; s++)
        put_stage(w, &r->stages.at[s], s, out);
    text_put(out, STR("end\n"));
}
