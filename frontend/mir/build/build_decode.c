// SPDX-License-Identifier: MIT
// Decoding: the runtime puts values together by their descriptors. What it cannot know are the
// defaults of fields that the input does not mention; each becomes a function of its own.
#include "frontend/mir/build/lower.h"

static bool is_decoded(const struct build *b, const struct type *t) {
    for (int32_t i = 0; i < b->decoded.len; i++)
        if (b->decoded.at[i] == t)
            return true;
    return false;
}

static const char *default_function(struct build *b, struct type *t, int32_t field,
                                    struct span span) {
    const char *name = str_format(b->arena, "$default<%s.%s>", type_path(b, t),
                                  t->structure->fields.at[field].name)
                           .data;
    struct instance *i = instance_new(b, CODE_DEFAULT, name);
    i->type = t;
    i->field = field;
    i->span = span;
    i->module = t->structure->module;
    i->mir->loc = loc_of(b, t->structure->fields.at[field].span);
    i->mir->result = mir_type_for(b, sema_field_type(b->program, t, -1, field));
    return i->mir->name;
}

static void give_fields(struct build *b, struct type *t, int32_t variant, int32_t count,
                        struct span span) {
    for (int32_t i = 0; i < count; i++)
        give_defaults(b, sema_field_type(b->program, t, variant, i), span);
}

static void give_struct(struct build *b, struct type *t, struct span span) {
    struct mir_type *made = mir_type_for(b, t);
    for (int32_t i = 0; !type_is_transparent(t) && i < t->structure->fields.len; i++)
        if (t->structure->fields.at[i].value && !field_is_boxed(b, t, -1, i))
            made->fields.at[i].fallback = default_function(b, t, i, span);
    give_fields(b, t, -1, t->structure->fields.len, span);
}

void give_defaults(struct build *b, struct type *t, struct span span) {
    bool has_parts = t->kind == TYPE_STRUCT || t->kind == TYPE_ENUM || t->kind == TYPE_TUPLE ||
                     t->kind == TYPE_BUFFER;
    if (!has_parts || b->is_over || is_decoded(b, t))
        return;
    vec_push(b->arena, &b->decoded, t);
    if (t->kind == TYPE_BUFFER)
        give_defaults(b, t->args[0], span);
    else if (t->kind == TYPE_TUPLE)
        give_fields(b, t, -1, t->arg_count, span);
    else if (t->kind == TYPE_STRUCT)
        give_struct(b, t, span);
    else
        for (int32_t v = 0; v < t->enumeration->variants.len; v++)
            give_fields(b, t, v, t->enumeration->variants.at[v].fields.len, span);
}

void lower_default_function(struct fn *fn) {
    const struct instance *i = fn->instance;
    leave(fn, MIR_RETURN, lower_field_default(fn, i->type, i->field), i->span);
}

// The runtime cannot wait in the middle of a value.
void check_defaults(struct build *b) {
    for (int32_t i = 0; i < b->work.len; i++) {
        const struct instance *w = b->work.at[i];
        if (w->kind == CODE_DEFAULT && w->mir->suspends)
            diag_add(b->sink, P8030, w->type->structure->fields.at[w->field].span,
                     "a default that waits cannot stand in for what is missing in data that is "
                     "decoded");
    }
}
