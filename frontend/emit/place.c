// SPDX-License-Identifier: MIT
// Places as lvalues, operands as values.
#include "frontend/emit/inner.h"

#include <assert.h>

const char *local_lvalue(struct body *b, int32_t local) {
    const char *name = emit_function(b->e, b->f)->locals.at[local];
    if (local < b->f->param_count) {
        if (b->suspends)
            return emit_format(b->e, "f->args.%s", name);
        return b->f->modes.at[local] == MIR_PARAM_MUT ? emit_format(b->e, "(*%s)", name) : name;
    }
    return b->suspends && b->f->locals.at[local].frame ? emit_format(b->e, "f->%s", name) : name;
}

const struct mir_type *place_type(struct body *b, const struct mir_place *p) {
    const struct mir_type *t = mir_place_type(b->f, p);
    assert(t);
    return t;
}

static const char *index_value(struct body *b, const struct mir_operand *o) {
    return o->kind == MIR_CONST ? emit_constant(b->e, o) : place_lvalue(b, &o->place, ACCESS_READ);
}

// Traps where the C condition says that there is no such item.
static void check(struct body *b, const char *is_outside, enum access access) {
    open_block(b, "if (PRISM_RARE(%s)) {", is_outside);
    if (access == ACCESS_WRITE_QUIET)
        line(b, "if (!prism_failed(cx))");
    if (access == ACCESS_WRITE_QUIET) {
        line(b, "    prism_trap(cx, PRISM_INDEX, NULL, %s);", site_here(b));
        fail(b);
    } else {
        c_trap(b, "INDEX", NULL);
    }
    close_block(b);
}

// What stands in the box in `lvalue`, which is empty only where something was moved from it.
static const char *boxed_item(struct body *b, const struct mir_type *box, const char *lvalue,
                              const struct mir_operand *at, enum access access) {
    struct emitter *e = b->e;
    const char *element = emit_type(e, box->element)->c;
    const char *t = access == ACCESS_READ ? temp_of(b, emit_type(e, box)->c, lvalue) : lvalue;
    check(b, emit_format(e, "%s >= (uint64_t)!!%s", index_value(b, at), t), access);
    if (access != ACCESS_READ) {
        open_block(b, "if (PRISM_RARE(!prism_boxed_ready(%s))) {", lvalue);
        line(b, "%s = prism_boxed_owned(cx, %s, &%s);", lvalue, lvalue,
             emit_type(e, box->element)->descriptor);
        close_block(b);
        t = temp_of(b, emit_type(e, box)->c, lvalue);
    }
    return emit_format(e, "(*(%s%s)%s->data)", element,
                       element[strlen(element) - 1] == '*' ? "*" : " *", t);
}

// The item of the buffer in `lvalue`.
static const char *item(struct body *b, const struct mir_type *buffer, const char *lvalue,
                        const struct mir_operand *at, enum access access) {
    struct emitter *e = b->e;
    const char *index = index_value(b, at);
    if (at->kind != MIR_CONST)
        index = temp_of(b, "uint64_t", index);
    const char *c = emit_type(e, buffer->element)->c;
    const char *star = c[strlen(c) - 1] == '*' ? "*" : " *";
    if (access == ACCESS_READ) {
        const char *t = temp_of(b, "prism_buffer *", lvalue);
        check(b, emit_format(e, "%s >= prism_buffer_len(%s)", index, t), access);
        return emit_format(e, "((%s%s)%s->data)[%s]", c, star, t, index);
    }
    check(b, emit_format(e, "%s >= prism_buffer_len(%s)", index, lvalue), access);
    open_block(b, "if (PRISM_RARE(!prism_buffer_ready(%s, 0))) {", lvalue);
    line(b, "%s = prism_buffer_owned(cx, %s, &%s, 0);", lvalue, lvalue,
         emit_type(e, buffer->element)->descriptor);
    close_block(b);
    const char *t = temp_of(b, "prism_buffer *", lvalue);
    return emit_format(e, "((%s%s)%s->data)[%s]", c, star, t, index);
}

// Fields of a local or of self.
static const char *start_lvalue(struct body *b, const struct mir_place *p, int32_t count) {
    const struct mir_type *t = p->local == MIR_SELF ? b->f->self : b->f->locals.at[p->local].type;
    const char *lvalue = p->local == MIR_SELF ? "(*self)" : local_lvalue(b, p->local);
    for (int32_t i = 0; i < count; i++) {
        const struct mir_proj *proj = &p->projs.at[i];
        lvalue = emit_format(b->e, "%s.%s", lvalue, emit_field(b->e, t, proj->field));
        t = t->fields.at[proj->field].type;
    }
    return lvalue;
}

// The same through a view. It is empty where an index on the way to the buffer is out of range, and
// that fails in the same way at the same site.
static const char *viewed_item(struct body *b, const struct view *v, const struct mir_place *p,
                               enum access access) {
    const struct mir_operand *at = p->projs.at[v->count].index;
    const char *index = index_value(b, at);
    if (at->kind != MIR_CONST)
        index = temp_of(b, "uint64_t", index);
    bool is_local = true;
    for (int32_t i = 0; i < v->count; i++)
        is_local &= p->projs.at[i].kind == MIR_PROJ_FIELD;
    const char *is_fine = untested(b, at);
    if (is_fine)
        open_block(b, "if (!%s) {", is_fine);
    open_block(b, "if (PRISM_RARE(%s >= %s_len)) {", index, v->name);
    if (access == ACCESS_WRITE_QUIET)
        line(b, "if (!prism_failed(cx))");
    line(b, "%sprism_trap(cx, PRISM_INDEX, NULL, %s);", access == ACCESS_WRITE_QUIET ? "    " : "",
         site_here(b));
    fail(b);
    close_block(b);
    if (access != ACCESS_READ) {
        assert(v->writes && is_local);
        const char *lvalue = start_lvalue(b, p, v->count);
        open_block(b, "if (PRISM_RARE(!%s_own)) {", v->name);
        line(b, "%s = prism_buffer_owned(cx, %s, &%s, 0);", lvalue, lvalue,
             emit_type(b->e, v->buffer->element)->descriptor);
        line(b, "%s = (void *)%s->data;", v->name, lvalue);
        line(b, "%s_own = true;", v->name);
        close_block(b);
    }
    if (is_fine)
        close_block(b);
    return emit_format(b->e, "%s[%s]", v->name, index);
}

const char *place_lvalue(struct body *b, const struct mir_place *p, enum access access) {
    struct emitter *e = b->e;
    const struct mir_type *t = p->local == MIR_SELF ? b->f->self : b->f->locals.at[p->local].type;
    const char *lvalue = NULL;
    int32_t from = 0;
    for (int32_t i = p->projs.len; i-- > 0 && !lvalue;) {
        const struct view *v = p->projs.at[i].kind == MIR_PROJ_INDEX ? view_of(b, p, i) : NULL;
        if (!v)
            continue;
        lvalue = viewed_item(b, v, p, access);
        t = v->buffer->element;
        from = i + 1;
    }
    if (!lvalue)
        lvalue = p->local == MIR_SELF ? "(*self)" : local_lvalue(b, p->local);
    for (int32_t i = from; i < p->projs.len; i++) {
        const struct mir_proj *proj = &p->projs.at[i];
        switch (proj->kind) {
        case MIR_PROJ_FIELD:
            lvalue = str_is(str_from(lvalue), "(*self)")
                         ? emit_format(e, "self->%s", emit_field(e, t, proj->field))
                         : emit_format(e, "%s.%s", lvalue, emit_field(e, t, proj->field));
            t = t->fields.at[proj->field].type;
            break;
        case MIR_PROJ_VARIANT:
            lvalue = emit_format(e, "%s.v%d.f%d", lvalue, proj->variant, proj->field);
            t = t->variants.at[proj->variant].types.at[proj->field];
            break;
        case MIR_PROJ_INDEX:
            lvalue = (t->box ? boxed_item : item)(b, t, lvalue, proj->index, access);
            t = t->element;
            break;
        }
    }
    return lvalue;
}

const char *lend(struct body *b, const struct mir_operand *o) {
    return o->kind == MIR_CONST ? emit_constant(b->e, o) : place_lvalue(b, &o->place, ACCESS_READ);
}

const char *lend_lvalue(struct body *b, const struct mir_operand *o) {
    if (o->kind == MIR_CONST)
        return c_temp(b, o->type, emit_constant(b->e, o));
    const char *lvalue = place_lvalue(b, &o->place, ACCESS_READ);
    // Of a number a copy, so that nobody has the address of a variable that a loop counts in.
    return o->type->kind <= MIR_F64 ? c_temp(b, o->type, lvalue) : lvalue;
}

static bool has_index(const struct mir_place *p) {
    for (int32_t i = 0; i < p->projs.len; i++)
        if (p->projs.at[i].kind == MIR_PROJ_INDEX)
            return true;
    return false;
}

const char *own(struct body *b, const struct mir_operand *o) {
    struct emitter *e = b->e;
    if (o->kind == MIR_CONST)
        return emit_constant(e, o);
    // Moving out of a buffer's item writes to it.
    bool moves = o->kind == MIR_MOVE && !o->type->plain;
    const char *lvalue = place_lvalue(b, &o->place, moves ? ACCESS_WRITE : ACCESS_READ);
    if (o->type->plain && !has_index(&o->place))
        return lvalue;
    const char *value = c_temp(b, o->type, lvalue);
    if (moves)
        line(b, "%s = %s;", lvalue, emit_zero(e, o->type));
    else if (!o->type->plain)
        line(b, "%s", emit_dup(e, o->type, value));
    hold(b, o->type, value);
    return value;
}

// With something to drop, the old value goes last: by then the place is whole again.
void store(struct body *b, const struct mir_place *dst, const char *value) {
    struct emitter *e = b->e;
    if (dst->local == MIR_NO_PLACE)
        return;
    const struct mir_type *t = place_type(b, dst);
    const char *lvalue = place_lvalue(b, dst, ACCESS_WRITE);
    release(b);
    if (t->plain || dst == b->fresh) {
        line(b, "%s = %s;", lvalue, value);
        return;
    }
    const char *old = c_temp(b, t, lvalue);
    line(b, "%s = %s;", lvalue, value);
    line(b, "%s", emit_drop(e, t, old));
}

struct mir_place emit_put_place(struct emitter *e, const struct mir_inst *put) {
    assert(put->op == MIR_OP_BUF_PUT && put->args.at[0].kind != MIR_CONST);
    const struct mir_place *buffer = &put->args.at[0].place;
    struct mir_place item = {.local = buffer->local};
    for (int32_t i = 0; i < buffer->projs.len; i++)
        vec_push(e->arena, &item.projs, buffer->projs.at[i]);
    vec_push(e->arena, &item.projs,
             (struct mir_proj){.kind = MIR_PROJ_INDEX, .index = &put->args.at[1]});
    return item;
}

void drop_moved(struct body *b, const struct mir_inst *i, int32_t from) {
    for (int32_t n = from; n < i->args.len; n++) {
        const struct mir_operand *o = &i->args.at[n];
        if (o->kind != MIR_MOVE || o->type->plain || has_index(&o->place))
            continue;
        const char *lvalue = place_lvalue(b, &o->place, ACCESS_READ);
        line(b, "%s", emit_drop(b->e, o->type, lvalue));
        line(b, "%s = %s;", lvalue, emit_zero(b->e, o->type));
    }
}
