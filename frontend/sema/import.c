// SPDX-License-Identifier: MIT
// Imports, and the names that the language knows of its library. An import enters the very symbol
// it names into the namespace of its file; the library is visible everywhere without one.
#include "frontend/sema/check.h"

// How many names of the path spell a module's name; 0: they do not.
static int32_t names_that_spell(const char *name, const struct ast_path *path) {
    struct str rest = str_from(name);
    for (int32_t i = 0; i < path->names.len; i++) {
        struct str part = str_from(path->names.at[i].text);
        if (!str_starts(rest, part))
            return 0;
        rest = (struct str){rest.data + part.len, rest.len - part.len};
        if (!rest.len)
            return i + 1;
        if (rest.data[0] != '.')
            return 0;
        rest = (struct str){rest.data + 1, rest.len - 1};
    }
    return 0;
}

static int32_t names_of_module(const struct sema_module *m, const struct ast_path *path) {
    int32_t most = 0;
    for (int32_t i = 0; i < m->imported_as.len; i++) {
        int32_t names = names_that_spell(m->imported_as.at[i], path);
        most = names > most ? names : most;
    }
    return most;
}

// The file that most of the path's names spell, and how many they are.
static struct namespace *file_named(struct checker *c, const struct ast_path *path,
                                    int32_t *count) {
    struct namespace *found = NULL;
    *count = 0;
    for (int32_t i = 0; i < c->modules.len; i++) {
        int32_t names = c->modules.at[i]->is_std ? 0 : names_of_module(c->modules.at[i], path);
        if (names > *count) {
            *count = names;
            found = c->modules.at[i]->scope;
        }
    }
    return found;
}

static void say_no_item(struct checker *c, struct ast_name name, struct span holder,
                        struct namespace *in) {
    struct diag *d = diag_add(c->sink, P2045, ast_name_span(holder, name), "`%s` has no `%s`",
                              in->name, name.text);
    VEC(const char *) all = {0};
    for (int32_t i = 0; i < in->symbols.len; i++)
        vec_push(c->arena, &all, in->symbols.at[i]->name);
    const char *near = diag_nearest(str_from(name.text), all.at, all.len);
    if (near)
        diag_primary(c->sink, d, "did you mean `%s`?", near);
    else
        diag_primary(c->sink, d, "it is not declared there");
}

static void say_not_within(struct checker *c, const struct symbol *s, struct span span) {
    struct diag *d = diag_add(c->sink, P2045, span, "`%s` is no module", s->name);
    diag_primary(c->sink, d, "it is %s", symbol_phrase(s));
    diag_note(c->sink, d, "Import `%s`, and write `%s.` before what is in it.", s->name, s->name);
}

static void say_no_module(struct checker *c, const struct ast_path *path) {
    struct text name = {.arena = c->arena};
    for (int32_t i = 0; i < path->names.len; i++)
        text_printf(&name, "%s%s", i ? "." : "", path->names.at[i].text);
    struct span span = ast_name_span(path->span, path->names.at[0]);
    struct str said = text_str(&name);
    struct diag *d = diag_add(c->sink, P2045, span, "there is no module `%.*s`", STR_ARGS(said));
    VEC(const char *) all = {0};
    for (int32_t i = 0; i < c->modules.len; i++)
        for (int32_t k = 0; !c->modules.at[i]->is_std && k < c->modules.at[i]->imported_as.len; k++)
            vec_push(c->arena, &all, c->modules.at[i]->imported_as.at[k]);
    const char *near = diag_nearest(said, all.at, all.len);
    if (near)
        diag_primary(c->sink, d, "did you mean `%s`?", near);
    else
        diag_primary(c->sink, d, "no file of the package has this name");
}

static void enter(struct checker *c, struct namespace *n, const char *name, struct symbol *s,
                  struct span span) {
    if (s->is_private && s->home->module != n->module) {
        struct diag *d = diag_add(c->sink, P2023, span, "`%s` is private", s->name);
        diag_primary(c->sink, d, "only its own module sees it");
        if (s->span.source)
            diag_label(c->sink, d, s->span, "it is declared here");
        return;
    }
    struct symbol *before = symbol_find_here(n, name);
    if (!before || pointer_map_get(&n->stars, name) == before) {
        pointer_map_put(c->arena, &n->map, name, s);
        return;
    }
    if (before == s)
        return;
    struct diag *d = diag_add(c->sink, P2005, span, "`%s` is declared twice", name);
    diag_primary(c->sink, d, "imported here");
    if (before->span.source)
        diag_label(c->sink, d, before->span, "the other `%s` is here", name);
}

// What is declared or imported by name goes before. A name that two modules bring is a mistake
// only where it is used.
static void enter_star(struct checker *c, struct namespace *n, struct symbol *s) {
    struct symbol *before = symbol_find_here(n, s->name);
    if (before && pointer_map_get(&n->stars, s->name) != before)
        return;
    if (before && before != s && !before->rival) {
        struct symbol *both = arena_new(c->arena, struct symbol);
        *both = *before;
        both->rival = s;
        s = both;
    } else if (before) {
        return;
    }
    pointer_map_put(c->arena, &n->map, s->name, s);
    pointer_map_put(c->arena, &n->stars, s->name, s);
}

// What a path names. `*last` is its symbol, NULL when it is a whole file.
static struct namespace *follow(struct checker *c, struct namespace *n, struct ast_path *path,
                                struct symbol **last, bool wants_module) {
    struct ast_name first = path->names.at[0];
    int32_t taken;
    struct namespace *in = file_named(c, path, &taken);
    *last = NULL;
    if (!in) {
        taken = 1;
        *last = symbol_find(n, first.text);
        in = *last && (*last)->kind == SYMBOL_MODULE ? (*last)->module : NULL;
        if (!*last || (!in && (path->names.len > 1 || wants_module))) {
            say_no_module(c, path);
            return NULL;
        }
    }
    for (int32_t i = taken; i < path->names.len; i++) {
        *last = symbol_find_here(in, path->names.at[i].text);
        bool more = i + 1 < path->names.len || wants_module;
        if (!*last || (more && (*last)->kind != SYMBOL_MODULE)) {
            if (*last)
                say_not_within(c, *last, ast_name_span(path->span, path->names.at[i]));
            else
                say_no_item(c, path->names.at[i], path->span, in);
            return NULL;
        }
        if ((*last)->kind == SYMBOL_MODULE)
            in = (*last)->module;
    }
    return in ? in : n;
}

static void import_item(struct checker *c, struct namespace *n, struct ast_item *item) {
    struct ast_import *import = item->import;
    struct symbol *last;
    if (strcmp(import->path.names.at[0].text, "std") == 0)
        return; // the library is visible anyway
    bool wants_module = import->is_all || import->has_names;
    struct namespace *in = follow(c, n, &import->path, &last, wants_module);
    if (!in)
        return;
    if (import->is_all) {
        for (int32_t i = 0; i < in->symbols.len; i++)
            if (!in->symbols.at[i]->is_private)
                enter_star(c, n, in->symbols.at[i]);
        return;
    }
    if (!import->has_names) {
        if (!last) {
            last = arena_new(c->arena, struct symbol);
            struct ast_name name = import->path.names.at[import->path.names.len - 1];
            *last = (struct symbol){.kind = SYMBOL_MODULE, .name = name.text, .home = in};
            last->module = in;
        }
        enter(c, n, item->name.text ? item->name.text : last->name, last, item->span);
        return;
    }
    for (int32_t i = 0; i < import->names.len; i++) {
        struct ast_import_name *name = &import->names.at[i];
        struct symbol *s = symbol_find_here(in, name->name.text);
        if (s)
            enter(c, n, name->alias.text ? name->alias.text : name->name.text, s,
                  ast_name_span(item->span, name->name));
        else
            say_no_item(c, name->name, item->span, in);
    }
}

static void import_items(struct checker *c, struct namespace *n, struct ast_item *const *items,
                         int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        struct ast_item *item = items[i];
        if (item->kind == ITEM_IMPORT) {
            import_item(c, n, item);
        } else if (item->kind == ITEM_SECTION) {
            import_items(c, n, item->module->items.at, item->module->items.len);
        } else if (item->kind == ITEM_MODULE) {
            struct symbol *s = symbol_find_here(n, item->name.text);
            if (s && s->kind == SYMBOL_MODULE)
                import_items(c, s->module, item->module->items.at, item->module->items.len);
        }
    }
}

void declare_imports(struct checker *c, struct sema_module *m) {
    c->module = m;
    import_items(c, m->scope, m->ast->items.at, m->ast->items.len);
}

// ---- what the language knows of its library -----------------------------------------------------

static struct symbol *known(struct checker *c, const char *name, enum symbol_kind kind) {
    struct symbol *s = symbol_find_here(c->prelude, intern(c->names, str_from(name)));
    return s && s->kind == kind ? s : NULL;
}
static struct sema_struct *known_struct(struct checker *c, const char *name) {
    struct symbol *s = known(c, name, SYMBOL_STRUCT);
    return s ? s->structure : NULL;
}
static struct sema_enum *known_enum(struct checker *c, const char *name) {
    struct symbol *s = known(c, name, SYMBOL_ENUM);
    return s ? s->enumeration : NULL;
}

// `Some`, `None`, `Ok` and `Err` need no `Option.` before them.
static void open_enum(struct checker *c, struct sema_enum *e) {
    for (int32_t i = 0; e && i < e->variants.len; i++) {
        struct ast_name name = {e->variants.at[i].name, 0, 0};
        struct symbol *s = symbol_new(c, c->prelude, SYMBOL_VARIANT, name, (struct span){0});
        s->enumeration = e;
        s->variant = i;
    }
}

void declare_known(struct checker *c) {
    struct sema_known *k = &c->prog->known;
    k->string = known_struct(c, "String");
    k->bytes = known_struct(c, "Bytes");
    k->list = known_struct(c, "List");
    k->map = known_struct(c, "Map");
    k->set = known_struct(c, "Set");
    k->format = known_struct(c, "Format");
    k->range = known_struct(c, "Range");
    k->range_from = known_struct(c, "RangeFrom");
    k->range_to = known_struct(c, "RangeTo");
    k->range_full = known_struct(c, "RangeFull");
    k->duration = known_struct(c, "Duration");
    k->instant = known_struct(c, "Instant");
    k->timestamp = known_struct(c, "Timestamp");
    k->option = known_enum(c, "Option");
    k->result = known_enum(c, "Result");
    k->ask_error = known_enum(c, "AskError");
    k->ordering = known_enum(c, "Ordering");
    k->supervision_decision = known_enum(c, "SupervisionDecision");
    static const char *const failures[KNOWN_FAILURES] = {[KNOWN_TIMEOUT] = "TimeoutError",
                                                         [KNOWN_CANCELLED] = "CancelledError",
                                                         [KNOWN_STOPPED] = "StoppedError",
                                                         [KNOWN_CRASHED] = "CrashedError",
                                                         [KNOWN_DROPPED] = "DroppedError"};
    for (int i = 0; i < KNOWN_FAILURES; i++) {
        struct sema_struct *s = known_struct(c, failures[i]);
        k->failures[i] = s ? type_struct(c->prog, s, NULL) : NULL;
    }
    c->t_string = k->string ? k->string->self_type : c->t_error;
    c->t_duration = k->duration ? k->duration->self_type : c->t_error;
    open_enum(c, k->option);
    open_enum(c, k->result);
}
