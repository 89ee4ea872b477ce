// SPDX-License-Identifier: MIT
// What is asked of a module, and how each question is answered.
#include "checker/capability.h"
#include "checker/cert.h"
#include "checker/checker.h"
#include "checker/confirm.h"
#include "checker/evidence.h"
#include "checker/explore.h"
#include "checker/guards.h"

#include <stdlib.h>

enum { LEAST_MAX = 2 }; // parameters may have to be at least this for a proof

struct run {
    struct arena *a;
    const struct mir_module *m;
    const struct check_options *options;
    struct check_result *out;
    struct smt *smt;
};

// ---- obligations ----------------------------------------------------------------------------

static struct obligation obligation_new(struct run *r, enum obligation_kind kind,
                                        const char *subject, struct mir_loc loc) {
    struct obligation o = {
        .kind = kind, .subject = str_from(subject), .verdict = VERDICT_UNDECIDED};
    bool known = loc.line && loc.file >= 0 && loc.file < r->m->files.len;
    o.file = known ? r->m->files.at[loc.file] : "";
    o.line = loc.line;
    return o;
}

static bool wanted(const struct run *r, const char *subject) {
    return !r->options->only || strcmp(r->options->only, subject) == 0;
}

static struct str place_of(const struct run *r, struct mir_loc loc) {
    if (!loc.line || loc.file < 0 || loc.file >= r->m->files.len)
        return STR("");
    return str_format(r->a, " (%s:%d)", r->m->files.at[loc.file], loc.line);
}

// ---- deadlock freedom -----------------------------------------------------------------------

static bool has_size(const struct mir_test *t, const struct mir_function *f) {
    for (int32_t i = 0; t && i < f->param_count; i++)
        if (mir_type_is_int(f->locals.at[i].type))
            return true;
    return false;
}

static struct str kept_reason(const struct run *r, const struct web *w) {
    struct text t = {.arena = r->a};
    for (int32_t i = 0; i < w->kept.len; i++)
        text_printf(&t, "%s`%.*s`", i ? ", " : "", STR_ARGS(w->kept.at[i].message));
    struct str where = place_of(r, w->kept.at[0].loc);
    return str_format(
        r->a,
        "%.*s keeps its reply for later%.*s; that somebody answers it is not proved for "
        "all sizes",
        STR_ARGS(text_str(&t)), STR_ARGS(where));
}

// The circle that no order breaks, by name.
static struct str open_reason(const struct run *r, const struct web *w, const struct rank *rank) {
    for (int32_t e = 0; e < w->edges.len; e++)
        if (rank->open[e]) {
            const struct web_edge *edge = w->edges.at[e];
            struct str where = place_of(r, edge->loc);
            return str_format(r->a,
                              "no order was found that `%.*s` waiting for `%.*s`%.*s descends",
                              STR_ARGS(edge->site), STR_ARGS(edge->target), STR_ARGS(where));
        }
    return STR("no order of the actors was found");
}

static void assume(struct run *r, struct obligation *o, struct str what) {
    vec_push(r->a, &o->assumptions, what);
}

static bool reaches_outside(const struct mir_module *m) {
    for (int32_t n = 0; n < m->functions.len; n++)
        for (int32_t b = 0; b < m->functions.at[n]->blocks.len; b++) {
            const struct mir_block *block = &m->functions.at[n]->blocks.at[b];
            for (int32_t i = 0; i < block->insts.len; i++)
                if (block->insts.at[i].op == MIR_OP_OUTSIDE)
                    return true;
        }
    return false;
}

static bool calls_foreign(const struct mir_module *m) {
    for (int32_t n = 0; n < m->functions.len; n++)
        if (m->functions.at[n]->foreign)
            return true;
    return false;
}

static void assume_all(struct run *r, struct obligation *o, const struct web *w) {
    assume(r, o, STR("the runtime delivers every message and gives every actor its turn"));
    assume(r, o, STR("code between two waits comes to its end"));
    if (reaches_outside(w->module))
        assume(r, o, STR("operations outside of the program come to their end"));
    if (calls_foreign(w->module))
        assume(r, o, STR("functions of C do what their models do"));
    for (int32_t i = 0; i < w->params; i++)
        if (w->param_least[i] > 0 && mir_type_is_int(w->root->locals.at[i].type))
            assume(r, o,
                   str_format(r->a, "%s >= %lld", w->param_names[i], (long long)w->param_least[i]));
}

static void proved(struct run *r, struct obligation *o, const struct web *w,
                   const struct rank *rank) {
    struct text words = {.arena = r->a}, cert = {.arena = r->a};
    o->verdict = VERDICT_PROVED;
    o->bound = STR("unbounded");
    o->vacuous = w->edges.len == 0;
    assume_all(r, o, w);
    rank_print(w, rank, &words);
    o->reason = o->vacuous ? STR("nobody ever waits for an actor")
                           : str_format(r->a, "every wait goes down in the order %.*s",
                                        STR_ARGS(text_str(&words)));
    cert_write(w, rank, o->subject, &cert);
    struct str wrong = evidence_certificate(r->a, r->m, r->options, o, text_str(&cert));
    if (wrong.len) {
        o->verdict = VERDICT_UNDECIDED;
        o->bound = o->certificate = STR("");
        o->reason = wrong;
        o->defect = true;
    }
}

static bool attempt_with(struct run *r, struct obligation *o, const struct mir_test *t,
                         const struct mir_function *f, const int64_t *least,
                         struct web_effort effort, struct web **w, struct rank *rank) {
    *w = web_run(r->a, r->smt, r->m, f, t, least, effort);
    if ((*w)->why.len) {
        struct str where = place_of(r, (*w)->why_loc);
        o->reason = str_format(r->a, "%.*s%.*s", STR_ARGS((*w)->why), STR_ARGS(where));
        return false;
    }
    if ((*w)->kept.len) {
        o->reason = kept_reason(r, *w);
        return false;
    }
    *rank = rank_find(*w);
    if (!rank->complete)
        o->reason = open_reason(r, *w, rank);
    return rank->complete;
}

// One attempt: is it proved when each integer parameter is at least that much? Code that can fail
// in many ways, one call after the other, has more of them than can be followed one by one, though
// they seldom matter for who waits for whom. So a program that takes long is looked at with few
// ways before all is spent on many; a proof is one whatever it was found with.
static bool attempt(struct run *r, struct obligation *o, const struct mir_test *t,
                    const struct mir_function *f, const int64_t *least, struct web **w,
                    struct rank *rank) {
    const struct web_effort at_first = {WEB_WAYS, WEB_STEPS_MAX / 4};
    const struct web_effort few = {WEB_WAYS / 6, WEB_STEPS_MAX / 4};
    const struct web_effort all = {WEB_WAYS, WEB_STEPS_MAX};
    bool found = attempt_with(r, o, t, f, least, at_first, w, rank);
    if (found || !(*w)->too_long)
        return found;
    return attempt_with(r, o, t, f, least, few, w, rank) ||
           attempt_with(r, o, t, f, least, all, w, rank);
}

// For all sizes if possible; else from 1 or 2 on. What a parameter need not be is then taken back.
static bool prove(struct run *r, struct obligation *o, const struct mir_test *t,
                  const struct mir_function *f) {
    int64_t least[WEB_PARAMS_MAX] = {0};
    struct web *w;
    struct rank rank;
    bool found = attempt(r, o, t, f, least, &w, &rank);
    for (int64_t from = 1; !found && from <= LEAST_MAX && has_size(t, f); from++) {
        for (int32_t i = 0; i < WEB_PARAMS_MAX; i++)
            least[i] = from;
        found = attempt(r, o, t, f, least, &w, &rank);
    }
    if (!found)
        return false;
    for (int32_t i = 0; i < w->params; i++) {
        int64_t needed = least[i];
        struct web *less;
        struct rank of_less;
        struct obligation unused = *o;
        least[i] = 0;
        if (needed == 0 || w->params == 1 || !attempt(r, &unused, t, f, least, &less, &of_less)) {
            least[i] = needed;
            continue;
        }
        w = less;
        rank = of_less;
    }
    proved(r, o, w, &rank);
    return true;
}

// ---- refuting -------------------------------------------------------------------------------

// The instances to look at: all sizes 2, all 3, then what the test itself says.
struct instance {
    int64_t args[WEB_PARAMS_MAX];
    struct confirm_size sizes[WEB_PARAMS_MAX];
    int32_t count;
    struct str text; // "n = 2"
};

// What `--set` says about a parameter, else what the test says.
static int64_t own_value(const struct run *r, const struct mir_test_param *p) {
    size_t len = strlen(p->name);
    int64_t value = (int64_t)p->value.value.bits;
    for (int32_t i = 0; i < r->options->sets.len; i++) {
        const char *set = r->options->sets.at[i];
        if (strncmp(set, p->name, len) == 0 && set[len] == '=')
            value = strtoll(set + len + 1, NULL, 10);
    }
    return value;
}

static bool instance_of(struct run *r, const struct mir_test *t, const struct mir_function *f,
                        int64_t size, struct instance *out) {
    struct text text = {.arena = r->a};
    *out = (struct instance){.count = 0};
    if (f->param_count > WEB_PARAMS_MAX || (f->param_count && !t))
        return false;
    for (int32_t i = 0; i < f->param_count; i++) {
        const struct mir_type *type = f->locals.at[i].type;
        bool plain = mir_type_is_int(type) || type->kind == MIR_BOOL;
        if (!plain || i >= t->params.len)
            return false;
        out->args[i] = own_value(r, &t->params.at[i]);
        if (mir_type_is_int(type) && size >= 0)
            out->args[i] = size;
        text_printf(&text, "%s%s = %lld", i ? ", " : "", t->params.at[i].name,
                    (long long)out->args[i]);
        if (mir_type_is_int(type))
            out->sizes[out->count++] = (struct confirm_size){t->params.at[i].name, out->args[i]};
    }
    text_put(&text, STR(""));
    out->text = text_str(&text);
    return true;
}

static void tell(struct run *r, struct obligation *o, const struct explore_result *e) {
    for (int32_t i = 0; i < e->schedule.len; i++) {
        const struct explore_event *s = &e->schedule.at[i];
        vec_push(r->a, &o->story,
                 s->function[0]
                     ? str_format(r->a, "%2d  %.*s takes %.*s from %.*s   %s/%s#%d", i + 1,
                                  STR_ARGS(s->to), STR_ARGS(s->message), STR_ARGS(s->from),
                                  s->function, s->op, s->site)
                     : str_format(r->a, "%2d  time passes for %.*s", i + 1, STR_ARGS(s->to)));
    }
    for (int32_t i = 0; i < e->waits.len; i++)
        vec_push(r->a, &o->story, str_format(r->a, "!   %.*s", STR_ARGS(e->waits.at[i])));
}

static void confirm(struct run *r, struct obligation *o, const struct instance *at,
                    const struct explore_result *e) {
    struct str trace, why;
    const char *with = at->text.len ? " with " : "";
    struct str found = str_format(r->a, "after %d deliveries%s%.*s nobody can move",
                                  e->schedule.len, with, STR_ARGS(at->text));
    tell(r, o, e);
    switch (confirm_deadlock(r->a, r->options, o->subject, at->sizes, at->count, &trace, &why)) {
    case CONFIRM_YES:
        o->verdict = VERDICT_REFUTED;
        o->bound = str_format(r->a, "depth %d", e->schedule.len);
        o->reason = str_format(r->a, "%.*s; the compiled program does it, too", STR_ARGS(found));
        o->trace = trace;
        break;
    case CONFIRM_NO:
        o->reason = str_format(r->a,
                               "%.*s, says the checker, but the compiled program never does "
                               "it: a defect of the checker",
                               STR_ARGS(found));
        o->defect = true;
        break;
    case CONFIRM_UNABLE:
        o->reason = str_format(r->a, "%.*s, but that is not confirmed: %.*s", STR_ARGS(found),
                               STR_ARGS(why));
        break;
    }
}

// What the concrete execution does not know, the compiled program may still do. True when it
// deadlocks; *none when all of its schedules were run, and none does.
static bool ask_simulator(struct run *r, struct obligation *o, const struct instance *at,
                          const struct explore_result *e, bool *none) {
    struct str trace, why,
        with = at->text.len ? str_format(r->a, " with %.*s", STR_ARGS(at->text)) : STR("");
    switch (confirm_deadlock(r->a, r->options, o->subject, at->sizes, at->count, &trace, &why)) {
    case CONFIRM_YES:
        o->verdict = VERDICT_REFUTED;
        o->reason = str_format(r->a, "the compiled program can stop%.*s, and nobody can move",
                               STR_ARGS(with));
        o->trace = trace;
        o->next = STR("");
        return true;
    case CONFIRM_NO:
        *none = true;
        return false;
    case CONFIRM_UNABLE:
        if (!o->next.len)
            o->next = str_format(r->a, "small sizes could not be searched: %.*s; and %.*s",
                                 STR_ARGS(e->why), STR_ARGS(why));
        return false;
    }
    return false;
}

static bool known_instance(const int64_t *args, int64_t seen[][WEB_PARAMS_MAX], int32_t count) {
    for (int32_t i = 0; i < count; i++)
        if (memcmp(args, seen[i], sizeof *args * WEB_PARAMS_MAX) == 0)
            return true;
    return false;
}

static void refute(struct run *r, struct obligation *o, const struct mir_test *t,
                   const struct mir_function *f) {
    static const int64_t sizes[] = {2, 3, -1};
    struct text clean = {.arena = r->a};
    bool endless = false, ended_here = false;
    int64_t seen[3][WEB_PARAMS_MAX] = {{-1}, {-1}, {-1}};
    for (size_t i = has_size(t, f) && !r->options->sets.len ? 0 : 2;
         i < sizeof sizes / sizeof *sizes; i++) {
        struct instance at;
        struct explore_result e = {0};
        if (!instance_of(r, t, f, sizes[i], &at))
            return;
        if (known_instance(at.args, seen, (int32_t)i))
            continue;
        memcpy(seen[i], at.args, sizeof at.args);
        explore_run(r->a, r->m, f, at.args, f->param_count, &e);
        if (e.deadlock) {
            confirm(r, o, &at, &e);
            return;
        }
        bool none = e.complete && !e.endless;
        endless = endless || e.endless;
        ended_here = ended_here || none;
        if (!e.complete && ask_simulator(r, o, &at, &e, &none))
            return;
        if (none)
            text_printf(&clean, "%s%.*s", clean.len ? "; " : "",
                        STR_ARGS(at.text.len ? at.text : STR("the program as it is")));
    }
    if (endless)
        o->reason =
            str_format(r->a, "%.*s. No schedule of a small size deadlocks, but some never end",
                       STR_ARGS(o->reason));
    else if (clean.len && !has_size(t, f)) {
        o->verdict = VERDICT_PROVED;
        o->bound = STR("exhaustive");
        o->reason = STR("all of its schedules were run, and none deadlocks");
        o->next = STR("");
        assume(r, o,
               ended_here ? STR("states of the search that agree in 64 bits of hash are the same")
                          : STR("the simulator's exhaustive search runs every schedule"));
    } else if (clean.len)
        o->reason = str_format(r->a, "%.*s. No schedule of %.*s deadlocks", STR_ARGS(o->reason),
                               STR_ARGS(text_str(&clean)));
}

static void check_deadlock(struct run *r, const char *subject, const char *function,
                           const struct mir_test *t, struct mir_loc loc) {
    const struct mir_function *f = mir_find_function(r->m, function);
    if (!f || !wanted(r, subject))
        return;
    struct obligation o = obligation_new(r, OBLIGATION_DEADLOCK, subject, loc);
    if (!prove(r, &o, t, f))
        refute(r, &o, t, f);
    vec_push(r->a, &r->out->obligations, o);
}

// ---- capabilities ---------------------------------------------------------------------------

struct literals {
    struct capability at[64];
    int32_t count;
    struct str wrong;
};

static struct literals literals_of(struct run *r, const struct mir_actor *actor) {
    struct literals l = {.count = 0};
    for (int32_t i = 0; i < actor->capabilities.len; i++) {
        const char *wrong = l.count < 64
                                ? capability_parse(r->a, actor->capabilities.at[i], &l.at[l.count])
                                : "too many capabilities";
        if (wrong && !l.wrong.len)
            l.wrong = str_format(r->a, "`%.*s` of `%s`: %s", STR_ARGS(actor->capabilities.at[i]),
                                 actor->name, wrong);
        l.count += !wrong;
    }
    return l;
}

static const struct mir_actor *actor_of_state(const struct mir_module *m,
                                              const struct mir_type *state) {
    for (int32_t i = 0; state && i < m->actors.len; i++)
        if (m->actors.at[i]->state == state)
            return m->actors.at[i];
    return NULL;
}

// Does every capability of the child lie within those of the parent that spawns it?
static bool child_within(struct run *r, struct obligation *o, const struct mir_actor *parent,
                         const struct mir_actor *child, struct mir_loc loc) {
    struct literals own = literals_of(r, child), above = literals_of(r, parent);
    struct str witness, where = place_of(r, loc);
    if (own.wrong.len || above.wrong.len) {
        o->reason = own.wrong.len ? own.wrong : above.wrong;
        return false;
    }
    for (int32_t i = 0; i < own.count; i++) {
        if (capability_within_any(r->a, &own.at[i], above.at, above.count, &witness))
            continue;
        o->reason =
            str_format(r->a,
                       "`%s` is to hold %.*s, which `%s`, that spawns it%.*s, does not hold: "
                       "%.*s",
                       child->name, STR_ARGS(child->capabilities.at[i]), parent->name,
                       STR_ARGS(where), STR_ARGS(witness));
        o->next =
            STR("the child runs with what its parent holds of it; the guard at run time stays");
        return false;
    }
    return true;
}

// The functions that code of the actor may come to run: its own, and what these mention.
static void mark_reached(const struct mir_module *m, const struct mir_function *f, bool *reached) {
    if (!f || reached[f->index])
        return;
    reached[f->index] = true;
    for (int32_t b = 0; b < f->blocks.len; b++)
        for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++) {
            const struct mir_inst *in = &f->blocks.at[b].insts.at[i];
            if (in->op == MIR_OP_CALL || in->op == MIR_OP_CLOSURE || in->op == MIR_OP_TASK)
                mark_reached(m, mir_find_function(m, in->function), reached);
        }
}

// The types of functions that what is reached calls without their names.
static void mark_applied(const struct mir_module *m, const bool *reached, bool *applied) {
    for (int32_t n = 0; n < m->functions.len; n++)
        for (int32_t b = 0; reached[n] && b < m->functions.at[n]->blocks.len; b++) {
            const struct mir_block *block = &m->functions.at[n]->blocks.at[b];
            for (int32_t i = 0; i < block->insts.len; i++)
                if (block->insts.at[i].op == MIR_OP_APPLY)
                    applied[block->insts.at[i].args.at[0].type->id] = true;
        }
}

// Such a function may be any of that type, from wherever it came.
static bool mark_values(const struct mir_module *m, const bool *applied, bool *reached) {
    bool more = false;
    for (int32_t n = 0; n < m->functions.len; n++) {
        const struct mir_function *f = m->functions.at[n];
        for (int32_t b = 0; b < f->blocks.len; b++)
            for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++) {
                const struct mir_inst *in = &f->blocks.at[b].insts.at[i];
                if (in->op != MIR_OP_CLOSURE)
                    continue;
                bool whole = in->dst.local >= 0 && !in->dst.projs.len;
                const struct mir_function *made = mir_find_function(m, in->function);
                if (!made || reached[made->index] ||
                    (whole && !applied[f->locals.at[in->dst.local].type->id]))
                    continue;
                mark_reached(m, made, reached);
                more = true;
            }
    }
    return more;
}

// Is the actor that is spawned there handed what it may do? Then it may hold less than it declares.
static bool is_handed(const struct mir_block *block, int32_t i) {
    while (i > 0 && (block->insts.at[i - 1].op == MIR_OP_ENDOW_NAME ||
                     block->insts.at[i - 1].op == MIR_OP_ENDOW_MAILBOX))
        i--;
    return i > 0 && block->insts.at[i - 1].op == MIR_OP_CONFINE;
}

// What the parent's code spawns of that kind, wherever it stands.
static bool spawns_within(struct run *r, struct obligation *o, const struct mir_actor *parent,
                          const struct mir_actor *child, int32_t *spawns) {
    bool *reached = arena_array(r->a, bool, r->m->functions.len + 1);
    for (int32_t i = 0; i < r->m->functions.len; i++)
        if (actor_of_state(r->m, r->m->functions.at[i]->self) == parent)
            mark_reached(r->m, r->m->functions.at[i], reached);
    bool *applied = arena_array(r->a, bool, r->m->types.len + 1);
    do
        mark_applied(r->m, reached, applied);
    while (mark_values(r->m, applied, reached));
    for (int32_t n = 0; n < r->m->functions.len; n++) {
        const struct mir_function *f = r->m->functions.at[n];
        for (int32_t b = 0; reached[f->index] && b < f->blocks.len; b++)
            for (int32_t k = 0; k < f->blocks.at[b].insts.len; k++) {
                const struct mir_inst *in = &f->blocks.at[b].insts.at[k];
                bool spawns_one = in->op == MIR_OP_SPAWN || in->op == MIR_OP_SPAWN_CHILD;
                if (!spawns_one || strcmp(in->actor, child->name) != 0)
                    continue;
                ++*spawns;
                if (!is_handed(&f->blocks.at[b], k) && !child_within(r, o, parent, child, in->loc))
                    return false;
            }
    }
    return true;
}

// Is it handed what it may do anywhere?
static bool is_handed_anywhere(const struct run *r, const struct mir_actor *child) {
    for (int32_t n = 0; n < r->m->functions.len; n++)
        for (int32_t b = 0; b < r->m->functions.at[n]->blocks.len; b++) {
            const struct mir_block *block = &r->m->functions.at[n]->blocks.at[b];
            for (int32_t k = 1; k < block->insts.len; k++)
                if (block->insts.at[k].actor && !strcmp(block->insts.at[k].actor, child->name) &&
                    is_handed(block, k))
                    return true;
        }
    return false;
}

// Does all that its own code asks services for lie within its clause?
static bool asks_within(struct run *r, struct obligation *o, const struct mir_actor *actor,
                        const struct literals *own, int32_t *asked) {
    struct guard_gap gap;
    if (guards_within(r->a, r->m, actor, own->at, own->count, asked, &gap))
        return true;
    struct str where = place_of(r, gap.loc);
    o->reason = gap.depends
                    ? str_format(r->a, "what `%s` asks for depends on values: %.*s%.*s",
                                 actor->name, STR_ARGS(gap.text), STR_ARGS(where))
                    : str_format(r->a, "`%s` asks for %.*s, which its clause does not hold%.*s",
                                 actor->name, STR_ARGS(gap.text), STR_ARGS(where));
    o->next = STR("what lies beyond its clause traps; the guard at run time stays");
    return false;
}

static void check_capabilities(struct run *r, const struct mir_actor *child) {
    if (!child->capabilities.len || !wanted(r, child->name))
        return;
    struct obligation o = obligation_new(r, OBLIGATION_CAPABILITY, child->name, child->loc);
    struct literals own = literals_of(r, child);
    bool within = own.wrong.len == 0;
    int32_t spawns = 0, asked = 0;
    o.reason = own.wrong;
    for (int32_t i = 0; i < r->m->actors.len && within; i++)
        within = spawns_within(r, &o, r->m->actors.at[i], child, &spawns);
    within = within && asks_within(r, &o, child, &own, &asked);
    if (within && asked && is_handed_anywhere(r, child)) {
        within = false;
        o.reason =
            str_format(r->a, "`%s` is handed what it may do, which depends on values", child->name);
        o.next = STR("what it asks for beyond that traps; the guard at run time stays");
    }
    if (within) {
        o.verdict = VERDICT_PROVED;
        o.bound = STR("unbounded");
        o.vacuous = !spawns && !asked;
        o.reason = o.vacuous ? STR("no actor spawns it, and it asks for nothing")
                   : !spawns ? STR("all that it asks for lies within its clause")
                             : STR("all that it asks for lies within its clause, and every actor "
                                   "that spawns it holds all that it declares");
        assume(r, &o, STR("the root's authority covers what the first actors declare"));
    }
    vec_push(r->a, &r->out->obligations, o);
}

// ---- the pipeline ---------------------------------------------------------------------------

void check_module(struct arena *a, const struct mir_module *m, const struct check_options *options,
                  struct check_result *out) {
    struct run r = {a, m, options, out, smt_new(a, options->units)};
    if (options->deadlock && m->entry) {
        const struct mir_function *f = mir_find_function(m, m->entry);
        check_deadlock(&r, m->entry, m->entry, NULL, f ? f->loc : (struct mir_loc){0});
    }
    for (int32_t i = 0; options->deadlock && i < m->tests.len; i++) {
        const struct mir_test *t = &m->tests.at[i];
        check_deadlock(&r, t->name, t->function, t, t->loc);
    }
    for (int32_t i = 0; options->capability && i < m->actors.len; i++)
        check_capabilities(&r, m->actors.at[i]);
    smt_free(r.smt);
}
