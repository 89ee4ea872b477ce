// SPDX-License-Identifier: MIT
// One program: a module with what it declares and its `outcome`, a list of texts.
#include "tests/sources/gen/source_gen.h"

static void swap_texts(struct gen *g) {
    struct text out = g->out;
    g->out = g->uses;
    g->uses = out;
}

// While the outcome is written, the names of the function around are put by.
void begin_attempt(struct gen *g) {
    swap_texts(g);
    enter(g, true, false, false, NULL);
    g->in_closure = true; // nothing is called in what is given to calls
    g->budget = PART_NODES;
    g->indent++;
}

void end_attempt(struct gen *g) {
    g->indent--;
    swap_texts(g);
}

void begin_use(struct gen *g) {
    begin_attempt(g);
    line(g, "async with error_boundary() {");
    g->indent++;
}

void end_use(struct gen *g, const char *name) {
    g->indent--;
    form(g,
         "} catch_boundary(error) {\n"
         "    note(out, \"%s failed:\", error);\n"
         "}\n",
         name);
    end_attempt(g);
}

void note(struct gen *g, const char *what, const char *value) {
    line(g, "note(out, \"%s\", %s);", what, value);
}

static void (*const parts[])(struct gen *) = {
    actor_part,      actor_part,   task_part,    task_part,   handle_part,
    supervisor_part, service_part, data_part,    data_part,   value_part,
    value_part,      generic_part, generic_part, ending_part, reply_part,
};

void make_program(struct gen *g) {
    if (chance(g, 8))
        make_recursion(g);
    else if (chance(g, 66))
        make_function(g);
    else if (chance(g, 10))
        use_trait(g, (int32_t)roll(g, (uint64_t)g->traits.len));
    else
        parts[roll(g, sizeof parts / sizeof *parts)](g);
    bool has_log = g->functions.len && g->functions.at[0].has_log;
    form(g, "async function outcome() -> List<String> {\n    let mut out: List<String> = [];\n");
    form(g, has_log ? "    let mut log: List<i64> = [];\n" : "");
    text_put(&g->out, text_str(&g->uses));
    form(g,
         has_log ? "    note(out, \"log\", log);\n    return out;\n}\n" : "    return out;\n}\n");
}
