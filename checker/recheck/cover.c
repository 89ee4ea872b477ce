// SPDX-License-Identifier: MIT
// The program's side: from the root, through calls, closures, tasks, spawns and messages by their
// names, every function that may run is visited; each place in it that waits for an actor needs an
// edge to every message that it names. An edge's ends have to be of the right kind.
#include "checker/recheck/recheck.h"

struct walk {
    const struct cert *c;
    const struct mir_module *m;
    struct map seen; // functions
    VEC(const struct mir_function *) todo;
    bool ends_early; // somebody may wait for actors or tasks that were told to end
    const char *wrong;
};

static void visit(struct walk *w, const char *name) {
    const struct mir_function *f = name ? mir_find_function(w->m, name) : NULL;
    if (!f || map_get(&w->seen, str_from(f->name)))
        return;
    map_put(w->c->arena, &w->seen, str_from(f->name), (void *)(uintptr_t)f);
    vec_push(w->c->arena, &w->todo, f);
}

static void visit_actor(struct walk *w, const struct mir_actor *a) {
    visit(w, a->init);
    visit(w, a->on_start);
    visit(w, a->on_stop);
    visit(w, a->on_shutdown);
    visit(w, a->on_child_failure);
}

static bool listed_as_unmet(const struct cert *c, struct str site) {
    for (int32_t i = 0; i < c->unmet.len; i++)
        if (str_eq(c->unmet.at[i], site))
            return true;
    return false;
}

// Is there an edge from that place to that message of that actor?
static bool has_edge(const struct cert *c, struct str site, struct str target, const char *actor) {
    for (int32_t i = 0; i < c->edges.len; i++) {
        const struct edge *e = &c->edges.at[i];
        const struct class *to = &c->classes.at[e->to];
        if (str_eq(e->site, site) && str_eq(e->target, target) &&
            (!actor || (str_is(to->kind, "actor") && str_is(to->name, actor))))
            return true;
    }
    return false;
}

static void wait_at(struct walk *w, const struct mir_function *f, const struct mir_inst *in,
                    struct str target, const char *actor) {
    struct str site = str_format(w->c->arena, "%s/%s#%d", f->name, mir_op_name(in->op), in->site);
    if (!has_edge(w->c, site, target, actor) && !listed_as_unmet(w->c, site))
        w->wrong = str_format(w->c->arena, "%.*s waits for %.*s, and no edge says so",
                              STR_ARGS(site), STR_ARGS(target))
                       .data;
}

static void message(struct walk *w, const struct mir_function *f, const struct mir_inst *in) {
    const struct mir_actor *a = mir_find_actor(w->m, in->actor);
    if (!a || in->message < 0 || in->message >= a->messages.len)
        return;
    const struct mir_message *msg = &a->messages.at[in->message];
    visit(w, msg->handler);
    bool asks = in->op == MIR_OP_ASK && in->dst.local != MIR_NO_PLACE;
    if (asks)
        wait_at(w, f, in, str_format(w->c->arena, "%s.%s", a->name, msg->name), a->name);
    if (mir_mailbox_may_block(w->m, a))
        w->wrong = "a mailbox blocks its senders, which no certificate covers";
}

// Told to an actor of any type: to each that takes it.
static void message_of_any(struct walk *w, const struct mir_inst *in) {
    for (int32_t i = 0; i < w->m->actors.len; i++) {
        const struct mir_actor *a = w->m->actors.at[i];
        int32_t at = mir_message_taking(a, in);
        if (at < 0)
            continue;
        visit(w, a->messages.at[at].handler);
        if (mir_mailbox_may_block(w->m, a))
            w->wrong = "a mailbox blocks its senders, which no certificate covers";
    }
}

// A reply that is put into the actor's state or handed on outlives its handler.
static bool holds_reply(const struct mir_type *t, int depth) {
    if (t->kind == MIR_REPLY || depth > 8)
        return t->kind == MIR_REPLY;
    for (int32_t i = 0; t->kind == MIR_STRUCT && i < t->fields.len; i++)
        if (holds_reply(t->fields.at[i].type, depth + 1))
            return true;
    for (int32_t i = 0; t->kind == MIR_ENUM && i < t->variants.len; i++)
        for (int32_t k = 0; k < t->variants.at[i].types.len; k++)
            if (holds_reply(t->variants.at[i].types.at[k], depth + 1))
                return true;
    return (t->kind == MIR_BUFFER || t->kind == MIR_FUTURE) && holds_reply(t->element, depth + 1);
}

static void instruction(struct walk *w, const struct mir_function *f, const struct mir_inst *in) {
    const struct mir_actor *a;
    switch (in->op) {
    case MIR_OP_TASK:
        visit(w, in->function);
        if (in->dst.local != MIR_NO_PLACE)
            wait_at(w, f, in, str_from(in->function), NULL);
        break;
    case MIR_OP_CALL:
    case MIR_OP_CLOSURE:
        visit(w, in->function);
        break;
    case MIR_OP_SPAWN:
    case MIR_OP_SPAWN_CHILD:
        if ((a = mir_find_actor(w->m, in->actor)))
            visit_actor(w, a);
        w->ends_early = w->ends_early || in->op == MIR_OP_SPAWN_CHILD;
        break;
    case MIR_OP_CALM:
        w->ends_early = true;
        break;
    case MIR_OP_TELL:
    case MIR_OP_ASK:
    case MIR_OP_ASK_TIMEOUT:
    case MIR_OP_FORWARD:
        message(w, f, in);
        break;
    case MIR_OP_TELL_ANY:
        message_of_any(w, in);
        break;
    case MIR_OP_NEVER:
        w->wrong = "the program waits for what may never be, which no certificate covers";
        break;
    case MIR_OP_WAIT:
    case MIR_OP_WAIT_ANY:
    case MIR_OP_SLEEP:
    case MIR_OP_YIELD:
    case MIR_OP_SCOPE_CLOSE:
        break;
    default:
        if (mir_op_flags(in->op) & MIR_FLAG_S)
            w->wrong = "the program waits in a way that no certificate covers";
        break;
    }
}

static bool is_last_hook(const struct mir_actor *a, const char *name) {
    const char *hooks[] = {a->on_stop, a->on_shutdown, a->on_child_failure};
    for (int32_t k = 0; k < 3; k++)
        if (hooks[k] && strcmp(hooks[k], name) == 0)
            return true;
    return false;
}

// What a supervisor restarts or gives up, and tasks that are cancelled where faults end, have to
// end without waiting for anybody: no edge says for whom.
static void ends_by_itself(struct walk *w, const struct mir_function *f) {
    if (mir_cleanup_wait(w->c->arena, w->m, f))
        w->wrong = "what is ended early waits in a `defer`, which no certificate covers";
    for (int32_t i = 0; i < w->m->actors.len; i++)
        if (f->suspends && is_last_hook(w->m->actors.at[i], f->name))
            w->wrong = "what is ended early waits in a hook, which no certificate covers";
}

static const char *kinds_fit(const struct cert *c, const struct mir_module *m) {
    for (int32_t i = 0; i < c->classes.len; i++) {
        const struct class *k = &c->classes.at[i];
        const char *name = str_dup(c->arena, k->name).data;
        bool fits = str_is(k->kind, "actor") ? mir_find_actor(m, name) != NULL
                                             : mir_find_function(m, name) != NULL;
        if (!fits)
            return str_format(c->arena, "class %d names what the program does not have", i).data;
    }
    return NULL;
}

// A message that is waited for must not put its reply away: then somebody else answers, or nobody.
// Looked at per handler, with all that it calls: it takes the reply as a value, and has a place
// that stores one.
struct keeping {
    bool takes, stores;
};

static void look(const struct walk *w, const struct mir_function *f, struct map *seen,
                 struct keeping *k);

static void look_at(const struct walk *w, const struct mir_function *f, const struct mir_inst *in,
                    struct map *seen, struct keeping *k) {
    bool hands_on = in->op == MIR_OP_TELL || in->op == MIR_OP_TELL_ANY || in->op == MIR_OP_ASK ||
                    in->op == MIR_OP_SPAWN || in->op == MIR_OP_SPAWN_CHILD ||
                    in->op == MIR_OP_ASK_TIMEOUT || in->op == MIR_OP_TASK ||
                    in->op == MIR_OP_FORWARD;
    k->takes = k->takes || in->op == MIR_OP_REPLY;
    if (in->dst.local == MIR_SELF)
        k->stores = k->stores || holds_reply(mir_place_type(f, &in->dst), 0);
    for (int32_t i = 0; i < in->args.len; i++) {
        const struct mir_operand *o = &in->args.at[i];
        bool of_self = o->kind != MIR_CONST && o->place.local == MIR_SELF &&
                       ((mir_op_flags(in->op) & MIR_FLAG_W) || in->op == MIR_OP_CALL);
        if (hands_on || of_self)
            k->stores = k->stores || holds_reply(o->type, 0);
    }
    const struct mir_function *g = in->op == MIR_OP_CALL || in->op == MIR_OP_CLOSURE
                                       ? mir_find_function(w->m, in->function)
                                       : NULL;
    if (g)
        look(w, g, seen, k);
}

static void look(const struct walk *w, const struct mir_function *f, struct map *seen,
                 struct keeping *k) {
    if (!map_put(w->c->arena, seen, str_from(f->name), (void *)1))
        return;
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++)
            look_at(w, f, &f->blocks.at[b].insts.at[i], seen, k);
}

static const char *keeps_replies(const struct walk *w) {
    for (int32_t i = 0; i < w->m->actors.len; i++) {
        const struct mir_actor *a = w->m->actors.at[i];
        for (int32_t n = 0; n < a->messages.len; n++) {
            struct str target = str_format(w->c->arena, "%s.%s", a->name, a->messages.at[n].name);
            const struct mir_function *f = mir_find_function(w->m, a->messages.at[n].handler);
            struct keeping k = {0};
            struct map seen = {0};
            bool waited = false;
            for (int32_t e = 0; e < w->c->edges.len; e++)
                waited = waited || str_eq(w->c->edges.at[e].target, target);
            if (waited && f)
                look(w, f, &seen, &k);
            if (k.takes && k.stores)
                return str_format(w->c->arena, "`%.*s` can keep its reply, and is waited for",
                                  STR_ARGS(target))
                    .data;
        }
    }
    return NULL;
}

// ---- without the certificate's conditions ---------------------------------------------------
//
// Where the kind of the one who waits alone stands above the kind of the one it waits for, the
// proof rests on the program's text and nothing else.

// The least (or greatest) first-stage rank of the classes of an actor, or of the root and tasks.
static int64_t extreme(const struct cert *c, const char *actor, bool greatest) {
    int64_t best = 0;
    bool any = false;
    for (int32_t i = 0; i < c->classes.len && c->stages.len; i++) {
        const struct class *k = &c->classes.at[i];
        bool meant =
            actor ? str_is(k->kind, "actor") && str_is(k->name, actor) : !str_is(k->kind, "actor");
        const struct level *l = &c->stages.at[0].ranks[i];
        if (!meant || !l->numbers.len)
            continue;
        int64_t n = l->numbers.at[0];
        best = !any || (greatest ? n > best : n < best) ? n : best;
        any = true;
    }
    return best;
}

static bool only_constants(const struct cert *c) {
    for (int32_t i = 0; i < c->classes.len && c->stages.len; i++)
        for (int32_t k = 1; k < c->stages.at[0].ranks[i].numbers.len; k++)
            if (c->stages.at[0].ranks[i].numbers.at[k])
                return false;
    return true;
}

static const char *runner_of(const struct mir_module *m, const struct mir_function *f) {
    for (int32_t i = 0; f->self && i < m->actors.len; i++)
        if (m->actors.at[i]->state == f->self)
            return m->actors.at[i]->name;
    return NULL;
}

// Waits in functions that run in one kind of actor only, or in none, by kinds alone.
static bool by_kinds(const struct walk *w, const struct mir_function *f,
                     const struct mir_inst *in) {
    if (in->op == MIR_OP_FORWARD)
        return false;
    if (in->op != MIR_OP_ASK || in->dst.local == MIR_NO_PLACE)
        return true;
    bool root = str_is(w->c->root, f->name);
    if (!f->self && !root) // a function that several may call
        return false;
    return only_constants(w->c) &&
           extreme(w->c, runner_of(w->m, f), false) > extreme(w->c, in->actor, true);
}

static void count_conditional(const struct walk *w, int32_t *conditional) {
    for (int32_t i = 0; i < w->todo.len; i++) {
        const struct mir_function *f = w->todo.at[i];
        for (int32_t b = 0; b < f->blocks.len; b++)
            for (int32_t k = 0; k < f->blocks.at[b].insts.len; k++)
                *conditional += !by_kinds(w, f, &f->blocks.at[b].insts.at[k]);
    }
}

const char *program_covered(const struct cert *c, const struct mir_module *m,
                            int32_t *conditional) {
    struct walk w = {.c = c, .m = m};
    const char *wrong = kinds_fit(c, m);
    if (mir_hash(m) != c->module)
        return "the certificate is about another program";
    if (wrong)
        return wrong;
    visit(&w, str_dup(c->arena, c->root).data);
    if (!w.todo.len)
        return "the program has no such root";
    for (int32_t i = 0; i < w.todo.len && !w.wrong; i++) {
        const struct mir_function *f = w.todo.at[i];
        for (int32_t b = 0; b < f->blocks.len; b++)
            for (int32_t k = 0; k < f->blocks.at[b].insts.len; k++)
                instruction(&w, f, &f->blocks.at[b].insts.at[k]);
    }
    for (int32_t i = 0; i < w.todo.len && w.ends_early && !w.wrong; i++)
        ends_by_itself(&w, w.todo.at[i]);
    *conditional = 0;
    count_conditional(&w, conditional);
    return w.wrong ? w.wrong : keeps_replies(&w);
}
