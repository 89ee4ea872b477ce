// SPDX-License-Identifier: MIT
// Expressions of a given type. Receivers are variables, so that their types are known where they
// stand.
#include "tests/sources/gen/source_gen.h"

static void put(struct gen *g, const char *text) {
    text_put(&g->out, str_from(text));
}

// ---- variables ----------------------------------------------------------------------------------

typedef bool fits(const struct variable *v, const void *wanted);

static const struct variable *pick(struct gen *g, fits *fit, const void *wanted, bool is_mut) {
    int32_t count = 0, chosen = -1;
    for (int32_t i = 0; i < g->scope.len; i++) {
        const struct variable *v = &g->scope.at[i];
        if (v->closure || (is_mut && !v->is_mut) || !fit(v, wanted))
            continue;
        if (roll(g, (uint64_t)++count) == 0)
            chosen = i;
    }
    return chosen < 0 ? NULL : &g->scope.at[chosen];
}

static bool has_type(const struct variable *v, const void *wanted) {
    return type_equal(v->type, wanted);
}
static bool is_any(const struct variable *v, const void *wanted) {
    (void)v, (void)wanted;
    return true;
}
static bool has_kind(const struct variable *v, const void *wanted) {
    return v->type->kind == *(const enum type_kind *)wanted;
}
static bool is_list_of(const struct variable *v, const void *wanted) {
    return v->type->kind == T_LIST && type_equal(v->type->a, wanted);
}
static bool is_map_to(const struct variable *v, const void *wanted) {
    return v->type->kind == T_MAP && type_equal(v->type->b, wanted);
}
static bool may_hold(const struct variable *v, const void *wanted) {
    return (v->type->kind == T_OPTION || v->type->kind == T_RESULT) &&
           type_equal(v->type->a, wanted);
}
static bool is_result_of(const struct variable *v, const void *wanted) {
    return v->type->kind == T_RESULT && type_equal(v->type->a, wanted);
}
static bool has_left(const struct variable *v, const void *wanted) {
    return (v->type->kind == T_TUPLE || v->type->kind == T_PAIR) && type_equal(v->type->a, wanted);
}

const struct variable *find_variable(struct gen *g, const struct type *t, bool is_mut) {
    return pick(g, has_type, t, is_mut);
}

const struct variable *find_kind(struct gen *g, enum type_kind kind, bool is_mut) {
    return pick(g, has_kind, &kind, is_mut);
}

const struct variable *find_any(struct gen *g, bool is_mut) {
    return pick(g, is_any, NULL, is_mut);
}

// ---- literals -----------------------------------------------------------------------------------

static void integer(struct gen *g, const struct type *t) {
    static const char *const edges[INTEGER_TYPES] = {
        "9223372036854775807",  "2147483647",          "32767", "127", "255", "65535", "4294967295",
        "18446744073709551615", "18446744073709551615"};
    static const char *const lows[] = {"(-9223372036854775807 - 1)", "(-2147483647 - 1)",
                                       "(-32767 - 1)", "(-127 - 1)"};
    bool is_small = t->kind == T_I8 || t->kind == T_U8;
    if (chance(g, 3))
        put(g, chance(g, 50) ? edges[t->kind] : is_signed(t) ? lows[t->kind] : "0");
    else if (is_signed(t) && chance(g, 25))
        text_printf(&g->out, "(-%d)", (int)roll(g, 20) + 1);
    else
        text_printf(&g->out, "%d", (int)roll(g, chance(g, 80) ? 10 : is_small ? 120 : 1000));
}

static void character(struct gen *g) {
    static const char *const chars[] = {"a",   "Z",   "0",        " ",
                                        "\\n", "\\'", "\xc3\xa4", "\xe2\x82\xac"};
    text_printf(&g->out, "'%s'", chars[roll(g, 8)]);
}

static void string(struct gen *g) {
    static const char *const words[] = {"",           "a",       "b c", "zeile\\n", "\\\"q\\\"",
                                        "\xc3\xa4hm", "tab\\tb", "{}",  "\xce\xa9", "end"};
    text_printf(&g->out, "\"%s\"", words[roll(g, 10)]);
}

static void variant(struct gen *g, const struct type *t, int depth) {
    const struct enum_decl *d = &g->enums.at[t->decl];
    int32_t n = depth > 0 ? (int32_t)roll(g, (uint64_t)d->count) : 0;
    text_printf(&g->out, "E%d.V%d", (int)t->decl, (int)n);
    if (!d->payloads[n])
        return;
    put(g, "(");
    expression(g, d->payloads[n], depth - 1);
    put(g, ")");
}

static void record(struct gen *g, const struct type *t, int depth) {
    const struct struct_decl *d = &g->structs.at[t->decl];
    text_printf(&g->out, "S%d { ", (int)t->decl);
    const struct variable *base = depth > 0 ? find_variable(g, t, false) : NULL;
    if (base && chance(g, 40)) { // the other fields are another one's
        int32_t i = (int32_t)roll(g, (uint64_t)d->count);
        const char *name = base->name;
        text_printf(&g->out, "x%d: ", (int)i);
        expression(g, d->fields[i], depth - 1);
        text_printf(&g->out, ", ..%s }", name);
        return;
    }
    for (int32_t i = 0; i < d->count; i++) {
        text_printf(&g->out, "%sx%d: ", i ? ", " : "", (int)i);
        expression(g, d->fields[i], depth - 1);
    }
    put(g, " }");
}

static void sequence(struct gen *g, const struct type *item, int depth) {
    uint64_t count = depth > 0 ? roll(g, 4) : 0;
    put(g, "[");
    for (uint64_t i = 0; i < count; i++) {
        put(g, i ? ", " : "");
        expression(g, item, depth - 1);
    }
    put(g, "]");
}

static void duration(struct gen *g) {
    static const char *const units[] = {"milliseconds", "seconds", "nanoseconds", "hours"};
    text_printf(&g->out, "(%s%d.%s)", chance(g, 20) ? "-" : "", (int)roll(g, 100),
                units[roll(g, 4)]);
}

void literal(struct gen *g, const struct type *t, int depth) {
    switch (t->kind) {
    case T_I64:
    case T_I32:
    case T_I16:
    case T_I8:
    case T_U8:
    case T_U16:
    case T_U32:
    case T_U64:
    case T_USIZE:
        integer(g, t);
        break;
    case T_DURATION:
        duration(g);
        break;
    case T_BYTES:
        put(g, "Bytes.from(");
        string(g);
        put(g, ")");
        break;
    case T_CHAR:
        character(g);
        break;
    case T_DISTINCT:
        text_printf(&g->out, "D%d(", (int)t->decl);
        expression(g, g->distincts.at[t->decl], depth - 1);
        put(g, ")");
        break;
    case T_TRAIT: {
        const struct trait_decl *d = &g->traits.at[t->decl];
        literal(g, d->values.at[roll(g, (uint64_t)d->values.len)], depth);
        break;
    }
    case T_SET:
        put(g, "Set.new()");
        break;
    case T_QUEUE:
        put(g, "Queue.new()");
        break;
    case T_RESULT:
        put(g, chance(g, 30) ? "Err(Fail { code: 7 })" : "Ok(");
        if (g->out.data[g->out.len - 1] == '(') {
            expression(g, t->a, depth - 1);
            put(g, ")");
        }
        break;
    case T_BOOL:
        put(g, chance(g, 50) ? "true" : "false");
        break;
    case T_F64:
    case T_F32:
        text_printf(&g->out, "%d.%d", (int)roll(g, 50), (int)roll(g, 4) * 25);
        break;
    case T_STRING:
        string(g);
        break;
    case T_STRUCT:
        record(g, t, depth);
        break;
    case T_ENUM:
        variant(g, t, depth);
        break;
    case T_LIST:
        sequence(g, t->a, depth);
        break;
    case T_OPTION:
        put(g, depth <= 0 || chance(g, 30) ? "None" : "Some(");
        if (g->out.data[g->out.len - 1] == '(') {
            expression(g, t->a, depth - 1);
            put(g, ")");
        }
        break;
    case T_MAP:
        put(g, "Map.new()");
        break;
    case T_TUPLE:
        put(g, "(");
        expression(g, t->a, depth - 1);
        put(g, ", ");
        expression(g, t->b, depth - 1);
        put(g, ")");
        break;
    case T_PAIR:
        put(g, "Pair { left: ");
        expression(g, t->a, depth - 1);
        put(g, ", right: ");
        expression(g, t->b, depth - 1);
        put(g, " }");
        break;
    }
}

// ---- calls --------------------------------------------------------------------------------------

static bool may_call(struct gen *g, const struct function *f, const struct type *t) {
    if (!type_equal(f->result, t) || (f->is_async && (!g->in_async || g->in_closure)) ||
        (f->has_log && (!g->has_log || g->in_closure)) ||
        (f->has_result && (!g->in_result || g->in_closure)) ||
        (f->of_self && (g->in_closure || g->is_lent)))
        return false;
    for (int32_t i = 0; i < f->count; i++)
        if (f->params[i].is_mut && (g->in_closure || !find_variable(g, f->params[i].type, true)))
            return false;
    return true;
}

// Arguments by position, from some on by name; those with a default may be left out then.
static void arguments(struct gen *g, const struct function *f, int depth) {
    int32_t named_from = chance(g, 30) ? (int32_t)roll(g, (uint64_t)f->count + 1) : f->count;
    const struct variable *taken = NULL;
    const char *comma = "";
    for (int32_t i = 0; i < f->count; i++) {
        const struct param *p = &f->params[i];
        bool is_last = i + 1 == f->count && !f->has_log;
        if (p->has_default && (i >= named_from || is_last) && chance(g, 60)) {
            named_from = i;
            continue;
        }
        put(g, comma);
        comma = ", ";
        if (i >= named_from)
            text_printf(&g->out, "%s: ", p->name);
        if (p->is_mut)
            put(g, (taken = find_variable(g, p->type, true))->name);
        else // beside a place that is lent only what has nothing to do with it
            (taken || f->count > 1 ? literal : expression)(g, p->type, depth - 1);
    }
    if (f->has_log)
        text_printf(&g->out, "%s%slog", comma, named_from < f->count ? "log: " : "");
}

static void call(struct gen *g, const struct function *f, int depth) {
    text_printf(&g->out, "%s%s%s(", f->is_async || f->has_result ? "(" : "",
                f->is_async ? "await " : "", f->name);
    arguments(g, f, depth);
    put(g, ")");
    put(g, f->has_result ? "?)" : f->is_async ? ")" : "");
}

bool call_any(struct gen *g, const struct type *t, int depth) {
    int32_t count = 0, chosen = -1;
    for (int32_t i = 0; i < g->functions.len; i++)
        if (may_call(g, &g->functions.at[i], t) && roll(g, (uint64_t)++count) == 0)
            chosen = i;
    if (chosen < 0)
        return false;
    call(g, &g->functions.at[chosen], depth);
    return true;
}

static bool call_closure(struct gen *g, const struct type *t, int depth) {
    for (int32_t i = g->scope.len - 1; i >= 0; i--) {
        const struct variable *v = &g->scope.at[i];
        if (!v->closure || !type_equal(v->type, t) || chance(g, 40))
            continue;
        static const char *const ways[][2] = {
            {"%s(", ")"},        {"%s(", ")"},
            {"apply(%s, ", ")"}, {"(Kept { call: %s }).call(", ")"},
            {"[%s][0](", ")"},
        };
        uint64_t way = roll(g, sizeof ways / sizeof *ways);
        text_printf(&g->out, ways[way][0], v->name);
        expression(g, v->closure, depth - 1);
        put(g, ways[way][1]);
        return true;
    }
    return false;
}

// What a closure gives: it may have to wait for it.
void closure_value(struct gen *g, const struct type *t, int depth) {
    bool waits = chance(g, 30);
    put(g, waits ? "wait_with(" : "");
    expression(g, t, depth);
    put(g, waits ? ")" : "");
}

// ---- by type ------------------------------------------------------------------------------------

static void binary(struct gen *g, const struct type *t, const char *op, int depth) {
    put(g, "(");
    expression(g, t, depth - 1);
    text_printf(&g->out, " %s ", op);
    expression(g, t, depth - 1);
    put(g, ")");
}

// What is asked for by other means than a sign between two: wrapping, shifts, all bits, the other
// sign.
static void unusual(struct gen *g, const struct type *t, int depth) {
    static const char *const wrapping[] = {"add", "sub", "mul"};
    switch (roll(g, 4)) {
    case 0:
        text_printf(&g->out, "wrapping_%s(", wrapping[roll(g, 3)]);
        expression(g, t, depth - 1);
        put(g, ", ");
        expression(g, t, depth - 1);
        put(g, ")");
        break;
    case 1:
        put(g, "(");
        expression(g, t, depth - 1);
        text_printf(&g->out, " %s %d)", chance(g, 50) ? "<<" : ">>", (int)roll(g, 9));
        break;
    case 2:
        put(g, "(!");
        expression(g, t, depth - 1);
        put(g, ")");
        break;
    default:
        put(g, is_signed(t) ? "(-" : "(");
        expression(g, t, depth - 1);
        put(g, ")");
        break;
    }
}

static void arithmetic(struct gen *g, const struct type *t, int depth) {
    static const char *const ops[] = {"+", "-", "+", "-", "*", "/", "%", "&", "|", "^"};
    uint64_t n = roll(g, is_integer(t) ? 10 : 6);
    if (is_integer(t) && chance(g, 15)) {
        unusual(g, t, depth);
        return;
    }
    if (n == 4 && is_integer(t)) { // small, so that not everything overflows
        put(g, "(");
        binary(g, t, "%", depth);
        put(g, " * ");
        text_printf(&g->out, "%d)", (int)roll(g, 7) + 1);
        return;
    }
    binary(g, t, ops[n], depth);
}

// A number made of one of another type: as it is, or a trap if it does not fit; or what was tried.
static bool converted(struct gen *g, const struct type *t) {
    const struct variable *v = find_kind(g, (enum type_kind)roll(g, INTEGER_TYPES), false);
    if (!v)
        return false;
    if (is_integer(t) && t->kind != T_USIZE && chance(g, 30))
        text_printf(&g->out, "%s.try_from(%s).unwrap_or(7)", type_name(g, t), v->name);
    else
        text_printf(&g->out, "%s(%s)", type_name(g, t), v->name);
    return true;
}

// What a value of a trait, or one that implements it, is worth.
static bool measured(struct gen *g) {
    const struct variable *v = find_kind(g, T_TRAIT, false);
    if (!v)
        return false;
    if (chance(g, 50))
        text_printf(&g->out, "%s.measure()", v->name);
    else
        text_printf(&g->out, "%s.twice(%d)", v->name, (int)roll(g, 20));
    return true;
}

static bool counted(struct gen *g, int depth) { // i64 from something else
    const struct variable *v = NULL;
    switch (roll(g, 7)) {
    case 0:
        if (!(v = find_kind(g, chance(g, 60) ? T_LIST : T_SET, false)))
            return false;
        text_printf(&g->out, "i64(%s.len())", v->name);
        return true;
    case 5:
        return measured(g);
    case 6:
        text_printf(&g->out, "%s(", chance(g, 50) ? "min" : "max");
        expression(g, simple(T_I64), depth - 1);
        put(g, ", ");
        expression(g, simple(T_I64), depth - 1);
        put(g, ")");
        return true;
    case 1:
        if (!(v = find_kind(g, T_MAP, false)))
            return false;
        text_printf(&g->out, "i64(%s.len())", v->name);
        return true;
    case 2:
        return converted(g, simple(T_I64));
    case 3:
        if (!(v = pick(g, is_list_of, simple(T_I64), false)))
            return false;
        text_printf(&g->out, "%s.fold(%d, |sum, item| (sum + item) %% 1000)", v->name,
                    (int)roll(g, 9));
        return true;
    default:
        if (!(v = find_kind(g, T_STRING, false)))
            return false;
        text_printf(&g->out, "i64(%s.len())", v->name);
        return true;
    }
}

static void comparison(struct gen *g, int depth) {
    static const char *const ops[] = {"==", "!=", "<", "<=", ">", ">="};
    const struct variable *v = NULL;
    for (int tries = 0; tries < 4 && !v; tries++)
        v = find_kind(g, (enum type_kind)roll(g, T_PAIR + 1), false);
    if (!v || has_trait(v->type)) {
        binary(g, simple(T_I64), ops[roll(g, 6)], depth);
        return;
    }
    text_printf(&g->out, "(%s %s ", v->name, ops[roll(g, is_ordered(g, v->type) ? 6 : 2)]);
    expression(g, v->type, depth - 1);
    put(g, ")");
}

static void condition(struct gen *g, int depth) {
    const struct variable *v;
    switch (roll(g, 7)) {
    case 5:
        if ((v = find_kind(g, chance(g, 50) ? T_SET : T_LIST, false))) {
            text_printf(&g->out, "%s.contains(", v->name);
            expression(g, v->type->a, depth - 1);
            put(g, ")");
            return;
        }
        comparison(g, depth);
        break;
    case 6:
        if ((v = find_kind(g, chance(g, 50) ? T_OPTION : T_RESULT, false)))
            text_printf(&g->out, "%s.%s()", v->name,
                        v->type->kind == T_OPTION ? "is_some" : "is_err");
        else
            comparison(g, depth);
        break;
    case 0:
        binary(g, simple(T_BOOL), chance(g, 50) ? "&&" : "||", depth);
        break;
    case 1:
        put(g, "(!");
        expression(g, simple(T_BOOL), depth - 1);
        put(g, ")");
        break;
    default:
        comparison(g, depth);
        break;
    }
}

static bool list_from(struct gen *g, const struct type *t, int depth) {
    const struct variable *v = find_variable(g, t, false);
    if (!v)
        return false;
    switch (roll(g, 5)) {
    case 0:
        text_printf(&g->out, "%s.rev()", v->name);
        return true;
    case 1:
        text_printf(&g->out, "%s.%s(%d)", v->name, chance(g, 50) ? "take" : "skip",
                    (int)roll(g, 4));
        return true;
    case 2: {
        bool outer = g->in_closure;
        const char *item = fresh(g, "n");
        text_printf(&g->out, "%s.filter(|%s| ", v->name, item);
        g->in_closure = true;
        int32_t mark = g->scope.len;
        declare(g, item, t->a, false);
        closure_value(g, simple(T_BOOL), depth - 1);
        g->scope.len = mark;
        g->in_closure = outer;
        put(g, ")");
        return true;
    }
    default: {
        v = find_kind(g, T_LIST, false);
        bool outer = g->in_closure;
        const char *item = fresh(g, "n");
        text_printf(&g->out, "%s.map(|%s| ", v->name, item);
        g->in_closure = true;
        int32_t mark = g->scope.len;
        declare(g, item, v->type->a, false);
        const char *bound = fresh(g, "r");
        text_printf(&g->out, "{ let %s: %s = ", bound, type_name(g, t->a));
        closure_value(g, t->a, depth - 1);
        text_printf(&g->out, "; %s })", bound);
        g->scope.len = mark;
        g->in_closure = outer;
        return true;
    }
    }
}

// Taken out of something that is at hand.
static bool taken_from(struct gen *g, const struct type *t, int depth) {
    const struct variable *v;
    switch (roll(g, 8)) {
    case 7:
        v = find_kind(g, T_STRUCT, false);
        if (!v || !g->structs.at[v->type->decl].gives ||
            !type_equal(g->structs.at[v->type->decl].gives, t))
            return false;
        text_printf(&g->out, "%s.peek()", v->name);
        return true;
    case 5:
        if (!g->in_result || g->in_closure || !(v = pick(g, is_result_of, t, false)))
            return false;
        text_printf(&g->out, "(%s?)", v->name);
        return true;
    case 6:
        if (!(v = find_kind(g, T_DISTINCT, false)) ||
            !type_equal(g->distincts.at[v->type->decl], t))
            return false;
        text_printf(&g->out, "%s.value", v->name);
        return true;
    case 0:
        if (!(v = pick(g, is_list_of, t, false)))
            return false;
        text_printf(&g->out, "%s[%d]", v->name, (int)roll(g, 3));
        return true;
    case 1:
        if (!(v = pick(g, is_map_to, t, false)))
            return false;
        text_printf(&g->out, "%s[", v->name);
        expression(g, v->type->a, depth - 1);
        put(g, "]");
        return true;
    case 2:
        if (!(v = pick(g, may_hold, t, false)))
            return false;
        if (chance(g, 30)) {
            text_printf(&g->out, "%s.unwrap()", v->name);
            return true;
        }
        text_printf(&g->out, "%s.unwrap_or(", v->name);
        expression(g, t, depth - 1);
        put(g, ")");
        return true;
    case 3:
        if (!(v = pick(g, has_left, t, false)))
            return false;
        text_printf(&g->out, "%s.%s", v->name, v->type->kind == T_PAIR ? "left" : "0");
        return true;
    default:
        if (!(v = find_kind(g, T_STRUCT, false)))
            return false;
        for (int32_t i = 0; i < g->structs.at[v->type->decl].count; i++)
            if (type_equal(g->structs.at[v->type->decl].fields[i], t)) {
                text_printf(&g->out, "%s.x%d", v->name, (int)i);
                return true;
            }
        return false;
    }
}

static void conditional(struct gen *g, const struct type *t, int depth) {
    put(g, "(if ");
    expression(g, simple(T_BOOL), depth - 1);
    put(g, " { ");
    expression(g, t, depth - 1);
    put(g, " } else { ");
    expression(g, t, depth - 1);
    put(g, " })");
}

static void choice(struct gen *g, const struct type *t, int depth) {
    put(g, "(match ");
    expression(g, simple(T_I64), depth - 1);
    put(g, " { 0 | 2 => ");
    expression(g, t, depth - 1);
    put(g, ", 3..=9 => ");
    expression(g, t, depth - 1);
    put(g, ", _ => ");
    expression(g, t, depth - 1);
    put(g, " })");
}

static bool composed(struct gen *g, const struct type *t, int depth) {
    switch (roll(g, 16)) {
    case 15:
        block_value(g, t, depth);
        return true;
    case 11:
    case 12:
    case 13:
    case 14:
        return method_call(g, t, depth);
    case 9:
        return match_value(g, t, depth);
    case 10:
        return is_number(t) && converted(g, t);
    case 0:
        conditional(g, t, depth);
        return true;
    case 1:
        choice(g, t, depth);
        return true;
    case 2:
    case 3:
        return call_any(g, t, depth);
    case 4:
        return call_closure(g, t, depth);
    case 5:
        if (has_trait(t))
            return false;
        put(g, "pick(");
        expression(g, simple(T_BOOL), depth - 1);
        put(g, ", ");
        expression(g, t, depth - 1);
        put(g, ", ");
        expression(g, t, depth - 1);
        put(g, ")");
        return true;
    default:
        return taken_from(g, t, depth);
    }
}

// How a value of the type may be shown.
static const char *form_of(struct gen *g, const struct type *t) {
    static const char *const integers[] = {":5", ":<4", ":x", ":08b", ":+", ":^+7", ":o", ":03"};
    static const char *const floats[] = {":.2", ":8.1", ":+.0", ":010.3", ":<9"};
    static const char *const texts[] = {":>6", ":*^7", ":.1", ":?", ":<3.2"};
    if (chance(g, 60))
        return "";
    if (is_integer(t))
        return integers[roll(g, 8)];
    if (is_number(t))
        return floats[roll(g, 5)];
    return t->kind == T_STRING ? texts[roll(g, 5)] : ":?";
}

static void formatted(struct gen *g, int depth) {
    static const enum type_kind printed[] = {T_I64, T_BOOL, T_F64, T_CHAR, T_STRING};
    const struct variable *v[2];
    const struct type *types[2];
    for (int i = 0; i < 2; i++) {
        v[i] = chance(g, 60) && g->scope.len ? &g->scope.at[roll(g, (uint64_t)g->scope.len)] : NULL;
        if (v[i] && v[i]->closure)
            v[i] = NULL;
        types[i] = v[i] ? v[i]->type : simple(printed[roll(g, 5)]);
    }
    const char *names[2] = {v[0] ? v[0]->name : NULL, v[1] ? v[1]->name : NULL};
    bool is_within = names[0] && chance(g, 30); // the name stands in the text
    text_printf(&g->out, "format!(\"{%s%s}-{%s}\"", is_within ? names[0] : "", form_of(g, types[0]),
                form_of(g, types[1]));
    for (int i = is_within; i < 2; i++) {
        put(g, ", ");
        if (names[i])
            put(g, names[i]);
        else
            expression(g, types[i], depth - 1);
    }
    put(g, ")");
}

static bool by_type(struct gen *g, const struct type *t, int depth) {
    switch (t->kind) {
    case T_I64:
        if (chance(g, 30) && counted(g, depth))
            return true;
        arithmetic(g, t, depth);
        return true;
    case T_I32:
    case T_I16:
    case T_I8:
    case T_U8:
    case T_U16:
    case T_U32:
    case T_U64:
    case T_USIZE:
    case T_F64:
    case T_F32:
        arithmetic(g, t, depth);
        return true;
    case T_DURATION:
        binary(g, t, chance(g, 50) ? "+" : "-", depth);
        return true;
    case T_BOOL:
        condition(g, depth);
        return true;
    case T_STRING:
        formatted(g, depth);
        return true;
    case T_LIST:
        return list_from(g, t, depth);
    default:
        return false;
    }
}

void expression(struct gen *g, const struct type *t, int depth) {
    g->budget--;
    const struct variable *v = find_variable(g, t, false);
    if (v && chance(g, depth > 0 && g->budget > 0 ? 30 : 75)) {
        put(g, v->name);
        return;
    }
    if (depth > 0 && g->budget > 0) {
        if (chance(g, 40) && composed(g, t, depth))
            return;
        if (chance(g, 60) && by_type(g, t, depth))
            return;
    }
    literal(g, t, depth);
}
