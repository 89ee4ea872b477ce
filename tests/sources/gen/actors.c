// SPDX-License-Identifier: MIT
// Actors: with state and handlers of any kind, generic ones, ones that are sent closures, that owe
// a reply, hand a request on, are reentrant, have a bounded mailbox or start and stop others. One
// asks at a time, or what comes of several does not depend on their order.
#include "tests/sources/gen/source_gen.h"

enum { MESSAGES_MAX = 3, STATE_MAX = 3 };

// ---- any state, any handlers --------------------------------------------------------------------

struct handler {
    const char *name;
    const struct type *param; // NULL: none
};

static void see_fields(struct gen *g, const struct variable *fields, int32_t count) {
    g->budget = PART_NODES;
    g->in_handler = true;
    for (int32_t i = 0; i < count; i++)
        vec_push(g->arena, &g->scope, fields[i]);
}

// A function of the actor, which its handlers call from then on.
static void make_helper(struct gen *g, const struct variable *fields, int32_t count, int number) {
    struct function f = {.name = str_format(g->arena, "self.help%d", number).data,
                         .result = any_type(g),
                         .count = 1,
                         .is_async = chance(g, 50),
                         .of_self = true};
    f.params[0] = (struct param){.name = "given", .type = any_type(g)};
    enter(g, f.is_async, false, false, f.result);
    see_fields(g, fields, count);
    declare(g, "given", f.params[0].type, false);
    form(g, "%sfunction %s(given: %t) -> %t {\n", f.is_async ? "async " : "", f.name + 5,
         f.params[0].type, f.result);
    body(g);
    line(g, "}");
    vec_push(g->arena, &g->functions, f);
}

static struct handler make_handler(struct gen *g, const struct variable *fields, int32_t count,
                                   int number) {
    struct handler m = {.name = str_format(g->arena, "M%d", number).data};
    const struct type *result = any_type(g);
    enter(g, true, false, false, result);
    see_fields(g, fields, count);
    if (chance(g, 70)) {
        m.param = any_type(g);
        form(g, "message %s(p: %t) -> %t {\n", m.name, m.param, result);
        declare(g, "p", m.param, false);
    } else {
        form(g, "message %s -> %t {\n", m.name, result);
    }
    body(g);
    line(g, "}");
    return m;
}

// A task of the actor's own, which goes on when the handler has ended, and says when it has.
static void make_later(struct gen *g, const struct variable *fields, int32_t count) {
    enter(g, true, false, false, NULL);
    see_fields(g, fields, count);
    form(g, "message Later(done: Channel<()>) {\n"
            "    spawn(async {\n"
            "        defer done.send(());\n");
    g->indent += 2;
    limited_work(g);
    g->indent -= 2;
    form(g, "    });\n}\n");
}

static void wait_for_task(struct gen *g, const char *name) {
    begin_use(g);
    form(g,
         "let done: Channel<()> = Channel.new(1);\n"
         "await %s.send(Later(done));\n"
         "done.recv();\n",
         name);
    end_use(g, "later");
}

static void ask(struct gen *g, const char *name, const struct handler *m) {
    bool is_asked = chance(g, 50);
    begin_use(g);
    form(g, is_asked ? "let given = await %s.ask(%s" : "let given = await %s.send(%s", name,
         m->name);
    if (m->param)
        form(g, "(%e)", m->param);
    end(g, ");");
    note(g, m->name, "given");
    end_use(g, m->name);
}

// A line of the outcome that stands outside of what may fail.
static void in_outcome(struct gen *g, const char *what, const char *given) {
    struct text out = g->out;
    g->out = g->uses;
    line(g, "    let %s = %s;", what, given);
    g->uses = g->out;
    g->out = out;
}

// Somebody who decides what becomes of it when it has crashed: it goes on, or begins anew.
static const char *make_supervisor(struct gen *g, const char *actor) {
    static const char *const decisions[] = {"Resume", "Restart", "Resume"};
    const char *name = str_format(g->arena, "Over%s", actor).data;
    form(g,
         "supervisor %s strategy RestartStrategy.OneForOne {\n"
         "    children {\n"
         "        it: %s.spawn(maxRetries: 99, within: 1.hour),\n"
         "    }\n"
         "    on_child_failure(child: ActorRef, error: Error, restartCount: u32) -> "
         "SupervisionDecision {\n"
         "        return SupervisionDecision.%s;\n"
         "    }\n"
         "    message It -> ActorRef<%s> {\n"
         "        return self.it;\n"
         "    }\n"
         "}\n\n",
         name, actor, decisions[roll(g, 3)], actor);
    return name;
}

static void any_actor(struct gen *g) {
    const char *actor = fresh(g, "A"), *name = fresh(g, "actor");
    struct variable fields[STATE_MAX];
    struct handler messages[MESSAGES_MAX];
    int32_t count = 1 + (int32_t)roll(g, STATE_MAX), handlers = 1 + (int32_t)roll(g, MESSAGES_MAX);
    line(g, "actor %s {", actor);
    g->indent++;
    for (int32_t i = 0; i < count; i++) {
        const struct type *t = any_type(g);
        g->scope.len = 0;
        form(g, "private s%d: %t = %l;\n", (int)i, t, t);
        fields[i] = (struct variable){
            .name = str_format(g->arena, "self.s%d", (int)i).data, .type = t, .is_mut = true};
    }
    int32_t others = g->functions.len;
    for (int i = 0; i < (int)roll(g, 3); i++)
        make_helper(g, fields, count, i);
    for (int32_t i = 0; i < handlers; i++)
        messages[i] = make_handler(g, fields, count, (int)i);
    g->functions.len = others;
    bool has_task = chance(g, 40);
    if (has_task)
        make_later(g, fields, count);
    line(g, "message State -> String {");
    begin(g);
    text_put(&g->out, STR("    return format!(\"{}"));
    for (int32_t i = 1; i < count; i++)
        text_put(&g->out, STR(" {}"));
    text_put(&g->out, STR("\""));
    for (int32_t i = 0; i < count; i++)
        text_printf(&g->out, ", %s", fields[i].name);
    end(g, ");");
    line(g, "}");
    g->indent--;
    line(g, "}\n");
    if (chance(g, 50))
        in_outcome(
            g, name,
            str_format(g->arena, "await %s.spawn().send(It)", make_supervisor(g, actor)).data);
    else
        in_outcome(g, name, str_format(g->arena, "%s.spawn()", actor).data);
    for (uint64_t n = 2 + roll(g, 2); n > 0; n--)
        ask(g, name, &messages[roll(g, (uint64_t)handlers)]);
    if (has_task)
        wait_for_task(g, name);
    ask(g, name, &(struct handler){.name = "State"});
}

// ---- generic ones -------------------------------------------------------------------------------

static void generic_actor(struct gen *g) {
    const char *actor = fresh(g, "Cell");
    form(g,
         "actor %s<T> {\n"
         "    private kept: T;\n"
         "    private times: i64 = 0;\n"
         "    invariant self.times >= 0;\n"
         "    message Swap(next: T) -> T {\n"
         "        let before = self.kept;\n"
         "        self.kept = next;\n"
         "        self.times += 1;\n"
         "        return before;\n"
         "    }\n"
         "    message Change(how: T -> T) -> Pair<T, i64> {\n"
         "        self.kept = how(self.kept);\n"
         "        return Pair { left: self.kept, right: self.times };\n"
         "    }\n"
         "}\n\n",
         actor);
    for (int i = 0; i < 2; i++) {
        const struct type *t = shared_type(g);
        const char *taken = fresh(g, "taken"), *x = fresh(g, "x");
        begin_use(g);
        form(g, "let %s: %t = %e;\nlet cell: ActorRef<%s<%t>> = %s.spawn(%e);\n", taken, t, t,
             actor, t, actor, t);
        form(g, "note(out, \"swap\", await cell.send(Swap(%e)));\n", t);
        declare(g, taken, t, false);
        declare(g, x, t, false);
        form(g,
             "let changed = await cell.send(Change(|%s: %t| { let result: %t = %e; result }));\n"
             "out.push(format!(\"change {} {}\", changed.left, changed.right));\n",
             x, t, t, t);
        end_use(g, actor);
    }
}

// ---- replies that are kept ----------------------------------------------------------------------

// The actor answers all who wait when the last of them has come, in the order of what they gave.
static void gathering(struct gen *g) {
    const char *actor = fresh(g, "Gather");
    const struct type *t = simple(T_I64);
    int count = 2 + (int)roll(g, 3);
    form(g,
         "actor %s {\n"
         "    private waiting: List<(i64, Reply<i64>)> = [];\n"
         "    message Come(mark: i64) -> i64 {\n"
         "        self.waiting.push((mark, self.reply()));\n"
         "        if self.waiting.len() < %d {\n"
         "            return;\n"
         "        }\n"
         "        for (mark, reply) in self.waiting.drain() {\n"
         "            reply.answer(wrapping_mul(mark, %d));\n"
         "        }\n"
         "    }\n"
         "}\n\n",
         actor, count, (int)roll(g, 9));
    begin_use(g);
    form(g, "let gather = %s.spawn();\nlet marks: List<i64> = [", actor);
    for (int i = 0; i < count; i++)
        form(g, i ? ", %e" : "%e", t);
    form(g,
         "];\nlet answers = async.map(marks, |mark| async { await gather.send(Come(mark)) });\n");
    note(g, "gathered", "answers");
    end_use(g, actor);
}

// ---- handing on, other ways to be called --------------------------------------------------------

static void front_and_back(struct gen *g) {
    const char *back = fresh(g, "Back"), *front = fresh(g, "Front");
    const struct type *t = shared_type(g), *given = shared_type(g);
    enter(g, true, false, false, given);
    form(g,
         "actor %s {\n"
         "    private seen: List<%t> = [];\n"
         "    message Take(x: %t) -> %t {\n"
         "        self.seen.push(x);\n",
         back, t, t, given);
    declare(g, "x", t, false);
    g->budget = PART_NODES;
    form(g,
         "        return %e;\n"
         "    }\n"
         "    message Seen -> List<%t> {\n"
         "        return self.seen;\n"
         "    }\n"
         "}\n\n"
         "actor %s {\n"
         "    private back: ActorRef<%s>;\n"
         "    on_start {\n"
         "        self.back = %s.spawn();\n"
         "    }\n"
         "    message Pass(x: %t) -> %t {\n"
         "        return self.back.send(Take(x));\n"
         "    }\n"
         "    message Seen -> List<%t> {\n"
         "        return await self.back.send(Seen);\n"
         "    }\n"
         "    message End {\n"
         "        self.stop();\n"
         "    }\n"
         "}\n\n",
         given, t, front, back, back, t, given, t);
    begin_use(g);
    form(g,
         "let front = %s.spawn();\n"
         "note(out, \"pass\", await front.pass(%e));\n"
         "front.tell(Pass(%e));\n"
         "note(out, \"seen\", await front.send(Seen));\n"
         "await front.send(End);\n"
         "note(out, \"gone\", (await front.ask(Seen)).is_err());\n",
         front, t, t);
    end_use(g, front);
}

static void reentrant(struct gen *g) {
    const char *actor = fresh(g, "Again");
    const struct type *t = shared_type(g);
    form(g,
         "reentrant actor %s {\n"
         "    private depth: i64 = 0;\n"
         "    private marks: List<%t> = [];\n"
         "    message Down(n: i64, mark: %t) -> i64 {\n"
         "        self.depth += 1;\n"
         "        self.marks.push(mark);\n"
         "        if n <= 0 {\n"
         "            return self.depth;\n"
         "        }\n"
         "        let below = await self.send(Down(n - 1, mark));\n"
         "        return below + self.depth;\n"
         "    }\n"
         "    message Marks -> List<%t> {\n"
         "        return self.marks;\n"
         "    }\n"
         "}\n\n",
         actor, t, t, t);
    begin_use(g);
    form(g,
         "let again = %s.spawn();\n"
         "let depth = await again.send(Down(%d, %e));\n"
         "out.push(format!(\"depth {} {}\", depth, await again.send(Marks)));\n",
         actor, (int)roll(g, 4), t);
    end_use(g, actor);
}

// Nobody is turned away where one asks at a time.
static void bounded(struct gen *g) {
    static const char *const ways[] = {"reject", "drop_oldest", "block"};
    const char *actor = fresh(g, "Narrow");
    const struct type *t = shared_type(g);
    form(g,
         "actor %s {\n"
         "    mailbox %d %s;\n"
         "    private all: List<%t> = [];\n"
         "    message Keep(item: %t) -> usize {\n"
         "        self.all.push(item);\n"
         "        return self.all.len();\n"
         "    }\n"
         "}\n\n",
         actor, (int)roll(g, 3) + 1, ways[roll(g, 3)], t, t);
    begin_use(g);
    form(g,
         "let narrow = %s.spawn();\n"
         "for item in [%e, %e, %e] {\n"
         "    note(out, \"kept\", await narrow.ask(Keep(item)));\n"
         "}\n",
         actor, t, t, t);
    end_use(g, actor);
}

// What comes of many tellings does not depend on their order.
static void summing(struct gen *g) {
    const char *actor = fresh(g, "Sum");
    int tasks = 1 + (int)roll(g, 3), each = 1 + (int)roll(g, 4);
    form(g,
         "actor %s {\n"
         "    private sum: i64 = 0;\n"
         "    private largest: Option<String> = None;\n"
         "    message Add(n: i64, label: String = \"none\") {\n"
         "        self.sum = wrapping_add(self.sum, n);\n"
         "        match self.largest {\n"
         "            Some(other) if other >= label => {}\n"
         "            _ => self.largest = Some(label),\n"
         "        }\n"
         "    }\n"
         "    message Total -> (i64, Option<String>) {\n"
         "        return (self.sum, self.largest);\n"
         "    }\n"
         "}\n\n",
         actor);
    begin_use(g);
    form(g,
         "let sum = %s.spawn();\n"
         "let tasks: List<i64> = async.map([%e, %e], |n| async {\n"
         "    for i in 0..%d {\n"
         "        sum.tell(Add(wrapping_mul(n, i), format!(\"{}\", i)));\n"
         "        await yield_now();\n"
         "    }\n"
         "    await sum.send(Add(%d, \"%d\"));\n"
         "    n\n"
         "});\n"
         "out.push(format!(\"sum {} {}\", tasks, await sum.send(Total)));\n",
         actor, simple(T_I64), simple(T_I64), each, tasks, each);
    end_use(g, actor);
}

static void (*const kinds[])(struct gen *) = {
    any_actor,      any_actor, any_actor, generic_actor, gathering,
    front_and_back, reentrant, bounded,   summing,
};

void actor_part(struct gen *g) {
    g->scope.len = 0;
    kinds[roll(g, sizeof kinds / sizeof *kinds)](g);
}
