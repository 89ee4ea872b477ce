// SPDX-License-Identifier: MIT
// Parties, and the operations by which one reaches another.
#include "frontend/analyze/inner.h"

#include <assert.h>

const char *link_word(enum link_kind kind) {
    static const char *const words[] = {"spawns", "tells", "asks", "forwards to"};
    assert((size_t)kind < sizeof words / sizeof *words);
    return words[kind];
}

// ---- parties ------------------------------------------------------------------------------------

static void add_actor(struct arena *a, struct analysis *all, const struct mir_actor *actor) {
    struct party p = {.kind = PARTY_ACTOR, .loc = actor->loc, .actor = actor};
    p.is_library = !is_own(all->module, actor->loc);
    p.name = actor->handle ? actor->handle : actor->name;
    all->actors += !p.is_library;
    all->messages += p.is_library ? 0 : actor->messages.len;
    vec_push(a, &all->parties, p);
}

static void find_parties(struct arena *a, struct analysis *all) {
    const struct mir_module *m = all->module;
    const struct mir_function *entry = m->entry ? mir_find_function(m, m->entry) : NULL;
    if (entry)
        vec_push(a, &all->parties, (struct party){PARTY_MAIN, "main", entry->loc, NULL, 0, 0, 0});
    for (int32_t i = 0; i < m->tests.len; i++)
        vec_push(
            a, &all->parties,
            (struct party){PARTY_TEST, m->tests.at[i].name, m->tests.at[i].loc, NULL, 0, 0, 0});
    for (int32_t i = 0; i < m->actors.len; i++)
        add_actor(a, all, m->actors.at[i]);
}

static int32_t party_of(const struct analysis *all, const char *actor) {
    for (int32_t i = 0; i < all->parties.len; i++)
        if (all->parties.at[i].actor && strcmp(all->parties.at[i].actor->name, actor) == 0)
            return i;
    return -1;
}

// ---- links --------------------------------------------------------------------------------------

struct finder {
    struct arena *a;
    struct analysis *all;
    int32_t from;
};

static void add_link(struct finder *l, struct link link) {
    for (int32_t i = 0; i < l->all->links.len; i++) {
        struct link *k = &l->all->links.at[i];
        if (k->from == link.from && k->to == link.to && k->kind == link.kind &&
            k->message == link.message) {
            k->is_repeated |= link.is_repeated;
            k->has_limit &= link.has_limit;
            return;
        }
    }
    vec_push(l->a, &l->all->links, link);
}

static bool link_kind_of(enum mir_op op, enum link_kind *out) {
    switch (op) {
    case MIR_OP_SPAWN:
    case MIR_OP_SPAWN_CHILD:
        return *out = LINK_SPAWNS, true;
    case MIR_OP_TELL:
        return *out = LINK_TELLS, true;
    case MIR_OP_ASK:
    case MIR_OP_ASK_TIMEOUT:
        return *out = LINK_ASKS, true;
    case MIR_OP_FORWARD:
        return *out = LINK_FORWARDS, true;
    default:
        return false;
    }
}

// Who is told by an untyped reference may be anyone who takes it.
static void note_told(struct finder *l, const struct mir_inst *in, struct mir_loc loc,
                      bool in_loop) {
    for (int32_t to = 0; to < l->all->parties.len; to++) {
        const struct mir_actor *actor = l->all->parties.at[to].actor;
        int32_t message = actor ? mir_message_taking(actor, in) : -1;
        if (message >= 0)
            add_link(l, (struct link){.from = l->from,
                                      .to = to,
                                      .kind = LINK_TELLS,
                                      .message = actor->messages.at[message].name,
                                      .loc = loc,
                                      .is_repeated = in_loop});
    }
}

static void note_link(struct finder *l, const struct mir_inst *in, struct mir_loc loc,
                      bool in_loop) {
    enum link_kind kind;
    if (in->op == MIR_OP_TELL_ANY)
        note_told(l, in, loc, in_loop);
    if (!in->actor || !link_kind_of(in->op, &kind))
        return;
    int32_t to = party_of(l->all, in->actor);
    if (to < 0)
        return;
    const struct mir_actor *actor = l->all->parties.at[to].actor;
    bool named = kind != LINK_SPAWNS && in->message >= 0 && in->message < actor->messages.len;
    l->all->parties.at[to].is_supervised |= in->op == MIR_OP_SPAWN_CHILD;
    add_link(l, (struct link){.from = l->from,
                              .to = to,
                              .kind = kind,
                              .message = named ? actor->messages.at[in->message].name : NULL,
                              .loc = loc,
                              .is_repeated = in_loop,
                              .has_limit = in->op == MIR_OP_ASK_TIMEOUT});
}

static void visit(void *context, const struct mir_function *f, struct mir_loc reached,
                  bool in_loop) {
    struct finder *l = context;
    const struct mir_module *m = l->all->module;
    const bool *loops = blocks_in_loops(l->a, f);
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++) {
            const struct mir_inst *in = &f->blocks.at[b].insts.at[i];
            note_link(l, in, is_own(m, in->loc) ? in->loc : reached, in_loop || loops[b]);
        }
}

static void count_waits(struct arena *a, struct analysis *all) {
    const struct mir_module *m = all->module;
    for (int32_t n = 0; n < m->functions.len; n++) {
        const struct mir_function *f = m->functions.at[n];
        const bool *loops = blocks_in_loops(a, f);
        bool in_loop = false;
        for (int32_t b = 0; is_own(m, f->loc) && b < f->blocks.len; b++)
            for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++) {
                bool waits = (mir_op_flags(f->blocks.at[b].insts.at[i].op) & MIR_FLAG_S) != 0;
                all->waits += waits;
                in_loop |= waits && loops[b];
            }
        all->loops_with_waits += in_loop;
    }
}

// Who is spawned in a loop is many, and so is who is spawned by somebody who is.
static void spread_many(struct analysis *all) {
    for (bool changed = true; changed;) {
        changed = false;
        for (int32_t i = 0; i < all->links.len; i++) {
            const struct link *k = &all->links.at[i];
            struct party *to = &all->parties.at[k->to];
            bool many = k->kind == LINK_SPAWNS && k->from != k->to &&
                        (k->is_repeated || all->parties.at[k->from].is_many);
            changed |= many && !to->is_many;
            to->is_many |= many;
        }
    }
}

void find_links(struct arena *a, struct analysis *all) {
    find_parties(a, all);
    for (int32_t i = 0; i < all->parties.len; i++) {
        struct finder l = {a, all, i};
        visit_party(a, all->module, &all->parties.at[i], visit, &l);
    }
    spread_many(all);
    count_waits(a, all);
}
