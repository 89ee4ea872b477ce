// SPDX-License-Identifier: MIT
// Whose mailboxes can block their senders, as far as the code shows which ones are handed out.
#include "frontend/mir/mir.h"

enum { COPIES_MAX = 8 };

static bool local_may_block(const struct mir_module *m, const struct mir_function *f, int32_t local,
                            int depth);

static bool place_may_block(const struct mir_module *m, const struct mir_function *f,
                            const struct mir_operand *o, int depth) {
    return o->kind == MIR_CONST || o->place.projs.len ||
           local_may_block(m, f, o->place.local, depth);
}

// One operation that may write the local: a variant of another number, or a copy of such a one.
static bool writes_block(const struct mir_module *m, const struct mir_function *f,
                         const struct mir_inst *in, int32_t local, int depth) {
    for (int32_t n = 0; n < in->args.len; n++)
        if (in->args.at[n].kind != MIR_CONST && in->args.at[n].place.local == local &&
            mir_arg_is_written(m, in, n))
            return true;
    if (in->dst.local != local)
        return false;
    if (in->dst.projs.len)
        return true;
    switch (in->op) {
    case MIR_OP_VARIANT:
        return in->number == MIR_MAILBOX_BLOCK || in->number > MIR_MAILBOX_DROP_OLDEST;
    case MIR_OP_USE:
    case MIR_OP_TAG:
    case MIR_OP_CONVERT:
        return place_may_block(m, f, &in->args.at[0], depth + 1);
    default:
        return true;
    }
}

static bool local_may_block(const struct mir_module *m, const struct mir_function *f, int32_t local,
                            int depth) {
    bool may = local < f->param_count || depth > COPIES_MAX;
    for (int32_t b = 0; !may && b < f->blocks.len; b++)
        for (int32_t i = 0; !may && i < f->blocks.at[b].insts.len; i++)
            may = writes_block(m, f, &f->blocks.at[b].insts.at[i], local, depth);
    return may;
}

// Is there an `endow.mailbox` whose policy may be `block`, whomever it is for?
static bool may_endow_block(const struct mir_module *m) {
    for (int32_t n = 0; n < m->functions.len; n++) {
        const struct mir_function *f = m->functions.at[n];
        for (int32_t b = 0; b < f->blocks.len; b++)
            for (int32_t i = 0; i < f->blocks.at[b].insts.len; i++) {
                const struct mir_inst *in = &f->blocks.at[b].insts.at[i];
                if (in->op != MIR_OP_ENDOW_MAILBOX)
                    continue;
                const struct mir_operand *policy = &in->args.at[0];
                bool is_other =
                    policy->kind == MIR_CONST && (int64_t)policy->value.bits != MIR_MAILBOX_BLOCK;
                if (!is_other && place_may_block(m, f, policy, 0))
                    return true;
            }
    }
    return false;
}

bool mir_mailbox_may_block(const struct mir_module *m, const struct mir_actor *a) {
    return a->mailbox == MIR_MAILBOX_BLOCK || (a->own_mailboxes && may_endow_block(m));
}
