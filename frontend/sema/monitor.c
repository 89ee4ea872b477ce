// SPDX-License-Identifier: MIT
// Monitors. A monitor becomes an actor: its fields, functions and invariants are an actor's, and
// what it watches, messages of actors or of modules, are the messages that it takes. What a state
// says about an event becomes two functions: one for the guard, one for what is done.
#include "frontend/sema/check.h"

// ---- declaring ----------------------------------------------------------------------------------

static struct diag *say_wrong(struct checker *c, struct span span, const char *title,
                              const char *name) {
    return diag_add(c->sink, P2084, span, title, name);
}

static struct ast_item *actor_of(struct checker *c, struct ast_item *item) {
    struct ast_item *made = arena_new(c->arena, struct ast_item);
    *made = *item;
    made->kind = ITEM_ACTOR;
    made->actor = arena_new(c->arena, struct ast_actor);
    made->actor->flavour = ACTOR_PLAIN;
    made->actor->generics = item->monitor->generics;
    VEC(struct ast_item *) members = {0};
    for (int32_t i = 0; i < item->monitor->members.len; i++) {
        struct ast_item *member = item->monitor->members.at[i];
        if (member->kind == ITEM_FIELD && !member->field->value) {
            struct diag *d = say_wrong(c, member->span, "`%s` has nothing to begin with",
                                       member->field->name.text);
            diag_primary(c->sink, d, "a monitor is started without arguments");
        }
        if (member->kind != ITEM_STATE)
            vec_push(c->arena, &members, member);
    }
    LIST_OF(made->actor->members, members);
    return made;
}

// Names of the event's values, in the order of its parameters.
static struct ast_param param_of(struct checker *c, const struct ast_closure_param *p,
                                 struct span span) {
    struct ast_param made = {.binding = {.name = {.text = "_"}, .id = -1}, .span = span};
    const struct ast_pattern *pattern = p->pattern;
    made.type = p->type;
    if (pattern->kind == PATTERN_BIND && !pattern->bind.inner) {
        made.binding = pattern->bind.binding;
    } else if (pattern->kind != PATTERN_WILDCARD) {
        struct diag *d = say_wrong(c, pattern->span, "a value of an event is named%s", "");
        diag_primary(c->sink, d, "a name or `_` is needed here");
    }
    return made;
}

static struct sema_function *code_of(struct checker *c, struct sema_actor *a,
                                     const struct ast_state_handler *h, const char *name,
                                     struct ast_block *body) {
    struct ast_item *item = arena_new(c->arena, struct ast_item);
    struct ast_function *f = arena_new(c->arena, struct ast_function);
    item->kind = ITEM_FUNCTION;
    item->span = h->span;
    item->name =
        (struct ast_name){intern(c->names, str_from(name)), h->event.span.start, h->event.span.end};
    item->function = f;
    f->self_binding = -1;
    f->params.len = h->params.len;
    f->params.at = arena_array(c->arena, struct ast_param, h->params.len + 1);
    for (int32_t i = 0; i < h->params.len; i++)
        f->params.at[i] = param_of(c, &h->params.at[i], h->span);
    f->body = body;
    return function_new(c, item, a->scope, FUNCTION_ACTOR, a->name);
}

static const char *path_text(struct checker *c, const struct ast_path *path) {
    struct text out = {.arena = c->arena};
    for (int32_t i = 0; i < path->names.len; i++)
        text_printf(&out, "%s%s", i ? "." : "", path->names.at[i].text);
    return out.data;
}

static struct sema_watch watch_of(struct checker *c, struct sema_actor *a, int32_t state,
                                  struct ast_state_handler *h) {
    struct sema_watch w = {.ast = h, .state = state, .target = -1};
    const char *event = path_text(c, &h->event), *in = a->states.at[state].name;
    if (h->guard) {
        struct ast_block *looks = arena_new(c->arena, struct ast_block);
        looks->span = h->guard->span;
        looks->value = h->guard;
        w.guard = code_of(c, a, h, str_format(c->arena, "%s.if.%s", in, event).data, looks);
        w.guard->result = c->t_bool;
        w.guard->is_guard = true;
    }
    if (h->body)
        w.body = code_of(c, a, h, str_format(c->arena, "%s.on.%s", in, event).data, h->body);
    return w;
}

static int32_t state_named(const struct sema_actor *a, const char *name) {
    for (int32_t i = 0; i < a->states.len; i++)
        if (a->states.at[i].name == name)
            return i;
    return -1;
}

static void declare_states(struct checker *c, struct sema_actor *a, struct ast_item *item) {
    VEC(struct sema_state) states = {0};
    VEC(struct ast_item *) items = {0};
    for (int32_t i = 0; i < item->monitor->members.len; i++) {
        struct ast_item *member = item->monitor->members.at[i];
        if (member->kind != ITEM_STATE)
            continue;
        struct sema_state s = {.name = member->name.text,
                               .span = ast_name_span(member->span, member->name),
                               .is_hot = member->state->temperature == STATE_HOT};
        LIST_OF(a->states, states);
        if (state_named(a, s.name) >= 0) {
            struct diag *d =
                diag_add(c->sink, P2005, s.span, "the state `%s` is declared twice", s.name);
            diag_primary(c->sink, d, "declared again here");
            continue;
        }
        vec_push(c->arena, &states, s);
        vec_push(c->arena, &items, member);
    }
    LIST_OF(a->states, states);
    VEC(struct sema_watch) watches = {0};
    for (int32_t i = 0; i < items.len; i++)
        for (int32_t k = 0; k < items.at[i]->state->handlers.len; k++)
            vec_push(c->arena, &watches, watch_of(c, a, i, &items.at[i]->state->handlers.at[k]));
    LIST_OF(a->watches, watches);
}

void declare_monitor(struct checker *c, struct namespace *n, struct ast_item *item) {
    declare_within(c, n, actor_of(c, item));
    struct sema_actor *a = c->actors.at[c->actors.len - 1];
    a->is_monitor = true;
    declare_states(c, a, item);
    if (a->states.len == 0) {
        struct diag *d = say_wrong(c, a->span, "the monitor `%s` has no states", a->name);
        diag_primary(c->sink, d, "`state Name { on Event -> Other; }` is needed");
    }
}

// ---- what is watched ----------------------------------------------------------------------------

static struct sema_function *message_of_actor(const struct sema_actor *a, const char *name) {
    for (int32_t i = 0; i < a->messages.len; i++)
        if (a->messages.at[i].name == name)
            return a->messages.at[i].handler;
    return NULL;
}

// `Actor.Message`, `Message`, either of them behind modules; NULL after a diagnostic.
static struct sema_function *event_named(struct checker *c, const struct ast_path *path) {
    struct symbol *s = symbol_find(c->scope, path->names.at[0].text);
    struct sema_function *found = NULL;
    for (int32_t i = 1; s && i < path->names.len; i++) {
        const char *name = path->names.at[i].text;
        if (s->kind == SYMBOL_ACTOR && i + 1 == path->names.len) {
            found = message_of_actor(s->actor, name);
        }
        s = s->kind == SYMBOL_MODULE ? symbol_find_here(s->module, name) : NULL;
    }
    if (s && s->kind == SYMBOL_MESSAGE)
        found = s->function;
    if (!found) {
        struct diag *d = say_wrong(c, path->span, "there is no event `%s`", path_text(c, path));
        diag_primary(c->sink, d, "neither `Actor.Message` nor a `message` of a module");
    }
    return found;
}

static bool same_args(const sema_types *a, const sema_types *b) {
    for (int32_t i = 0; i < a->len && i < b->len; i++)
        if (a->at[i] != b->at[i])
            return false;
    return a->len == b->len;
}

static int32_t event_index(struct checker *c, struct sema_actor *a, struct sema_event event) {
    for (int32_t i = 0; i < a->events.len; i++)
        if (a->events.at[i].function == event.function &&
            same_args(&a->events.at[i].args, &event.args))
            return i;
    struct sema_event *all = arena_array(c->arena, struct sema_event, a->events.len + 1);
    for (int32_t i = 0; i < a->events.len; i++)
        all[i] = a->events.at[i];
    all[a->events.len] = event;
    a->events.at = all;
    return a->events.len++;
}

// What is written of a value's type; NULL if nothing is.
static struct type *written(struct checker *c, const struct sema_watch *w, int32_t i) {
    const struct sema_function *code = w->body ? w->body : w->guard;
    if (!w->ast->params.at[i].type)
        return NULL;
    return code ? code->params.at[i].type : type_of_expr(c, w->ast->params.at[i].type);
}

static bool is_named(const struct ast_closure_param *p) {
    return p->pattern->kind == PATTERN_BIND;
}

// `Cell<i64>.Put`
static bool take_args(struct checker *c, const struct ast_state_handler *h,
                      const struct sema_event *event) {
    const struct sema_actor *of = event->function->actor;
    sema_types given;
    const char *name = of ? of->name : path_text(c, &h->event);
    struct span declared = of ? of->span : event->function->span;
    if (!args_fit(c, name, h->args, event->args.len, h->args->span, declared, false, &given))
        return false;
    for (int32_t i = 0; i < given.len; i++)
        unify(c, event->args.at[i], given.at[i]);
    return true;
}

// Of a generic actor's message: which actors are watched is written with the actor, or follows from
// the types that are written of its values. Without any it is all of them, whose values have no
// type then.
static bool find_args(struct checker *c, struct sema_watch *w, struct sema_event *event) {
    const struct sema_function *f = event->function;
    const struct ast_state_handler *h = w->ast;
    int32_t count = f->actor ? f->actor->params.len : 0;
    event->args = (sema_types){arena_array(c->arena, struct type *, count), count};
    for (int32_t i = 0; i < count; i++)
        event->args.at[i] = type_var_new(c, VAR_ANY, h->event.span);
    if (h->args && !take_args(c, h, event))
        return false;
    for (int32_t i = 0; count > 0 && i < h->params.len; i++) {
        struct type *t = sema_subst(c->prog, f->params.at[i].type, &f->actor->params, &event->args);
        struct type *said = written(c, w, i);
        if (said)
            unify(c, t, said); // if it is another one, that is told below
    }
    const struct ast_closure_param *open = NULL;
    for (int32_t i = 0; i < count; i++) {
        event->args.at[i] = zonk(c, event->args.at[i]);
        event->is_any |= (event->args.at[i]->flags & TYPE_HAS_VAR) != 0;
    }
    for (int32_t i = 0; i < h->params.len && event->is_any; i++)
        open = is_named(&h->params.at[i]) ? &h->params.at[i] : open;
    for (int32_t i = 0; i < count; i++)
        if (event->args.at[i]->flags & TYPE_HAS_VAR)
            event->args.at[i] = NULL;
    if (!open)
        return true;
    struct diag *d = say_wrong(c, open->pattern->span, "the type of `%s` is not known",
                               open->pattern->bind.binding.name.text);
    diag_primary(c->sink, d, "`%s` is a message of actors of many types", path_text(c, &h->event));
    diag_note(c->sink, d, "Types behind the names say which: `(%s: i64)`.",
              open->pattern->bind.binding.name.text);
    return false;
}

// The values have the types of the event's.
static void type_params(struct checker *c, struct sema_function *f, const struct sema_event *of) {
    const struct sema_function *event = of->function;
    if (f && of->is_any) {
        f->params.len = f->item->function->params.len = 0;
        return;
    }
    for (int32_t i = 0; f && i < f->params.len; i++) {
        struct type *t = event->params.at[i].type;
        if (of->args.len)
            t = sema_subst(c->prog, t, &event->actor->params, &of->args);
        if (f->item->function->params.at[i].type && f->params.at[i].type != t) {
            struct diag *d = diag_add(c->sink, P2003, f->item->function->params.at[i].type->span,
                                      "this is `%s`", type_show(c->prog, t));
            diag_primary(c->sink, d, "`%s` stands here", type_show(c->prog, f->params.at[i].type));
            diag_label(c->sink, d, event->span, "the event is declared here");
        }
        f->params.at[i].type = t;
    }
}

// ---- monitors with type parameters --------------------------------------------------------------
// There is one for each set of types that an event says which says all of them. Nothing may be
// asked of them that the actor whose event it is does not ask already.

// Equal types in the place of `t` have equal ones in that of the parameter.
static bool type_says(const struct type *t, const struct sema_type_param *p) {
    bool says = t->kind == TYPE_PARAM && t->param == p;
    for (int32_t i = 0; i < t->arg_count && !says && t->kind != TYPE_ASSOC; i++)
        says = type_says(t->args[i], p);
    return says;
}

// Does the actor's parameter ask for that, said of the types that the event names?
static bool asks_trait(struct checker *c, const struct sema_event *e,
                       const struct sema_type_param *of, const struct sema_trait_ref *ref) {
    for (int32_t i = 0; i < e->args.len; i++)
        if (!e->args.at[i])
            return false;
    for (int32_t i = 0; i < of->traits.len; i++) {
        struct sema_trait_ref have =
            subst_trait_ref(c, &of->traits.at[i], &e->function->actor->params, &e->args);
        bool same = have.trait == ref->trait && same_trait_args(c, &have.args, &ref->args) &&
                    have.equals.len >= ref->equals.len;
        for (int32_t k = 0; same && k < ref->equals.len; k++)
            same = have.equals.at[k].assoc == ref->equals.at[k].assoc &&
                   have.equals.at[k].type == ref->equals.at[k].type;
        if (same)
            return true;
    }
    return false;
}

// Whatever is asked of `p` is asked of `of`.
static bool asks_as_much(struct checker *c, const struct sema_event *e,
                         const struct sema_type_param *of, const struct sema_type_param *p) {
    bool does = (p->bounds & ~of->bounds) == 0;
    for (int32_t i = 0; i < p->traits.len && does; i++)
        does = asks_trait(c, e, of, &p->traits.at[i]);
    return does;
}

static bool is_asked(struct checker *c, const struct sema_event *e,
                     const struct sema_type_param *p) {
    bool asked = p->bounds == 0 && p->traits.len == 0;
    for (int32_t i = 0; i < e->args.len && !asked; i++) {
        const struct type *t = e->args.at[i];
        asked = t && t->kind == TYPE_PARAM && t->param == p &&
                asks_as_much(c, e, e->function->actor->params.at[i], p);
    }
    return asked;
}

bool event_says_params(const struct sema_actor *a, const struct sema_event *e) {
    bool all = true;
    for (int32_t i = 0; i < a->params.len && all; i++) {
        all = false;
        for (int32_t k = 0; k < e->args.len && !all; k++)
            all = e->args.at[k] && type_says(e->args.at[k], a->params.at[i]);
    }
    return all;
}

// The actor may be there for types that the monitor could not look at.
static void say_asks_more(struct checker *c, const struct sema_event *e,
                          const struct sema_type_param *p) {
    const struct sema_actor *of = e->function->actor;
    struct diag *d = say_wrong(c, p->span, "more is asked of `%s` than the actor does", p->name);
    diag_primary(c->sink, d, "there may be a `%s` of which this does not hold", of->name);
    diag_label(c->sink, d, of->span, "the actor is declared here");
    diag_note(c->sink, d,
              "A monitor sees all actors that it names: what it asks, `%s` asks, too; or "
              "it is one for the types at hand.",
              of->name);
}

static void check_params(struct checker *c, const struct sema_actor *a) {
    bool said = false;
    for (int32_t i = 0; i < a->events.len; i++) {
        const struct sema_event *e = &a->events.at[i];
        bool says = event_says_params(a, e);
        said |= says;
        for (int32_t k = 0; k < a->params.len && says; k++)
            if (!is_asked(c, e, a->params.at[k])) {
                say_asks_more(c, e, a->params.at[k]);
                return;
            }
    }
    if (said || (a->events.len == 0 && a->watches.len > 0))
        return; // there is nothing to say, or it was said
    const struct sema_type_param *p = a->params.at[0];
    if (a->params.len > 1 && a->events.len > 1) {
        struct diag *d = say_wrong(c, p->span, "no event of `%s` says all its types", a->name);
        diag_primary(c->sink, d, "of which types there is one would not be known");
        diag_note(c->sink, d,
                  "There is a monitor for each actor whose event says all of them: "
                  "`on Pair<A, B>.Put;`. What concerns one type alone is a monitor of "
                  "its own.");
        return;
    }
    struct diag *d = say_wrong(c, p->span, "nothing says what `%s` is", p->name);
    diag_primary(c->sink, d, "an event does: `on Cell<%s>.Put;`", p->name);
}

static void check_watch(struct checker *c, struct sema_actor *a, struct sema_watch *w) {
    const struct ast_state_handler *h = w->ast;
    struct sema_function *event = event_named(c, &h->event);
    if (h->target.text) {
        w->target = state_named(a, h->target.text);
        if (w->target < 0) {
            struct diag *d = say_wrong(c, ast_name_span(h->span, h->target),
                                       "there is no state `%s`", h->target.text);
            const char **all = arena_array(c->arena, const char *, a->states.len);
            for (int32_t i = 0; i < a->states.len; i++)
                all[i] = a->states.at[i].name;
            const char *near = diag_nearest(str_from(h->target.text), all, a->states.len);
            diag_primary(c->sink, d, near ? "did you mean `%s`?" : "not a state of this monitor",
                         near);
        }
    }
    if (!event)
        return;
    if (h->params.len && h->params.len != event->params.len) {
        struct diag *d = say_wrong(c, h->event.span, "`%s` has another number of values",
                                   path_text(c, &h->event));
        diag_primary(c->sink, d, "it has %d, and %d are named", (int)event->params.len,
                     (int)h->params.len);
        diag_label(c->sink, d, event->span, "it is declared here");
        return;
    }
    struct sema_event of = {.name = path_text(c, &h->event), .function = event};
    if (!find_args(c, w, &of))
        return;
    type_params(c, w->guard, &of);
    type_params(c, w->body, &of);
    w->event = event_index(c, a, of);
}

void check_monitors(struct checker *c) {
    for (int32_t i = 0; i < c->actors.len; i++) {
        struct sema_actor *a = c->actors.at[i];
        c->module = a->module;
        c->scope = a->scope;
        for (int32_t k = 0; k < a->watches.len; k++)
            check_watch(c, a, &a->watches.at[k]);
        if (a->is_monitor && a->params.len)
            check_params(c, a);
    }
}
