// SPDX-License-Identifier: MIT
// Items and modules of the dump, and the words of items.
#include "frontend/syntax/dump.h"

#include <assert.h>

static void dump_item(struct dump *d, const struct ast_item *item);

static void dump_items(struct dump *d, struct ast_item *const *at, int32_t len) {
    for (int32_t i = 0; i < len; i++)
        dump_item(d, at[i]);
}

const char *syntax_item_word(const struct ast_item *item) {
    static const char *const words[] = {
        [ITEM_MODULE] = "module",
        [ITEM_SECTION] = "section",
        [ITEM_IMPORT] = "import",
        [ITEM_CONST] = "const",
        [ITEM_STRUCT] = "struct",
        [ITEM_ENUM] = "enum",
        [ITEM_TYPE] = "type",
        [ITEM_TRAIT] = "trait",
        [ITEM_IMPL] = "impl",
        [ITEM_FUNCTION] = "function",
        [ITEM_ACTOR] = "actor",
        [ITEM_MESSAGE] = "message",
        [ITEM_TEST] = "test",
        [ITEM_PROPERTY] = "property",
        [ITEM_CHAOS_TEST] = "chaos_test",
        [ITEM_MONITOR] = "monitor",
        [ITEM_SERVICE] = "service",
        [ITEM_CAPABILITY] = "capability",
        [ITEM_EXTERN] = "extern",
        [ITEM_FIELD] = "field",
        [ITEM_HOOK] = "hook",
        [ITEM_INVARIANT] = "invariant",
        [ITEM_CHILDREN] = "children",
        [ITEM_MAILBOX] = "mailbox",
        [ITEM_LIMIT] = "limit",
        [ITEM_STATE] = "state",
    };
    static const char *const flavours[] = {
        [ACTOR_PLAIN] = "actor",           [ACTOR_REENTRANT] = "reentrant actor",
        [ACTOR_SUPERVISOR] = "supervisor", [ACTOR_EVENT_BUS] = "event_bus",
        [ACTOR_PROVIDER] = "provider",     [ACTOR_MODEL] = "model",
    };
    assert((size_t)item->kind < sizeof words / sizeof *words);
    return item->kind == ITEM_ACTOR ? flavours[item->actor->flavour] : words[item->kind];
}

// ---- functions ----------------------------------------------------------------------------------

static void dump_param(struct dump *d, const struct ast_param *param) {
    line_begin(d);
    text_printf(d->out, "param %s%s: ", param->binding.is_mut ? "mut " : "",
                param->binding.name.text);
    put_type(d, param->type);
    line_end(d);
    d->indent++;
    dump_part(d, "=", param->default_value);
    d->indent--;
}

static void dump_function(struct dump *d, const struct ast_function *f) {
    if (f->self != SELF_NONE)
        dump_line(d, f->self == SELF_MUT ? "mut self" : "self");
    for (int32_t i = 0; i < f->params.len; i++)
        dump_param(d, &f->params.at[i]);
    if (f->result) {
        line_begin(d);
        text_put(d->out, STR("-> "));
        put_type(d, f->result);
        line_end(d);
    }
    dump_clauses(d, &f->clauses);
    if (f->model) {
        line_begin(d);
        text_put(d->out, STR("model "));
        put_path(d, f->model);
        line_end(d);
    }
    if (f->body)
        dump_block(d, "body", f->body);
}

// ---- data ---------------------------------------------------------------------------------------

static const char *visibility_text(enum ast_visibility v) {
    return v == VISIBILITY_PUB ? "pub " : v == VISIBILITY_PRIVATE ? "private " : "";
}

static void dump_field(struct dump *d, const struct ast_field *field) {
    line_begin(d);
    text_printf(d->out, "%s", visibility_text(field->visibility));
    if (field->name.text)
        text_printf(d->out, "%s: ", field->name.text);
    put_type(d, field->type);
    line_end(d);
    d->indent++;
    dump_part(d, "=", field->value);
    d->indent--;
}

static void dump_fields(struct dump *d, const struct ast_field *at, int32_t len) {
    for (int32_t i = 0; i < len; i++)
        dump_field(d, &at[i]);
}

static void dump_enum(struct dump *d, const struct ast_enum *enumeration) {
    dump_clauses(d, &enumeration->clauses);
    for (int32_t i = 0; i < enumeration->variants.len; i++) {
        const struct ast_variant *v = &enumeration->variants.at[i];
        dump_line(d, "variant %s", v->name.text);
        d->indent++;
        dump_fields(d, v->fields.at, v->fields.len);
        d->indent--;
    }
}

static void put_typed(struct dump *d, const char *title, const struct ast_type_expr *type) {
    line_begin(d);
    text_printf(d->out, "%s ", title);
    put_type(d, type);
    line_end(d);
}

static void dump_bounds(struct dump *d, struct ast_type_expr *const *at, int32_t len) {
    for (int32_t i = 0; i < len; i++)
        put_typed(d, "bound", at[i]);
}

static void dump_type_item(struct dump *d, const struct ast_type_item *type) {
    dump_bounds(d, type->bounds.at, type->bounds.len);
    if (type->target)
        put_typed(d, type->is_distinct ? "= distinct" : "=", type->target);
}

static void dump_impl(struct dump *d, const struct ast_impl *impl) {
    if (impl->trait)
        put_typed(d, "trait", impl->trait);
    put_typed(d, "for", impl->subject);
    dump_clauses(d, &impl->clauses);
    dump_items(d, impl->members.at, impl->members.len);
}

static void dump_import(struct dump *d, const struct ast_import *import) {
    line_begin(d);
    text_put(d->out, STR("from "));
    put_path(d, &import->path);
    text_put(d->out, import->is_all ? STR(".*") : STR(""));
    line_end(d);
    for (int32_t i = 0; i < import->names.len; i++) {
        const struct ast_import_name *n = &import->names.at[i];
        dump_line(d, "name %s%s%s", n->name.text, n->alias.text ? " as " : "",
                  n->alias.text ? n->alias.text : "");
    }
}

// ---- actors and their world ---------------------------------------------------------------------

static void dump_mailbox(struct dump *d, const struct ast_mailbox *mailbox) {
    static const char *const policies[] = {"block", "reject", "drop_oldest"};
    dump_line(d, "mailbox %s", policies[mailbox->policy]);
    d->indent++;
    dump_expr(d, mailbox->capacity);
    d->indent--;
}

static void dump_actor(struct dump *d, const struct ast_actor *actor) {
    if (actor->implements)
        put_typed(d, "for", actor->implements);
    dump_clauses(d, &actor->clauses);
    dump_part(d, "strategy", actor->strategy);
    if (actor->mailbox)
        dump_mailbox(d, actor->mailbox);
    if (actor->is_opaque)
        dump_line(d, "opaque");
    dump_items(d, actor->members.at, actor->members.len);
}

static void dump_children(struct dump *d, const struct ast_children *children) {
    for (int32_t i = 0; i < children->children.len; i++)
        dump_part(d, children->children.at[i].name.text, children->children.at[i].recipe);
}

static void dump_handler(struct dump *d, const struct ast_state_handler *h) {
    line_begin(d);
    text_put(d->out, STR("on "));
    for (int32_t i = 0; i < h->event.names.len; i++) {
        if (h->args && i + 1 == h->event.names.len)
            put_type_args(d, h->args);
        text_printf(d->out, "%s%s", i ? "." : "", h->event.names.at[i].text);
    }
    for (int32_t i = 0; i < h->params.len; i++) {
        text_put(d->out, i ? STR(", ") : STR("("));
        put_pattern(d, h->params.at[i].pattern);
    }
    text_put(d->out, h->params.len ? STR(")") : STR(""));
    if (h->target.text)
        text_printf(d->out, " -> %s", h->target.text);
    line_end(d);
    d->indent++;
    dump_part(d, "if", h->guard);
    if (h->body)
        dump_block(d, "body", h->body);
    d->indent--;
}

static void dump_state(struct dump *d, const struct ast_state *state) {
    if (state->temperature != STATE_PLAIN)
        dump_line(d, state->temperature == STATE_HOT ? "hot" : "cold");
    for (int32_t i = 0; i < state->handlers.len; i++)
        dump_handler(d, &state->handlers.at[i]);
}

static void dump_capability(struct dump *d, const struct ast_capability *capability) {
    for (int32_t i = 0; i < capability->covers.len; i++) {
        line_begin(d);
        text_put(d->out, STR("covers "));
        put_path(d, &capability->covers.at[i]);
        line_end(d);
    }
    for (int32_t i = 0; i < capability->members.len; i++) {
        const struct ast_capability_member *m = &capability->members.at[i];
        line_begin(d);
        text_put(d->out, str_from(m->name.text));
        for (int32_t k = 0; k < m->parts.len; k++) {
            text_put(d->out, k ? STR(" + ") : STR(" = "));
            put_path(d, &m->parts.at[k]);
        }
        line_end(d);
        d->indent++;
        for (int32_t k = 0; k < m->params.len; k++)
            dump_param(d, &m->params.at[k]);
        d->indent--;
    }
}

// ---- the whole ----------------------------------------------------------------------------------

static void dump_annotations(struct dump *d, const struct ast_annotation *at, int32_t len) {
    for (int32_t i = 0; i < len; i++) {
        dump_line(d, "@%s", at[i].name.text);
        d->indent++;
        if (at[i].value)
            dump_expr(d, at[i].value);
        d->indent--;
    }
}

static const struct ast_generics *generics_of(const struct ast_item *item) {
    switch (item->kind) {
    case ITEM_STRUCT:
        return &item->structure->generics;
    case ITEM_ENUM:
        return &item->enumeration->generics;
    case ITEM_TYPE:
        return &item->type->generics;
    case ITEM_TRAIT:
        return &item->trait->generics;
    case ITEM_IMPL:
        return &item->impl->generics;
    case ITEM_FUNCTION:
    case ITEM_MESSAGE:
        return &item->function->generics;
    case ITEM_ACTOR:
        return &item->actor->generics;
    case ITEM_MONITOR:
        return &item->monitor->generics;
    case ITEM_SERVICE:
        return &item->service->generics;
    default:
        return NULL;
    }
}

static void dump_head(struct dump *d, const struct ast_item *item) {
    bool is_async = item->kind == ITEM_FUNCTION && item->function->is_async;
    line_begin(d);
    text_printf(d->out, "%s%s%s", visibility_text(item->visibility), is_async ? "async " : "",
                syntax_item_word(item));
    if (item->name.text)
        text_printf(d->out, " %s", item->name.text);
    const struct ast_generics *generics = generics_of(item);
    if (generics)
        put_generics(d, generics);
    line_end(d);
}

static void dump_item_parts(struct dump *d, const struct ast_item *item) {
    switch (item->kind) {
    case ITEM_MODULE:
    case ITEM_SECTION:
        dump_items(d, item->module->items.at, item->module->items.len);
        return;
    case ITEM_IMPORT:
        dump_import(d, item->import);
        return;
    case ITEM_CONST:
        if (item->constant->type)
            put_typed(d, "type", item->constant->type);
        dump_part(d, "=", item->constant->value);
        return;
    case ITEM_STRUCT:
        dump_clauses(d, &item->structure->clauses);
        dump_fields(d, item->structure->fields.at, item->structure->fields.len);
        return;
    case ITEM_ENUM:
        dump_enum(d, item->enumeration);
        return;
    case ITEM_TYPE:
        dump_type_item(d, item->type);
        return;
    case ITEM_TRAIT:
        dump_bounds(d, item->trait->parents.at, item->trait->parents.len);
        dump_clauses(d, &item->trait->clauses);
        dump_items(d, item->trait->members.at, item->trait->members.len);
        return;
    case ITEM_IMPL:
        dump_impl(d, item->impl);
        return;
    case ITEM_FUNCTION:
    case ITEM_MESSAGE:
    case ITEM_TEST:
    case ITEM_PROPERTY:
    case ITEM_CHAOS_TEST:
    case ITEM_HOOK:
        dump_function(d, item->function);
        return;
    case ITEM_ACTOR:
        dump_actor(d, item->actor);
        return;
    case ITEM_MONITOR:
        dump_items(d, item->monitor->members.at, item->monitor->members.len);
        return;
    case ITEM_SERVICE:
        dump_clauses(d, &item->service->clauses);
        dump_items(d, item->service->members.at, item->service->members.len);
        return;
    case ITEM_CAPABILITY:
        dump_capability(d, item->capability);
        return;
    case ITEM_EXTERN:
        dump_items(d, item->foreign->members.at, item->foreign->members.len);
        return;
    case ITEM_FIELD:
        put_typed(d, "type", item->field->type);
        dump_part(d, "=", item->field->value);
        return;
    case ITEM_INVARIANT:
        dump_expr(d, item->invariant);
        return;
    case ITEM_CHILDREN:
        dump_children(d, item->children);
        return;
    case ITEM_LIMIT:
        dump_line(d, "%s in %d", item->limit->is_memory ? "memory" : "grace",
                  (int)item->limit->unit);
        dump_part(d, "=", item->limit->value);
        return;
    case ITEM_MAILBOX:
        dump_mailbox(d, item->mailbox);
        return;
    case ITEM_STATE:
        dump_state(d, item->state);
        return;
    }
}

static void dump_item(struct dump *d, const struct ast_item *item) {
    dump_head(d, item);
    d->indent++;
    dump_annotations(d, item->annotations.at, item->annotations.len);
    dump_item_parts(d, item);
    d->indent--;
}

void syntax_dump(const struct module_ast *module, struct text *out) {
    struct dump d = {.out = out};
    dump_annotations(&d, module->annotations.at, module->annotations.len);
    dump_items(&d, module->items.at, module->items.len);
}
