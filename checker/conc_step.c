// SPDX-License-Identifier: MIT
// Running strands of the concrete world, from suspension to suspension.
#include "checker/conc_inner.h"

#include <assert.h>

enum failure_kind {
#define FAILURE(name, word, sentence) FAIL_##name,
#include "runtime/failures.def"
#undef FAILURE
};

const char *conc_failure_word(int64_t kind) {
    static const char *const words[] = {
#define FAILURE(name, word, sentence) word,
#include "runtime/failures.def"
#undef FAILURE
    };
    return kind >= 0 && (size_t)kind < sizeof words / sizeof *words ? words[kind] : "failure";
}

// ---- places ---------------------------------------------------------------------------------

static struct conc_frame *top(struct run *r) {
    return &r->s->frames[r->s->depth - 1];
}

static const struct conc_val *operand(struct run *r, const struct mir_operand *o);

static const struct conc_val *constant(struct run *r, const struct mir_operand *o) {
    if (o->type->kind == MIR_UNIT)
        return conc_seal(conc_val_new(r->c, CONC_UNIT, 0));
    if (o->type->kind == MIR_F32 || o->type->kind == MIR_F64) {
        struct conc_val *v = conc_val_new(r->c, CONC_FLOAT, 0);
        v->number = o->value.number;
        return conc_seal(v);
    }
    if (o->type->kind == MIR_BUFFER)
        return conc_seal(conc_val_new(r->c, CONC_OPAQUE, 0));
    return conc_word(r->c, (int64_t)o->value.bits);
}

// The index that a projection selects, or -1 when there is none (a failed index, an unknown one).
static int32_t selected(struct run *r, const struct conc_val *v, const struct mir_proj *j) {
    int32_t i = j->field;
    if (j->kind == MIR_PROJ_INDEX) {
        const struct conc_val *index = operand(r, j->index);
        if (!index || index->kind != CONC_WORD || v->kind != CONC_BUF) {
            conc_refuse(r->c, "an index or a buffer is not computed here");
            return -1;
        }
        i = index->n >= 0 && index->n < v->count ? (int32_t)index->n : -1;
    } else if ((v->kind != CONC_TUPLE && v->kind != CONC_ENUM) ||
               (j->kind == MIR_PROJ_VARIANT && v->tag != j->variant)) {
        conc_refuse(r->c, "a part of a value that is not computed here");
        return -1;
    }
    if (i < 0 || i >= v->count) {
        r->failure = FAIL_INDEX;
        return -1;
    }
    return i;
}

static const struct conc_val *root_of(struct run *r, const struct mir_place *p) {
    if (p->local == MIR_SELF)
        return r->w->actors.at[r->s->actor].state;
    return top(r)->locals[p->local];
}

static const struct conc_val *operand(struct run *r, const struct mir_operand *o) {
    if (o->kind == MIR_CONST)
        return constant(r, o);
    const struct conc_val *v = root_of(r, &o->place);
    for (int32_t i = 0; i < o->place.projs.len && v; i++) {
        int32_t at = selected(r, v, &o->place.projs.at[i]);
        v = at < 0 ? NULL : v->items[at];
    }
    if (!v && !r->failure)
        conc_refuse(r->c, "a value in `%s` is read that was not written", top(r)->f->name);
    return v;
}

static const struct conc_val *with(struct run *r, const struct conc_val *v,
                                   const struct mir_type *t, const struct mir_place *p, int32_t at,
                                   const struct conc_val *in) {
    if (at == p->projs.len)
        return in;
    if (!v && t && t->kind == MIR_STRUCT)
        v = conc_val_new(r->c, CONC_TUPLE, t->fields.len);
    const struct mir_proj *j = &p->projs.at[at];
    if (!v) {
        conc_refuse(r->c, "a part of nothing is written");
        return NULL;
    }
    int32_t i = selected(r, v, j);
    if (i < 0)
        return v;
    const struct mir_type *inner =
        t && t->kind == MIR_STRUCT && j->kind == MIR_PROJ_FIELD ? t->fields.at[i].type : NULL;
    struct conc_val *w = conc_val_new(r->c, v->kind, v->count);
    w->tag = v->tag;
    for (int32_t k = 0; k < v->count; k++)
        w->items[k] = k == i ? with(r, v->items[k], inner, p, at + 1, in) : v->items[k];
    return conc_seal(w);
}

void conc_write(struct run *r, const struct mir_place *p, const struct conc_val *v) {
    if (p->local == MIR_NO_PLACE)
        return;
    const struct conc_val *now = root_of(r, p);
    const struct mir_type *t =
        p->local == MIR_SELF ? top(r)->f->self : top(r)->f->locals.at[p->local].type;
    const struct conc_val *next = with(r, now, t, p, 0, v);
    if (p->local == MIR_SELF)
        r->w->actors.at[r->s->actor].state = next;
    else
        top(r)->locals[p->local] = next;
}

// ---- frames ---------------------------------------------------------------------------------

void conc_push_frame(struct run *r, const struct mir_function *f,
                     const struct conc_val *const *args, int32_t count) {
    struct conc_strand *s = r->s;
    if (s->depth >= 200) {
        r->failure = FAIL_DEPTH;
        return;
    }
    struct conc_frame *frames = arena_array(r->c->arena, struct conc_frame, s->depth + 1);
    if (s->depth)
        memcpy(frames, s->frames, sizeof *frames * (size_t)s->depth);
    struct conc_frame *n = &frames[s->depth++];
    *n = (struct conc_frame){.f = f};
    n->locals = arena_array(r->c->arena, const struct conc_val *, f->locals.len + 1);
    for (int32_t i = 0; i < count && i < f->param_count; i++)
        n->locals[i] = args[i];
    s->frames = frames;
}

static void end_strand(struct run *r, const struct conc_val *value, const struct conc_val *error) {
    struct conc_strand *s = r->s;
    struct conc_actor *a = &r->w->actors.at[s->actor];
    s->status = CONC_ENDED;
    s->depth = 0;
    if (a->running == (int32_t)(s - r->w->strands.at))
        a->running = -1;
    if (s->future >= 0 && (error || !s->reply_taken))
        conc_complete(r->c, r->w, s->future, value, error, s->actor);
    if (error && a->def)
        conc_stop(r->c, r->w, s->actor, FAIL_CRASHED);
}

// Where a failure goes: to the innermost unwind block, else out of the strand.
static void fail(struct run *r, const struct conc_val *error) {
    struct conc_strand *s = r->s;
    r->failure = FAIL_NONE;
    while (s->depth) {
        struct conc_frame *f = top(r);
        int32_t unwind = f->f->blocks.at[f->block].unwind;
        if (unwind >= 0) {
            f->block = unwind;
            f->inst = 0;
            f->pending = error;
            return;
        }
        s->depth--;
    }
    end_strand(r, NULL, error);
}

const struct conc_val *conc_error(struct conc *c, int32_t kind) {
    struct conc_val *v = conc_val_new(c, CONC_ERROR, 0);
    v->n = kind;
    return conc_seal(v);
}

static void give_back(struct run *r, const struct mir_function *callee,
                      const struct conc_val *const *locals) {
    struct conc_frame *f = top(r);
    const struct mir_inst *call = &f->f->blocks.at[f->block].insts.at[f->inst - 1];
    int32_t first = call->op == MIR_OP_APPLY ? callee->captures - 1 : 0;
    for (int32_t i = first < 0; i < call->args.len && i + first < callee->modes.len; i++)
        if (mir_arg_is_written(r->c->module, call, i) && call->args.at[i].kind != MIR_CONST)
            conc_write(r, &call->args.at[i].place, locals[i + first]);
}

static void leave(struct run *r, const struct conc_val *value) {
    struct conc_strand *s = r->s;
    struct conc_frame done = *top(r);
    s->depth--;
    if (!s->depth) {
        end_strand(r, value, NULL);
        return;
    }
    struct conc_frame *f = top(r);
    const struct mir_inst *call = &f->f->blocks.at[f->block].insts.at[f->inst - 1];
    if (call->op == MIR_OP_CALL || call->op == MIR_OP_APPLY)
        give_back(r, done.f, done.locals);
    conc_write(r, &call->dst, value);
}

// ---- terminators ----------------------------------------------------------------------------

static void jump(struct run *r, int32_t block) {
    top(r)->block = block;
    top(r)->inst = 0;
}

static void terminate(struct run *r, const struct mir_terminator *t) {
    bool has_value =
        t->kind == MIR_IF || t->kind == MIR_SWITCH || t->kind == MIR_RETURN || t->kind == MIR_RAISE;
    const struct conc_val *v = has_value ? operand(r, &t->value) : NULL;
    if (r->failure || r->c->refused.len || (has_value && !v))
        return;
    if ((t->kind == MIR_IF || t->kind == MIR_SWITCH) && v->kind != CONC_WORD) {
        conc_refuse(r->c, "`%s` decides by a value that is not computed here", top(r)->f->name);
        return;
    }
    int32_t block = t->block_else;
    switch (t->kind) {
    case MIR_GOTO:
        jump(r, t->block);
        break;
    case MIR_IF:
        jump(r, v->n ? t->block : t->block_else);
        break;
    case MIR_SWITCH:
        for (int32_t i = 0; i < t->cases.len; i++)
            if (t->cases.at[i].value == (uint64_t)v->n)
                block = t->cases.at[i].block;
        jump(r, block);
        break;
    case MIR_RETURN:
        leave(r, v);
        break;
    case MIR_END:
        leave(r, NULL);
        break;
    case MIR_TRAP:
        fail(r, conc_error(r->c, t->failure));
        break;
    case MIR_RAISE:
        fail(r, v->kind == CONC_ERROR ? v : conc_error(r->c, FAIL_USER));
        break;
    case MIR_UNREACHABLE:
        fail(r, conc_error(r->c, FAIL_UNREACHABLE));
        break;
    }
}

// ---- instructions ---------------------------------------------------------------------------

static bool buffer_write(struct run *r, const struct mir_inst *in,
                         const struct conc_val *const *args) {
    const struct conc_val *b = args[0], *taken = NULL;
    struct conc_val *w;
    int64_t at = 0;
    if (in->op == MIR_OP_BUF_RESERVE)
        return true;
    if (in->op == MIR_OP_BUF_OPEN)
        return false; // what several put into it is not followed
    if (in->op == MIR_OP_BUF_APPEND && args[1]->kind == CONC_BUF && b->kind == CONC_BUF) {
        w = conc_val_new(r->c, CONC_BUF, b->count + args[1]->count);
        for (int32_t i = 0; i < w->count; i++)
            w->items[i] = i < b->count ? b->items[i] : args[1]->items[i - b->count];
        conc_write(r, &in->args.at[0].place, conc_seal(w));
        return true;
    }
    if (b->kind == CONC_OPAQUE) { // stays unknown; what is taken out of it is, too
        conc_write(r, &in->dst, conc_seal(conc_val_new(r->c, CONC_OPAQUE, 0)));
        return true;
    }
    bool indexed =
        in->op == MIR_OP_BUF_INSERT || in->op == MIR_OP_BUF_REMOVE || in->op == MIR_OP_BUF_TRUNCATE;
    if (b->kind != CONC_BUF || (indexed && args[1]->kind != CONC_WORD))
        return false;
    if (indexed)
        at = args[1]->n;
    int64_t last = in->op == MIR_OP_BUF_INSERT ? b->count : b->count - 1;
    switch (in->op) {
    case MIR_OP_BUF_PUSH:
        at = b->count;
        break;
    case MIR_OP_BUF_POP:
        at = b->count - 1;
        break;
    case MIR_OP_BUF_TRUNCATE:
        at = at < b->count ? at : b->count;
        w = conc_val_new(r->c, CONC_BUF, (int32_t)at);
        for (int64_t i = 0; i < at; i++)
            w->items[i] = b->items[i];
        conc_write(r, &in->args.at[0].place, conc_seal(w));
        return true;
    default:
        break;
    }
    bool adds = in->op == MIR_OP_BUF_PUSH || in->op == MIR_OP_BUF_INSERT;
    if (at < 0 || (!adds && at > last) || (adds && at > b->count)) {
        r->failure = FAIL_INDEX;
        return true;
    }
    w = conc_val_new(r->c, CONC_BUF, b->count + (adds ? 1 : -1));
    for (int32_t i = 0; i < w->count; i++) {
        if (adds)
            w->items[i] = i == at ? args[in->args.len - 1] : b->items[i > at ? i - 1 : i];
        else
            w->items[i] = b->items[i >= at ? i + 1 : i];
    }
    if (!adds)
        taken = b->items[at];
    conc_write(r, &in->args.at[0].place, conc_seal(w));
    if (taken)
        conc_write(r, &in->dst, taken);
    return true;
}

static void call(struct run *r, const struct mir_inst *in, const struct conc_val *const *args) {
    const char *name = in->function;
    const struct conc_val **all = (const struct conc_val **)(uintptr_t)args;
    int32_t count = in->args.len;
    if (in->op == MIR_OP_APPLY) {
        const struct conc_val *c = args[0];
        if (c->kind != CONC_CLOSURE) {
            conc_refuse(r->c, "a function value that is not computed here is called");
            return;
        }
        name = c->function;
        count = c->count + in->args.len - 1;
        all = arena_array(r->c->arena, const struct conc_val *, count + 1);
        for (int32_t i = 0; i < count; i++)
            all[i] = i < c->count ? c->items[i] : args[i - c->count + 1];
    }
    const struct mir_function *f = mir_find_function(r->c->module, name);
    if (!f)
        conc_refuse(r->c, "there is no function `%s`", name);
    else
        conc_push_frame(r, f, all, count);
}

static void instruct(struct run *r, const struct mir_inst *in) {
    const struct conc_val **args =
        arena_array(r->c->arena, const struct conc_val *, in->args.len + 1);
    for (int32_t i = 0; i < in->args.len; i++) {
        args[i] = operand(r, &in->args.at[i]);
        if (!args[i])
            return;
    }
    const struct mir_type *t =
        in->dst.local == MIR_NO_PLACE ? NULL : mir_place_type(top(r)->f, &in->dst);
    const struct conc_val *out = NULL;
    int32_t failure = FAIL_NONE;
    top(r)->inst++;
    if (in->op == MIR_OP_CALL || in->op == MIR_OP_APPLY) {
        call(r, in, args);
    } else if (in->op == MIR_OP_CAUGHT) {
        conc_write(r, &in->dst, top(r)->pending ? top(r)->pending : conc_error(r->c, FAIL_USER));
    } else if (mir_op_flags(in->op) & MIR_FLAG_W) {
        if (!buffer_write(r, in, args))
            conc_refuse(r->c, "`%s` on a value that is not computed here", mir_op_name(in->op));
    } else if (conc_compute(r->c, in, t, args, &out, &failure)) {
        r->failure = failure;
        if (!failure)
            conc_write(r, &in->dst, out);
    } else {
        conc_act(r, in, args);
    }
}

// ---- strands --------------------------------------------------------------------------------

void conc_run_strand(struct conc *c, struct conc_world *w, int32_t index) {
    struct run run = {.c = c, .w = w, .s = &w->strands.at[index]};
    for (int steps = 0; !c->refused.len; steps++) {
        run.s = &w->strands.at[index]; // spawning may move the strands
        if (run.s->status != CONC_READY)
            return;
        if (steps > CONC_SEGMENT_STEPS_MAX) {
            conc_refuse(c, "`%s` runs on without a suspension", top(&run)->f->name);
            return;
        }
        struct conc_frame *f = top(&run);
        const struct mir_block *b = &f->f->blocks.at[f->block];
        if (f->inst < b->insts.len)
            instruct(&run, &b->insts.at[f->inst]);
        else
            terminate(&run, &b->end);
        run.s = &w->strands.at[index];
        if (run.failure && run.s->status == CONC_READY)
            fail(&run, conc_error(c, run.failure));
    }
}
