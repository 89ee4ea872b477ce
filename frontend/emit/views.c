// SPDX-License-Identifier: MIT
// Views: in a loop that leaves a buffer alone but for its items, where they lie and how many there
// are is read once, before the loop, into C variables. An item is then checked and found in
// registers; without that the C compiler reads length and address again after every store.
//
// A place is viewed in the outermost loop in which it stays the same buffer. Values make that easy
// to see: a buffer changes only through its own local. Where items are written, the view knows
// whether the buffer is ours alone; nothing in the loop may count it up then. Functions that
// suspend have no views, since C variables do not outlive a suspension.
//
// A loop that counts up to a limit knows before it begins whether all items are there, so the C
// compiler can make a version of it that tests nothing.
#include "frontend/emit/inner.h"

#include <assert.h>

enum {
    VIEWS_MAX = 12, // of one function: more would not fit into registers anyway
    MORE_MAX = 16   // an index that is so much more than the counter
};

// ---- loops --------------------------------------------------------------------------------------

static void each_successor(const struct mir_terminator *t, void (*each)(void *, int32_t),
                           void *context) {
    if (t->kind == MIR_GOTO || t->kind == MIR_IF)
        each(context, t->block);
    if (t->kind == MIR_IF || t->kind == MIR_SWITCH)
        each(context, t->block_else);
    for (int32_t k = 0; t->kind == MIR_SWITCH && k < t->cases.len; k++)
        each(context, t->cases.at[k].block);
}

struct finder {
    struct body *b;
    int32_t from, wanted;
    bool found;
};

static void note_wanted(void *context, int32_t to) {
    struct finder *f = context;
    f->found |= to == f->wanted;
}

static bool goes_to(const struct body *b, int32_t from, int32_t to) {
    struct finder f = {.wanted = to};
    each_successor(&b->f->blocks.at[from].end, note_wanted, &f);
    return f.found || b->f->blocks.at[from].unwind == to;
}

// The blocks from which `latch` is reached without passing `header`; false if the function's first
// block is one of them: then there is another way in.
static bool natural(const struct body *b, int32_t header, int32_t latch, bool *in) {
    int32_t count = b->f->blocks.len;
    in[header] = in[latch] = true;
    for (bool changed = true; changed;) {
        changed = false;
        for (int32_t to = count; to-- > 0;) {
            if (!in[to] || to == header)
                continue;
            for (int32_t from = 0; from < count; from++)
                if (!in[from] && goes_to(b, from, to))
                    in[from] = changed = true;
        }
    }
    return header == 0 || !in[0];
}

static struct loop *loop_with(struct body *b, int32_t header) {
    for (int32_t i = 0; i < b->natural.len; i++)
        if (b->natural.at[i].header == header)
            return &b->natural.at[i];
    return NULL;
}

static void note_back(void *context, int32_t to) {
    struct finder *f = context;
    struct body *b = f->b;
    if (to > f->from)
        return;
    bool *in = arena_array(b->e->arena, bool, b->f->blocks.len);
    if (!natural(b, to, f->from, in))
        return;
    struct loop *known = loop_with(b, to);
    if (!known)
        vec_push(b->e->arena, &b->natural, (struct loop){.header = to, .in = in});
    for (int32_t i = 0; known && i < b->f->blocks.len; i++)
        known->in[i] |= in[i];
}

enum { BLOCKS_MAX = 400 }; // of a function that is looked at: finding loops takes its square

static void find_loops(struct body *b) {
    for (int32_t from = 0; from < b->f->blocks.len; from++) {
        struct finder f = {.b = b, .from = from};
        each_successor(&b->f->blocks.at[from].end, note_back, &f);
    }
}

// ---- what stays the same ------------------------------------------------------------------------

static int32_t first_index(const struct mir_place *p) {
    for (int32_t i = 0; i < p->projs.len; i++)
        if (p->projs.at[i].kind == MIR_PROJ_INDEX)
            return i;
    return p->projs.len;
}

// What a loop does to a local.
struct touched {
    bool changes;     // it, or a part that is in no buffer
    bool item_writes; // to items of buffers in it
    bool escapes;     // it, or a part in no buffer, is copied or handed on
};

static void touch_operand(const struct body *b, const struct mir_inst *i, int32_t n, int32_t local,
                          struct touched *t) {
    const struct mir_operand *o = &i->args.at[n];
    if (o->kind == MIR_CONST || o->place.local != local)
        return;
    bool inside = first_index(&o->place) < o->place.projs.len;
    bool writes = mir_arg_is_written(b->e->m, i, n) || (o->kind == MIR_MOVE && !o->type->plain);
    if (writes && inside)
        t->item_writes = true;
    else if (writes)
        t->changes = true;
    else if (!inside && i->op != MIR_OP_BUF_LEN)
        t->escapes = true;
}

static struct touched touched_in(const struct body *b, const struct loop *l, int32_t local) {
    struct touched t = {0};
    for (int32_t at = 0; at < b->f->blocks.len; at++) {
        const struct mir_block *block = &b->f->blocks.at[at];
        for (int32_t k = 0; l->in[at] && k < block->insts.len; k++) {
            const struct mir_inst *i = &block->insts.at[k];
            if (i->dst.local == local) {
                bool inside = first_index(&i->dst) < i->dst.projs.len;
                t.changes |= !inside;
                t.item_writes |= inside;
            }
            for (int32_t n = 0; n < i->args.len; n++)
                touch_operand(b, i, n, local, &t);
            const struct mir_function *callee =
                i->op == MIR_OP_CALL ? mir_find_function(b->e->m, i->function) : NULL;
            t.changes |= local == MIR_SELF && (i->op == MIR_OP_APPLY || (callee && callee->self));
        }
    }
    return t;
}

static bool index_stays(const struct body *b, const struct loop *l, const struct mir_operand *o) {
    if (o->kind == MIR_CONST)
        return true;
    return o->place.local >= 0 && o->place.projs.len == 0 &&
           !touched_in(b, l, o->place.local).changes;
}

// May the first `count` projections of the place be viewed in the loop? They lead to a buffer.
static bool stays(const struct body *b, const struct loop *l, const struct mir_place *p,
                  int32_t count) {
    struct touched t = touched_in(b, l, p->local);
    bool nested = first_index(p) < count;
    if (t.changes || (t.item_writes && (nested || t.escapes)))
        return false;
    for (int32_t i = 0; i < count; i++) {
        if (p->projs.at[i].kind == MIR_PROJ_VARIANT)
            return false; // which variant it is may not be known before the loop
        if (p->projs.at[i].kind == MIR_PROJ_INDEX && !index_stays(b, l, p->projs.at[i].index))
            return false;
    }
    return true;
}

// ---- counted loops ------------------------------------------------------------------------------

static bool is_local(const struct mir_operand *o) {
    return o->kind != MIR_CONST && o->place.local >= 0 && o->place.projs.len == 0;
}

// Does the operation end a way through the loop? Behind it the counter may be the limit.
static bool is_last(const struct body *b, const struct loop *l, int32_t at, int32_t k) {
    const struct mir_block *block = &b->f->blocks.at[at];
    return k + 1 == block->insts.len && block->end.kind == MIR_GOTO &&
           block->end.block == l->header;
}

// Is the counter changed at one place only, the end of the loop, where it grows by one?
static bool counts_up(const struct body *b, const struct loop *l, int32_t counter) {
    int32_t steps = 0;
    for (int32_t at = 0; at < b->f->blocks.len; at++)
        for (int32_t k = 0; l->in[at] && k < b->f->blocks.at[at].insts.len; k++) {
            const struct mir_inst *i = &b->f->blocks.at[at].insts.at[k];
            for (int32_t n = 0; n < i->args.len; n++)
                if (i->args.at[n].kind != MIR_CONST && i->args.at[n].place.local == counter &&
                    mir_arg_is_written(b->e->m, i, n))
                    return false;
            if (i->dst.local != counter)
                continue;
            bool step = (i->op == MIR_OP_ADD || i->op == MIR_OP_ADDW) && is_local(&i->args.at[0]) &&
                        i->args.at[0].place.local == counter && i->args.at[1].kind == MIR_CONST &&
                        i->args.at[1].value.bits == 1;
            if (!step || !is_last(b, l, at, k))
                return false;
            steps++;
        }
    return steps == 1;
}

static bool is_innermost(const struct body *b, const struct loop *l) {
    for (int32_t i = 0; i < b->natural.len; i++)
        if (&b->natural.at[i] != l && l->in[b->natural.at[i].header])
            return false;
    return true;
}

// `bbN: c = lt i, n; if c …` at the header.
static void look_for_counter(struct body *b, struct loop *l, int32_t number) {
    const struct mir_block *header = &b->f->blocks.at[l->header];
    if (header->end.kind != MIR_IF || header->insts.len != 1 || !is_innermost(b, l))
        return;
    const struct mir_inst *test = &header->insts.at[0];
    if (test->op != MIR_OP_LT || !is_local(&test->args.at[0]) || !is_local(&header->end.value) ||
        header->end.value.place.local != test->dst.local || test->dst.projs.len ||
        !l->in[header->end.block] || l->in[header->end.block_else])
        return;
    enum mir_type_kind kind = test->args.at[0].type->kind;
    const struct mir_operand *limit = &test->args.at[1];
    int32_t counter = test->args.at[0].place.local;
    if ((kind != MIR_U64 && kind != MIR_I64) || counter < b->f->param_count ||
        (limit->kind != MIR_CONST && !is_local(limit)) || !index_stays(b, l, limit) ||
        !counts_up(b, l, counter))
        return;
    l->counted = emit_format(b->e, "counted%d", number);
    l->counter = counter;
    l->limit = limit;
}

// An index that is the counter, or a number more: a local that is written once, in the loop.
static bool is_counted(const struct body *b, const struct loop *l, const struct mir_operand *index,
                       uint64_t *more) {
    *more = 0;
    if (!l->counted || !is_local(index))
        return false;
    if (index->place.local == l->counter)
        return true;
    const struct mir_inst *made = NULL;
    if (index->place.local < b->f->param_count)
        return false;
    for (int32_t at = 0; at < b->f->blocks.len; at++)
        for (int32_t k = 0; k < b->f->blocks.at[at].insts.len; k++) {
            const struct mir_inst *i = &b->f->blocks.at[at].insts.at[k];
            for (int32_t n = 0; n < i->args.len; n++)
                if (i->args.at[n].kind != MIR_CONST &&
                    i->args.at[n].place.local == index->place.local &&
                    mir_arg_is_written(b->e->m, i, n))
                    return false;
            if (i->dst.local != index->place.local)
                continue;
            if (made || !l->in[at])
                return false;
            made = i;
        }
    bool adds = made && (made->op == MIR_OP_ADD || made->op == MIR_OP_ADDW) &&
                is_local(&made->args.at[0]) && made->args.at[0].place.local == l->counter &&
                made->args.at[1].kind == MIR_CONST && made->args.at[1].value.bits <= MORE_MAX;
    *more = adds ? made->args.at[1].value.bits : 0;
    return adds;
}

// An index that is the same all through a counted loop.
static bool is_fixed(const struct body *b, const struct loop *l, const struct mir_operand *index) {
    return l->counted && index_stays(b, l, index);
}

// ---- finding views ------------------------------------------------------------------------------

static bool same_operand(const struct mir_operand *a, const struct mir_operand *b) {
    if (a->kind == MIR_CONST || b->kind == MIR_CONST)
        return a->kind == b->kind && a->value.bits == b->value.bits;
    return a->place.local == b->place.local;
}

static bool same_start(const struct mir_place *a, const struct mir_place *b, int32_t count) {
    if (a->local != b->local || a->projs.len < count || b->projs.len < count)
        return false;
    for (int32_t i = 0; i < count; i++) {
        const struct mir_proj *p = &a->projs.at[i], *q = &b->projs.at[i];
        if (p->kind != q->kind || p->variant != q->variant || p->field != q->field)
            return false;
        if (p->kind == MIR_PROJ_INDEX && !same_operand(p->index, q->index))
            return false;
    }
    return true;
}

static int32_t here(const struct body *b) {
    return (int32_t)(b->block - b->f->blocks.at);
}

const struct view *view_of(const struct body *b, const struct mir_place *p, int32_t count) {
    for (int32_t i = 0; i < b->views.len; i++) {
        const struct view *v = &b->views.at[i];
        if (v->count == count && v->loop->in[here(b)] && same_start(&v->place, p, count))
            return v;
    }
    return NULL;
}

static const struct mir_type *type_at(const struct body *b, const struct mir_place *p,
                                      int32_t count) {
    struct mir_place start = *p;
    start.projs.len = count;
    return mir_place_type(b->f, &start);
}

// Is the item at the projection, or one on the way to it, in a box? That has no items to count.
static bool is_in_box(const struct body *b, const struct mir_place *p, int32_t count) {
    for (int32_t i = 0; i <= count; i++)
        if (p->projs.at[i].kind == MIR_PROJ_INDEX && type_at(b, p, i)->box)
            return true;
    return false;
}

static void consider(struct body *b, const struct mir_place *p, int32_t count) {
    if (p->local == MIR_NO_PLACE || view_of(b, p, count) || b->views.len == VIEWS_MAX ||
        is_in_box(b, p, count))
        return;
    const struct loop *outermost = NULL;
    int32_t blocks = 0;
    for (int32_t i = 0; i < b->natural.len; i++) {
        const struct loop *l = &b->natural.at[i];
        int32_t size = 0;
        for (int32_t k = 0; k < b->f->blocks.len; k++)
            size += l->in[k];
        if (l->in[here(b)] && size > blocks && stays(b, l, p, count)) {
            outermost = l;
            blocks = size;
        }
    }
    if (!outermost)
        return;
    struct view v = {.loop = outermost,
                     .place = *p,
                     .count = count,
                     .buffer = type_at(b, p, count),
                     .writes = touched_in(b, outermost, p->local).item_writes,
                     .name = emit_format(b->e, "v%d", b->views.len)};
    v.place.projs.len = count;
    vec_push(b->e->arena, &b->views, v);
}

static void consider_place(struct body *b, const struct mir_place *p) {
    for (int32_t i = 0; i < p->projs.len; i++)
        if (p->projs.at[i].kind == MIR_PROJ_INDEX) {
            if (p->projs.at[i].index->kind != MIR_CONST)
                consider_place(b, &p->projs.at[i].index->place);
            consider(b, p, i);
        }
}

static void consider_operand(struct body *b, const struct mir_operand *o) {
    if (o->kind != MIR_CONST)
        consider_place(b, &o->place);
}

void find_views(struct body *b) {
    if (b->suspends || !b->loops || b->f->blocks.len > BLOCKS_MAX)
        return;
    find_loops(b);
    for (int32_t i = 0; i < b->natural.len; i++)
        look_for_counter(b, &b->natural.at[i], i);
    for (int32_t at = 0; at < b->f->blocks.len && b->natural.len; at++) {
        b->block = &b->f->blocks.at[at];
        for (int32_t k = 0; k < b->block->insts.len; k++) {
            const struct mir_inst *i = &b->block->insts.at[k];
            if (i->dst.local != MIR_NO_PLACE)
                consider_place(b, &i->dst);
            for (int32_t n = 0; n < i->args.len; n++)
                consider_operand(b, &i->args.at[n]);
            if (i->op == MIR_OP_BUF_PUT) {
                struct mir_place item = emit_put_place(b->e, i);
                consider_place(b, &item);
            }
        }
        enum mir_term kind = b->block->end.kind;
        if (kind == MIR_IF || kind == MIR_SWITCH || kind == MIR_RETURN || kind == MIR_RAISE)
            consider_operand(b, &b->block->end.value);
    }
}

// ---- writing them -------------------------------------------------------------------------------

static const char *pointer_to(struct emitter *e, const struct mir_type *element) {
    const char *c = emit_type(e, element)->c;
    return emit_format(e, c[strlen(c) - 1] == '*' ? "%s*" : "%s *", c);
}

void declare_views(struct body *b, struct text *out) {
    for (int32_t i = 0; i < b->natural.len; i++)
        if (b->natural.at[i].counted)
            text_printf(out, "    bool %s = false;\n", b->natural.at[i].counted);
    for (int32_t i = 0; i < b->views.len; i++) {
        const struct view *v = &b->views.at[i];
        text_printf(out, "    %s%s = NULL;\n    uint64_t %s_len = 0;\n",
                    pointer_to(b->e, v->buffer->element), v->name, v->name);
        if (v->writes)
            text_printf(out, "    bool %s_own = false;\n", v->name);
    }
}

static bool is_prepared(const struct body *b, const struct loop *l) {
    for (int32_t i = 0; i < b->views.len; i++)
        if (b->views.at[i].loop->header == l->header)
            return true;
    return l->counted != NULL;
}

bool enters_loop(const struct body *b, int32_t from, int32_t to) {
    for (int32_t i = 0; i < b->natural.len; i++)
        if (b->natural.at[i].header == to)
            return !b->natural.at[i].in[from] && is_prepared(b, &b->natural.at[i]);
    return false;
}

static const char *field_path(struct body *b, const struct mir_type **t, const char *lvalue,
                              const struct mir_proj *proj) {
    lvalue = emit_format(b->e, "%s.%s", lvalue, emit_field(b->e, *t, proj->field));
    *t = (*t)->fields.at[proj->field].type;
    return lvalue;
}

// Follows the place as far as its indexes are in range; without a buffer the view is empty, and the
// loop fails where it looks at an item.
static void open_view(struct body *b, const struct view *v) {
    struct emitter *e = b->e;
    const struct mir_place *p = &v->place;
    const struct mir_type *t = p->local == MIR_SELF ? b->f->self : b->f->locals.at[p->local].type;
    const char *lvalue = p->local == MIR_SELF ? "(*self)" : local_lvalue(b, p->local);
    int32_t depth = b->depth;
    line(b, "%s = NULL;", v->name);
    line(b, "%s_len = 0;", v->name);
    for (int32_t i = 0; i < v->count; i++) {
        const struct mir_proj *proj = &p->projs.at[i];
        if (proj->kind == MIR_PROJ_FIELD) {
            lvalue = field_path(b, &t, lvalue, proj);
            continue;
        }
        const char *index = proj->index->kind == MIR_CONST
                                ? emit_constant(e, proj->index)
                                : local_lvalue(b, proj->index->place.local);
        open_block(b, "if (%s < prism_buffer_len(%s)) {", index, lvalue);
        lvalue = emit_format(e, "((%s)%s->data)[%s]", pointer_to(e, t->element), lvalue, index);
        t = t->element;
    }
    open_block(b, "if (%s) {", lvalue);
    line(b, "%s = (%s)%s->data;", v->name, pointer_to(e, t->element), lvalue);
    line(b, "%s_len = %s->len;", v->name, lvalue);
    close_block(b);
    while (b->depth > depth)
        close_block(b);
    if (v->writes)
        line(b, "%s_own = prism_buffer_ready(%s, 0);", v->name, lvalue);
}

// What a counted loop wants of a view: so many items more than its limit; that it may be written;
// that there are items at the indexes which stay the same.
struct need {
    bool items, writes;
    uint64_t more;
    name_list fixed; // C expressions
};

static void need_fixed(struct body *b, const struct mir_operand *index, struct need *need) {
    const char *c =
        index->kind == MIR_CONST ? emit_constant(b->e, index) : local_lvalue(b, index->place.local);
    for (int32_t i = 0; i < need->fixed.len; i++)
        if (strcmp(need->fixed.at[i], c) == 0)
            return;
    vec_push(b->e->arena, &need->fixed, c);
}

// The items that are there, and ours, for all that the counter will be. Of several views on the way
// the last one counts, as in place_lvalue().
static void need_place(struct body *b, const struct loop *l, const struct mir_place *p, bool writes,
                       struct need *needed) {
    const struct view *v = NULL;
    const struct mir_operand *index = NULL;
    for (int32_t i = 0; i < p->projs.len; i++) {
        const struct mir_proj *proj = &p->projs.at[i];
        if (proj->kind != MIR_PROJ_INDEX)
            continue;
        if (proj->index->kind != MIR_CONST)
            need_place(b, l, &proj->index->place, false, needed);
        if (view_of(b, p, i)) {
            v = view_of(b, p, i);
            index = proj->index;
        }
    }
    uint64_t more;
    bool counted = v && is_counted(b, l, index, &more);
    if (!v || (!counted && !is_fixed(b, l, index)))
        return;
    struct need *need = &needed[v - b->views.at];
    need->writes |= writes;
    need->items |= counted;
    if (counted)
        need->more = more > need->more ? more : need->more;
    else
        need_fixed(b, index, need);
}

static void need_inst(struct body *b, const struct loop *l, const struct mir_inst *i,
                      struct need *needed) {
    if (i->dst.local != MIR_NO_PLACE)
        need_place(b, l, &i->dst, true, needed);
    for (int32_t n = 0; n < i->args.len; n++) {
        const struct mir_operand *o = &i->args.at[n];
        bool writes = mir_arg_is_written(b->e->m, i, n) || o->kind == MIR_MOVE;
        if (o->kind != MIR_CONST)
            need_place(b, l, &o->place, writes, needed);
    }
    if (i->op == MIR_OP_BUF_PUT) {
        struct mir_place item = emit_put_place(b->e, i);
        need_place(b, l, &item, false, needed);
    }
}

static void open_counted(struct body *b, const struct loop *l) {
    struct need needed[VIEWS_MAX] = {0};
    const struct mir_block *block = b->block;
    for (int32_t at = 0; at < b->f->blocks.len; at++) {
        b->block = &b->f->blocks.at[at];
        for (int32_t k = 0; l->in[at] && k < b->block->insts.len; k++)
            need_inst(b, l, &b->block->insts.at[k], needed);
    }
    b->block = block;
    const char *counter = local_lvalue(b, l->counter);
    const char *limit = lend(b, l->limit);
    struct text all = {.arena = b->e->arena};
    for (int32_t i = 0; i < b->views.len; i++) {
        if (needed[i].items && needed[i].more)
            text_printf(&all, " && %s_len >= %d && %s <= %s_len - %d", b->views.at[i].name,
                        (int)needed[i].more, limit, b->views.at[i].name, (int)needed[i].more);
        else if (needed[i].items)
            text_printf(&all, " && %s <= %s_len", limit, b->views.at[i].name);
        for (int32_t k = 0; k < needed[i].fixed.len; k++)
            text_printf(&all, " && %s < %s_len", needed[i].fixed.at[k], b->views.at[i].name);
        if (needed[i].writes)
            text_printf(&all, " && %s_own", b->views.at[i].name);
    }
    line(b, "%s = %s < %s && (uint64_t)%s - (uint64_t)%s <= PRISM_FUEL%.*s;", l->counted, counter,
         limit, limit, counter, STR_ARGS(text_str(&all)));
    open_block(b, "if (%s) {", l->counted);
    line(b, "spent += (int32_t)(%s - %s);", limit, counter);
    close_block(b);
}

void open_views(struct body *b, int32_t block) {
    for (int32_t i = 0; i < b->views.len; i++)
        if (b->views.at[i].loop->header == block)
            open_view(b, &b->views.at[i]);
    for (int32_t i = 0; i < b->natural.len; i++)
        if (b->natural.at[i].header == block && b->natural.at[i].counted)
            open_counted(b, &b->natural.at[i]);
}

const char *untested(const struct body *b, const struct mir_operand *index) {
    uint64_t more;
    for (int32_t i = 0; i < b->natural.len; i++) {
        const struct loop *l = &b->natural.at[i];
        if (l->in[here(b)] && (is_counted(b, l, index, &more) || is_fixed(b, l, index)))
            return l->counted;
    }
    return NULL;
}

const char *prepaid(const struct body *b, int32_t from, int32_t to) {
    for (int32_t i = 0; i < b->natural.len; i++) {
        const struct loop *l = &b->natural.at[i];
        if (l->header == to && l->in[from])
            return l->counted;
    }
    return NULL;
}
