// SPDX-License-Identifier: MIT
// Function values: what they do when they are called.
//
// A closure does what stands in it, a named function what it does. Where such a value is called, or
// handed to a parameter of a function type without a clause, which takes any, it is done there.
// Where it is stored, that is becomes a field, a result, an element, a part of a message or
// anything else that has a function type, the type says what it may do, nothing without a clause;
// who calls it later does that. So a value that is stored is followed back to where it comes from:
// closures and functions that are named there, variables to what they are declared with, parameters
// to all that is given to them anywhere. Everything else is no more than its type says. The library
// stores none, so it is not looked at.
#include "frontend/sema/effects.h"

#include <stdlib.h>
#include <string.h>

// ---- clauses of function types ------------------------------------------------------------------

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_list(struct checker *c, struct text *out, const char *word,
                     const struct ast_ability *at, int32_t count) {
    const char **texts = arena_array(c->arena, const char *, count + 1);
    for (int32_t i = 0; i < count; i++)
        texts[i] = at[i].is_denied ? str_format(c->arena, "!%s", ability_text(c, &at[i])).data
                                   : ability_text(c, &at[i]);
    if (count)
        qsort(texts, (size_t)count, sizeof *texts, compare_texts);
    text_printf(out, " %s [", word);
    for (int32_t i = 0; i < count; i++)
        text_printf(out, "%s%s", i ? ", " : "", texts[i]);
    text_putc(out, ']');
}

struct sema_clause *clause_of(struct checker *c, const struct ast_clauses *written) {
    if (!written)
        return NULL;
    struct text out = {.arena = c->arena};
    if (written->effects.len || !written->capabilities.len)
        put_list(c, &out, "effects", written->effects.at, written->effects.len);
    if (written->capabilities.len)
        put_list(c, &out, "capabilities", written->capabilities.at, written->capabilities.len);
    const char *text = intern(c->names, text_str(&out));
    for (int32_t i = 0; i < c->clauses.len; i++)
        if (c->clauses.at[i]->text == text)
            return c->clauses.at[i];
    struct sema_clause *made = arena_new(c->arena, struct sema_clause);
    made->text = text;
    made->effects.at = written->effects.at;
    made->effects.len = written->effects.len;
    made->capabilities.at = written->capabilities.at;
    made->capabilities.len = written->capabilities.len;
    expand_clause(c, made);
    vec_push(c->arena, &c->clauses, made);
    made->number = c->clauses.len;
    return made;
}

// ---- while bodies are checked -------------------------------------------------------------------

void open_param(struct checker *c, struct sema_param *p) {
    if (p->type->kind == TYPE_FN && !p->type->clause)
        p->open = ++c->open_count;
}

void number_closure(struct checker *c, struct sema_closure *closure) {
    vec_push(c->arena, &c->closures, closure);
    closure->number = c->closures.len;
}

static struct sema_closure *value_around(struct sema_closure *closure) {
    while (closure && !closure->number)
        closure = closure->parent;
    return closure;
}

struct sema_closure *value_closure(const struct body *b) {
    return value_around(b->closure);
}

static void note_use(struct checker *c, struct function_use use) {
    if (c->module->is_std)
        return;
    use.module = c->module;
    use.caller = c->body->function;
    use.closure = value_closure(c->body);
    vec_push(c->arena, &c->uses, use);
}

void note_called(struct checker *c, struct ast_expr *e) {
    note_use(c, (struct function_use){.use = VALUE_CALLED, .value = e});
}

void note_value(struct checker *c, struct ast_expr *e, struct type *t, const struct want *want) {
    bool is_function = t->kind == TYPE_FN;
    if (want->is_discard || (!is_function && (!t->arg_count || !c->clauses.len)))
        return;
    struct function_use use = {.value = e, .to = want->type, .because = want->because};
    use.from = t;
    use.use = VALUE_KEPT;
    if (is_function && want->open) {
        use.use = VALUE_HANDED;
        use.open = want->open;
    }
    if (use.use == VALUE_KEPT && e->kind == EXPR_CLOSURE)
        info(c, e)->closure->is_kept = true;
    if (use.open != OPEN_VARIABLE)
        note_use(c, use);
}

void note_part(struct checker *c, struct ast_expr *e, struct type *t) {
    struct want want = {.type = t};
    note_value(c, e, resolve(t), &want);
}

// ---- where values come from ---------------------------------------------------------------------

struct trace {
    struct checker *c;
    struct sema_module *module;
    source_vec *out;
    VEC(const struct sema_variable *) seen;
};

static void trace(struct trace *t, struct ast_expr *e);

static void trace_block(struct trace *t, const struct ast_block *b) {
    if (b->value)
        trace(t, b->value);
}

static void trace_name(struct trace *t, const struct sema_expr *at) {
    if (at->role == ROLE_FUNCTION) {
        vec_push(t->c->arena, t->out,
                 ((struct value_source){.kind = SOURCE_FUNCTION, .function = at->use->function}));
        return;
    }
    if (at->role != ROLE_LOCAL)
        return;
    const struct sema_variable *v = at->variable;
    for (int32_t i = 0; i < t->seen.len; i++)
        if (t->seen.at[i] == v)
            return;
    vec_push(t->c->arena, &t->seen, v);
    if (v->open)
        vec_push(t->c->arena, t->out,
                 ((struct value_source){.kind = SOURCE_PARAM, .open = v->open}));
    if (v->given)
        trace(t, v->given);
}

static void trace(struct trace *t, struct ast_expr *e) {
    const struct sema_expr *at = sema_of(t->module, e);
    struct type *type = at->type ? resolve(at->type) : NULL;
    if (type && type->kind == TYPE_FN && type->clause) {
        vec_push(t->c->arena, t->out,
                 ((struct value_source){.kind = SOURCE_CLAUSE, .clause = type->clause}));
        return;
    }
    switch (e->kind) {
    case EXPR_CLOSURE:
        vec_push(t->c->arena, t->out,
                 ((struct value_source){.kind = SOURCE_CLOSURE, .closure = at->closure}));
        break;
    case EXPR_BLOCK:
        trace_block(t, e->block);
        break;
    case EXPR_IF:
        trace_block(t, e->branch.then);
        if (e->branch.otherwise)
            trace(t, e->branch.otherwise);
        break;
    case EXPR_MATCH:
        for (int32_t i = 0; i < e->match.arms.len; i++)
            trace(t, e->match.arms.at[i].body);
        break;
    case EXPR_SELECT:
        for (int32_t i = 0; i < e->select.arms.len; i++)
            trace(t, e->select.arms.at[i].body);
        break;
    case EXPR_ASYNC_WITH:
        trace_block(t, e->async_with->body);
        for (int32_t i = 0; i < e->async_with->catches.len; i++)
            trace_block(t, e->async_with->catches.at[i].body);
        break;
    case EXPR_DECLARED:
        trace(t, e->declared.operand);
        break;
    case EXPR_NAME:
    case EXPR_MEMBER:
        trace_name(t, at);
        break;
    default:
        break;
    }
}

void trace_values(struct spread *s) {
    struct checker *c = s->c;
    s->sources = arena_array(c->arena, source_vec, c->uses.len + 1);
    for (int32_t i = 0; i < c->uses.len; i++) {
        const struct function_use *u = &c->uses.at[i];
        struct trace t = {.c = c, .module = u->module, .out = &s->sources[i]};
        if (!u->from || u->from->kind == TYPE_FN)
            trace(&t, u->value);
    }
}

// ---- what they do -------------------------------------------------------------------------------

int32_t closure_node(const struct spread *s, const struct sema_closure *closure) {
    return s->c->functions.len + 2 * (closure->number - 1);
}

static int32_t param_node(const struct spread *s, int32_t open) {
    return s->c->functions.len + 2 * s->c->closures.len + open - 1;
}

int32_t node_count(const struct checker *c) {
    return c->functions.len + 2 * c->closures.len + c->open_count;
}

bool is_within_kept(const struct sema_closure *closure) {
    for (; closure; closure = closure->parent)
        if (closure->is_kept)
            return true;
    return false;
}

struct doing {
    uint64_t does, wants;
};

static struct doing done_by(const struct spread *s, int32_t node) {
    return (struct doing){s->does[node], s->wants[node]};
}

static struct doing clause_doing(struct spread *s, const struct sema_clause *clause) {
    struct doing d = {0, 0};
    for (int32_t i = 0; i < clause->effects.len; i++) {
        const struct ast_ability *a = &clause->effects.at[i];
        if (!a->is_denied)
            d.does |= ability_bit(s->c, &s->effects, ability_text(s->c, a), a);
    }
    for (int32_t i = 0; i < clause->capabilities.len; i++) {
        const struct ast_ability *a = &clause->capabilities.at[i];
        d.wants |= ability_bit(s->c, &s->needs, ability_text(s->c, a), a);
    }
    return d;
}

// What the source does for certain, or with all that it may be given.
static struct doing source_doing(struct spread *s, const struct value_source *from, bool is_all) {
    switch (from->kind) {
    case SOURCE_CLOSURE:
        return done_by(s, closure_node(s, from->closure) + is_all);
    case SOURCE_FUNCTION:
        return done_by(s, from->function->number);
    case SOURCE_CLAUSE:
        return clause_doing(s, from->clause);
    case SOURCE_PARAM:
        break;
    }
    return is_all ? done_by(s, param_node(s, from->open)) : (struct doing){0, 0};
}

static bool add(struct spread *s, int32_t node, struct doing d) {
    bool is_new = (d.does & ~s->does[node]) || (d.wants & ~s->wants[node]);
    s->does[node] |= d.does;
    s->wants[node] |= d.wants;
    return is_new;
}

// A function with a clause of its own holds that, whatever it calls.
static bool add_function(struct spread *s, const struct sema_function *f, struct doing d) {
    if (f->has_capabilities)
        d.wants = 0;
    return add(s, f->number, d);
}

void seed_values(struct spread *s) {
    for (int32_t i = 0; i < s->c->clauses.len; i++)
        clause_doing(s, s->c->clauses.at[i]);
}

// A closure does what stands in it where it stands, unless it is stored there. Leave is needed by
// who makes it in any case.
static bool spread_closure(struct spread *s, const struct sema_closure *closure) {
    int32_t node = closure_node(s, closure);
    bool changed = add(s, node + 1, done_by(s, node));
    struct doing own = done_by(s, node), all = done_by(s, node + 1);
    if (closure->is_kept)
        own.does = all.does = 0;
    const struct sema_closure *around = value_around(closure->parent);
    if (around) {
        changed |= add(s, closure_node(s, around), own);
        changed |= add(s, closure_node(s, around) + 1, all);
    } else if (closure->function) {
        changed |= add_function(s, closure->function, own);
    }
    return changed;
}

static bool spread_use(struct spread *s, const struct function_use *u, const source_vec *sources) {
    bool changed = false;
    for (int32_t i = 0; i < sources->len && u->use != VALUE_KEPT; i++) {
        struct doing own = source_doing(s, &sources->at[i], false);
        struct doing all = source_doing(s, &sources->at[i], true);
        if (u->use == VALUE_HANDED)
            changed |= add(s, param_node(s, u->open), all);
        if (u->closure) {
            changed |= add(s, closure_node(s, u->closure), own);
            changed |= add(s, closure_node(s, u->closure) + 1, all);
        } else if (u->caller) {
            changed |= add_function(s, u->caller, own);
        }
    }
    return changed;
}

bool spread_values(struct spread *s) {
    struct checker *c = s->c;
    bool changed = false;
    for (int32_t i = c->closures.len; i-- > 0;) // inner ones have higher numbers
        changed |= spread_closure(s, c->closures.at[i]);
    for (int32_t i = 0; i < c->uses.len; i++)
        changed |= spread_use(s, &c->uses.at[i], &s->sources[i]);
    for (int32_t i = 0; i < c->param_pairs.len; i++) {
        const struct param_pair *p = &c->param_pairs.at[i];
        if (p->of && p->by)
            changed |= add(s, param_node(s, p->by), done_by(s, param_node(s, p->of)));
    }
    return changed;
}

// ---- what depends on who runs it ----------------------------------------------------------------

static bool limit(struct spread *s, int32_t node, bool is_limited) {
    bool is_new = is_limited && !s->is_limited[node];
    s->is_limited[node] |= is_limited;
    return is_new;
}

static bool source_is_limited(const struct spread *s, const struct value_source *from) {
    switch (from->kind) {
    case SOURCE_CLOSURE:
        return s->is_limited[closure_node(s, from->closure) + 1];
    case SOURCE_FUNCTION:
        return s->is_limited[from->function->number];
    case SOURCE_CLAUSE:
        return from->clause->capabilities.len > 0;
    case SOURCE_PARAM:
        break;
    }
    return s->is_limited[param_node(s, from->open)];
}

bool spread_limited_values(struct spread *s) {
    struct checker *c = s->c;
    bool changed = false;
    for (int32_t i = c->closures.len; i-- > 0;) {
        const struct sema_closure *closure = c->closures.at[i];
        const struct sema_closure *around = value_around(closure->parent);
        int32_t node = closure_node(s, closure);
        changed |= limit(s, node + 1, s->is_limited[node]);
        if (around)
            changed |= limit(s, closure_node(s, around) + 1, s->is_limited[node + 1]);
        else if (closure->function)
            changed |= limit(s, closure->function->number, s->is_limited[node]);
    }
    for (int32_t i = 0; i < c->uses.len; i++) {
        const struct function_use *u = &c->uses.at[i];
        for (int32_t k = 0; k < s->sources[i].len && u->use != VALUE_KEPT; k++) {
            bool is_limited = source_is_limited(s, &s->sources[i].at[k]);
            if (u->use == VALUE_HANDED)
                changed |= limit(s, param_node(s, u->open), is_limited);
            if (u->closure)
                changed |= limit(s, closure_node(s, u->closure) + 1, is_limited);
            else if (u->caller)
                changed |= limit(s, u->caller->number, is_limited);
        }
    }
    for (int32_t i = 0; i < c->param_pairs.len; i++) {
        const struct param_pair *p = &c->param_pairs.at[i];
        if (p->of && p->by)
            changed |= limit(s, param_node(s, p->by), s->is_limited[param_node(s, p->of)]);
    }
    return changed;
}

// ---- what they may do ---------------------------------------------------------------------------

// Calling a value whose type has a clause is doing what it says.
static void check_called(struct spread *s, const struct function_use *u,
                         const struct sema_clause *clause) {
    struct checker *c = s->c;
    const char *name = type_show(c->prog, sema_of(u->module, u->value)->type);
    const struct ast_clauses *own = is_within_kept(u->closure) ? NULL : declared_clauses(u->caller);
    for (int32_t i = 0; i < clause->effects.len; i++) {
        const struct ast_ability *a = &clause->effects.at[i];
        const char *effect = ability_text(c, a);
        const struct ast_clauses *of = own;
        if (of && effect_is_allowed(c, of->effects.at, of->effects.len, effect))
            of = NULL;
        if (!of && u->declared && u->declared->has_effects)
            of = u->declared;
        if (!of || a->is_denied || effect_is_allowed(c, of->effects.at, of->effects.len, effect))
            continue;
        struct diag *d =
            diag_add(c->sink, P3001, u->value->span,
                     "a `%s` has the effect `%s`, which %s does not declare", name, effect,
                     of == own ? str_format(c->arena, "`%s`", u->caller->name).data
                               : "the clause behind it");
        diag_primary(c->sink, d, "its type says that it may do this");
        diag_label(c->sink, d, of->effects_span, "only these are declared");
        s->is_told[u->caller->number] = true;
    }
    for (int32_t i = 0; i < clause->capabilities.len; i++)
        say_not_held(s, u->value->span, u->caller, &clause->capabilities.at[i], name);
}

// Where a source gets an effect or a need from: a call in a closure, or the function itself.
static struct span origin(struct spread *s, const struct value_source *from, uint64_t does,
                          uint64_t wants, int depth) {
    struct checker *c = s->c;
    if (from->kind == SOURCE_FUNCTION)
        return from->function->module->is_std ? (struct span){0} : from->function->span;
    for (int32_t i = 0; from->kind == SOURCE_CLOSURE && i < c->calls.len; i++) {
        const struct call_edge *e = &c->calls.at[i];
        if (e->closure == from->closure && e->callee &&
            ((s->does[e->callee->number] & does) || (s->wants[e->callee->number] & wants)))
            return e->span;
    }
    for (int32_t i = 0; from->kind == SOURCE_PARAM && depth > 0 && i < c->uses.len; i++) {
        const struct function_use *u = &c->uses.at[i];
        for (int32_t k = 0; u->open == from->open && k < s->sources[i].len; k++) {
            struct doing d = source_doing(s, &s->sources[i].at[k], true);
            if (!(d.does & does) && !(d.wants & wants))
                continue;
            struct span span = origin(s, &s->sources[i].at[k], does, wants, depth - 1);
            return span.source ? span : u->value->span;
        }
    }
    return (struct span){0};
}

// A bare value may become the value of a Result.
static struct type *kept_type(struct spread *s, const struct function_use *u) {
    struct type *from = resolve(u->from), *to = resolve(u->to);
    bool is_result = to->kind == TYPE_ENUM && to->enumeration == s->c->prog->known.result;
    bool is_bare = from->kind != TYPE_ENUM || from->enumeration != to->enumeration;
    return is_result && is_bare ? resolve(to->args[0]) : to;
}

static void say_kept(struct spread *s, const struct function_use *u, struct type *to,
                     const struct value_source *from, const char *effect, const char *need,
                     uint64_t bit) {
    struct checker *c = s->c;
    const char *type = type_show(c->prog, to), *what = effect ? effect : need;
    struct diag *d =
        diag_add(c->sink, P3009, u->value->span,
                 effect ? "this function has the effect `%s`, which `%s` does not state"
                        : "this function needs the capability `%s`, which `%s` does "
                          "not state",
                 what, type);
    diag_primary(c->sink, d, "it becomes a `%s` here", type);
    struct span at = origin(s, from, effect ? bit : 0, need ? bit : 0, 8);
    if (at.source)
        diag_label(c->sink, d, at, effect ? "this does it" : "this needs it");
    if (u->because.source)
        diag_label(c->sink, d, u->because, "the type is because of this");
    diag_note(c->sink, d, "A function type states what its values may do: `%s [%s]` behind it.",
              effect ? "effects" : "capabilities", what);
}

static void check_kept(struct spread *s, const struct function_use *u, const source_vec *sources) {
    struct type *to = kept_type(s, u);
    struct checker *c = s->c;
    if (to->kind != TYPE_FN)
        return;
    const struct sema_clause none = {0}, *clause = to->clause ? to->clause : &none;
    for (int32_t i = 0; i < sources->len; i++) {
        const struct value_source *from = &sources->at[i];
        if (from->kind == SOURCE_CLAUSE && from->clause == clause)
            continue;
        struct doing d = source_doing(s, from, true);
        for (int32_t k = 0; k < s->effects.count; k++) {
            const char *effect = s->effects.at[k].text;
            if ((d.does >> k & 1) &&
                !effect_is_allowed(c, clause->effects.at, clause->effects.len, effect)) {
                say_kept(s, u, to, from, effect, NULL, (uint64_t)1 << k);
                return;
            }
        }
        for (int32_t k = 0; k < s->needs.count; k++)
            if ((d.wants >> k & 1) &&
                !ability_is_held(clause->capabilities.at, clause->capabilities.len,
                                 s->needs.at[k].from)) {
                say_kept(s, u, to, from, NULL, s->needs.at[k].text, (uint64_t)1 << k);
                return;
            }
    }
}

// Does a value of `from` do no more than one of `to` may, in all its parts? Values are copied, so
// lists and the like may have parts that do less; parameters the other way round. `is_top`: what
// `from` itself does has been looked at.
static bool parts_fit(struct spread *s, struct type *from, struct type *to, bool is_top,
                      struct type **have, struct type **wanted) {
    struct checker *c = s->c;
    from = resolve(from);
    to = resolve(to);
    if (from == to || from->kind != to->kind || from->arg_count != to->arg_count)
        return true;
    if (from->kind == TYPE_FN && !is_top && from->clause) {
        const struct sema_clause none = {0}, *may = to->clause ? to->clause : &none;
        bool fits = true;
        for (int32_t i = 0; i < from->clause->effects.len; i++)
            fits &= from->clause->effects.at[i].is_denied ||
                    effect_is_allowed(c, may->effects.at, may->effects.len,
                                      ability_text(c, &from->clause->effects.at[i]));
        for (int32_t i = 0; i < from->clause->capabilities.len; i++)
            fits &= ability_is_held(may->capabilities.at, may->capabilities.len,
                                    &from->clause->capabilities.at[i]);
        if (!fits) {
            *have = from;
            *wanted = to;
            return false;
        }
    }
    for (int32_t i = 0; i < from->arg_count; i++) {
        bool is_param = from->kind == TYPE_FN && i + 1 < from->arg_count;
        if (!parts_fit(s, is_param ? to->args[i] : from->args[i],
                       is_param ? from->args[i] : to->args[i], false, have, wanted))
            return false;
    }
    return true;
}

static void check_parts(struct spread *s, const struct function_use *u) {
    struct checker *c = s->c;
    struct type *have, *wanted;
    if (parts_fit(s, u->from, kept_type(s, u), true, &have, &wanted))
        return;
    struct diag *d = diag_add(c->sink, P3009, u->value->span, "a `%s` may do more than a `%s`",
                              type_show(c->prog, have), type_show(c->prog, wanted));
    diag_primary(c->sink, d, "this is `%s`", type_show(c->prog, zonk(c, u->from)));
    if (u->because.source)
        diag_label(c->sink, d, u->because, "wanted because of this");
    diag_note(c->sink, d, "`%s` has to state it, too.", type_show(c->prog, zonk(c, u->to)));
}

void check_values(struct spread *s) {
    struct checker *c = s->c;
    for (int32_t i = 0; i < c->uses.len; i++) {
        const struct function_use *u = &c->uses.at[i];
        if (u->use == VALUE_KEPT && s->effects.batch == 0 && c->clauses.len)
            check_parts(s, u);
        if (u->use == VALUE_KEPT) {
            check_kept(s, u, &s->sources[i]);
            continue;
        }
        for (int32_t k = 0; s->effects.batch == 0 && u->caller && k < s->sources[i].len; k++)
            if (s->sources[i].at[k].kind == SOURCE_CLAUSE)
                check_called(s, u, s->sources[i].at[k].clause);
    }
}
