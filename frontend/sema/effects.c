// SPDX-License-Identifier: MIT
// Effects and capabilities. What a function does follows from what it calls: effects go up the
// calls until nothing changes, and a clause that was written must cover them. What a function needs
// leave for goes up the same way until an actor or a clause says what is held there; an actor
// without a clause holds nothing. Actors started by an actor get at most what that one holds.
#include "frontend/sema/effects.h"

#include <stdlib.h>
#include <string.h>

// ---- names --------------------------------------------------------------------------------------

const char *ability_text(struct checker *c, const struct ast_ability *a) {
    struct text out = {.arena = c->arena};
    for (int32_t i = 0; i < a->path.names.len; i++)
        text_printf(&out, "%s%s", i ? "." : "", a->path.names.at[i].text);
    for (int32_t i = 0; i < a->args.len; i++) {
        const struct ast_expr *e = a->args.at[i];
        text_put(&out, i ? STR(", ") : STR("("));
        if (e->kind == EXPR_STRING)
            text_printf(&out, "\"%.*s\"", STR_ARGS(e->string));
        else if (e->kind == EXPR_INT)
            text_printf(&out, "%llu", (unsigned long long)e->int_value);
        else
            text_put(&out, STR("..."));
    }
    if (a->args.len)
        text_putc(&out, ')');
    return intern(c->names, text_str(&out));
}

uint64_t ability_bit(struct checker *c, struct ability_set *set, const char *text,
                     const struct ast_ability *from) {
    int32_t i = 0;
    while (i < set->all.len && set->all.at[i].text != text)
        i++;
    if (i == set->all.len)
        vec_push(c->arena, &set->all, ((struct ability){text, from}));
    return i / BATCH == set->batch ? (uint64_t)1 << i % BATCH : 0;
}

static void begin_batch(struct ability_set *set, int32_t batch) {
    set->batch = batch;
    set->count = 0;
}

// All that there are are known by now.
static void fill_batch(struct ability_set *set) {
    int32_t from = set->batch * BATCH, left = set->all.len - from;
    set->at = set->all.at + from;
    set->count = left < 0 ? 0 : left < BATCH ? left : BATCH;
}

static const char *builtin_effect(enum sema_builtin b) {
    switch (b) {
    case BUILTIN_NOW:
    case BUILTIN_NOW_WALL:
    case BUILTIN_SLEEP:
        return "Time.Clock";
    case BUILTIN_RANDOM:
        return "Random";
    case BUILTIN_PRINT:
        return "IO.Console";
    default:
        return NULL;
    }
}

// `have` is `need`, or stands above it: "IO" above "IO.Network".
static bool covers_name(const char *have, const char *need) {
    size_t len = strlen(have);
    return strncmp(have, need, len) == 0 && (need[len] == 0 || need[len] == '.');
}

// Tracked, allowed without being declared.
static bool is_implicit(const char *effect) {
    static const char *const names[] = {"Time", "Random", "Log", "IO.Console", "Computation"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (covers_name(names[i], effect))
            return true;
    return false;
}

// ---- capabilities -------------------------------------------------------------------------------

static bool same_name(const struct ast_ability *a, int32_t i, const char *text) {
    return strcmp(a->path.names.at[i].text, text) == 0;
}

// A path within another, by whole segments.
static bool path_within(struct str have, struct str need) {
    if (have.len && have.data[have.len - 1] == '/')
        have.len--;
    return str_starts(need, have) && (need.len == have.len || need.data[have.len] == '/');
}

static bool covers_args(const struct ast_ability *have, const struct ast_ability *need) {
    if (have->args.len == 0)
        return true;
    if (need->args.len == 0)
        return false;
    const struct ast_expr *h = have->args.at[0], *n = need->args.at[0];
    if (h->kind == EXPR_STRING && n->kind == EXPR_STRING)
        return path_within(h->string, n->string);
    return true; // depends on values: guarded when the program runs
}

// `Database.ReadWrite` is `Read` and `Write`; a family stands for all in it; `IO.FileSystem` and
// `IO.Network` for the families of these names.
static bool covers(const struct ast_ability *have, const struct ast_ability *need) {
    int32_t h = 0, count = have->path.names.len;
    if (count > 1 && same_name(have, 0, "IO") && !same_name(need, 0, "IO"))
        h = 1;
    for (int32_t i = 0; h < count; h++, i++) {
        if (i >= need->path.names.len)
            return false;
        const char *name = need->path.names.at[i].text;
        if (have->path.names.at[h].text == name)
            continue;
        bool both = h == count - 1 && same_name(have, h, "ReadWrite") &&
                    (strcmp(name, "Read") == 0 || strcmp(name, "Write") == 0);
        if (!both)
            return false;
    }
    return covers_args(have, need);
}

// ---- what is done -------------------------------------------------------------------------------

static void seed(struct spread *s, struct sema_function *f) {
    struct checker *c = s->c;
    const char *effect = builtin_effect(f->builtin);
    if (effect)
        s->does[f->number] |= ability_bit(c, &s->effects, intern(c->names, str_from(effect)), NULL);
    if (!f->item || f->item->kind == ITEM_INVARIANT)
        return;
    struct ast_clauses *clauses = &f->item->function->clauses;
    for (int32_t i = 0; i < clauses->effects.len; i++)
        if (!clauses->effects.at[i].is_denied)
            s->does[f->number] |= ability_bit(
                c, &s->effects, ability_text(c, &clauses->effects.at[i]), &clauses->effects.at[i]);
    for (int32_t i = 0; i < f->capabilities.len; i++)
        s->wants[f->number] |= ability_bit(c, &s->needs, ability_text(c, &f->capabilities.at[i]),
                                           &f->capabilities.at[i]);
}

// What a clause behind an expression says is done there counts as done.
static void seed_declared(struct spread *s, const struct declared_expr *e) {
    struct checker *c = s->c;
    for (int32_t i = 0; i < e->clauses->effects.len; i++)
        if (!e->clauses->effects.at[i].is_denied)
            s->does[e->caller->number] |=
                ability_bit(c, &s->effects, ability_text(c, &e->clauses->effects.at[i]),
                            &e->clauses->effects.at[i]);
    for (int32_t i = 0; i < e->clauses->capabilities.len && !e->caller->has_capabilities; i++)
        s->wants[e->caller->number] |=
            ability_bit(c, &s->needs, ability_text(c, &e->clauses->capabilities.at[i]),
                        &e->clauses->capabilities.at[i]);
}

static void spread(struct spread *s) {
    struct checker *c = s->c;
    for (bool changed = true; changed;) {
        changed = false;
        for (int32_t i = c->calls.len; i-- > 0;) {
            struct call_edge *e = &c->calls.at[i];
            if (!e->callee)
                continue;
            int32_t at = e->closure ? closure_node(s, e->closure) : e->caller->number;
            bool holds = !e->closure && e->caller->has_capabilities;
            uint64_t does = s->does[e->callee->number] & ~s->does[at];
            uint64_t wants = holds ? 0 : s->wants[e->callee->number] & ~s->wants[at];
            s->does[at] |= does;
            s->wants[at] |= wants;
            changed |= does || wants;
        }
        changed |= spread_values(s);
    }
}

// ---- what is declared ---------------------------------------------------------------------------

struct ast_clauses *declared_clauses(struct sema_function *f) {
    if (f->item && f->item->kind != ITEM_INVARIANT && f->item->function->clauses.has_effects)
        return &f->item->function->clauses;
    return f->actor && f->actor->item->actor->clauses.has_effects ? &f->actor->item->actor->clauses
                                                                  : NULL;
}

static bool is_listed(struct checker *c, const struct ast_ability *list, int32_t count,
                      const char *effect, bool is_denied) {
    for (int32_t i = 0; i < count; i++)
        if (list[i].is_denied == is_denied && covers_name(ability_text(c, &list[i]), effect))
            return true;
    return false;
}

static bool is_denied(struct checker *c, const struct ast_clauses *clauses, const char *effect) {
    return is_listed(c, clauses->effects.at, clauses->effects.len, effect, true);
}

bool effect_is_allowed(struct checker *c, const struct ast_ability *list, int32_t count,
                       const char *effect) {
    return (is_implicit(effect) || is_listed(c, list, count, effect, false)) &&
           !is_listed(c, list, count, effect, true);
}

static bool is_allowed(struct checker *c, const struct ast_clauses *clauses, const char *effect) {
    return effect_is_allowed(c, clauses->effects.at, clauses->effects.len, effect);
}

static void check_effect(struct spread *s, struct call_edge *e, const struct ast_clauses *clauses,
                         const char *effect) {
    struct checker *c = s->c;
    if (is_allowed(c, clauses, effect))
        return;
    bool denied = is_denied(c, clauses, effect);
    struct diag *d =
        diag_add(c->sink, P3001, e->span, "`%s` has the effect `%s`, which `%s` %s",
                 e->callee->name, effect, e->caller->name, denied ? "denies" : "does not declare");
    diag_primary(c->sink, d, "`%s` happens below this call", effect);
    diag_label(c->sink, d, clauses->effects_span,
               denied ? "denied here" : "only these are declared");
    s->is_told[e->caller->number] = true;
}

bool ability_is_held(const struct ast_ability *list, int32_t count,
                     const struct ast_ability *need) {
    for (int32_t i = 0; i < count; i++)
        if (covers(&list[i], need))
            return true;
    return false;
}

// Who is asked to hold something: a function with a clause of its own, or else its actor.
struct holder {
    const char *name;
    const struct ast_ability *at;
    int32_t count;
    bool has_clause;
    struct span span;               // of what says what is held, or of the name
    const struct sema_actor *actor; // NULL for a function
};

static struct holder holder_of(const struct sema_function *f) {
    if (f->has_capabilities)
        return (struct holder){f->name,
                               f->capabilities.at,
                               f->capabilities.len,
                               true,
                               f->item->function->clauses.capabilities_span,
                               NULL};
    const struct sema_actor *a = f->actor;
    return (struct holder){a->name,
                           a->capabilities.at,
                           a->capabilities.len,
                           a->has_capabilities,
                           a->has_capabilities ? a->capabilities_span : a->span,
                           a};
}

static void say_missing(struct spread *s, struct span span, enum diag_code code,
                        const struct holder *h, const char *what, const char *asks) {
    struct checker *c = s->c;
    struct diag *d =
        diag_add(c->sink, code, span, "`%s` needs the capability `%s`, which `%s` does not hold",
                 asks, what, h->name);
    diag_primary(c->sink, d, "this needs `%s`", what);
    diag_label(c->sink, d, h->span,
               h->has_clause ? "only these are held" : "without a clause it holds none");
    struct str bundle = h->actor && !h->has_clause ? bundle_name(h->actor) : (struct str){0};
    if (bundle.data)
        diag_note(c->sink, d, "no manifest gives the bundle `%.*s`, which stands over it.",
                  STR_ARGS(bundle));
    // Where it depends on values, the family gives it for all of them.
    int32_t len = (int32_t)(strstr(what, "(...") ? strcspn(what, "(") : strlen(what));
    diag_note(c->sink, d, "`capabilities [%.*s]` behind the name gives it.", len, what);
}

void say_not_held(struct spread *s, struct span span, const struct sema_function *f,
                  const struct ast_ability *what, const char *asks) {
    if (!f->has_capabilities && !f->actor)
        return;
    struct holder h = holder_of(f);
    if (!ability_is_held(h.at, h.count, what))
        say_missing(s, span, P3002, &h, ability_text(s->c, what), asks);
}

static void check_needs(struct spread *s, struct call_edge *e) {
    if (!e->caller->has_capabilities && !e->caller->actor)
        return;
    struct holder h = holder_of(e->caller);
    if (e->actor) {
        for (int32_t i = 0; i < e->actor->capabilities.len && !e->is_handed; i++)
            if (!ability_is_held(h.at, h.count, &e->actor->capabilities.at[i]))
                say_missing(s, e->span, P3003, &h,
                            ability_text(s->c, &e->actor->capabilities.at[i]), e->actor->name);
        return;
    }
    for (int32_t i = 0; i < s->needs.count; i++)
        if ((s->wants[e->callee->number] >> i & 1) &&
            !ability_is_held(h.at, h.count, s->needs.at[i].from))
            say_missing(s, e->span, P3002, &h, s->needs.at[i].text, e->callee->name);
}

// ---- clauses behind expressions -----------------------------------------------------------------

// What the call does lies within what the clause behind it says.
static void check_within(struct spread *s, const struct call_edge *e) {
    struct checker *c = s->c;
    const struct ast_clauses *clauses = e->declared;
    for (int32_t i = 0; i < s->effects.count && clauses->has_effects; i++) {
        const char *effect = s->effects.at[i].text;
        if (!(s->does[e->callee->number] >> i & 1) || is_allowed(c, clauses, effect))
            continue;
        struct diag *d = diag_add(c->sink, P3001, e->span,
                                  "`%s` has the effect `%s`, which the clause behind the call %s",
                                  e->callee->name, effect,
                                  is_denied(c, clauses, effect) ? "denies" : "does not declare");
        diag_primary(c->sink, d, "`%s` happens below this call", effect);
        diag_label(c->sink, d, clauses->effects_span, "only these are declared");
    }
    for (int32_t i = 0; i < s->needs.count && clauses->has_capabilities; i++) {
        if (!(s->wants[e->callee->number] >> i & 1) ||
            ability_is_held(clauses->capabilities.at, clauses->capabilities.len,
                            s->needs.at[i].from))
            continue;
        struct diag *d = diag_add(
            c->sink, P3002, e->span,
            "`%s` needs the capability `%s`, which the clause behind the call does not give",
            e->callee->name, s->needs.at[i].text);
        diag_primary(c->sink, d, "this needs `%s`", s->needs.at[i].text);
        diag_label(c->sink, d, clauses->capabilities_span, "only these are given");
    }
}

// What the clause says lies within what its function declares and holds.
static void check_declared_expr(struct spread *s, const struct declared_expr *e) {
    struct checker *c = s->c;
    const struct ast_clauses *own = declared_clauses(e->caller);
    for (int32_t i = 0; i < e->clauses->effects.len && own; i++) {
        const struct ast_ability *a = &e->clauses->effects.at[i];
        const char *effect = ability_text(c, a);
        if (a->is_denied || is_allowed(c, own, effect))
            continue;
        struct diag *d =
            diag_add(c->sink, P3001, e->clauses->effects_span,
                     "the effect `%s` is not among those of `%s`", effect, e->caller->name);
        diag_primary(c->sink, d, "declared here for this expression");
        diag_label(c->sink, d, own->effects_span, "only these are declared");
        s->is_told[e->caller->number] = true;
    }
    if (!e->caller->has_capabilities && !e->caller->actor)
        return;
    struct holder h = holder_of(e->caller);
    for (int32_t i = 0; i < e->clauses->capabilities.len; i++) {
        if (ability_is_held(h.at, h.count, &e->clauses->capabilities.at[i]))
            continue;
        const char *what = ability_text(c, &e->clauses->capabilities.at[i]);
        struct diag *d =
            diag_add(c->sink, P3002, e->clauses->capabilities_span,
                     "the capability `%s` is not among those that `%s` holds", what, h.name);
        diag_primary(c->sink, d, "needed here for this expression");
        diag_label(c->sink, d, h.span,
                   h.has_clause ? "only these are held" : "without a clause it holds none");
    }
}

static void check_edge(struct spread *s, struct call_edge *e) {
    if (!e->caller || e->caller->module->is_std)
        return;
    if (e->declared && e->callee)
        check_within(s, e);
    struct ast_clauses *clauses = declared_clauses(e->caller);
    bool counts = !is_within_kept(e->closure); // else its type says what may be done
    if (e->callee && clauses && counts && !s->is_told[e->caller->number])
        for (int32_t i = 0; i < s->effects.count; i++)
            if (s->does[e->callee->number] >> i & 1)
                check_effect(s, e, clauses, s->effects.at[i].text);
    check_needs(s, e);
}

// ---- what depends on who runs it ----------------------------------------------------------------

static bool note_limited(struct spread *s, const struct call_edge *e) {
    int32_t at = e->closure ? closure_node(s, e->closure) : e->caller->number;
    bool is_limited =
        e->actor ? e->actor->capabilities.len > 0 : e->callee && s->is_limited[e->callee->number];
    if (!is_limited || s->is_limited[at])
        return false;
    s->is_limited[at] = true;
    return true;
}

static void find_limited(struct spread *s) {
    struct checker *c = s->c;
    for (int32_t i = 0; i < c->functions.len; i++)
        s->is_limited[i] = c->functions.at[i]->capabilities.len > 0 || c->functions.at[i]->guard ||
                           c->functions.at[i]->builtin == BUILTIN_CEILING;
    for (bool changed = true; changed;) {
        changed = spread_limited_values(s);
        for (int32_t i = c->calls.len; i-- > 0;)
            changed |= note_limited(s, &c->calls.at[i]);
    }
    for (int32_t i = 0; i < c->functions.len; i++)
        c->functions.at[i]->is_limited = s->is_limited[i];
    for (int32_t i = 0; i < c->closures.len; i++)
        c->closures.at[i]->is_limited = s->is_limited[closure_node(s, c->closures.at[i]) + 1];
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void publish(struct spread *s, struct sema_function *f) {
    VEC(const char *) names = {0};
    for (int32_t i = 0; i < s->effects.count; i++)
        if (s->does[f->number] >> i & 1)
            vec_push(s->c->arena, &names, s->effects.at[i].text);
    for (int32_t i = 0; i < f->effects.len; i++)
        vec_push(s->c->arena, &names, f->effects.at[i]); // of the batches before
    if (names.len)
        qsort(names.at, (size_t)names.len, sizeof *names.at, compare_names);
    LIST_OF(f->effects, names);
}

// One batch of effects and capabilities is followed through all calls.
static void check_batch(struct spread *s, int32_t batch) {
    struct checker *c = s->c;
    size_t bytes = sizeof(uint64_t) * (size_t)node_count(c);
    memset(s->does, 0, bytes);
    memset(s->wants, 0, bytes);
    begin_batch(&s->effects, batch);
    begin_batch(&s->needs, batch);
    for (int32_t i = 0; i < c->functions.len; i++)
        seed(s, c->functions.at[i]);
    for (int32_t i = 0; i < c->declared.len; i++)
        seed_declared(s, &c->declared.at[i]);
    seed_values(s);
    fill_batch(&s->effects);
    fill_batch(&s->needs);
    spread(s);
    for (int32_t i = 0; i < c->declared.len && batch == 0; i++)
        check_declared_expr(s, &c->declared.at[i]);
    for (int32_t i = 0; i < c->calls.len; i++)
        if (batch == 0 || !c->calls.at[i].actor)
            check_edge(s, &c->calls.at[i]);
    check_values(s);
    for (int32_t i = 0; i < c->functions.len; i++)
        publish(s, c->functions.at[i]);
}

void check_effects(struct checker *c) {
    struct spread *s = arena_new(c->arena, struct spread);
    s->c = c;
    s->does = arena_array(c->arena, uint64_t, node_count(c) + 1);
    s->wants = arena_array(c->arena, uint64_t, node_count(c) + 1);
    s->is_told = arena_array(c->arena, bool, c->functions.len + 1);
    s->is_limited = arena_array(c->arena, bool, node_count(c) + 1);
    trace_values(s);
    int32_t batch = 0;
    do
        check_batch(s, batch++);
    while (s->effects.all.len > batch * BATCH || s->needs.all.len > batch * BATCH);
    find_limited(s);
}
