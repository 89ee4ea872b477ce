// SPDX-License-Identifier: MIT
// Operations that meet others: actors, replies, futures, tasks, scopes, tokens, time, output.
#include "tests/differential/interp/interp.h"

#include <assert.h>
#include <stdlib.h>

static const int64_t wall_start_ns = 1700000000000000000;
enum { CORES = 4 };

static enum outcome fail(struct interp *in, enum failure_kind kind, const char *text,
                         const struct mir_inst *i) {
    trap(in, kind, str_from(text), i->loc);
    return OUTCOME_FAILED;
}

// Suspends, unless the strand is interrupted at once.
static enum outcome suspend(struct interp *in, enum wait_kind wait, const struct mir_inst *i) {
    enum failure_kind kind = strand_interruption(in->strand);
    if (kind && wait != WAIT_SCOPE)
        return fail(in, kind, NULL, i);
    in->strand->wait = wait;
    return OUTCOME_SUSPENDED;
}

// ---- actors -------------------------------------------------------------------------------------

static struct value *copy_args(struct interp *in, const struct mir_inst *i, const struct value *a,
                               int32_t from, int32_t to) {
    struct value *args = arena_array(in->arena, struct value, to - from + 1);
    for (int32_t n = from; n < to; n++)
        args[n - from] = value_keep(i->args.at[n].type, a[n]);
    return args;
}

static const struct mir_message *message_of(struct interp *in, const struct mir_inst *i) {
    return &mir_find_actor(in->module, i->actor)->messages.at[i->message];
}

static void send(struct interp *in, const struct mir_inst *i, const struct value *a, int32_t from,
                 struct future *asker) {
    struct event *e = event_post(in, EVENT_MESSAGE, a[0].cell);
    e->message = i->op == MIR_OP_TELL_ANY
                     ? &a[0].cell->actor->messages.at[mir_message_taking(a[0].cell->actor, i)]
                     : message_of(in, i);
    e->args = copy_args(in, i, a, from, i->args.len);
    e->future = asker;
    if (i->op == MIR_OP_TELL || i->op == MIR_OP_TELL_ANY)
        mailbox_mute(in, e);
}

static struct future *future_new(struct interp *in, const struct mir_type *type) {
    struct future *f = arena_new(in->arena, struct future);
    f->number = ++in->numbers;
    f->type = type;
    f->home = in->strand->home;
    vec_push(in->arena, &f->home->futures, f);
    return f;
}

// All that limits a home: its own clause, and what stood above it when it was spawned.
static struct str ceiling_of(struct interp *in, const struct cell *c) {
    struct str own = c->actor ? mir_clause_text(in->arena, c->actor) : STR("");
    return str_format(in->arena, "%.*s%.*s", STR_ARGS(own), STR_ARGS(c->ceiling));
}

// All that limits what the strand at hand does there.
static struct str ceiling_below(struct interp *in, const struct cell *home) {
    if (in->strand->trusted)
        return STR("");
    return str_format(in->arena, "%.*s%.*s", STR_ARGS(ceiling_of(in, home)),
                      STR_ARGS(in->strand->within));
}

static void spawn(struct interp *in, const struct mir_inst *i, const struct value *a,
                  struct value *result) {
    const struct mir_actor *actor = mir_find_actor(in->module, i->actor);
    struct cell *c = cell_new(in, actor, in->strand->home);
    bool child = i->op == MIR_OP_SPAWN_CHILD;
    vec_push(in->arena, &c->parent->children, c);
    if (in->named.data)
        c->name = in->named;
    in->named = (struct str){0};
    c->mailbox = actor->mailbox;
    c->mailbox_limit = actor->mailbox_limit;
    if (in->mailbox_limit) {
        c->mailbox = in->mailbox;
        c->mailbox_limit = in->mailbox_limit;
    }
    in->mailbox_limit = 0;
    if (actor->capabilities.len || actor->is_task)
        c->ceiling = str_format(in->arena, "%.*s%.*s", STR_ARGS(in->confined),
                                STR_ARGS(ceiling_below(in, c->parent)));
    in->confined = STR("");
    struct value *args = copy_args(in, i, a, child ? 3 : 0, i->args.len);
    if (child)
        supervise_child(in, c, value_text(in->arena, a[0]), (int64_t)a[1].bits, (int64_t)a[2].bits,
                        args);
    cell_start_hook(in, c, actor->init, args);
    result->cell = c;
}

static void ask(struct interp *in, const struct mir_inst *i, const struct value *a,
                struct value *result) {
    bool timed = i->op == MIR_OP_ASK_TIMEOUT;
    struct future *f = result->future = future_new(in, message_of(in, i)->result);
    f->is_ask = true;
    if (a[0].cell && a[0].cell->actor->handle)
        f->handle = a[0].cell;
    if (!a[0].cell) {
        future_fail(in, f, error_new(FAILURE_STOPPED, (struct str){0}, i->loc));
        f->is_settled = true;
        return;
    }
    if (timed && (int64_t)a[1].bits >= 0) {
        f->timer = timer_start(in, (int64_t)a[1].bits);
        f->timer->future = f;
    }
    send(in, i, a, timed ? 2 : 1, f);
}

// Takes over the duty to reply of the handler at hand; false if somebody did before.
static bool take_duty(struct interp *in, const struct mir_inst *i) {
    struct strand *s = in->strand;
    if (s->kind != STRAND_HANDLER || s->reply_taken) {
        fail(in, FAILURE_ANSWERED, "the handler's reply was taken already", i);
        return false;
    }
    s->reply_taken = true;
    return true;
}

static void reply(struct interp *in, const struct mir_inst *i, struct value *result) {
    if (!take_duty(in, i))
        return;
    struct reply *r = result->reply = arena_new(in->arena, struct reply);
    r->number = ++in->numbers;
    r->to = in->strand->result;
    r->of_handle = in->strand->home->actor->handle != NULL;
    vec_push(in->arena, &in->replies, r);
}

static void answer(struct interp *in, const struct mir_inst *i, const struct value *a) {
    struct reply *r = a[0].reply;
    if (!r || r->answered) {
        fail(in, FAILURE_ANSWERED, NULL, i);
        return;
    }
    r->answered = true;
    reply_post(in, r->to, false, value_keep(i->args.at[1].type, a[1]));
}

static void forward(struct interp *in, const struct mir_inst *i, const struct value *a) {
    if (!take_duty(in, i))
        return;
    if (a[0].cell)
        send(in, i, a, 1, in->strand->result);
    else
        reply_failure(in, in->strand->result, FAILURE_STOPPED);
}

static uint64_t mailbox_size(const struct interp *in, const struct cell *c) {
    uint64_t count = 0;
    for (int32_t i = 0; i < c->mail.len; i++)
        count += c->mail.at[i]->kind == EVENT_MESSAGE;
    for (const struct event *e = in->first; e; e = e->next)
        count += e->kind == EVENT_MESSAGE && e->home == c;
    return count;
}

static bool remove_hold(struct hold *at, int32_t *len, const struct cell *handle, int64_t way) {
    for (int32_t i = *len; i-- > 0;) {
        if (at[i].handle != handle || at[i].way != way)
            continue;
        memmove(&at[i], &at[i + 1], sizeof *at * (size_t)(--*len - i));
        return true;
    }
    return false;
}

// What the strand itself took, or one that has ended, or another one of its home.
static bool let_go(struct strand *s, const struct cell *handle, int64_t way) {
    struct cell *home = s->home;
    if (remove_hold(s->holds.at, &s->holds.len, handle, way) ||
        remove_hold(home->holds.at, &home->holds.len, handle, way))
        return true;
    for (int32_t i = 0; i < home->strands.len; i++) {
        struct strand *other = home->strands.at[i];
        if (remove_hold(other->holds.at, &other->holds.len, handle, way))
            return true;
    }
    return false;
}

static bool actor_operation(struct interp *in, const struct mir_inst *i, const struct value *a,
                            struct value *result) {
    switch (i->op) {
    case MIR_OP_SPAWN:
    case MIR_OP_SPAWN_CHILD:
        spawn(in, i, a, result);
        return true;
    case MIR_OP_ACTOR_NAME:
        if (a[0].cell && a[0].cell->status != CELL_GONE)
            *result = value_of_text(a[0].cell->name);
        return true;
    case MIR_OP_TELL:
        if (a[0].cell)
            send(in, i, a, 1, NULL);
        return true;
    case MIR_OP_TELL_ANY:
        if (a[0].cell && a[0].cell->actor && mir_message_taking(a[0].cell->actor, i) >= 0)
            send(in, i, a, 1, NULL);
        return true;
    case MIR_OP_ASK:
    case MIR_OP_ASK_TIMEOUT:
        ask(in, i, a, result);
        return true;
    case MIR_OP_REPLY:
        reply(in, i, result);
        return true;
    case MIR_OP_ANSWER:
        answer(in, i, a);
        return true;
    case MIR_OP_HOLD: {
        struct hold h = {a[0].cell, (int64_t)a[1].bits};
        vec_push(in->arena, &in->strand->holds, h);
        return true;
    }
    case MIR_OP_UNHOLD:
        result->bits = let_go(in->strand, a[0].cell, (int64_t)a[1].bits);
        return true;
    case MIR_OP_MASK:
        result->bits = (uint64_t)in->strand->masked;
        in->strand->masked = (int64_t)a[0].bits >= 0 ? (int32_t)a[0].bits
                             : in->strand->innermost ? 1 + in->strand->innermost->depth
                                                     : 1;
        return true;
    case MIR_OP_TRUST:
        result->bits = in->strand->trusted;
        in->strand->trusted = a[0].bits;
        return true;
    case MIR_OP_CEILING:
        *result = value_of_text(ceiling_below(in, in->strand->home));
        return true;
    case MIR_OP_CONFINE:
        in->confined = value_text(in->arena, a[0]);
        return true;
    case MIR_OP_NARROW:
        *result = value_of_text(in->strand->within);
        in->strand->within = str_format(in->arena, "%.*s%.*s", STR_ARGS(in->strand->within),
                                        STR_ARGS(value_text(in->arena, a[0])));
        return true;
    case MIR_OP_WIDEN:
        in->strand->within = value_text(in->arena, a[0]);
        return true;
    case MIR_OP_ENDOW_NAME:
        in->named = value_text(in->arena, a[0]);
        in->named.data = in->named.data ? in->named.data : "";
        return true;
    case MIR_OP_ENDOW_MAILBOX:
        in->mailbox = (enum mir_mailbox)a[0].bits;
        in->mailbox_limit = (int64_t)a[1].bits;
        return true;
    case MIR_OP_LIMIT_GRACE:
        in->strand->home->grace_ns = (int64_t)a[0].bits;
        return true;
    case MIR_OP_LIMIT_MEMORY:
        in->strand->home->memory_max = (int64_t)a[0].bits;
        return true;
    case MIR_OP_WANTED:
        result->bits = a[0].reply && !a[0].reply->withdrawn;
        return true;
    case MIR_OP_FORWARD:
        forward(in, i, a);
        return true;
    case MIR_OP_SELF_REF:
        result->cell = in->strand->home;
        return true;
    case MIR_OP_STOP:
        if (a[0].cell)
            event_post(in, EVENT_STOP, a[0].cell);
        return true;
    case MIR_OP_KILL:
        if (a[0].cell)
            event_post(in, EVENT_STOP, a[0].cell)->what = WHAT_KILL;
        return true;
    case MIR_OP_MAILBOX:
        result->bits = mailbox_size(in, a[0].cell);
        return true;
    default:
        return false;
    }
}

// ---- tasks, scopes, tokens ----------------------------------------------------------------------

// Branches run within the turn of the handler that started them; those of a task are tasks
// themselves. What a handler's scope holds is a branch.
static enum strand_kind task_kind(const struct interp *in, const struct mir_inst *i,
                                  const struct value *a) {
    if (i->number == MIR_TASK_FREE)
        return STRAND_FREE;
    int32_t last = i->args.len - 1;
    bool in_scope = i->has_scope && i->args.at[last].type->kind == MIR_SCOPE;
    const struct strand *whose = in_scope ? a[last].scope->owner : in->strand;
    bool turns = whose && whose->kind == STRAND_ISOLATED;
    if (!in_scope)
        turns |= i->number == MIR_TASK_ISOLATED;
    return turns && in->strand->home->actor ? STRAND_ISOLATED : STRAND_BRANCH;
}

static void bind(struct interp *in, struct future *f, const struct mir_type *t, struct value v) {
    if (t->kind == MIR_SCOPE) {
        f->scope = v.scope;
        vec_push(in->arena, &v.scope->members, f);
        if (v.scope->cancelled)
            member_cancel(in, f);
        return;
    }
    if (v.token->home == f->home) {
        f->token = v.token;
        vec_push(in->arena, &v.token->members, f);
    }
    if (v.token->cancelled)
        member_cancel(in, f);
}

static void adopt(struct interp *in, struct scope *scope, struct future *f,
                  const struct mir_type *type) {
    const struct strand *task = f->strand;
    bool runs = f->state == FUTURE_PENDING && task && (task->home != f->home || !task->ended);
    if (!runs || f->scope || f->token ||
        (task->kind == STRAND_ISOLATED && in->strand->kind == STRAND_HANDLER))
        return;
    f->told = true;
    bind(in, f, type, (struct value){.scope = scope});
}

static void task(struct interp *in, const struct mir_inst *i, const struct value *a,
                 struct value *result) {
    const struct mir_function *body = mir_find_function(in->module, i->function);
    enum strand_kind kind = task_kind(in, i, a);
    struct future *f = result->future = future_new(in, body->result);
    struct cell *home = kind == STRAND_FREE ? cell_new(in, NULL, f->home) : f->home;
    int32_t count = i->args.len - (i->has_scope ? 1 : 0);
    f->strand = strand_new(in, home, kind, body, copy_args(in, i, a, 0, count));
    f->strand->result = f;
    f->strand->trusted = in->strand->trusted;
    if (kind == STRAND_FREE)
        home->ceiling = ceiling_below(in, f->home);
    else
        f->strand->within = in->strand->within;
    event_post(in, EVENT_START, home)->strand = f->strand;
    // Of a branch the expression that it belongs to has whatever comes of it.
    f->told =
        i->number == MIR_TASK_BRANCH && i->has_scope && i->args.at[count].type->kind == MIR_SCOPE;
    if (i->has_scope)
        bind(in, f, i->args.at[count].type, a[count]);
}

static void scope_open(struct interp *in, const struct mir_inst *i, const struct value *a,
                       struct value *result) {
    struct scope *scope = result->scope = arena_new(in->arena, struct scope);
    scope->number = ++in->numbers;
    scope->owner = in->strand;
    scope->outer = in->strand->innermost;
    scope->depth = 1 + (scope->outer ? scope->outer->depth : 0);
    in->strand->innermost = scope;
    if (i->args.len && (int64_t)a[0].bits >= 0) {
        scope->deadline = timer_start(in, (int64_t)a[0].bits);
        scope->deadline->scope = scope;
    }
}

static enum outcome scope_close(struct interp *in, const struct mir_inst *i, struct scope *scope) {
    struct strand *s = in->strand;
    if (scope->owner != s) // closed before
        return OUTCOME_NEXT;
    while (s->innermost != scope)
        scope_leave(s);
    timer_stop(&scope->deadline);
    scope_cancel(in, scope);
    if (scope->members.len == 0) {
        scope_leave(s);
        return OUTCOME_NEXT;
    }
    s->closing = scope;
    return suspend(in, WAIT_SCOPE, i);
}

static void token_new(struct interp *in, struct value *result) {
    struct token *t = result->token = arena_new(in->arena, struct token);
    t->number = ++in->numbers;
    t->home = in->strand->home;
}

// Another home learns of a cancellation by being cancelled itself.
static bool scope_operation(struct interp *in, const struct mir_inst *i, const struct value *a,
                            struct value *result) {
    const struct strand *s = in->strand;
    switch (i->op) {
    case MIR_OP_TASK:
        task(in, i, a, result);
        return true;
    case MIR_OP_SCOPE_OPEN:
        scope_open(in, i, a, result);
        return true;
    case MIR_OP_SCOPE_CANCEL:
        scope_cancel(in, a[0].scope);
        return true;
    case MIR_OP_SCOPE_ADOPT:
        adopt(in, a[0].scope, a[1].future, i->args.at[0].type);
        return true;
    case MIR_OP_SCOPE_CANCELLED:
        result->bits = a[0].scope->cancelled || s->cancelled;
        return true;
    case MIR_OP_TOKEN:
        token_new(in, result);
        return true;
    case MIR_OP_TOKEN_CANCEL:
        if (a[0].token->home == s->home)
            token_cancel(in, a[0].token);
        else
            event_post(in, EVENT_CANCEL, a[0].token->home)->token = a[0].token;
        return true;
    case MIR_OP_TOKEN_CANCELLED:
        result->bits = a[0].token->home == s->home ? a[0].token->cancelled : s->cancelled;
        return true;
    default:
        return false;
    }
}

// ---- waiting ------------------------------------------------------------------------------------

static enum outcome wait(struct interp *in, const struct mir_inst *i, const struct value *a,
                         struct value *result) {
    struct strand *s = in->strand;
    bool list = i->args.at[0].type->kind == MIR_BUFFER;
    uint64_t count = list ? (a[0].box ? a[0].box->len : 0) : (uint64_t)i->args.len;
    for (uint64_t n = 0; n < count; n++)
        vec_push(in->arena, &s->waits_for, list ? a[0].box->items[n].future : a[n].future);
    s->wait = i->op == MIR_OP_WAIT ? WAIT_ALL : WAIT_ANY;
    bool satisfied = strand_is_satisfied(s);
    s->wait = WAIT_NOT;
    if (satisfied && !strand_interruption(s)) {
        s->waits_for.len = 0;
        result->bits = s->winner;
        return OUTCOME_NEXT;
    }
    // Who is interrupted already has asked the handle all the same: it has to let go, or to grant.
    struct future *only = i->op == MIR_OP_WAIT && count == 1 ? s->waits_for.at[0] : NULL;
    if (only && only->handle && only->state == FUTURE_PENDING && strand_interruption(s)) {
        s->wait = WAIT_ALL;
        s->withdrawing = true;
        only->waiter = s;
        event_post(in, EVENT_WITHDRAW, only->handle)->future = only;
        return OUTCOME_SUSPENDED;
    }
    enum outcome outcome = suspend(in, i->op == MIR_OP_WAIT ? WAIT_ALL : WAIT_ANY, i);
    if (outcome == OUTCOME_FAILED)
        s->waits_for.len = 0;
    for (int32_t n = 0; n < s->waits_for.len; n++)
        s->waits_for.at[n]->waiter = s;
    return outcome;
}

// The failure of a future, which is what its taker fails with. That a task was cancelled is no
// cancellation of who waited for it, unless it is cancelled as well.
static enum outcome fail_as(struct interp *in, struct value error) {
    bool cancelled = error.box->tag == FAILURE_CANCELLED;
    if (cancelled && strand_interruption(in->strand) != FAILURE_CANCELLED)
        error = error_new(FAILURE_TASK_CANCELLED, (struct str){0}, error.box->loc);
    in->failure = error;
    in->failing = true;
    return OUTCOME_FAILED;
}

static enum outcome take(struct interp *in, const struct mir_inst *i, struct future *f,
                         struct value *result) {
    const struct future *failed = in->strand->failed;
    if (f && f->state == FUTURE_PENDING && failed) // it ended the wait for this one, too
        return fail_as(in, failed->error);
    if (!f || f->state == FUTURE_PENDING) {
        fprintf(stderr, "mir-interp: the result of a future that is not done is taken\n");
        exit(70);
    }
    enum future_state state = f->state;
    f->state = FUTURE_TAKEN;
    if (state == FUTURE_TAKEN)
        return fail(in, FAILURE_UNWRAP, "the result was taken already", i);
    if (state == FUTURE_DONE) {
        *result = f->value;
        return OUTCOME_NEXT;
    }
    return fail_as(in, f->error);
}

static enum outcome sleep_for(struct interp *in, const struct mir_inst *i, int64_t ns) {
    struct strand *s = in->strand;
    enum outcome outcome = suspend(in, ns > 0 ? WAIT_SLEEP : WAIT_YIELD, i);
    if (outcome == OUTCOME_FAILED)
        return outcome;
    if (ns <= 0) {
        wake(in, s);
        return outcome;
    }
    s->sleep = timer_start(in, ns);
    s->sleep->strand = s;
    return outcome;
}

// ---- the environment ----------------------------------------------------------------------------

static uint64_t draw(struct interp *in) {
    uint64_t z = in->seed + ++in->draws * 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static void random_number(struct interp *in, const struct value *a, struct value *result) {
    uint64_t count = a[1].bits - a[0].bits + 1; // 0: all
    result->bits = a[0].bits + (count ? draw(in) % count : draw(in));
}

static void print(const struct mir_inst *i, struct value bytes) {
    FILE *out = i->number == 2 ? stderr : stdout;
    if (i->number == 3) // the inputs of a property, for the report of a failure
        return;
    for (uint64_t n = 0; bytes.box && n < bytes.box->len; n++)
        putc((int)bytes.box->items[n].bits, out);
}

static enum outcome service(struct interp *in, const struct mir_inst *i, const struct value *a,
                            struct value *result) {
    int32_t at = mir_find_service(in->module, i->function);
    const struct mir_type *t = in->module->services.at[at].type;
    assert(at < INTERP_SERVICES_MAX);
    if (i->op == MIR_OP_BIND) {
        if (in->is_bound[at])
            return fail(in, FAILURE_UNBOUND, "the service is bound already", i);
        in->services[at] = value_keep(t, a[0]);
        in->is_bound[at] = true;
    } else {
        struct value nothing = {.box = in->is_bound[at] ? NULL : box_new(0)};
        *result = in->is_bound[at] ? value_keep(t, in->services[at]) : nothing;
    }
    return OUTCOME_NEXT;
}

enum outcome world_operation(struct interp *in, struct frame *f, const struct mir_inst *i,
                             const struct value *a, struct value *result) {
    if (actor_operation(in, i, a, result) || scope_operation(in, i, a, result))
        return in->failing ? OUTCOME_FAILED : OUTCOME_NEXT;
    switch (i->op) {
    case MIR_OP_SCOPE_CLOSE:
        return scope_close(in, i, a[0].scope);
    case MIR_OP_NEVER:
        result->future = future_new(in, mir_place_type(f->function, &i->dst)->element);
        return OUTCOME_NEXT;
    case MIR_OP_WAIT:
    case MIR_OP_WAIT_ANY:
        return wait(in, i, a, result);
    case MIR_OP_TAKE:
        return take(in, i, a[0].future, result);
    case MIR_OP_OUTCOME:
        result->bits =
            a[0].future->state == FUTURE_FAILED ? (uint64_t)a[0].future->error.box->tag : 0;
        return OUTCOME_NEXT;
    case MIR_OP_SLEEP:
        return sleep_for(in, i, (int64_t)a[0].bits);
    case MIR_OP_YIELD:
        return sleep_for(in, i, 0);
    case MIR_OP_NOW:
        result->bits = (uint64_t)in->now_ns;
        return OUTCOME_NEXT;
    case MIR_OP_NOW_WALL:
        result->bits = (uint64_t)(wall_start_ns + in->now_ns);
        return OUTCOME_NEXT;
    case MIR_OP_RANDOM:
        random_number(in, a, result);
        return OUTCOME_NEXT;
    case MIR_OP_INPUT:
        result->bits = a[0].bits == UINT64_MAX ? draw(in) : draw(in) % (a[0].bits + 1);
        return OUTCOME_NEXT;
    case MIR_OP_CORES:
        result->bits = CORES;
        return OUTCOME_NEXT;
    case MIR_OP_LATENCY:
    case MIR_OP_FAULT:
        result->bits = 0;
        return OUTCOME_NEXT;
    case MIR_OP_BIND:
    case MIR_OP_BOUND:
        return service(in, i, a, result);
    case MIR_OP_OUTSIDE:
        return fail(in, FAILURE_UNBOUND, "the interpreter has no outside", i);
    case MIR_OP_NODE_NEW: // one machine only: what is placed anywhere runs here
        return OUTCOME_NEXT;
    case MIR_OP_NODE_DO:
        return a[0].bits == 0 ? OUTCOME_NEXT
                              : fail(in, FAILURE_UNBOUND, "the interpreter has one node", i);
    case MIR_OP_BUGGIFY: // no fault strikes here
        result->bits = 0;
        return OUTCOME_NEXT;
    case MIR_OP_SOMETIMES:
    case MIR_OP_CALM:
        for (int32_t n = 0; n < in->strand->home->futures.len; n++) {
            struct future *task = in->strand->home->futures.at[n];
            if (!task->is_settled && task->strand && task->strand->home != in->strand->home)
                member_cancel(in, task);
        }
        return OUTCOME_NEXT;
    default:
        assert(i->op == MIR_OP_PRINT);
        print(i, a[0]);
        return OUTCOME_NEXT;
    }
}
