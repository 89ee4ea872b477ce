// SPDX-License-Identifier: MIT
// What annotations that describe a program may say: which keys, and what stands behind them. The
// text itself is for readers; `prism analyze` judges what of it can be judged.
#include "frontend/sema/check.h"

enum form { FORM_TEXT, FORM_TEXTS, FORM_TEXT_OR_TEXTS, FORM_RECORD, FORM_RECORDS };

struct entry {
    const char *key;
    enum form form;
    const struct schema *of; // of RECORD and RECORDS; NULL: any keys, with text
};
struct schema {
    const struct entry *entries; // NULL: any keys
    int32_t count;
};

#define SCHEMA(name)                                                                               \
    static const struct schema name = {name##_entries, sizeof name##_entries / sizeof(struct entry)}

static const struct entry failure_mode_entries[] = {{"mode", FORM_TEXT, NULL},
                                                    {"probability", FORM_TEXT, NULL},
                                                    {"mitigation", FORM_TEXT, NULL},
                                                    {"recovery", FORM_TEXT, NULL}};
SCHEMA(failure_mode);
static const struct entry dependency_entries[] = {{"component", FORM_TEXT, NULL},
                                                  {"relationship", FORM_TEXT, NULL},
                                                  {"failure_impact", FORM_TEXT, NULL}};
SCHEMA(dependency);
static const struct entry metadata_entries[] = {{"pattern", FORM_TEXT, NULL},
                                                {"safety_properties", FORM_TEXTS, NULL},
                                                {"performance_characteristics", FORM_RECORD, NULL},
                                                {"failure_modes", FORM_RECORDS, &failure_mode},
                                                {"dependencies", FORM_RECORDS, &dependency},
                                                {"testing_strategy", FORM_RECORD, NULL}};
SCHEMA(metadata);
static const struct entry generated_entries[] = {{"concurrency_complexity", FORM_TEXT, NULL},
                                                 {"potential_bottlenecks", FORM_TEXTS, NULL},
                                                 {"optimization_suggestions", FORM_TEXTS, NULL},
                                                 {"safety_verification", FORM_RECORD, NULL},
                                                 {"ai_comprehension_hints", FORM_TEXTS, NULL}};
SCHEMA(generated);
static const struct schema anything = {NULL, 0};

static const struct {
    const char *name;
    enum form form;
    const struct schema *of;
} annotations[] = {
    {"aiContext", FORM_RECORD, &anything},
    {"concurrency_metadata", FORM_RECORD, &metadata},
    {"generated_analysis", FORM_RECORD, &generated},
    {"capability", FORM_TEXT, NULL},
};

static const char *form_words(enum form form) {
    static const char *const words[] = {"a text", "a list of texts", "a text or a list of texts",
                                        "a record `{ key: value }`", "a list of records"};
    return words[form];
}

static bool check_value(struct checker *c, const struct ast_expr *value, enum form form,
                        const struct schema *of);

static const struct entry *find_entry_of(const struct schema *s, const char *key) {
    for (int32_t i = 0; i < s->count; i++)
        if (strcmp(s->entries[i].key, key) == 0)
            return &s->entries[i];
    return NULL;
}

static void say_unknown_key(struct checker *c, const struct ast_record_field *f,
                            const struct schema *s) {
    const char *key = f->key.names.at[0].text;
    struct diag *d = diag_add(c->sink, P3005, f->key.span, "there is no `%s` here", key);
    const char **all = arena_array(c->arena, const char *, s->count);
    for (int32_t i = 0; i < s->count; i++)
        all[i] = s->entries[i].key;
    const char *near = diag_nearest(str_from(key), all, s->count);
    struct text list = {.arena = c->arena};
    for (int32_t i = 0; i < s->count; i++)
        text_printf(&list, "%s%s", i ? ", " : "", all[i]);
    if (near)
        diag_primary(c->sink, d, "did you mean `%s`?", near);
    else
        diag_primary(c->sink, d, "it is one of %s", list.data);
}

static void check_field(struct checker *c, const struct ast_record_field *f,
                        const struct schema *s) {
    const struct entry *e = s && s->count ? find_entry_of(s, f->key.names.at[0].text) : NULL;
    if (s && s->count && !e) {
        say_unknown_key(c, f, s);
        return;
    }
    enum form form = e ? e->form : s == &anything ? FORM_TEXT_OR_TEXTS : FORM_TEXT;
    if (check_value(c, f->value, form, e ? e->of : NULL))
        return;
    struct diag *d = diag_add(c->sink, P3005, f->value->span, "`%s` should be %s",
                              f->key.names.at[0].text, form_words(form));
    diag_primary(c->sink, d, "%s belongs here", form_words(form));
}

static bool all_are(struct checker *c, const struct ast_expr *list, enum form form,
                    const struct schema *of) {
    if (list->kind != EXPR_LIST)
        return false;
    for (int32_t i = 0; i < list->sequence.elements.len; i++)
        if (!check_value(c, list->sequence.elements.at[i], form, of))
            return false;
    return true;
}

// False if it has another form; what is wrong within a record has been said.
static bool check_value(struct checker *c, const struct ast_expr *value, enum form form,
                        const struct schema *of) {
    switch (form) {
    case FORM_TEXT:
        return value->kind == EXPR_STRING;
    case FORM_TEXTS:
        return all_are(c, value, FORM_TEXT, NULL);
    case FORM_TEXT_OR_TEXTS:
        return value->kind == EXPR_STRING || all_are(c, value, FORM_TEXT, NULL);
    case FORM_RECORDS:
        return all_are(c, value, FORM_RECORD, of);
    case FORM_RECORD:
        break;
    }
    if (value->kind != EXPR_RECORD)
        return false;
    for (int32_t i = 0; i < value->record.fields.len; i++)
        check_field(c, &value->record.fields.at[i], of);
    return true;
}

// Others than those above; the library's own are no concern of programs, see annotation.c.
static void say_unknown_annotation(struct checker *c, const struct ast_annotation *a) {
    enum { COUNT = sizeof annotations / sizeof *annotations };
    const char *all[COUNT];
    struct text list = {.arena = c->arena};
    for (int k = 0; k < COUNT; k++) {
        all[k] = annotations[k].name;
        if (strcmp(a->name.text, all[k]) == 0)
            return;
        text_printf(&list, "%s`@%s`", k == 0 ? "" : k + 1 < COUNT ? ", " : " and ", all[k]);
    }
    if (c->module->is_std || is_library_annotation(c, a->name.text))
        return;
    struct span span = ast_name_span(a->span, a->name);
    struct diag *d =
        diag_add(c->sink, P3010, a->span, "there is no annotation `@%s`", a->name.text);
    const char *near = diag_nearest(str_from(a->name.text), all, COUNT);
    if (near) {
        diag_primary(c->sink, d, "did you mean `@%s`?", near);
        diag_fix(c->sink, d, span, str_from(near), "write `@%s`", near);
    } else {
        diag_primary(c->sink, d, "no tool reads it: %s are known", list.data);
    }
}

static void check_all(struct checker *c, const struct ast_annotation *at, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        const struct ast_annotation *a = &at[i];
        say_unknown_annotation(c, a);
        for (size_t k = 0; k < sizeof annotations / sizeof *annotations; k++) {
            if (strcmp(a->name.text, annotations[k].name) != 0 ||
                (a->value && check_value(c, a->value, annotations[k].form, annotations[k].of)))
                continue;
            struct diag *d = diag_add(c->sink, P3005, a->span, "`@%s` takes %s", a->name.text,
                                      form_words(annotations[k].form));
            diag_primary(c->sink, d, "%s belongs behind it", form_words(annotations[k].form));
        }
    }
}

static void check_own(struct checker *c, const struct ast_item *item) {
    check_all(c, item->annotations.at, item->annotations.len);
}

void check_module_annotations(struct checker *c, const struct module_ast *module) {
    check_all(c, module->annotations.at, module->annotations.len);
}

static void check_members(struct checker *c, struct ast_item *const *members, int32_t count) {
    for (int32_t i = 0; i < count; i++)
        check_own(c, members[i]);
}

void check_annotations(struct checker *c, const struct ast_item *item) {
    check_own(c, item);
    if (item->kind == ITEM_ACTOR)
        check_members(c, item->actor->members.at, item->actor->members.len);
    else if (item->kind == ITEM_TRAIT)
        check_members(c, item->trait->members.at, item->trait->members.len);
    else if (item->kind == ITEM_IMPL)
        check_members(c, item->impl->members.at, item->impl->members.len);
    else if (item->kind == ITEM_SERVICE)
        check_members(c, item->service->members.at, item->service->members.len);
    else if (item->kind == ITEM_MONITOR)
        check_members(c, item->monitor->members.at, item->monitor->members.len);
}
