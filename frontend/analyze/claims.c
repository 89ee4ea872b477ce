// SPDX-License-Identifier: MIT
// What `safety_properties` of `@concurrency_metadata` claim, phrase by phrase of a table. What is
// not in it is reported as unchecked.
#include "frontend/analyze/inner.h"

#include <assert.h>
#include <ctype.h>

const char *claim_word(enum claim_status status) {
    static const char *const words[] = {"holds", "false", "unchecked"};
    assert((size_t)status < sizeof words / sizeof *words);
    return words[status];
}

struct judging {
    struct arena *a;
    struct analysis *all;
    const struct sema_actor *actor;
    enum verified deadlock_freedom, capability_compliance;
};

static const struct party *party_named(const struct judging *j) {
    for (int32_t i = 0; i < j->all->parties.len; i++)
        if (j->all->parties.at[i].actor &&
            strcmp(j->all->parties.at[i].actor->name, j->actor->path) == 0)
            return &j->all->parties.at[i];
    return NULL;
}

// ---- judges -------------------------------------------------------------------------------------

enum { TYPES_DEEP = 8 }; // looked into; a handle lies in a field, rarely in a list of structs of it

// Is there a handle, such as a lock or a channel, in values of the type?
static bool has_handle(const struct mir_module *m, const struct mir_type *t, int depth) {
    const struct mir_actor *to =
        t && t->kind == MIR_REF && t->name ? mir_find_actor(m, t->name) : NULL;
    if (!t || depth > TYPES_DEEP || (to && to->handle))
        return t && depth <= TYPES_DEEP;
    bool found = has_handle(m, t->element, depth + 1);
    for (int32_t i = 0; i < t->fields.len && !found; i++)
        found = has_handle(m, t->fields.at[i].type, depth + 1);
    for (int32_t v = 0; v < t->variants.len; v++)
        for (int32_t i = 0; i < t->variants.at[v].types.len && !found; i++)
            found = has_handle(m, t->variants.at[v].types.at[i], depth + 1);
    return found;
}

// What may be changed by several, of what the actor keeps and is told.
static struct str handles_of(const struct judging *j, const struct mir_actor *actor) {
    const struct mir_module *m = j->all->module;
    struct text t = {.arena = j->a};
    for (int32_t i = 0; i < actor->state->fields.len; i++)
        if (has_handle(m, actor->state->fields.at[i].type, 0))
            text_printf(&t, "%s`%s`", t.len ? ", " : "", actor->state->fields.at[i].name);
    for (int32_t i = 0; i < actor->messages.len; i++) {
        bool is_told = false;
        for (int32_t k = 0; k < actor->messages.at[i].params.len; k++)
            is_told |= has_handle(m, actor->messages.at[i].params.at[k], 0);
        if (is_told)
            text_printf(&t, "%sof `%s`", t.len ? ", " : "", actor->messages.at[i].name);
    }
    text_put(&t, STR(""));
    return text_str(&t);
}

static enum claim_status by_language(const struct judging *j, struct str *reason) {
    const struct party *p = party_named(j);
    struct str handles = p ? handles_of(j, p->actor) : STR("");
    *reason = STR("the language gives nothing else: values are copied, state belongs to one actor");
    if (handles.len)
        *reason =
            str_format(j->a, "but for these handles: %.*s; all else is copied", STR_ARGS(handles));
    return CLAIM_HOLDS;
}

static enum claim_status of_restarts(const struct judging *j, struct str *reason) {
    const struct party *p = party_named(j);
    bool restarted = (p && p->is_supervised) || j->actor->is_supervisor;
    *reason = restarted ? STR("a supervisor starts it again")
                        : STR("no supervisor of the program has it as a child");
    return restarted ? CLAIM_HOLDS : CLAIM_FALSE;
}

static enum claim_status by_checker(enum verified v, struct str *reason) {
    switch (v) {
    case VERIFIED_PROVED:
        *reason = STR("proved by `prism verify`");
        return CLAIM_HOLDS;
    case VERIFIED_REFUTED:
        *reason = STR("refuted by `prism verify`");
        return CLAIM_FALSE;
    case VERIFIED_UNDECIDED:
        *reason = STR("`prism verify` does not decide it");
        return CLAIM_UNCHECKED;
    case VERIFIED_UNASKED:
        break;
    }
    *reason = STR("there is nothing in the program that it could be proved of");
    return CLAIM_UNCHECKED;
}
static enum claim_status of_deadlocks(const struct judging *j, struct str *reason) {
    return by_checker(j->deadlock_freedom, reason);
}
static enum claim_status of_capabilities(const struct judging *j, struct str *reason) {
    return by_checker(j->capability_compliance, reason);
}

static enum claim_status of_mailbox(const struct judging *j, struct str *reason) {
    *reason =
        j->actor->has_mailbox ? STR("its mailbox has a limit") : STR("its mailbox has no limit");
    return j->actor->has_mailbox ? CLAIM_HOLDS : CLAIM_FALSE;
}

static enum claim_status of_growth(const struct judging *j, struct str *reason) {
    struct str own = str_format(j->a, "`%s.", j->actor->path);
    for (int32_t i = 0; i < j->all->bottlenecks.len; i++) {
        const struct bottleneck *b = &j->all->bottlenecks.at[i];
        if (b->kind == BOTTLENECK_GROWTH && strstr(b->what.data, own.data)) {
            *reason = b->what;
            return CLAIM_FALSE;
        }
    }
    const struct party *p = party_named(j);
    for (int32_t i = 0; p && i < p->actor->state->fields.len; i++)
        if (!p->actor->state->fields.at[i].type->plain) {
            *reason = str_format(j->a, "whether `%s` stays small is not decided",
                                 p->actor->state->fields.at[i].name);
            return CLAIM_UNCHECKED;
        }
    *reason = STR("none of its fields can become longer");
    return CLAIM_HOLDS;
}

// In small letters; the first that stands within a phrase judges it.
static const struct {
    const char *words;
    enum claim_status (*judge)(const struct judging *j, struct str *reason);
} phrases[] = {
    {"no shared mutable state", by_language},
    {"message passing only", by_language},
    {"fault isolation", by_language},
    {"no data races", by_language},
    {"race condition freedom", by_language},
    {"memory safety", by_language},
    {"automatic restart", of_restarts},
    {"supervised", of_restarts},
    {"deadlock freedom", of_deadlocks},
    {"deadlock-free", of_deadlocks},
    {"no deadlock", of_deadlocks},
    {"capability compliance", of_capabilities},
    {"bounded mailbox", of_mailbox},
    {"bounded memory", of_growth},
    {"no unbounded growth", of_growth},
};

static void judge(struct judging *j, struct str phrase, struct span span) {
    struct claim c = {.subject = j->actor->path, .phrase = phrase, .span = span};
    char *small = (char *)str_dup(j->a, phrase).data;
    for (size_t i = 0; i < phrase.len; i++)
        small[i] = (char)tolower((unsigned char)small[i]);
    c.status = CLAIM_UNCHECKED;
    c.reason = STR("no tool checks such a claim");
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        if (!strstr(small, phrases[i].words))
            continue;
        c.status = phrases[i].judge(j, &c.reason);
        break;
    }
    vec_push(j->a, &j->all->claims, c);
}

// ---- annotations --------------------------------------------------------------------------------

static const struct ast_expr *value_of(const struct ast_expr *record, const char *key) {
    for (int32_t i = 0; record && record->kind == EXPR_RECORD && i < record->record.fields.len; i++)
        if (strcmp(record->record.fields.at[i].key.names.at[0].text, key) == 0)
            return record->record.fields.at[i].value;
    return NULL;
}

static const struct ast_expr *annotated(const struct ast_item *item, const char *name,
                                        const char *key) {
    for (int32_t i = 0; item && i < item->annotations.len; i++)
        if (strcmp(item->annotations.at[i].name.text, name) == 0)
            return value_of(item->annotations.at[i].value, key);
    return NULL;
}

// `@generated_analysis` in the source may have become stale.
static void judge_generated(struct judging *j) {
    const struct ast_item *item = j->actor->item;
    const struct ast_expr *level = annotated(item, "generated_analysis", "concurrency_complexity");
    if (level && level->kind == EXPR_STRING) {
        const char *is = complexity_word(j->all->complexity);
        bool same = level->string.len == strlen(is);
        for (size_t i = 0; same && i < level->string.len; i++)
            same = tolower((unsigned char)level->string.data[i]) == is[i];
        struct claim c = {.subject = j->actor->path, .span = level->span};
        c.phrase = str_format(j->a, "concurrency_complexity: %.*s", STR_ARGS(level->string));
        c.status = same ? CLAIM_HOLDS : CLAIM_FALSE;
        c.reason = str_format(j->a, "the program's is %s", is);
        vec_push(j->a, &j->all->claims, c);
    }
    const struct ast_expr *verified = annotated(item, "generated_analysis", "safety_verification");
    for (int32_t i = 0;
         verified && verified->kind == EXPR_RECORD && i < verified->record.fields.len; i++) {
        const struct ast_record_field *f = &verified->record.fields.at[i];
        if (f->value->kind != EXPR_STRING || !str_starts(f->value->string, STR("Verified")))
            continue;
        char *phrase = (char *)str_dup(j->a, str_from(f->key.names.at[0].text)).data;
        for (char *at = phrase; *at; at++)
            *at = *at == '_' ? ' ' : *at;
        judge(j, str_from(phrase), f->value->span);
    }
}

void analyze_claims(struct arena *a, struct analysis *all, const struct typed_program *typed,
                    enum verified deadlock_freedom, enum verified capability_compliance) {
    all->claims.len = 0;
    for (int32_t i = 0; i < typed->actors.len; i++) {
        struct judging j = {a, all, typed->actors.at[i], deadlock_freedom, capability_compliance};
        const struct ast_expr *list =
            annotated(j.actor->item, "concurrency_metadata", "safety_properties");
        for (int32_t k = 0; list && list->kind == EXPR_LIST && k < list->sequence.elements.len; k++)
            if (list->sequence.elements.at[k]->kind == EXPR_STRING)
                judge(&j, list->sequence.elements.at[k]->string,
                      list->sequence.elements.at[k]->span);
        judge_generated(&j);
    }
}

// What `@aiContext` says an actor is for.
static bool purpose_of(const struct sema_actor *actor, struct str *out) {
    const struct ast_expr *said = annotated(actor->item, "aiContext", "purpose");
    if (!said || said->kind != EXPR_STRING)
        return false;
    *out = said->string;
    return true;
}

void find_purposes(struct arena *a, struct analysis *all, const struct typed_program *typed) {
    for (int32_t i = 0; i < typed->actors.len; i++) {
        struct str said;
        if (purpose_of(typed->actors.at[i], &said))
            vec_push(a, &all->hints,
                     str_format(a, "`%s`: %.*s", typed->actors.at[i]->path, STR_ARGS(said)));
    }
}
