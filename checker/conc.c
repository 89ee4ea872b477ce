// SPDX-License-Identifier: MIT
// Actors, messages, futures and time of the concrete world.
#include "checker/conc_inner.h"

#include <assert.h>

enum failure_kind {
#define FAILURE(name, word, sentence) FAIL_##name,
#include "runtime/failures.def"
#undef FAILURE
};

void conc_refuse(struct conc *c, const char *format, ...) {
    char line[300];
    va_list args;
    if (c->refused.len)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    c->refused = str_format(c->arena, "%s", line);
}

// ---- names ----------------------------------------------------------------------------------

struct str conc_name(struct conc *c, const struct conc_world *w, int32_t actor) {
    const struct conc_actor *a = &w->actors.at[actor];
    int32_t number = 0, all = 0;
    if (actor == 0)
        return STR("test");
    for (int32_t i = 0; i < w->actors.len; i++) {
        bool same = w->actors.at[i].def == a->def &&
                    (a->def || strcmp(w->actors.at[i].site_function, a->site_function) == 0);
        all += same && i > 0;
        number += same && i > 0 && i <= actor;
    }
    const char *type = a->def ? a->def->name : a->site_function;
    return all > 1 ? str_format(c->arena, "%s %d", type, number) : str_from(type);
}

static const struct conc_val *handle(struct conc *c, enum conc_kind kind, int64_t n,
                                     uint64_t name) {
    struct conc_val *v = conc_val_new(c, kind, 0);
    v->n = n;
    v->hash = name;
    return conc_seal(v);
}

// ---- making things --------------------------------------------------------------------------

static int32_t new_future(struct conc *c, struct conc_world *w, int32_t owner, int32_t of,
                          const char *what, struct mir_loc loc) {
    struct conc_actor *a = &w->actors.at[owner];
    struct conc_future f = {.owner = owner, .of = of, .what = what, .loc = loc};
    f.name = conc_mix(a->name, (uint64_t)++a->asked);
    vec_push(c->arena, &w->futures, f);
    return w->futures.len - 1;
}

static int32_t new_actor(struct conc *c, struct conc_world *w, int32_t parent,
                         const struct mir_actor *def, const char *function, const char *op,
                         int32_t site) {
    struct conc_actor a = {.def = def,
                           .parent = parent,
                           .site_function = function,
                           .site_op = op,
                           .site = site,
                           .running = -1};
    if (w->actors.len == CONC_ACTORS_MAX)
        conc_refuse(c, "more than %d actors", CONC_ACTORS_MAX);
    for (int32_t i = 0; i < w->actors.len; i++)
        a.count += i > 0 && w->actors.at[i].parent == parent && w->actors.at[i].site == site &&
                   strcmp(w->actors.at[i].site_function, function) == 0 &&
                   strcmp(w->actors.at[i].site_op, op) == 0;
    uint64_t above = parent >= 0 ? w->actors.at[parent].name : 0;
    a.name = conc_mix(conc_mix_text(conc_mix_text(above, function), op),
                      conc_mix((uint64_t)site, (uint64_t)a.count));
    a.past = parent >= 0 ? w->actors.at[parent].past : 0;
    vec_push(c->arena, &w->actors, a);
    return w->actors.len - 1;
}

static int32_t new_strand(struct conc *c, struct conc_world *w, int32_t actor,
                          const struct mir_function *f, const struct conc_val *const *args,
                          int32_t count, int32_t future, const char *what) {
    struct conc_strand s = {.actor = actor, .future = future, .what = what};
    int32_t index = -1;
    for (int32_t i = 0; i < w->strands.len && index < 0; i++)
        if (w->strands.at[i].status == CONC_ENDED)
            index = i;
    if (index < 0) {
        vec_push(c->arena, &w->strands, s);
        index = w->strands.len - 1;
    }
    w->strands.at[index] = s;
    struct run r = {.c = c, .w = w, .s = &w->strands.at[index]};
    conc_push_frame(&r, f, args, count);
    return index;
}

// ---- futures --------------------------------------------------------------------------------

static void wake(struct conc_world *w) {
    for (int32_t i = 0; i < w->strands.len; i++) {
        struct conc_strand *s = &w->strands.at[i];
        if (s->status != CONC_WAITING)
            continue;
        int32_t pending = 0, failed = 0, done = 0;
        for (int32_t k = 0; k < s->waits->count; k++) {
            int status = w->futures.at[s->waits->items[k]->n].status;
            pending += status == 0;
            done += status == 1;
            failed += status == 2;
        }
        if (!pending || failed || (s->any && done)) {
            s->status = CONC_READY;
            for (int32_t k = 0; k < s->waits->count; k++)
                w->actors.at[s->actor].past |= w->futures.at[s->waits->items[k]->n].past;
        }
    }
}

void conc_complete(struct conc *c, struct conc_world *w, int32_t future,
                   const struct conc_val *value, const struct conc_val *error, int32_t by) {
    struct conc_future *f = &w->futures.at[future];
    (void)c;
    if (f->status)
        return;
    f->status = error ? 2 : 1;
    f->value = error ? error : value;
    f->past = by >= 0 ? w->actors.at[by].past : 0;
    wake(w);
}

// ---- messages -------------------------------------------------------------------------------

static void forget_message(struct conc_world *w, int32_t index) {
    uint64_t bit = ~((uint64_t)1 << index);
    w->messages[index].present = false;
    for (int32_t i = 0; i < w->actors.len; i++)
        w->actors.at[i].past &= bit;
    for (int32_t i = 0; i < w->futures.len; i++)
        w->futures.at[i].past &= bit;
    for (int32_t i = 0; i < CONC_MESSAGES_MAX; i++)
        w->messages[i].past &= bit;
}

void conc_stop(struct conc *c, struct conc_world *w, int32_t actor, int32_t why) {
    w->actors.at[actor].stopped = true;
    for (int32_t i = 0; i < CONC_MESSAGES_MAX; i++) {
        if (!w->messages[i].present || w->messages[i].to != actor)
            continue;
        int32_t future = w->messages[i].future;
        forget_message(w, i);
        if (future >= 0)
            conc_complete(c, w, future, NULL, conc_error(c, why), actor);
    }
    for (int32_t i = 0; i < w->strands.len; i++) {
        struct conc_strand *s = &w->strands.at[i];
        if (s->actor != actor || s->status == CONC_ENDED)
            continue;
        s->status = CONC_ENDED;
        s->depth = 0;
        if (s->future >= 0)
            conc_complete(c, w, s->future, NULL, conc_error(c, why), actor);
    }
    w->actors.at[actor].running = -1;
}

static void post(struct run *r, const struct mir_inst *in, const struct conc_val *ref,
                 const struct conc_val *const *args, int32_t count, int32_t future) {
    struct conc_world *w = r->w;
    struct conc_actor *from = &w->actors.at[r->s->actor];
    int32_t at = 0, to = (int32_t)ref->n;
    bool any = in->op == MIR_OP_TELL_ANY;
    const struct mir_actor *def =
        any ? w->actors.at[to].def : mir_find_actor(r->c->module, in->actor);
    int32_t index = !any ? in->message : def ? mir_message_taking(def, in) : -1;
    if (w->actors.at[to].stopped || w->actors.at[to].def != def || index < 0) {
        if (future >= 0)
            conc_complete(r->c, w, future, NULL, conc_error(r->c, FAIL_STOPPED), to);
        return;
    }
    if (def->mailbox != MIR_MAILBOX_UNBOUNDED || def->own_mailboxes)
        conc_refuse(r->c, "the mailbox of `%s` is bounded", def->name);
    while (at < CONC_MESSAGES_MAX && w->messages[at].present)
        at++;
    if (at == CONC_MESSAGES_MAX) {
        conc_refuse(r->c, "more than %d messages are in flight", CONC_MESSAGES_MAX);
        return;
    }
    const struct conc_frame *f = &r->s->frames[r->s->depth - 1];
    struct conc_message m = {.present = true,
                             .past = from->past,
                             .to = to,
                             .from = r->s->actor,
                             .index = index,
                             .count = count,
                             .future = future,
                             .actor = def,
                             .function = f->f->name,
                             .op = mir_op_name(in->op),
                             .site = in->site};
    m.args = arena_array(r->c->arena, const struct conc_val *, count + 1);
    m.name = conc_mix(conc_mix(from->name, w->actors.at[to].name), (uint64_t)in->message);
    if (future >= 0)
        m.name = conc_mix(m.name, w->futures.at[future].name);
    for (int32_t i = 0; i < count; i++) {
        m.args[i] = args[i];
        m.name = conc_mix(m.name, args[i]->hash);
    }
    w->messages[at] = m;
    from->past |= (uint64_t)1 << at;
}

bool conc_takeable(const struct conc_world *w, int32_t message) {
    const struct conc_message *m = &w->messages[message];
    if (!m->present || w->actors.at[m->to].running >= 0)
        return false;
    for (int32_t i = 0; i < CONC_MESSAGES_MAX; i++)
        if ((m->past >> i & 1) && w->messages[i].present && w->messages[i].to == m->to)
            return false;
    return true;
}

void conc_take(struct conc *c, struct conc_world *w, int32_t message) {
    struct conc_message m = w->messages[message];
    const struct mir_message *def = &m.actor->messages.at[m.index];
    const struct mir_function *f = mir_find_function(c->module, def->handler);
    assert(conc_takeable(w, message));
    forget_message(w, message);
    w->actors.at[m.to].past |= m.past & ~((uint64_t)1 << message);
    const char *what = str_format(c->arena, "%s.%s", m.actor->name, def->name).data;
    int32_t s = new_strand(c, w, m.to, f, m.args, m.count, m.future, what);
    if (!m.actor->reentrant)
        w->actors.at[m.to].running = s;
    else
        conc_refuse(c, "reentrant actors are not executed here");
    conc_settle(c, w);
}

void conc_expire(struct conc *c, struct conc_world *w, int32_t future) {
    conc_complete(c, w, future, NULL, conc_error(c, FAIL_TIMEOUT), -1);
    conc_settle(c, w);
}

// ---- operations -----------------------------------------------------------------------------

static void spawn(struct run *r, const struct mir_inst *in, const struct conc_val *const *args) {
    const struct mir_actor *def = mir_find_actor(r->c->module, in->actor);
    const char *function = r->s->frames[r->s->depth - 1].f->name;
    struct conc_world *w = r->w;
    int32_t own = (int32_t)(r->s - w->strands.at);
    int32_t a = new_actor(r->c, w, r->s->actor, def, function, "spawn", in->site);
    const struct mir_function *init = def ? mir_find_function(r->c->module, def->init) : NULL;
    if (!init || r->c->refused.len)
        return;
    if (def->on_start || def->on_stop || def->on_shutdown)
        conc_refuse(r->c, "hooks of actors are not executed here");
    w->actors.at[a].state = conc_seal(conc_val_new(r->c, CONC_TUPLE, def->state->fields.len));
    int32_t s = new_strand(r->c, w, a, init, args, in->args.len, -1, "init");
    w->actors.at[a].running = s;
    r->s = &w->strands.at[own];
    conc_write(r, &in->dst, handle(r->c, CONC_REF, a, w->actors.at[a].name));
}

static void task(struct run *r, const struct mir_inst *in, const struct conc_val *const *args) {
    const struct mir_function *f = mir_find_function(r->c->module, in->function);
    struct conc_world *w = r->w;
    if (!f || f->self || in->has_scope) {
        conc_refuse(r->c, "tasks of actors and scopes are not executed here");
        return;
    }
    int32_t own = (int32_t)(r->s - w->strands.at);
    int32_t home = new_actor(r->c, w, r->s->actor, NULL, f->name, "task", in->site);
    int32_t future = new_future(r->c, w, r->s->actor, home, f->name, in->loc);
    new_strand(r->c, w, home, f, args, in->args.len, future, f->name);
    r->s = &w->strands.at[own];
    conc_write(r, &in->dst, handle(r->c, CONC_FUTURE, future, w->futures.at[future].name));
}

static const struct conc_val *futures_of(struct run *r, const struct mir_inst *in,
                                         const struct conc_val *const *args) {
    if (in->args.len == 1 && args[0]->kind == CONC_BUF)
        return args[0];
    struct conc_val *v = conc_val_new(r->c, CONC_BUF, in->args.len);
    for (int32_t i = 0; i < in->args.len; i++)
        v->items[i] = args[i];
    return conc_seal(v);
}

static int32_t first_done(const struct conc_world *w, const struct conc_val *futures) {
    for (int32_t i = 0; i < futures->count; i++)
        if (w->futures.at[futures->items[i]->n].status)
            return i;
    return -1;
}

static void wait_for(struct run *r, const struct mir_inst *in, const struct conc_val *const *args) {
    const struct conc_val *futures = futures_of(r, in, args);
    struct conc_strand *s = r->s;
    for (int32_t i = 0; i < futures->count; i++)
        if (futures->items[i]->kind != CONC_FUTURE) {
            conc_refuse(r->c, "a future is not computed here");
            return;
        }
    if (in->op == MIR_OP_WAIT_ANY && first_done(r->w, futures) >= 0) {
        conc_write(r, &in->dst, conc_word(r->c, first_done(r->w, futures)));
        return;
    }
    if (in->op == MIR_OP_WAIT_ANY) // looked at again when one is done
        s->frames[s->depth - 1].inst--;
    s->status = CONC_WAITING;
    s->waits = futures;
    s->any = in->op == MIR_OP_WAIT_ANY;
    s->loc = in->loc;
    wake(r->w);
}

static void take(struct run *r, const struct mir_inst *in, const struct conc_val *f) {
    if (f->kind != CONC_FUTURE || !r->w->futures.at[f->n].status) {
        conc_refuse(r->c, "a future is taken that is not done");
        return;
    }
    const struct conc_future *future = &r->w->futures.at[f->n];
    if (in->op == MIR_OP_OUTCOME)
        conc_write(r, &in->dst, conc_word(r->c, future->status == 2 ? future->value->n : 0));
    else if (future->status == 2)
        r->failure = (int32_t)future->value->n;
    else if (in->dst.local != MIR_NO_PLACE)
        conc_write(r, &in->dst,
                   future->value ? future->value : conc_seal(conc_val_new(r->c, CONC_UNIT, 0)));
}

static void send(struct run *r, const struct mir_inst *in, const struct conc_val *const *args) {
    int32_t first = in->op == MIR_OP_ASK_TIMEOUT ? 2 : 1, future = -1;
    const struct mir_actor *def = mir_find_actor(r->c->module, in->actor);
    if (args[0]->kind != CONC_REF || (!def && in->op != MIR_OP_TELL_ANY)) {
        conc_refuse(r->c, "a reference is not computed here");
        return;
    }
    if (in->op == MIR_OP_ASK || in->op == MIR_OP_ASK_TIMEOUT) {
        const char *what =
            str_format(r->c->arena, "%s.%s", def->name, def->messages.at[in->message].name).data;
        future = new_future(r->c, r->w, r->s->actor, (int32_t)args[0]->n, what, in->loc);
        r->w->futures.at[future].timed = in->op == MIR_OP_ASK_TIMEOUT;
        conc_write(r, &in->dst, handle(r->c, CONC_FUTURE, future, r->w->futures.at[future].name));
    } else if (in->op == MIR_OP_FORWARD) {
        if (r->s->reply_taken)
            r->failure = FAIL_ANSWERED;
        future = r->s->future;
        r->s->reply_taken = true;
    }
    post(r, in, args[0], args + first, in->args.len - first, future);
}

static void reply(struct run *r, const struct mir_inst *in) {
    if (r->s->reply_taken) {
        r->failure = FAIL_ANSWERED;
        return;
    }
    r->s->reply_taken = true;
    int32_t f = r->s->future;
    if (f < 0) // told, not asked: the reply goes nowhere
        f = new_future(r->c, r->w, r->s->actor, r->s->actor, "nobody", in->loc);
    conc_write(r, &in->dst, handle(r->c, CONC_REPLY, f, r->w->futures.at[f].name));
}

// Tasks that end with a scope are not executed here, so a scope has nothing to end: a request that
// is under way is no task, and what has ended does not matter to it.
static void adopt(struct run *r, const struct conc_val *future) {
    const struct conc_future *f = future->kind == CONC_FUTURE ? &r->w->futures.at[future->n] : NULL;
    if (!f || (!f->status && !r->w->actors.at[f->of].def))
        conc_refuse(r->c, "tasks of actors and scopes are not executed here");
}

static void open_scope(struct run *r, const struct mir_inst *in) {
    if (in->args.len)
        conc_refuse(r->c, "a scope with a time limit is not executed here");
    else
        conc_write(r, &in->dst, conc_word(r->c, 0));
}

static void sleep_now(struct run *r, const struct mir_inst *in) {
    r->s->status = CONC_SLEEPING;
    r->s->loc = in->loc;
}

static int32_t service_of(const struct run *r, const struct mir_inst *in) {
    return mir_find_service(r->c->module, in->function);
}

static void bind(struct run *r, const struct mir_inst *in, const struct conc_val *value) {
    struct conc_world *w = r->w;
    while (w->services.len < r->c->module->services.len)
        vec_push(r->c->arena, &w->services, NULL);
    w->services.at[service_of(r, in)] = value;
}

static void bound(struct run *r, const struct mir_inst *in) {
    int32_t at = service_of(r, in);
    const struct conc_val *value = at < r->w->services.len ? r->w->services.at[at] : NULL;
    if (value)
        conc_write(r, &in->dst, value);
    else
        conc_refuse(r->c, "nothing is bound to `%s`", in->function);
}

void conc_act(struct run *r, const struct mir_inst *in, const struct conc_val *const *args) {
    struct conc_world *w = r->w;
    switch (in->op) {
    case MIR_OP_SPAWN:
        spawn(r, in, args);
        break;
    case MIR_OP_TASK:
        task(r, in, args);
        break;
    case MIR_OP_TELL:
    case MIR_OP_TELL_ANY:
    case MIR_OP_ASK:
    case MIR_OP_ASK_TIMEOUT:
    case MIR_OP_FORWARD:
        send(r, in, args);
        break;
    case MIR_OP_REPLY:
        reply(r, in);
        break;
    case MIR_OP_ANSWER:
        if (args[0]->kind != CONC_REPLY)
            conc_refuse(r->c, "a reply is not computed here");
        else if (w->futures.at[args[0]->n].status == 1)
            r->failure = FAIL_ANSWERED;
        else
            conc_complete(r->c, w, (int32_t)args[0]->n, args[1], NULL, r->s->actor);
        break;
    case MIR_OP_SELF_REF:
        conc_write(r, &in->dst,
                   handle(r->c, CONC_REF, r->s->actor, w->actors.at[r->s->actor].name));
        break;
    case MIR_OP_WAIT:
    case MIR_OP_WAIT_ANY:
        wait_for(r, in, args);
        break;
    case MIR_OP_TAKE:
    case MIR_OP_OUTCOME:
        take(r, in, args[0]);
        break;
    case MIR_OP_SCOPE_OPEN:
        open_scope(r, in);
        break;
    case MIR_OP_SCOPE_ADOPT:
        adopt(r, args[1]);
        break;
    case MIR_OP_SCOPE_CLOSE:
        break;
    case MIR_OP_SLEEP:
        sleep_now(r, in);
        break;
    case MIR_OP_YIELD:
    case MIR_OP_PRINT:
    case MIR_OP_SOMETIMES:
        break;
    case MIR_OP_BUGGIFY:
        r->c->guessed = true;
        conc_write(r, &in->dst, conc_word(r->c, false));
        break;
    case MIR_OP_NOW:
    case MIR_OP_NOW_WALL:
    case MIR_OP_CORES:
        r->c->guessed = true;
        conc_write(r, &in->dst, conc_word(r->c, in->op == MIR_OP_CORES));
        break;
    case MIR_OP_LATENCY: // an answer may come late anyway, whatever else happens before
        conc_write(r, &in->dst, conc_word(r->c, 0));
        break;
    case MIR_OP_FAULT:
    case MIR_OP_TRUST:
    case MIR_OP_MASK:
        conc_write(r, &in->dst, conc_word(r->c, 0));
        break;
    case MIR_OP_CEILING: // as for who has none
    case MIR_OP_NARROW:
        r->c->guessed = true;
        conc_write(r, &in->dst, conc_seal(conc_val_new(r->c, CONC_BUF, 0)));
        break;
    case MIR_OP_CONFINE:
    case MIR_OP_WIDEN:
    case MIR_OP_ENDOW_NAME:
    case MIR_OP_LIMIT_GRACE: // an end that comes later
        break;
    case MIR_OP_BIND:
        bind(r, in, args[0]);
        break;
    case MIR_OP_BOUND:
        bound(r, in);
        break;
    case MIR_OP_RANDOM:
        r->c->guessed = true;
        conc_write(r, &in->dst, args[0]);
        break;
    case MIR_OP_INPUT:
        r->c->guessed = true;
        conc_write(r, &in->dst, conc_word(r->c, 0));
        break;
    default:
        conc_refuse(r->c, "`%s` is not executed here", mir_op_name(in->op));
        break;
    }
}

// ---- the world ------------------------------------------------------------------------------

void conc_settle(struct conc *c, struct conc_world *w) {
    for (bool more = true; more && !c->refused.len;) {
        more = false;
        for (int32_t i = 0; i < w->strands.len && !c->refused.len; i++)
            if (w->strands.at[i].status == CONC_READY) {
                conc_run_strand(c, w, i);
                more = true;
            }
    }
}

struct conc_world *conc_start(struct conc *c, const struct mir_function *root, const int64_t *args,
                              int32_t count) {
    struct conc_world *w = arena_new(c->arena, struct conc_world);
    const struct conc_val **vals =
        arena_array(c->arena, const struct conc_val *, root->param_count + 1);
    for (int32_t i = 0; i < root->param_count; i++)
        vals[i] = conc_word(c, i < count ? args[i] : 0);
    new_actor(c, w, -1, NULL, root->name, "test", 0);
    new_strand(c, w, 0, root, vals, root->param_count, -1, root->name);
    conc_settle(c, w);
    return w;
}

struct conc_world *conc_copy(struct conc *c, const struct conc_world *w) {
    struct conc_world *n = arena_new(c->arena, struct conc_world);
    *n = *w;
#define COPY(field)                                                                                \
    n->field.at = arena_alloc(c->arena, sizeof *n->field.at * (size_t)(w->field.len + 4));         \
    n->field.cap = w->field.len + 4;                                                               \
    if (w->field.len)                                                                              \
    memcpy(n->field.at, w->field.at, sizeof *n->field.at *(size_t)w->field.len)
    COPY(actors);
    COPY(futures);
    COPY(strands);
    COPY(services);
#undef COPY
    for (int32_t i = 0; i < n->strands.len; i++) {
        struct conc_strand *s = &n->strands.at[i];
        const struct conc_frame *old = s->frames;
        s->frames = arena_array(c->arena, struct conc_frame, s->depth + 1);
        for (int32_t k = 0; k < s->depth; k++) {
            s->frames[k] = old[k];
            int32_t locals = old[k].f->locals.len;
            s->frames[k].locals = arena_array(c->arena, const struct conc_val *, locals + 1);
            memcpy(s->frames[k].locals, old[k].locals, sizeof(*old[k].locals) * (size_t)locals);
        }
    }
    return n;
}

// ---- identity -------------------------------------------------------------------------------

static uint64_t past_hash(const struct conc_world *w, uint64_t past) {
    uint64_t h = 0;
    for (int32_t i = 0; i < CONC_MESSAGES_MAX; i++)
        if (past >> i & 1)
            h += conc_mix(w->messages[i].name, 3);
    return h;
}

static uint64_t strand_hash(const struct conc_world *w, const struct conc_strand *s) {
    uint64_t h =
        conc_mix(w->actors.at[s->actor].name, (uint64_t)s->status * 4 + s->reply_taken * 2u);
    if (s->future >= 0)
        h = conc_mix(h, w->futures.at[s->future].name);
    for (int32_t i = 0; i < s->depth; i++) {
        const struct conc_frame *f = &s->frames[i];
        h = conc_mix(conc_mix_text(h, f->f->name), (uint64_t)f->block << 32 | (uint32_t)f->inst);
        for (int32_t k = 0; k < f->f->locals.len; k++)
            h = conc_mix(h, f->locals[k] ? f->locals[k]->hash : 2);
    }
    return h;
}

uint64_t conc_hash(const struct conc_world *w) {
    uint64_t h = 0; // sums: the order of things does not matter
    for (int32_t i = 0; i < w->actors.len; i++) {
        const struct conc_actor *a = &w->actors.at[i];
        uint64_t x = conc_mix(a->name, a->state ? a->state->hash : 5);
        x = conc_mix(x, (uint64_t)a->stopped * 2 + (a->running >= 0));
        h += conc_mix(conc_mix(x, past_hash(w, a->past)), (uint64_t)a->asked);
    }
    for (int32_t i = 0; i < w->futures.len; i++) {
        const struct conc_future *f = &w->futures.at[i];
        uint64_t x = conc_mix(f->name, (uint64_t)f->status);
        h += conc_mix(conc_mix(x, f->value ? f->value->hash : 7), past_hash(w, f->past));
    }
    for (int32_t i = 0; i < w->strands.len; i++)
        if (w->strands.at[i].status != CONC_ENDED)
            h += strand_hash(w, &w->strands.at[i]);
    for (int32_t i = 0; i < w->services.len; i++)
        h += conc_mix((uint64_t)i, w->services.at[i] ? w->services.at[i]->hash : 11);
    for (int32_t i = 0; i < CONC_MESSAGES_MAX; i++)
        if (w->messages[i].present)
            h += conc_mix(w->messages[i].name, past_hash(w, w->messages[i].past));
    return h;
}
