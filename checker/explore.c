// SPDX-License-Identifier: MIT
// Breadth-first search over worlds, with a table of the ones that were seen. Worlds are told apart
// by 64 bits of hash.
#include "checker/explore.h"
#include "checker/conc.h"

#include <assert.h>

struct node {
    const struct conc_world *world;
    int32_t before;                  // node, or -1
    int32_t message, future, strand; // what was chosen; -1 for the others
};
struct step {
    int32_t from, to; // nodes
};
struct search {
    struct conc c;
    const struct mir_module *m;
    VEC(struct node) nodes;
    VEC(struct step) steps; // all that were taken, those to known nodes as well
    uint64_t *seen;
    int32_t *seen_node;
    uint32_t seen_mask;
    struct explore_result *out;
};

// The node with that hash; `fresh` becomes it if there was none.
static int32_t known_node(struct search *s, uint64_t hash, int32_t fresh) {
    hash += hash == 0;
    for (uint32_t i = (uint32_t)hash & s->seen_mask;; i = (i + 1) & s->seen_mask) {
        if (s->seen[i] == hash)
            return s->seen_node[i];
        if (!s->seen[i]) {
            s->seen[i] = hash;
            return s->seen_node[i] = fresh;
        }
    }
}

// ---- replies that nobody holds --------------------------------------------------------------

static void mark(const struct conc_val *v, bool *held) {
    if (!v)
        return;
    if (v->kind == CONC_REPLY)
        held[v->n] = true;
    for (int32_t i = 0; i < v->count; i++)
        mark(v->items[i], held);
}

static void mark_all(const struct conc_world *w, bool *held) {
    for (int32_t i = 0; i < w->actors.len; i++)
        if (!w->actors.at[i].stopped)
            mark(w->actors.at[i].state, held);
    for (int32_t i = 0; i < w->strands.len; i++) {
        const struct conc_strand *s = &w->strands.at[i];
        if (s->status == CONC_ENDED)
            continue;
        if (s->future >= 0 && !s->reply_taken)
            held[s->future] = true;
        for (int32_t k = 0; k < s->depth; k++)
            for (int32_t l = 0; l < s->frames[k].f->locals.len; l++)
                mark(s->frames[k].locals[l], held);
    }
    for (int32_t i = 0; i < CONC_MESSAGES_MAX; i++) {
        if (!w->messages[i].present)
            continue;
        if (w->messages[i].future >= 0)
            held[w->messages[i].future] = true;
        for (int32_t k = 0; k < w->messages[i].count; k++)
            mark(w->messages[i].args[k], held);
    }
}

// A reply that was dropped fails its asker. Locals of a running handler may hold one a little
// longer than the program would, so this is looked at when nothing else can happen.
static int32_t dropped_reply(struct search *s, const struct conc_world *w) {
    bool *held = arena_array(s->c.arena, bool, w->futures.len + 1);
    mark_all(w, held);
    for (int32_t i = 0; i < w->futures.len; i++)
        if (!w->futures.at[i].status && !held[i])
            return i;
    return -1;
}

// ---- the end of a schedule ------------------------------------------------------------------

static struct str place(struct search *s, struct mir_loc loc) {
    if (!loc.line || loc.file < 0 || loc.file >= s->m->files.len)
        return STR("");
    return str_format(s->c.arena, ", asked at %s:%d", s->m->files.at[loc.file], loc.line);
}

static void tell_waits(struct search *s, const struct conc_world *w) {
    for (int32_t i = 0; i < w->strands.len; i++) {
        const struct conc_strand *st = &w->strands.at[i];
        if (st->status != CONC_WAITING)
            continue;
        for (int32_t k = 0; k < st->waits->count; k++) {
            const struct conc_future *f = &w->futures.at[st->waits->items[k]->n];
            if (f->status)
                continue;
            struct str who = conc_name(&s->c, w, st->actor), whom = conc_name(&s->c, w, f->of);
            struct str at = place(s, f->loc);
            vec_push(s->c.arena, &s->out->waits,
                     str_format(s->c.arena, "%.*s waits for %.*s to answer %s%.*s", STR_ARGS(who),
                                STR_ARGS(whom), f->what, STR_ARGS(at)));
        }
    }
}

static struct explore_event event_of(struct search *s, const struct node *n) {
    const struct conc_world *w = s->nodes.at[n->before].world;
    struct explore_event e = {.message = STR("time"), .function = "", .op = ""};
    if (n->message >= 0) {
        const struct conc_message *m = &w->messages[n->message];
        e.to = conc_name(&s->c, w, m->to);
        e.from = conc_name(&s->c, w, m->from);
        e.message =
            str_format(s->c.arena, "%s.%s", m->actor->name, m->actor->messages.at[m->index].name);
        e.function = m->function;
        e.op = m->op;
        e.site = m->site;
    } else {
        int32_t actor =
            n->future >= 0 ? w->futures.at[n->future].owner : w->strands.at[n->strand].actor;
        e.to = e.from = conc_name(&s->c, w, actor);
    }
    return e;
}

static void tell_schedule(struct search *s, int32_t node) {
    int32_t count = 0;
    for (int32_t n = node; s->nodes.at[n].before >= 0; n = s->nodes.at[n].before)
        count++;
    int32_t *order = arena_array(s->c.arena, int32_t, count + 1);
    for (int32_t n = node, i = count; s->nodes.at[n].before >= 0; n = s->nodes.at[n].before)
        order[--i] = n;
    for (int32_t i = 0; i < count; i++)
        vec_push(s->c.arena, &s->out->schedule, event_of(s, &s->nodes.at[order[i]]));
}

static bool somebody_waits(const struct conc_world *w) {
    for (int32_t i = 0; i < w->strands.len; i++)
        if (w->strands.at[i].status == CONC_WAITING)
            return true;
    return false;
}

// ---- the search -----------------------------------------------------------------------------

static void reached(struct search *s, struct conc_world *w, struct node n) {
    if (s->c.refused.len)
        return;
    int32_t to = known_node(s, conc_hash(w), s->nodes.len);
    if (n.before >= 0)
        vec_push(s->c.arena, &s->steps, (struct step){n.before, to});
    if (to < s->nodes.len)
        return;
    n.world = w;
    vec_push(s->c.arena, &s->nodes, n);
}

// Is there a node from which none of `ends` can be reached?
static bool has_no_way_out(struct search *s, bool *ends) {
    for (bool more = true; more;) {
        more = false;
        for (int32_t i = s->steps.len - 1; i >= 0; i--)
            if (ends[s->steps.at[i].to] && !ends[s->steps.at[i].from])
                ends[s->steps.at[i].from] = more = true;
    }
    for (int32_t i = 0; i < s->nodes.len; i++)
        if (!ends[i])
            return true;
    return false;
}

// All that can happen next; false when nothing can.
static bool expand(struct search *s, int32_t at) {
    const struct conc_world *w = s->nodes.at[at].world;
    bool any = false;
    for (int32_t i = 0; i < CONC_MESSAGES_MAX && !s->c.refused.len; i++) {
        if (!conc_takeable(w, i))
            continue;
        struct conc_world *n = conc_copy(&s->c, w);
        conc_take(&s->c, n, i);
        reached(s, n, (struct node){NULL, at, i, -1, -1});
        any = true;
    }
    for (int32_t i = 0; i < w->futures.len && !s->c.refused.len; i++) {
        if (!w->futures.at[i].timed || w->futures.at[i].status)
            continue;
        struct conc_world *n = conc_copy(&s->c, w);
        conc_expire(&s->c, n, i);
        reached(s, n, (struct node){NULL, at, -1, i, -1});
        any = true;
    }
    for (int32_t i = 0; i < w->strands.len && !s->c.refused.len; i++) {
        if (w->strands.at[i].status != CONC_SLEEPING)
            continue;
        struct conc_world *n = conc_copy(&s->c, w);
        n->strands.at[i].status = CONC_READY;
        conc_settle(&s->c, n);
        reached(s, n, (struct node){NULL, at, -1, -1, i});
        any = true;
    }
    if (any || s->c.refused.len)
        return true;
    int32_t dropped = dropped_reply(s, w);
    if (dropped < 0)
        return false;
    struct conc_world *n = conc_copy(&s->c, w);
    conc_expire(&s->c, n, dropped);
    reached(s, n, (struct node){NULL, at, -1, dropped, -1});
    return true;
}

void explore_run(struct arena *a, const struct mir_module *m, const struct mir_function *root,
                 const int64_t *args, int32_t count, struct explore_result *out) {
    struct search s = {.c = {.arena = a, .module = m}, .m = m, .out = out};
    s.seen_mask = 4 * 65536 - 1;
    assert(EXPLORE_STATES_MAX < s.seen_mask / 2);
    s.seen = arena_array(a, uint64_t, s.seen_mask + 1);
    s.seen_node = arena_array(a, int32_t, s.seen_mask + 1);
    bool *ends = arena_array(a, bool, EXPLORE_STATES_MAX + CONC_MESSAGES_MAX + CONC_ACTORS_MAX + 8);
    struct conc_world *w = conc_start(&s.c, root, args, count);
    reached(&s, w, (struct node){NULL, -1, -1, -1, -1});
    int32_t at = 0;
    for (; at < s.nodes.len && s.nodes.len < EXPLORE_STATES_MAX && !s.c.refused.len; at++) {
        if (expand(&s, at))
            continue;
        ends[at] = true;
        if (!somebody_waits(s.nodes.at[at].world))
            continue;
        out->deadlock = true;
        tell_schedule(&s, at);
        tell_waits(&s, s.nodes.at[at].world);
        break;
    }
    out->states = s.nodes.len;
    out->complete = !out->deadlock && at == s.nodes.len && !s.c.refused.len && !s.c.guessed;
    out->endless = out->complete && has_no_way_out(&s, ends);
    out->why = s.c.refused.len ? s.c.refused
               : s.c.guessed   ? STR("it reads a clock or draws numbers")
               : !out->complete && !out->deadlock
                   ? str_format(a, "there are more than %d states", EXPLORE_STATES_MAX)
                   : STR("");
}
