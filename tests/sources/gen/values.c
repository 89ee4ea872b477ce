// SPDX-License-Identifier: MIT
// Functions as values, some of which wait: kept in structs, lists and maps, given to functions and
// to the library, sent to actors, put together, failing on their way.
#include "tests/sources/gen/source_gen.h"

// A closure from one type to the other.
static const char *function_text(struct gen *g, const struct type *takes,
                                 const struct type *gives) {
    struct text out = g->out;
    const char *param = fresh(g, "x"), *value = fresh(g, "r");
    g->out = (struct text){.arena = g->arena};
    text_printf(&g->out, "|%s: %s| { let %s: %s = ", param, type_name(g, takes), value,
                type_name(g, gives));
    int32_t mark = g->scope.len;
    declare(g, param, takes, false);
    closure_value(g, gives, 3);
    g->scope.len = mark;
    text_printf(&g->out, "; %s }", value);
    const char *made = g->out.data;
    g->out = out;
    return made;
}

static void stored(struct gen *g) {
    const struct type *t = shared_type(g), *u = shared_type(g);
    const char *name = fresh(g, "Steps"), *run = fresh(g, "run"), *make = fresh(g, "make");
    form(g,
         "struct %s {\n"
         "    last: %a -> %t,\n"
         "    rest: List<%a -> %t>,\n"
         "}\n\n"
         "function %s(steps: %s, start: %t) -> %t {\n"
         "    let mut value = start;\n"
         "    for step in steps.rest {\n"
         "        value = step(value);\n"
         "    }\n"
         "    return steps.last(value);\n"
         "}\n\n"
         "function %s() -> %a -> %t {\n"
         "    return %s;\n"
         "}\n\n",
         name, t, u, t, t, run, name, t, u, make, t, t, function_text(g, t, t));
    const char *last = function_text(g, t, u), *other = function_text(g, t, t);
    begin_use(g);
    form(g,
         "let steps = %s { last: %s, rest: [%s(), %s] };\n"
         "note(out, \"run\", %s(steps, %l));\n"
         "let mut named: Map<String, %a -> %t> = Map.new();\n"
         "named.insert(\"it\", steps.last);\n"
         "note(out, \"named\", named[\"it\"](%l));\n"
         "let maybe = Some(%s());\n"
         "if let Some(f) = maybe {\n"
         "    note(out, \"maybe\", f(%l));\n"
         "}\n",
         name, last, make, other, run, t, t, u, t, make, t);
    end_use(g, "stored");
}

static void given(struct gen *g) {
    const struct type *t = shared_type(g), *u = shared_type(g), *truth = simple(T_BOOL);
    const struct type *key = simple(T_I64);
    const char *map = function_text(g, t, u), *test = function_text(g, t, truth);
    const char *sort = function_text(g, t, key), *other = function_text(g, t, truth);
    begin_use(g);
    form(g,
         "let mut list: List<%t> = [%l, %l, %l];\n"
         "note(out, \"map\", list.map(%s));\n"
         "note(out, \"filter\", list.filter(%s));\n"
         "list.sort_by_key(%s);\n"
         "list.retain(%s);\n"
         "note(out, \"left\", list);\n"
         "note(out, \"all\", (list.any(|x| wait_with(x) == %l), list.position(|x| x == %l)));\n"
         "note(out, \"fold\", list.fold(0, |sum, x| if wait_with(x) == x { sum + 1 } else { sum "
         "}));\n"
         "let mut counts: Map<i64, %t> = Map.new();\n"
         "note(out, \"entry\", counts.entry(1).or_insert_with(|| wait_with(%l)));\n",
         t, t, t, t, map, test, sort, other, t, t, u, u);
    end_use(g, "given");
}

static void sent(struct gen *g) {
    const struct type *t = shared_type(g);
    const char *name = fresh(g, "Doer");
    form(g,
         "actor %s {\n"
         "    private work: %a -> %t = %s;\n"
         "    private seen: List<%t> = [];\n\n"
         "    message Learn(work: %a -> %t) {\n"
         "        self.work = work;\n"
         "    }\n"
         "    message Do(x: %t) -> %t {\n"
         "        let (made, _) = async.join(async { self.work(x) }, async { self.forget(); });\n"
         "        self.seen.push(made);\n"
         "        return self.each(|x| x);\n"
         "    }\n"
         "    function forget() {\n"
         "        self.seen = self.seen.map(self.work);\n"
         "    }\n"
         "    function each(f: %a -> %t) -> %t {\n"
         "        return f(self.seen[0]);\n"
         "    }\n"
         "}\n\n",
         name, t, t, function_text(g, t, t), t, t, t, t, t, t, t, t);
    const char *other = function_text(g, t, t);
    begin_use(g);
    form(g,
         "let doer = %s.spawn();\n"
         "note(out, \"do\", await doer.send(Do(%l)));\n"
         "doer.tell(Learn(%s));\n"
         "note(out, \"do\", await doer.send(Do(%l)));\n",
         name, t, other, t);
    end_use(g, "sent");
}

static void composed(struct gen *g) {
    const struct type *t = shared_type(g), *u = shared_type(g);
    const char *both = fresh(g, "both"), *deep = fresh(g, "deep"), *later = fresh(g, "later");
    form(g,
         "function %s(f: %a -> %t, g: %a -> %t) -> %a -> %t {\n"
         "    return |x| g(f(x));\n"
         "}\n\n"
         "function %s(n: i64, f: %a -> %t, x: %t) -> %t {\n"
         "    return if n == 0 { x } else { %s(n - 1, |y| f(y), f(x)) };\n"
         "}\n\n"
         "async function %s(x: %t) -> %t {\n"
         "    await sleep(1.millisecond);\n"
         "    return wait_with(x);\n"
         "}\n\n",
         both, t, u, u, t, t, t, deep, t, t, t, t, deep, later, t, t);
    const char *f = function_text(g, t, u), *h = function_text(g, u, t);
    begin_use(g);
    form(g,
         "let f = %s(%s, %s);\n"
         "note(out, \"both\", f(%l));\n"
         "note(out, \"deep\", %s(3, f, %l));\n"
         "note(out, \"later\", async.map([%l, %l], %s));\n"
         "note(out, \"beside\", async.join(async { f(%l) }, async { f(%l) }));\n",
         both, f, h, t, deep, t, t, t, later, t, t);
    end_use(g, "composed");
}

// `defer` runs in all that is on the way.
static void failing(struct gen *g) {
    const struct type *t = shared_type(g);
    const char *name = fresh(g, "guarded");
    form(g,
         "function %s(left: Channel<String>, name: String, f: () -> %t) -> %t {\n"
         "    defer left.send(name);\n"
         "    let kept = [name, \"kept\"];\n"
         "    let made = f();\n"
         "    left.send(kept[1]);\n"
         "    return made;\n"
         "}\n\n",
         name, t, t);
    begin_use(g);
    form(g,
         "let left: Channel<String> = Channel.unbounded();\n"
         "let names = [\"a\", \"b\", \"c\"];\n"
         "async with error_boundary() {\n"
         "    let made = names.map(|name| %s(left, name, || %s(left, name + \"!\", || {\n"
         "        if wait_with(name) == \"b\" {\n"
         "            crash(Fail { code: %d });\n"
         "        }\n"
         "        %l\n"
         "    })));\n"
         "    note(out, \"made\", made);\n"
         "} catch_boundary(error) {\n"
         "    note(out, \"failed\", error);\n"
         "}\n"
         "async with timeout(1.millisecond) {\n"
         "    let silent: Channel<%t> = Channel.new();\n"
         "    note(out, \"got\", %s(left, \"late\", || silent.recv().unwrap()));\n"
         "} catch TimeoutError {\n"
         "    note(out, \"late\", true);\n"
         "}\n"
         "left.close();\n"
         "for name in left {\n"
         "    out.push(name);\n"
         "}\n",
         name, name, (int)roll(g, 9), t, t, name);
    end_use(g, "failing");
}

static void (*const kinds[])(struct gen *) = {stored, given, sent, composed, failing};

void value_part(struct gen *g) {
    g->scope.len = 0;
    enter(g, true, false, false, NULL);
    g->in_closure = true;
    g->budget = PART_NODES;
    kinds[roll(g, sizeof kinds / sizeof *kinds)](g);
}
