// SPDX-License-Identifier: MIT
// Generic parts of a program's world: services with providers and models, actors that ask something
// of their types, monitors that watch them; traits with types and constants of their own.
#include "tests/sources/gen/source_gen.h"

// ---- services -----------------------------------------------------------------------------------

static void bound_for(struct gen *g, const char *service, const struct type *t, const char *to,
                      const char *given) {
    text_printf(&g->binds, "    bind %s.%s = %s.%s.new(%s);\n", g->module, service, g->module, to,
                given);
    (void)t;
}

// For one type stands a model, for the other one a provider; which is meant is said by the types.
static void generic_service(struct gen *g) {
    const char *name = fresh(g, "Table");
    const struct type *t = shared_type(g);
    const struct type *u = simple(type_equal(t, simple(T_CHAR)) ? T_BOOL : T_CHAR);
    form(g,
         "service %s<T> {\n"
         "    function keep(item: T) -> i64;\n"
         "    function all() -> List<T>;\n"
         "}\n\n"
         "model Kept%s for %s<%t> {\n"
         "    private items: List<%t> = [];\n"
         "    message keep(item: %t) -> i64 {\n"
         "        self.items.push(item);\n"
         "        return i64(self.items.len());\n"
         "    }\n"
         "    message all() -> List<%t> {\n"
         "        return self.items;\n"
         "    }\n"
         "}\n\n"
         "provider Fixed%s<T> for %s<T> {\n"
         "    item: T;\n"
         "    function keep(self, item: T) -> i64 {\n"
         "        return i64(format!(\"{} {}\", self.item, item).len());\n"
         "    }\n"
         "    function all(self) -> List<T> {\n"
         "        return [self.item, self.item];\n"
         "    }\n"
         "}\n\n"
         "async function fill%s<T>(items: List<T>) -> List<T> {\n"
         "    for item in items {\n"
         "        let _ = await %s.keep(item);\n"
         "    }\n"
         "    return await %s::<T>.all();\n"
         "}\n\n",
         name, name, name, t, t, t, t, name, name, name, name, name);
    bound_for(g, name, t, str_format(g->arena, "Kept%s", name).data, "");
    bound_for(g, name, u, str_format(g->arena, "Fixed%s", name).data,
              u->kind == T_CHAR ? "'x'" : "true");
    begin_use(g);
    form(g,
         "let first: List<%t> = [%e, %e];\n"
         "let second: List<%t> = [%e];\n"
         "let (a, b) = async.join(fill%s(first), fill%s(second));\n"
         "out.push(format!(\"{} {} {}\", a, b, await %s.keep(%s)));\n",
         t, t, t, u, u, name, name, name, u->kind == T_CHAR ? "'y'" : "false");
    end_use(g, name);
}

// ---- actors -------------------------------------------------------------------------------------

static void grouping_actor(struct gen *g) {
    const char *name = fresh(g, "Groups");
    const struct type *key = key_type(g), *t = shared_type(g);
    form(g,
         "actor %s<K, V> where K: Hash + Eq {\n"
         "    private groups: Map<K, List<V>> = Map.new();\n"
         "    private largest: usize = 0;\n"
         "    invariant self.largest <= 4;\n"
         "    message Add(key: K, value: V) -> usize {\n"
         "        let group = self.groups.entry(key).or_insert([]);\n"
         "        self.groups.entry(key).or_insert([]).push(value);\n"
         "        if let Some(here) = self.groups.get_mut(key) {\n"
         "            here.push(value);\n"
         "            here.truncate(4);\n"
         "            await yield_now();\n"
         "            self.largest = max(self.largest, here.len());\n"
         "        }\n"
         "        return group.len();\n"
         "    }\n"
         "    message Change(key: K, how: List<V> -> List<V>) -> Option<List<V>> {\n"
         "        if let Some(here) = self.groups.get_mut(key) {\n"
         "            here = how(here);\n"
         "        }\n"
         "        return self.groups.remove(key);\n"
         "    }\n"
         "    message All -> Map<K, List<V>> {\n"
         "        return self.groups;\n"
         "    }\n"
         "}\n\n",
         name);
    begin_use(g);
    form(g,
         "let groups: ActorRef<%s<%t, %t>> = %s.spawn();\n"
         "let key: %t = %l;\n"
         "out.push(format!(\"{} {}\", await groups.send(Add(key, %e)), await groups.send(Add(%l, "
         "%e))));\n"
         "note(out, \"all\", await groups.send(All));\n"
         "note(out, \"change\", await groups.send(Change(key, |list| %s)));\n"
         "note(out, \"all\", await groups.ask(All));\n",
         name, key, t, name, key, key, t, key, t,
         chance(g, 50) ? "list.rev()" : "list.map(|x| wait_with(x)).take(1)");
    end_use(g, name);
}

// ---- monitors -----------------------------------------------------------------------------------

static void watched(struct gen *g) {
    const char *name = fresh(g, "Box");
    const struct type *t = shared_type(g);
    form(g,
         "actor %s<T> {\n"
         "    private item: Option<T> = None;\n"
         "    message Put%s(item: T) -> bool {\n"
         "        return self.item.replace(item).is_none();\n"
         "    }\n"
         "    message Take%s -> Option<T> {\n"
         "        return self.item.take();\n"
         "    }\n"
         "}\n\n"
         "monitor Full%s<T> {\n"
         "    count: i64 = 0;\n"
         "    last: Option<T> = None;\n"
         "    invariant self.count >= 0;\n"
         "    state Empty {\n"
         "        on %s<T>.Put%s(item) -> Filled { self.count += 1; self.last = Some(item); }\n"
         "        on %s<T>.Take%s;\n"
         "    }\n"
         "    state Filled {\n"
         "        on %s<T>.Take%s -> Empty { self.last = None; }\n"
         "        on %s<T>.Put%s(_) if self.count < 100;\n"
         "    }\n"
         "}\n\n",
         name, name, name, name, name, name, name, name, name, name, name, name);
    begin_use(g);
    form(g,
         "let box: ActorRef<%s<%t>> = %s.spawn();\n"
         "let put: %t = %e;\n"
         "out.push(format!(\"{} {}\", await box.send(Put%s(put)), await box.send(Put%s(put))));\n"
         "out.push(format!(\"{} {}\", await box.send(Take%s), await box.send(Take%s)));\n",
         name, t, name, t, t, name, name, name, name);
    end_use(g, name);
}

// ---- traits -------------------------------------------------------------------------------------

// `Holder` of the prelude, implemented by a type of the program; what a bound says is used.
static void holding(struct gen *g) {
    const char *name = fresh(g, "Shelf");
    const struct type *t = shared_type(g);
    form(g,
         "trait Named%s: Holder {\n"
         "    const NAME: String;\n"
         "    function show(self) -> String {\n"
         "        return format!(\"{} {} {}\", Self.NAME, self.size(), self.all());\n"
         "    }\n"
         "}\n\n"
         "struct %s<T> {\n"
         "    items: List<T>,\n"
         "    first: T,\n"
         "}\n\n"
         "impl<T> Holder for %s<T> {\n"
         "    type Item = T;\n"
         "    const ROOM: i64 = %d;\n"
         "    function all(self) -> List<T> {\n"
         "        return [self.first].flat_map(|one| self.items.map(|other| other));\n"
         "    }\n"
         "    function add(mut self, item: T) {\n"
         "        self.items.insert(0, self.first);\n"
         "        self.first = item;\n"
         "    }\n"
         "}\n\n"
         "impl<T> Named%s for %s<T> {\n"
         "    const NAME: String = \"%s\";\n"
         "}\n\n"
         "function fill%s<S>(mut shelf: S, items: List<S.Item>) -> String where S: Named%s {\n"
         "    for item in items {\n"
         "        if shelf.size() < S.ROOM + 2 {\n"
         "            shelf.add(item);\n"
         "        }\n"
         "    }\n"
         "    return shelf.show();\n"
         "}\n\n",
         name, name, name, (int)roll(g, 9), name, name, name, name, name);
    begin_use(g);
    form(g,
         "let mut shelf: %s<%t> = %s { items: [%e], first: %e };\n"
         "note(out, \"filled\", fill%s(shelf, [%e, %e, %e]));\n"
         "note(out, \"shelf\", shelf);\n"
         "let mut shelves = [shelf, shelf];\n"
         "note(out, \"other\", fill%s(shelves[1], [%e]));\n"
         "out.push(format!(\"{} {}\", shelves[0] == shelf, gather(shelves[0], %e)));\n",
         name, t, name, t, t, name, t, t, t, name, t, t);
    end_use(g, name);
}

// ---- queues -------------------------------------------------------------------------------------

static void bounded_queue(struct gen *g) {
    const struct type *t = shared_type(g);
    int room = 1 + (int)roll(g, 3);
    begin_use(g);
    form(g,
         "let mut queue: BoundedQueue<%t> = BoundedQueue.new(%d);\n"
         "let pushed = [%e, %e, %e].map(|item| i64(format!(\"{}\", item).len()));\n"
         "out.push(format!(\"{} {} {}\", pushed, queue.push(%e), queue.push(%e)));\n"
         "let copy = queue;\n"
         "out.push(format!(\"{} {}\", queue.push(%e), queue.is_full()));\n"
         "out.push(format!(\"{} {} {}\", queue.pop(), queue.iter(), copy.len()));\n"
         "let other: Queue<%t> = copy.iter().collect();\n"
         "while let Some(item) = queue.pop() {\n"
         "    out.push(format!(\"{} {}\", item, other.contains(item)));\n"
         "}\n",
         t, room, t, t, t, t, t, t, t);
    end_use(g, "bounded");
}

static void (*const kinds[])(struct gen *) = {
    generic_service, grouping_actor, watched, holding, bounded_queue,
};

void generic_part(struct gen *g) {
    g->scope.len = 0;
    enter(g, true, false, false, NULL);
    g->in_closure = true;
    g->budget = PART_NODES;
    kinds[roll(g, sizeof kinds / sizeof *kinds)](g);
}
