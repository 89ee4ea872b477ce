// SPDX-License-Identifier: MIT
// What the types of a program are, as text: the declarations of its own modules in the order in
// which they stand, each with its types, and below a function what its variables were found to be,
// with their places. What `prism build --dump types` prints.
#include "frontend/sema/sema.h"

struct dump {
    struct typed_program *p;
    struct text *out;
};

static void place(struct dump *d, struct span span) {
    int32_t line, column;
    source_position(span.source, span.start, &line, &column);
    text_printf(d->out, "%d:%d ", (int)line, (int)column);
}

static void type_params(struct dump *d, const sema_type_params *params) {
    for (int32_t i = 0; i < params->len; i++)
        text_printf(d->out, "%s%s%s", i ? ", " : "<", params->at[i]->name,
                    i + 1 == params->len ? ">" : "");
}

static void fields(struct dump *d, const struct sema_field *at, int32_t count, const char *indent) {
    for (int32_t i = 0; i < count; i++)
        text_printf(d->out, "%s%s: %s\n", indent, at[i].name, type_show(d->p, at[i].type));
}

static void structure(struct dump *d, const struct sema_struct *s) {
    text_printf(d->out, "%s %s", s->is_distinct ? "distinct" : "struct", s->path);
    type_params(d, &s->params);
    text_putc(d->out, '\n');
    fields(d, s->fields.at, s->fields.len, "  ");
}

static void enumeration(struct dump *d, const struct sema_enum *e) {
    text_printf(d->out, "enum %s", e->path);
    type_params(d, &e->params);
    text_putc(d->out, '\n');
    for (int32_t i = 0; i < e->variants.len; i++) {
        text_printf(d->out, "  %s\n", e->variants.at[i].name);
        fields(d, e->variants.at[i].fields.at, e->variants.at[i].fields.len, "    ");
    }
}

static void actor(struct dump *d, const struct sema_actor *a) {
    text_printf(d->out, "%s %s",
                a->is_monitor      ? "monitor"
                : a->is_supervisor ? "supervisor"
                : a->is_bus        ? "event_bus"
                                   : "actor",
                a->path);
    type_params(d, &a->params);
    text_putc(d->out, '\n');
    for (int32_t i = 0; i < a->fields.len; i++)
        fields(d, &a->fields.at[i].field, 1, "  ");
}

static void variables(struct dump *d, const struct sema_function *f) {
    struct span in = f->item->span;
    const struct sema_module *m = f->module;
    for (int32_t i = 0; i < m->ast->binding_count; i++) {
        const struct sema_variable *v = m->bindings[i];
        if (!v || v->kind != VARIABLE_LOCAL || v->span.start < in.start || v->span.end > in.end)
            continue;
        text_put(d->out, STR("  "));
        place(d, v->span);
        text_printf(d->out, "%s: %s\n", v->name, type_show(d->p, v->type));
    }
}

static void function(struct dump *d, const struct sema_function *f) {
    static const char *const words[] = {
        [FUNCTION_FREE] = "function",   [FUNCTION_METHOD] = "function",
        [FUNCTION_TRAIT] = "function",  [FUNCTION_ACTOR] = "function",
        [FUNCTION_MESSAGE] = "message", [FUNCTION_HOOK] = "hook",
        [FUNCTION_TEST] = "test",       [FUNCTION_FOREIGN] = "function"};
    if (!f->item || f->kind == FUNCTION_INIT || f->kind == FUNCTION_INVARIANT)
        return;
    place(d, f->span);
    text_printf(d->out, "%s%s %s", f->is_async && f->kind == FUNCTION_FREE ? "async " : "",
                f->is_constant ? "const" : words[f->kind], f->path);
    type_params(d, &f->type_params);
    for (int32_t i = 0; i < f->params.len && !f->is_constant; i++)
        text_printf(d->out, "%s%s%s: %s", i ? ", " : "(", f->params.at[i].is_mut ? "mut " : "",
                    f->params.at[i].name, type_show(d->p, f->params.at[i].type));
    text_printf(d->out, "%s%s%s",
                f->is_constant  ? ""
                : f->params.len ? ")"
                                : "()",
                f->is_constant ? ": " : " -> ", type_show(d->p, f->result));
    for (int32_t i = 0; i < f->effects.len; i++)
        text_printf(d->out, "%s%s%s", i ? ", " : " effects [", f->effects.at[i],
                    i + 1 == f->effects.len ? "]" : "");
    text_putc(d->out, '\n');
    if (f->body)
        variables(d, f);
}

void sema_dump(struct typed_program *p, struct text *out) {
    struct dump d = {p, out};
    for (int32_t i = 0; i < p->structs.len; i++)
        if (!p->structs.at[i]->module->is_std && !p->structs.at[i]->is_record)
            structure(&d, p->structs.at[i]);
    for (int32_t i = 0; i < p->enums.len; i++)
        if (!p->enums.at[i]->module->is_std)
            enumeration(&d, p->enums.at[i]);
    for (int32_t i = 0; i < p->actors.len; i++)
        if (!p->actors.at[i]->module->is_std)
            actor(&d, p->actors.at[i]);
    for (int32_t i = 0; i < p->consts.len; i++)
        if (!p->consts.at[i]->module->is_std)
            text_printf(out, "const %s: %s\n", p->consts.at[i]->path,
                        type_show(p, p->consts.at[i]->type));
    for (int32_t i = 0; i < p->functions.len; i++)
        if (!p->functions.at[i]->module->is_std)
            function(&d, p->functions.at[i]);
}
