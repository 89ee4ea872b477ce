// SPDX-License-Identifier: MIT
// Traits: a function that each impl has to give, one with a body that it may leave out, one that
// changes what it is called on; called where the type is known, by a type parameter, and by the
// trait's name.
#include "tests/sources/gen/source_gen.h"

static void fields_in_scope(struct gen *g, const struct type *t, bool is_mut) {
    if (t->kind != T_STRUCT)
        return;
    const struct struct_decl *d = &g->structs.at[t->decl];
    for (int32_t i = 0; i < d->count; i++)
        declare(g, str_format(g->arena, "self.x%d", (int)i).data, d->fields[i], is_mut);
}

static void make_impl(struct gen *g, int32_t number, const struct type *t) {
    const struct type *i64 = simple(T_I64);
    form(g, "impl Tr%d for %t {\n", (int)number, t);
    g->indent++;
    enter(g, false, false, false, i64);
    g->in_closure = true;
    fields_in_scope(g, t, false);
    form(g, "function measure(self) -> i64 {\n    return %e;\n}\n", i64);
    if (chance(g, 40))
        form(g, "function twice(self, n: i64) -> i64 {\n    return %e;\n}\n", i64);
    form(g, "function change(mut self, by: i64) {\n");
    g->in_closure = false;
    g->result = NULL;
    g->scope.len = 0;
    declare(g, "by", i64, false);
    fields_in_scope(g, t, true);
    g->indent++;
    if (t->kind == T_I64)
        line(g, "self += by %% 100;");
    else if (t->kind != T_STRUCT || !change_stmt(g))
        line(g, "let _by = by;");
    g->indent--;
    form(g, "}\n");
    g->indent--;
    form(g, "}\n\n");
}

void make_methods(struct gen *g, int32_t number) {
    struct struct_decl *d = &g->structs.at[number];
    const struct type self = {.kind = T_STRUCT, .decl = number};
    const struct type *takes = any_type(g), *gives = any_type(g);
    form(g, "impl S%d {\n", (int)number);
    g->indent++;
    enter(g, false, false, false, gives);
    fields_in_scope(g, &self, false);
    form(g, "function peek(self) -> %t {\n    return %e;\n}\n", gives, gives);
    enter(g, false, false, false, gives);
    fields_in_scope(g, &self, true);
    declare(g, "by", takes, false);
    form(g, "function poke(mut self, by: %t) -> %t {\n", takes, gives);
    body(g);
    form(g, "}\n");
    g->indent--;
    form(g, "}\n\n");
    d->takes = takes;
    d->gives = gives;
    g->scope.len = 0;
}

void make_trait(struct gen *g) {
    struct trait_decl d = {0};
    int32_t number = g->traits.len;
    form(g,
         "trait Tr%d {\n"
         "    function measure(self) -> i64;\n"
         "    function twice(self, n: i64) -> i64 {\n"
         "        return (self.measure() %% 1000) * 2 + n;\n"
         "    }\n"
         "    function change(mut self, by: i64);\n"
         "}\n\n",
         (int)number);
    const struct type *kinds[] = {&(struct type){.kind = T_STRUCT}, &(struct type){.kind = T_ENUM},
                                  simple(T_I64)};
    for (int i = 0; i < 3; i++) {
        if (i == 1 && g->enums.len == 0)
            continue;
        struct type *t = arena_new(g->arena, struct type);
        *t = *kinds[i];
        make_impl(g, number, t);
        vec_push(g->arena, &d.values, t);
    }
    form(g,
         "function via%d<T>(mut value: T, by: i64) -> i64 where T: Tr%d {\n"
         "    value.change(by);\n"
         "    return value.twice(by);\n"
         "}\n\n",
         (int)number, (int)number);
    vec_push(g->arena, &g->traits, d);
}

void use_trait(struct gen *g, int32_t number) {
    const struct trait_decl *d = &g->traits.at[number];
    struct type dynamic = {.kind = T_TRAIT, .decl = number};
    const struct type *known = d->values.at[roll(g, (uint64_t)d->values.len)];
    const char *all = fresh(g, "all"), *one = fresh(g, "one");
    begin_use(g);
    form(g, "let mut %s: List<%t> = [%l, %l, %l];\n", all, &dynamic, &dynamic, &dynamic, &dynamic);
    form(g, "let mut %s: %t = %l;\n", one, known, known);
    form(g, "let given = via%d(%s, %d);\nout.push(format!(\"{} {}\", given, %s));\n", (int)number,
         one, (int)roll(g, 9), one);
    form(g,
         "%s.push(%s);\n"
         "%s[1].change(%d);\n"
         "for at in 0..%s.len() {\n"
         "    if at %% 2 == 0 {\n"
         "        %s[at].change(%d);\n"
         "    }\n"
         "}\n"
         "out.push(format!(\"{} {}\", %s, %s.map(|each| each.measure() %% 1000 + each.twice(3) %% "
         "1000)));\n"
         "out.push(format!(\"{} {}\", %s[0] == %s[3], %s.contains(%s[2])));\n",
         all, one, all, (int)roll(g, 9), all, all, (int)roll(g, 9), all, all, all, all, all, all);
    end_use(g, "traits");
}
