// SPDX-License-Identifier: MIT
// Questions to Z3: integer feasibility for paths, rational linear programs for ranks. The context
// owns all terms until it is deleted; a run asks a few thousand small questions.
#include "checker/smt.h"

#include <assert.h>
#include <z3.h>

struct smt {
    struct arena *arena;
    Z3_context z3;
    uint32_t units;
    struct map known; // conditions as text: rounds ask the same questions again
    int32_t asked;
};

// An error is read from the answers ("unknown"), never reported by the library itself.
static void on_error(Z3_context c, Z3_error_code e) {
    (void)c;
    (void)e;
}

struct smt *smt_new(struct arena *a, uint32_t units) {
    struct smt *s = arena_new(a, struct smt);
    Z3_config config = Z3_mk_config();
    Z3_set_param_value(config, "model", "true");
    s->arena = a;
    s->units = units;
    s->z3 = Z3_mk_context(config);
    Z3_set_error_handler(s->z3, on_error);
    Z3_del_config(config);
    return s;
}

void smt_free(struct smt *s) {
    Z3_del_context(s->z3);
}

const char *smt_version(struct arena *a) {
    unsigned major, minor, build, revision;
    Z3_get_version(&major, &minor, &build, &revision);
    return str_format(a, "%u.%u.%u", major, minor, build).data;
}

static Z3_params budget(struct smt *s, bool seeded) {
    Z3_params p = Z3_mk_params(s->z3);
    Z3_params_inc_ref(s->z3, p);
    Z3_params_set_uint(s->z3, p, Z3_mk_string_symbol(s->z3, "rlimit"), s->units);
    // Z3 would take an interruption for itself, answer "unknown", and the command would go on.
    Z3_params_set_bool(s->z3, p, Z3_mk_string_symbol(s->z3, "ctrl_c"), false);
    if (seeded)
        Z3_params_set_uint(s->z3, p, Z3_mk_string_symbol(s->z3, "random_seed"), 0);
    return p;
}

// ---- feasibility ----------------------------------------------------------------------------

static Z3_ast int_var(struct smt *s, int32_t var) {
    return Z3_mk_const(s->z3, Z3_mk_int_symbol(s->z3, var), Z3_mk_int_sort(s->z3));
}

static Z3_ast lin_ast(struct smt *s, struct lin l) {
    Z3_sort sort = Z3_mk_int_sort(s->z3);
    Z3_ast sum[LIN_TERMS_MAX + 1];
    for (int32_t i = 0; i < l.count; i++) {
        Z3_ast product[2] = {Z3_mk_int64(s->z3, l.t[i].coef, sort), int_var(s, l.t[i].var)};
        sum[i] = Z3_mk_mul(s->z3, 2, product);
    }
    sum[l.count] = Z3_mk_int64(s->z3, l.c, sort);
    return Z3_mk_add(s->z3, (unsigned)l.count + 1, sum);
}

static Z3_ast con_ast(struct smt *s, struct con c) {
    Z3_ast zero = Z3_mk_int64(s->z3, 0, Z3_mk_int_sort(s->z3));
    Z3_ast l = lin_ast(s, c.l);
    switch (c.rel) {
    case CON_GE:
        return Z3_mk_ge(s->z3, l, zero);
    case CON_EQ:
        return Z3_mk_eq(s->z3, l, zero);
    case CON_NE:
        return Z3_mk_not(s->z3, Z3_mk_eq(s->z3, l, zero));
    }
    return Z3_mk_true(s->z3);
}

// Does the condition speak of one of the variables?
static bool touches(const struct con *c, const int32_t *vars, int32_t count) {
    for (int32_t i = 0; i < c->l.count; i++)
        for (int32_t k = 0; k < count; k++)
            if (c->l.t[i].var == vars[k])
                return true;
    return false;
}

struct slice {
    VEC(struct con) cons;
    VEC(int32_t) vars; // in the order of their first mention
};

static void take(struct arena *a, struct slice *s, const struct con *c) {
    vec_push(a, &s->cons, *c);
    for (int32_t i = 0; i < c->l.count; i++) {
        bool known = false;
        for (int32_t k = 0; k < s->vars.len; k++)
            known = known || s->vars.at[k] == c->l.t[i].var;
        if (!known)
            vec_push(a, &s->vars, c->l.t[i].var);
    }
}

// The conditions that share variables, directly or through others, with the newest one that is not
// decided by itself.
static void slice_of(struct arena *a, const struct cons *cons, struct slice *s) {
    VEC(const struct con *) rest = {0};
    for (const struct cons *c = cons; c; c = c->rest) {
        if (con_known(c->con) >= 0)
            continue;
        if (!s->cons.len)
            take(a, s, &c->con);
        else
            vec_push(a, &rest, &c->con);
    }
    for (bool more = true; more;) {
        int32_t kept = 0;
        more = false;
        for (int32_t i = 0; i < rest.len; i++) {
            if (!touches(rest.at[i], s->vars.at, s->vars.len)) {
                rest.at[kept++] = rest.at[i];
                continue;
            }
            take(a, s, rest.at[i]);
            more = true;
        }
        rest.len = kept;
    }
}

// Its text with the variables called by their place in it: what is asked of one step of a loop, or
// of one call, is asked of the next one in the same words.
static struct str slice_text(struct arena *a, const struct slice *s) {
    struct text key = {.arena = a};
    for (int32_t i = 0; i < s->cons.len; i++) {
        struct con c = s->cons.at[i];
        for (int32_t k = 0; k < c.l.count; k++) {
            int32_t at = 0;
            while (s->vars.at[at] != c.l.t[k].var)
                at++;
            c.l.t[k].var = at;
        }
        con_print(&key, c, 0, NULL);
    }
    return text_str(&key);
}

static bool ask_feasible(struct smt *s, const struct slice *slice) {
    Z3_solver solver = Z3_mk_simple_solver(s->z3);
    Z3_solver_inc_ref(s->z3, solver);
    Z3_params p = budget(s, true);
    Z3_solver_set_params(s->z3, solver, p);
    for (int32_t i = 0; i < slice->cons.len; i++)
        Z3_solver_assert(s->z3, solver, con_ast(s, slice->cons.at[i]));
    bool feasible = Z3_solver_check(s->z3, solver) != Z3_L_FALSE;
    Z3_params_dec_ref(s->z3, p);
    Z3_solver_dec_ref(s->z3, solver);
    return feasible;
}

bool smt_feasible(struct smt *s, const struct cons *cons) {
    static const char yes = 1, no = 0;
    struct slice slice = {0};
    for (const struct cons *c = cons; c; c = c->rest)
        if (con_known(c->con) == 0)
            return false;
    slice_of(s->arena, cons, &slice);
    if (!slice.cons.len)
        return true;
    struct str key = slice_text(s->arena, &slice);
    const char *answer = map_get(&s->known, key);
    if (!answer && s->asked == SMT_QUESTIONS_MAX)
        return true;
    if (!answer) {
        s->asked++;
        answer = ask_feasible(s, &slice) ? &yes : &no;
        map_put(s->arena, &s->known, key, (void *)(uintptr_t)answer);
    }
    return *answer;
}

// ---- linear programs ------------------------------------------------------------------------

struct lp {
    struct smt *s;
    Z3_optimize opt;
    int32_t vars;
};

struct lp *lp_new(struct smt *s) {
    struct lp *p = arena_new(s->arena, struct lp);
    p->s = s;
    p->opt = Z3_mk_optimize(s->z3);
    Z3_optimize_inc_ref(s->z3, p->opt);
    Z3_params b = budget(s, false);
    Z3_params_set_symbol(s->z3, b, Z3_mk_string_symbol(s->z3, "priority"),
                         Z3_mk_string_symbol(s->z3, "lex"));
    Z3_optimize_set_params(s->z3, p->opt, b);
    Z3_params_dec_ref(s->z3, b);
    return p;
}

static Z3_ast real_var(struct smt *s, int32_t var) {
    return Z3_mk_const(s->z3, Z3_mk_int_symbol(s->z3, var), Z3_mk_real_sort(s->z3));
}

static Z3_ast sum_ast(struct smt *s, const int32_t *vars, const int64_t *coefs, int32_t count,
                      int64_t constant) {
    Z3_sort sort = Z3_mk_real_sort(s->z3);
    Z3_ast *sum = arena_array(s->arena, Z3_ast, count + 1);
    for (int32_t i = 0; i < count; i++) {
        Z3_ast product[2] = {Z3_mk_int64(s->z3, coefs[i], sort), real_var(s, vars[i])};
        sum[i] = Z3_mk_mul(s->z3, 2, product);
    }
    sum[count] = Z3_mk_int64(s->z3, constant, sort);
    return Z3_mk_add(s->z3, (unsigned)count + 1, sum);
}

static void assert_in(struct lp *p, Z3_ast a) {
    Z3_optimize_assert(p->s->z3, p->opt, a);
}

int32_t lp_var(struct lp *p, bool bounded_below, int64_t low, bool bounded_above, int64_t high) {
    Z3_context z = p->s->z3;
    int32_t var = p->vars++;
    if (bounded_below)
        assert_in(p, Z3_mk_ge(z, real_var(p->s, var), Z3_mk_int64(z, low, Z3_mk_real_sort(z))));
    if (bounded_above)
        assert_in(p, Z3_mk_le(z, real_var(p->s, var), Z3_mk_int64(z, high, Z3_mk_real_sort(z))));
    return var;
}

void lp_add(struct lp *p, const int32_t *vars, const int64_t *coefs, int32_t count,
            int64_t constant, enum lp_rel rel) {
    Z3_context z = p->s->z3;
    Z3_ast zero = Z3_mk_int64(z, 0, Z3_mk_real_sort(z));
    Z3_ast sum = sum_ast(p->s, vars, coefs, count, constant);
    assert_in(p, rel == LP_EQ ? Z3_mk_eq(z, sum, zero) : Z3_mk_ge(z, sum, zero));
}

void lp_maximize(struct lp *p, const int32_t *vars, const int64_t *coefs, int32_t count) {
    Z3_ast sum = sum_ast(p->s, vars, coefs, count, 0);
    Z3_optimize_maximize(p->s->z3, p->opt, sum);
}

static bool read_value(struct lp *p, Z3_model m, int32_t var, struct rational *out) {
    Z3_ast v = NULL;
    if (!Z3_model_eval(p->s->z3, m, real_var(p->s, var), true, &v) || !v)
        return false;
    return Z3_get_numeral_small(p->s->z3, v, &out->num, &out->den) && out->den > 0;
}

bool lp_solve(struct lp *p, struct rational *out) {
    Z3_context z = p->s->z3;
    bool solved = false;
    if (Z3_optimize_check(z, p->opt, 0, NULL) == Z3_L_TRUE) {
        Z3_model m = Z3_optimize_get_model(z, p->opt);
        Z3_model_inc_ref(z, m);
        solved = true;
        for (int32_t i = 0; i < p->vars; i++)
            solved = solved && read_value(p, m, i, &out[i]);
        Z3_model_dec_ref(z, m);
    }
    Z3_optimize_dec_ref(z, p->opt);
    return solved;
}
