// SPDX-License-Identifier: MIT
// Services with a provider and a model that do the same; event buses; references to anybody.
#include "tests/sources/gen/source_gen.h"

static void bound(struct gen *g, const char *service, const char *to) {
    text_printf(&g->binds, "    bind %s.%s = %s.%s;\n", g->module, service, g->module, to);
}

static void service(struct gen *g) {
    const char *name = fresh(g, "Store");
    const struct type *t = shared_type(g);
    bool is_model = chance(g, 50);
    g->scope.len = 0;
    form(g,
         "service %s {\n"
         "    function find(id: i64) -> Result<%t, Fail>;\n"
         "    function count(ids: List<i64>) -> i64;\n"
         "}\n\n",
         name, t);
    if (is_model)
        form(g,
             "model Rows%s for %s {\n"
             "    private rows: Map<i64, %t> = Map.new();\n"
             "    message find(id: i64) -> Result<%t, Fail> {\n"
             "        return match self.rows.get(id) {\n"
             "            Some(row) => Ok(row),\n"
             "            None => Err(Fail { code: id }),\n"
             "        };\n"
             "    }\n"
             "    message count(ids: List<i64>) -> i64 {\n"
             "        for id in ids {\n"
             "            self.rows.insert(id, %l);\n"
             "        }\n"
             "        return i64(self.rows.len());\n"
             "    }\n"
             "}\n\n",
             name, name, t, t, t);
    else
        form(g,
             "provider Fixed%s for %s {\n"
             "    given: %t;\n"
             "    function find(self, id: i64) -> Result<%t, Fail> {\n"
             "        return if id < 3 { Ok(self.given) } else { Err(Fail { code: id }) };\n"
             "    }\n"
             "    function count(self, ids: List<i64>) -> i64 {\n"
             "        return i64(ids.len());\n"
             "    }\n"
             "}\n\n",
             name, name, t, t);
    const char *made = is_model ? str_format(g->arena, "Rows%s.new()", name).data : NULL;
    if (!made) {
        // What stands in `main` is out of the module, so the value is made by a function in it.
        form(g, "function given%s() -> %t {\n    return %l;\n}\n\n", name, t, t);
        made = str_format(g->arena, "Fixed%s.new(%s.given%s())", name, g->module, name).data;
    }
    bound(g, name, made);
    begin_use(g);
    form(g,
         "out.push(format!(\"{} {}\", await %s.find(1), await %s.count([1, %d])));\n"
         "let (a, b) = async.join(%s.find(1), %s.find(9));\n"
         "out.push(format!(\"{} {}\", a, b));\n",
         name, name, (int)roll(g, 4), name, name);
    end_use(g, name);
}

static void bus(struct gen *g) {
    const char *name = fresh(g, "Bus"), *listener = fresh(g, "Listener");
    const struct type *t = shared_type(g);
    form(g,
         "event_bus %s<T> {\n"
         "    private subscribers: List<ActorRef> = [];\n"
         "    message Subscribe(subscriber: ActorRef) {\n"
         "        self.subscribers.push(subscriber);\n"
         "    }\n"
         "    message Publish(update: T) {\n"
         "        for subscriber in self.subscribers {\n"
         "            subscriber.tell(update);\n"
         "        }\n"
         "    }\n"
         "    message Unsubscribe(subscriber: ActorRef) {\n"
         "        self.subscribers.retain(|one| one != subscriber);\n"
         "    }\n"
         "}\n\n"
         "message Mark%s(by: i64);\n\n"
         "actor %s {\n"
         "    private heard: List<%t> = [];\n"
         "    private marks: i64 = 0;\n"
         "    message on(update: %t) {\n"
         "        self.heard.push(update);\n"
         "    }\n"
         "    message Mark%s(by: i64) {\n"
         "        self.marks += by;\n"
         "    }\n"
         "    message Heard -> (List<%t>, i64) {\n"
         "        return (self.heard, self.marks);\n"
         "    }\n"
         "}\n\n",
         name, name, listener, t, t, name, t);
    begin_use(g);
    form(g,
         "let bus: ActorRef<%s<%t>> = %s.spawn();\n"
         "let one = %s.spawn();\n"
         "let two = %s.spawn();\n"
         "await bus.send(Subscribe(one));\n"
         "await bus.send(Subscribe(two));\n"
         "await bus.send(Publish(%e));\n"
         "await bus.send(Unsubscribe(two));\n"
         "bus.tell(Publish(%e));\n"
         "await bus.send(Publish(%e));\n"
         "let anybody: List<ActorRef> = [one, two];\n"
         "for each in anybody {\n"
         "    each.tell(Mark%s(%d));\n"
         "}\n"
         "out.push(format!(\"heard {} {}\", await one.send(Heard), await two.send(Heard)));\n",
         name, t, name, listener, listener, t, t, t, name, (int)roll(g, 9));
    end_use(g, name);
}

void service_part(struct gen *g) {
    g->scope.len = 0;
    (chance(g, 50) ? service : bus)(g);
}
