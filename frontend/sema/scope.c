// SPDX-License-Identifier: MIT
// Names: namespaces of modules, actors and type parameters, which nest; and the local variables of
// the body at hand, a stack that is searched from its top. Names are interned, so a name is found
// by its pointer, and order is always that of declaration.
#include "frontend/sema/check.h"

// ---- pointer map --------------------------------------------------------------------------------

static int32_t slot_of(const struct pointer_map *m, const void *key) {
    uint64_t h = (uint64_t)(uintptr_t)key * 0x9e3779b97f4a7c15u;
    int32_t i = (int32_t)(h >> 33) & (m->capacity - 1);
    while (m->keys[i] && m->keys[i] != key)
        i = (i + 1) & (m->capacity - 1);
    return i;
}

void *pointer_map_get(const struct pointer_map *m, const void *key) {
    return m->capacity ? m->values[slot_of(m, key)] : NULL;
}

void pointer_map_put(struct arena *a, struct pointer_map *m, const void *key, void *value) {
    assert(key && value);
    if ((m->count + 1) * 2 > m->capacity) {
        struct pointer_map old = *m;
        m->capacity = old.capacity ? old.capacity * 2 : 8;
        m->keys = arena_array(a, const void *, m->capacity);
        m->values = arena_array(a, void *, m->capacity);
        for (int32_t i = 0; i < old.capacity; i++)
            if (old.keys[i]) {
                int32_t at = slot_of(m, old.keys[i]);
                m->keys[at] = old.keys[i];
                m->values[at] = old.values[i];
            }
    }
    int32_t at = slot_of(m, key);
    m->count += !m->keys[at];
    m->keys[at] = key;
    m->values[at] = value;
}

// ---- namespaces ---------------------------------------------------------------------------------

struct namespace *namespace_new(struct checker *c, struct namespace *parent, const char *name) {
    struct namespace *n = arena_new(c->arena, struct namespace);
    n->parent = parent;
    n->name = name;
    n->path = parent ? parent->path : "";
    n->module = parent ? parent->module : NULL;
    n->self_type = parent ? parent->self_type : NULL;
    n->actor = parent ? parent->actor : NULL;
    return n;
}

const char *symbol_phrase(const struct symbol *s) {
    static const char *const words[] = {
        [SYMBOL_TYPE] = "a type",
        [SYMBOL_BUILTIN] = "a type",
        [SYMBOL_STRUCT] = "a struct",
        [SYMBOL_ENUM] = "an enum",
        [SYMBOL_ALIAS] = "a type",
        [SYMBOL_TRAIT] = "a trait",
        [SYMBOL_ACTOR] = "an actor",
        [SYMBOL_FUNCTION] = "a function",
        [SYMBOL_CONST] = "a constant",
        [SYMBOL_VARIANT] = "a variant",
        [SYMBOL_MODULE] = "a module",
        [SYMBOL_MESSAGE] = "a message",
        [SYMBOL_PARAM] = "a type parameter",
        [SYMBOL_MARKER] = "a trait",
    };
    return words[s->kind];
}

const char *symbol_word(const struct symbol *s) {
    return strchr(symbol_phrase(s), ' ') + 1;
}

struct symbol *symbol_find_here(const struct namespace *n, const char *name) {
    return pointer_map_get(&n->map, name);
}

// What is private in the library is for its own files.
static bool is_hidden(const struct namespace *from, const struct namespace *n,
                      const struct symbol *s) {
    bool is_users = from->module && !from->module->is_std;
    return is_users && s->is_private && n->module && n->module->is_std;
}

struct symbol *symbol_find(struct namespace *n, const char *name) {
    for (struct namespace *at = n; at; at = at->parent) {
        struct symbol *s = pointer_map_get(&at->map, name);
        if (s && !is_hidden(n, at, s))
            return s;
    }
    return NULL;
}

struct symbol *symbol_at(struct namespace *n, const struct ast_name *names, int32_t count) {
    struct symbol *s = count ? symbol_find(n, names[0].text) : NULL;
    for (int32_t i = 1; s && i < count; i++)
        s = s->kind == SYMBOL_MODULE ? symbol_find_here(s->module, names[i].text) : NULL;
    return s;
}

struct symbol *symbol_new(struct checker *c, struct namespace *n, enum symbol_kind kind,
                          struct ast_name name, struct span holder) {
    struct symbol *s = arena_new(c->arena, struct symbol);
    s->kind = kind;
    s->name = name.text;
    s->home = n;
    s->span = holder.source ? ast_name_span(holder, name) : holder;
    struct symbol *before = symbol_find_here(n, name.text);
    if (before) {
        struct diag *d = diag_add(c->sink, P2005, s->span, "`%s` is declared twice", name.text);
        diag_primary(c->sink, d, "declared again here");
        if (before->span.source)
            diag_label(c->sink, d, before->span, "the first `%s`, a %s, is here", name.text,
                       symbol_word(before));
        return s;
    }
    pointer_map_put(c->arena, &n->map, name.text, s);
    vec_push(c->arena, &n->symbols, s);
    return s;
}

static bool names_type(const struct symbol *s) {
    return s->kind <= SYMBOL_ACTOR || s->kind == SYMBOL_PARAM;
}

typedef VEC(const char *) name_list;

static void collect(struct checker *c, const struct namespace *from, bool is_type, name_list *out) {
    for (const struct namespace *n = from; n; n = n->parent)
        for (int32_t i = 0; i < n->symbols.len && out->len < 4000; i++)
            if ((!is_type || names_type(n->symbols.at[i])) && !is_hidden(from, n, n->symbols.at[i]))
                vec_push(c->arena, out, n->symbols.at[i]->name);
}

const char *symbol_nearest(struct checker *c, struct namespace *n, const char *name, bool is_type) {
    name_list all = {0};
    if (c->sink->errors > DIAG_ERRORS_MAX)
        return NULL; // nobody will see it
    if (c->body && !is_type)
        for (int32_t i = c->body->locals.len; i-- > 0;)
            vec_push(c->arena, &all, c->body->locals.at[i].name);
    collect(c, n, is_type, &all);
    return diag_nearest(str_from(name), all.at, all.len);
}

// Which actor of the program has a message `Name`, or NULL.
static const struct sema_actor *who_takes(const struct checker *c, const char *name) {
    bool begins_large = name[0] >= 'A' && name[0] <= 'Z';
    for (int32_t i = 0; begins_large && i < c->actors.len; i++)
        for (int32_t k = 0; k < c->actors.at[i]->messages.len; k++)
            if (c->actors.at[i]->messages.at[k].name == name && !c->actors.at[i]->module->is_std)
                return c->actors.at[i];
    return NULL;
}

// An enum with a variant `Name` that can be named here, the program's before the library's; or
// NULL.
static const struct sema_enum *whose_variant(const struct checker *c, const char *name) {
    const struct sema_enum *found = NULL;
    for (int32_t i = 0; i < c->enums.len; i++) {
        const struct sema_enum *e = c->enums.at[i];
        struct symbol *s = variant_find(e, name) >= 0 ? symbol_find(c->scope, e->name) : NULL;
        if (s && s->kind == SYMBOL_ENUM && s->enumeration == e && (!found || !e->module->is_std))
            found = e;
    }
    return found;
}

void say_unknown(struct checker *c, struct ast_name name, struct span holder, bool is_type) {
    struct span span = ast_name_span(holder, name);
    struct diag *d = is_type ? diag_add(c->sink, P2002, span, "there is no type `%s`", name.text)
                             : diag_add(c->sink, P2001, span, "there is no `%s` here", name.text);
    const struct sema_actor *actor = is_type ? NULL : who_takes(c, name.text);
    if (actor) {
        diag_primary(c->sink, d, "a message of `%s`, which is no value", actor->name);
        diag_note(c->sink, d, "It is written where it is sent: `reference.send(%s)`.", name.text);
        return;
    }
    const struct sema_enum *e = whose_variant(c, name.text);
    if (e && is_type && strcmp(e->name, "RestartStrategy") == 0) {
        diag_primary(c->sink, d, "how children are restarted is no field");
        diag_note(c->sink, d, "It stands before the members: `supervisor Pool strategy %s {`.",
                  name.text);
        return;
    }
    if (e && !is_type) {
        diag_primary(c->sink, d, "it is a variant of `%s`", e->name);
        diag_fix(c->sink, d, (struct span){span.source, span.start, span.start},
                 str_format(c->arena, "%s.", e->name), "write `%s.%s`", e->name, name.text);
        return;
    }
    if (!is_type && is_macro(name.text)) {
        struct span end = {span.source, span.end, span.end};
        diag_primary(c->sink, d, "`%s!` is a macro", name.text);
        diag_fix(c->sink, d, end, STR("!"), "add the `!`");
        return;
    }
    const char *near = symbol_nearest(c, c->scope, name.text, is_type);
    if (!near) {
        diag_primary(c->sink, d, "not declared");
        return;
    }
    diag_primary(c->sink, d, "did you mean `%s`?", near);
    struct sema_variable *meant = is_type ? NULL : local_find(c, near);
    if (meant)
        meant->is_used = true;
    struct symbol *s = symbol_find(c->scope, near);
    if (s && s->span.source && !s->home->module->is_std)
        diag_label(c->sink, d, s->span, "the %s `%s` is declared here", symbol_word(s), near);
    diag_fix(c->sink, d, span, str_from(near), "write `%s`", near);
}

// ---- local variables ----------------------------------------------------------------------------

struct sema_variable *local_find(struct checker *c, const char *name) {
    if (!c->body)
        return NULL;
    for (int32_t i = c->body->locals.len; i-- > 0;)
        if (c->body->locals.at[i].name == name)
            return c->body->locals.at[i].variable;
    return NULL;
}

struct sema_variable *local_new(struct checker *c, struct ast_binding *b, struct span holder,
                                struct type *type, enum variable_kind kind) {
    struct sema_variable *v = arena_new(c->arena, struct sema_variable);
    v->name = b->name.text;
    v->span = ast_name_span(holder, b->name);
    v->type = type;
    v->kind = kind;
    v->is_mut = b->is_mut;
    v->id = c->module->variable_count++;
    v->owner = c->body->closure;
    c->module->bindings[b->id] = v;
    keep_slot(c, &v->type);
    vec_push(c->arena, &c->body->variables, v);
    vec_push(c->arena, &c->body->locals, (struct local_name){v->name, v});
    return v;
}

int32_t locals_mark(struct checker *c) {
    return c->body->locals.len;
}
void locals_reset(struct checker *c, int32_t mark) {
    c->body->locals.len = mark;
}
