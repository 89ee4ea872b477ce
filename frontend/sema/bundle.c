// SPDX-License-Identifier: MIT
// Bundles of capabilities: `@capability "Name"` over a module or an actor names one of the
// package's manifest, and actors there that have no clause hold what it lists.
#include "frontend/sema/check.h"

static const struct ast_annotation *over(const struct ast_item *item) {
    for (int32_t i = 0; item && i < item->annotations.len; i++) {
        const struct ast_annotation *a = &item->annotations.at[i];
        if (strcmp(a->name.text, "capability") == 0 && a->value && a->value->kind == EXPR_STRING)
            return a;
    }
    return NULL;
}

struct str bundle_name(const struct sema_actor *a) {
    const struct ast_annotation *found = over(a->item);
    for (const struct namespace *n = a->scope; n && !found; n = n->parent)
        found = over(n->item);
    return found ? found->value->string : (struct str){0};
}

void hold_bundle(struct checker *c, struct sema_actor *a) {
    if (a->has_capabilities || c->module->is_std)
        return;
    struct str name = bundle_name(a);
    for (int32_t i = 0; name.data && i < c->bundles.len; i++) {
        const struct sema_bundle *b = &c->bundles.at[i];
        if (!str_eq(b->name, name))
            continue;
        a->has_capabilities = true;
        a->capabilities.at = (struct ast_ability *)b->at;
        a->capabilities.len = b->len;
        a->capabilities_span = b->span;
        return;
    }
}
