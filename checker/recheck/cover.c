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
    if (a->mailbox == MIR_MAILBOX_BLOCK)
        w->wrong = "a mailbox blocks its senders, which no certificate covers";
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
    case MIR_OP_CALL:
    case MIR_OP_CLOSURE:
    case MIR_OP_TASK:
        visit(w, in->function);
        break;
    case MIR_OP_SPAWN:
        if ((a = mir_find_actor(w->m, in->actor)))
            visit_actor(w, a);
        break;
    case MIR_OP_TELL:
    case MIR_OP_ASK:
    case MIR_OP_ASK_TIMEOUT:
    case MIR_OP_FORWARD:
        message(w, f, in);
        break;
    default:
        break;
    }
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

// No actor that is waited for by an ask may keep replies in its state: then somebody else answers.
static const char *keeps_replies(const struct walk *w) {
    for (int32_t i = 0; i < w->m->actors.len; i++) {
        const struct mir_actor *a = w->m->actors.at[i];
        for (int32_t e = 0; holds_reply(a->state, 0) && e < w->c->edges.len; e++)
            if (str_is(w->c->classes.at[w->c->edges.at[e].to].name, a->name))
                return str_format(w->c->arena, "`%s` can keep replies, and is waited for", a->name)
                    .data;
    }
    return NULL;
}

const char *program_covered(const struct cert *c, const struct mir_module *m) {
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
    return w.wrong ? w.wrong : keeps_replies(&w);
}
