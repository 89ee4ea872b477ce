// SPDX-License-Identifier: MIT
// Structs, enums and buffers. The way through a unique buffer with room is in line: no call, no
// count.
#include "frontend/emit/inner.h"

#include <assert.h>

// ---- structs and enums ----------------------------------------------------------------------

// A value made of held parts; then it is held itself.
static void store_made(struct body *b, const struct mir_inst *i, const char *made) {
    const struct mir_type *t = place_type(b, &i->dst);
    const char *value = c_temp(b, t, made);
    release(b);
    hold(b, t, value);
    store(b, &i->dst, value);
}

static void make(struct body *b, const struct mir_inst *i) {
    const struct mir_type *t = place_type(b, &i->dst);
    struct text made = {.arena = b->e->arena};
    text_printf(&made, "{%s", i->args.len ? "" : "0");
    for (int32_t n = 0; n < i->args.len; n++)
        text_printf(&made, "%s.%s = %s", n ? ", " : "", emit_field(b->e, t, n),
                    own(b, &i->args.at[n]));
    text_putc(&made, '}');
    store_made(b, i, made.data);
}

static void variant(struct body *b, const struct mir_inst *i) {
    struct text made = {.arena = b->e->arena};
    text_printf(&made, "{.tag = %d", i->number);
    for (int32_t n = 0; n < i->args.len; n++)
        text_printf(&made, ", .v%d.f%d = %s", i->number, n, own(b, &i->args.at[n]));
    text_putc(&made, '}');
    store_made(b, i, made.data);
}

static void use(struct body *b, const struct mir_inst *i) {
    store(b, &i->dst, own(b, &i->args.at[0]));
}

static void drop(struct body *b, const struct mir_inst *i) {
    const struct mir_operand *o = &i->args.at[0];
    const char *lvalue = place_lvalue(b, &o->place, ACCESS_READ);
    const char *s = emit_drop(b->e, o->type, lvalue);
    if (!s)
        return;
    line(b, "%s", s);
    line(b, "%s = %s;", lvalue, emit_zero(b->e, o->type));
}

// ---- buffers --------------------------------------------------------------------------------

static const char *descriptor(struct body *b, const struct mir_type *t) {
    return emit_type(b->e, t)->descriptor;
}

// The buffer that the first operand names, to be written.
static const char *target(struct body *b, const struct mir_inst *i) {
    return place_lvalue(b, &i->args.at[0].place, ACCESS_WRITE);
}

static const struct mir_type *element_of(const struct mir_inst *i) {
    assert(i->args.at[0].type->kind == MIR_BUFFER);
    return i->args.at[0].type->element;
}

static void make_ready(struct body *b, const char *buffer, const struct mir_type *element,
                       const char *room) {
    line(b, "if (PRISM_RARE(!prism_buffer_ready(%s, %s)))", buffer, room);
    line(b, "    %s = prism_buffer_owned(cx, %s, &%s, %s);", buffer, buffer, descriptor(b, element),
         room);
}

// Lists that are written out: their constants are copied at once if there are so many in a row.
enum { FILL_AT_ONCE = 8, FILL_ITEMS_MAX = 1 << 20 };

static const char *item_at(struct body *b, const struct mir_type *element, const char *buffer,
                           const char *at) {
    return emit_format(b->e, "((%s)%s->data)[%s]", emit_declare(b->e, element, "*"), buffer, at);
}

// How many constants are pushed to the buffer that is being filled from here on, one behind the
// other.
static int32_t constants_from(const struct body *b, const struct mir_inst *i) {
    const struct mir_inst *end = b->block->insts.at + b->block->insts.len;
    uint64_t room = b->filled_room - b->filled_count;
    int32_t count = 0;
    while (i < end && i->op == MIR_OP_BUF_PUSH && i->args.at[0].place.local == b->filled &&
           i->args.at[1].kind == MIR_CONST && i->args.at[1].type->plain && (uint64_t)count < room) {
        i++;
        count++;
    }
    return count;
}

// Many constants are copied at once; the operations that push the others are done with that.
static void fill_constants(struct body *b, const struct mir_inst *i, const char *buffer,
                           int32_t count) {
    const char *element = emit_type(b->e, element_of(i))->c;
    struct text items = {.arena = b->e->arena};
    for (int32_t n = 0; n < count; n++)
        text_printf(&items, "%s%s", n ? ", " : "", emit_constant(b->e, &i[n].args.at[1]));
    open_block(b, "{");
    line(b, "static const %s items[] = {%s};", element, items.data);
    line(b, "__builtin_memcpy((%s *)%s->data + %llu, items, sizeof items);", element, buffer,
         (unsigned long long)b->filled_count);
    close_block(b);
    b->filled_count += (uint64_t)count;
    line(b, "%s->len = %llu;", buffer, (unsigned long long)b->filled_count);
    b->filled_ahead = count - 1;
}

// The next item of a list that is written out: nobody else has the buffer, and there is room.
static void fill(struct body *b, const struct mir_inst *i, const char *buffer) {
    const struct mir_type *element = element_of(i);
    int32_t count = constants_from(b, i);
    if (count >= FILL_AT_ONCE) {
        fill_constants(b, i, buffer, count);
        return;
    }
    const char *value = own(b, &i->args.at[1]);
    unsigned long long at = b->filled_count++;
    line(b, "%s = %s;", item_at(b, element, buffer, emit_format(b->e, "%llu", at)), value);
    line(b, "%s->len = %llu;", buffer, at + 1);
}

// A box is made with its item; one that it had goes.
static void fill_box(struct body *b, const struct mir_inst *i, const char *value) {
    const struct mir_type *t = i->args.at[0].type;
    const char *made = c_temp(b, t, emit_new_box(b->e, t, value));
    release(b);
    hold(b, t, made);
    store(b, &i->args.at[0].place, made);
}

static void push(struct body *b, const struct mir_inst *i) {
    const struct mir_type *element = element_of(i);
    if (i->args.at[0].place.local == b->filled && b->filled_count < b->filled_room) {
        fill(b, i, target(b, i));
        return;
    }
    const char *value = own(b, &i->args.at[1]);
    if (i->args.at[0].type->box) {
        fill_box(b, i, value);
        return;
    }
    const char *buffer = target(b, i);
    const char *len = temp_of(b, "uint64_t", emit_format(b->e, "prism_buffer_len(%s)", buffer));
    line(b, "if (PRISM_RARE(!prism_buffer_ready(%s, %s + 1)))", buffer, len);
    line(b, "    %s = %s;", buffer, emit_room(b->e, i->args.at[0].type, buffer, len));
    line(b, "%s = %s;", item_at(b, element, buffer, len), value);
    line(b, "%s->len = %s + 1;", buffer, len);
}

static void pop(struct body *b, const struct mir_inst *i) {
    const struct mir_type *element = element_of(i);
    const char *buffer = target(b, i);
    const char *len = temp_of(b, "uint64_t", emit_format(b->e, "prism_buffer_len(%s)", buffer));
    open_block(b, "if (PRISM_RARE(%s == 0)) {", len);
    c_trap(b, "INDEX", NULL);
    close_block(b);
    make_ready(b, buffer, element, "0");
    const char *value =
        c_temp(b, element, item_at(b, element, buffer, emit_format(b->e, "%s - 1", len)));
    line(b, "%s->len = %s - 1;", buffer, len);
    hold(b, element, value);
    store(b, &i->dst, value);
}

// Calls the runtime with a copy of the place, so that a local's address never leaves its function
// and it can
// live in a register.
static void through(struct body *b, const struct mir_inst *i, const char *function,
                    const char *arguments) {
    const char *buffer = target(b, i);
    const char *copy = temp_of(b, "prism_buffer *", buffer);
    line(b, "%s(cx, &%s, &%s, %s);", function, copy, descriptor(b, element_of(i)), arguments);
    line(b, "%s = %s;", buffer, copy);
}

static void insert(struct body *b, const struct mir_inst *i) {
    const struct mir_type *element = element_of(i);
    const char *at = temp_of(b, "uint64_t", lend(b, &i->args.at[1]));
    const char *value = c_temp(b, element, own(b, &i->args.at[2]));
    release(b);
    hold(b, element, value); // until the call, which consumes it
    const char *buffer = target(b, i);
    release(b);
    const char *copy = temp_of(b, "prism_buffer *", buffer);
    line(b, "prism_buffer_insert(cx, &%s, &%s, %s, &%s, %s);", copy, descriptor(b, element), at,
         value, site_here(b));
    line(b, "%s = %s;", buffer, copy);
    fail_if_failed(b);
}

static void remove_item(struct body *b, const struct mir_inst *i) {
    const struct mir_type *element = element_of(i);
    const char *at = temp_of(b, "uint64_t", lend(b, &i->args.at[1]));
    const char *value = c_temp(b, element, emit_zero(b->e, element));
    through(b, i, "prism_buffer_remove", emit_format(b->e, "%s, &%s, %s", at, value, site_here(b)));
    fail_if_failed(b);
    hold(b, element, value);
    store(b, &i->dst, value);
}

static void append(struct body *b, const struct mir_inst *i) {
    const char *items = temp_of(b, "prism_buffer *", lend(b, &i->args.at[1]));
    through(b, i, "prism_buffer_append", items);
    drop_moved(b, i, 1);
}

static void put(struct body *b, const struct mir_inst *i) {
    struct mir_place item = emit_put_place(b->e, i);
    const char *value = c_temp(b, i->args.at[2].type, lend(b, &i->args.at[2]));
    const char *lvalue = place_lvalue(b, &item, ACCESS_READ); // others may have the buffer, too
    line(b, "%s = %s;", lvalue, value);
    drop_moved(b, i, 0);
}

static void slice(struct body *b, const struct mir_inst *i) {
    const struct mir_type *t = i->args.at[0].type;
    const char *from = lend(b, &i->args.at[1]), *to = lend(b, &i->args.at[2]);
    const char *call =
        emit_format(b->e, "prism_buffer_slice(cx, %s, &%s, %s, %s, %s)", lend(b, &i->args.at[0]),
                    descriptor(b, t->element), from, to, site_here(b));
    const char *value = c_temp(b, t, call);
    drop_moved(b, i, 0);
    fail_if_failed(b);
    hold(b, t, value);
    store(b, &i->dst, value);
}

static void new_buffer(struct body *b, const struct mir_inst *i) {
    const struct mir_type *t = place_type(b, &i->dst);
    if (!i->args.len || t->box) {
        store(b, &i->dst, "NULL");
        return;
    }
    const struct mir_operand *room = &i->args.at[0];
    bool fills = room->kind == MIR_CONST && room->value.bits > 0 &&
                 room->value.bits <= FILL_ITEMS_MAX && !i->dst.projs.len && i->dst.local >= 0;
    // What is filled has all the room that it asks for, which else is only a wish.
    const char *form =
        fills ? "prism_buffer_owned(cx, NULL, &%s, %s)" : "prism_buffer_new(cx, &%s, %s)";
    const char *value =
        c_temp(b, t, emit_format(b->e, form, descriptor(b, t->element), lend(b, room)));
    hold(b, t, value);
    store(b, &i->dst, value);
    if (!fills)
        return;
    b->filled = i->dst.local;
    b->filled_room = i->args.at[0].value.bits;
    b->filled_count = 0;
}

static void length(struct body *b, const struct mir_inst *i) {
    const char *value = emit_format(b->e, "prism_buffer_len(%s)", lend(b, &i->args.at[0]));
    if (i->args.at[0].kind == MIR_MOVE) {
        value = temp_of(b, "uint64_t", value);
        drop_moved(b, i, 0);
    }
    store(b, &i->dst, value);
}

void emit_heap(struct body *b, const struct mir_inst *i) {
    switch (i->op) {
    case MIR_OP_USE:
        use(b, i);
        break;
    case MIR_OP_DROP:
        drop(b, i);
        break;
    case MIR_OP_MAKE:
        make(b, i);
        break;
    case MIR_OP_VARIANT:
        variant(b, i);
        break;
    case MIR_OP_TAG:
        store(b, &i->dst, emit_format(b->e, "%s.tag", lend(b, &i->args.at[0])));
        break;
    case MIR_OP_WAITS:
        store(b, &i->dst, i->waits ? "true" : "false");
        break;
    case MIR_OP_BUF_NEW:
        new_buffer(b, i);
        break;
    case MIR_OP_BUF_LEN:
        length(b, i);
        break;
    case MIR_OP_BUF_PUSH:
        push(b, i);
        break;
    case MIR_OP_BUF_POP:
        pop(b, i);
        break;
    case MIR_OP_BUF_INSERT:
        insert(b, i);
        break;
    case MIR_OP_BUF_REMOVE:
        remove_item(b, i);
        break;
    case MIR_OP_BUF_TRUNCATE:
        through(b, i, "prism_buffer_truncate", temp_of(b, "uint64_t", lend(b, &i->args.at[1])));
        break;
    case MIR_OP_BUF_RESERVE:
        through(b, i, "prism_buffer_reserve", temp_of(b, "uint64_t", lend(b, &i->args.at[1])));
        break;
    case MIR_OP_BUF_OPEN:
        through(b, i, "prism_buffer_open", temp_of(b, "uint64_t", lend(b, &i->args.at[1])));
        break;
    case MIR_OP_BUF_PUT:
        put(b, i);
        break;
    case MIR_OP_BUF_APPEND:
        append(b, i);
        break;
    default:
        assert(i->op == MIR_OP_BUF_SLICE);
        slice(b, i);
        break;
    }
}
