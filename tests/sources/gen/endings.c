// SPDX-License-Identifier: MIT
// How tasks and actors end, and in which order what is left to do is done.
#include "tests/sources/gen/source_gen.h"

// What was cancelled leaves in order, also where that takes its time.
static void cancelled(struct gen *g) {
    const struct type *t = shared_type(g);
    const char *name = fresh(g, "leave");
    form(g,
         "async function %s(left: Channel<%t>, begun: Channel<()>, depth: i64) -> i64 {\n"
         "    defer {\n"
         "        await yield_now();\n"
         "        left.send(%l);\n"
         "    }\n"
         "    let kept: %t = %e;\n"
         "    defer left.send(kept);\n"
         "    if depth > 0 {\n"
         "        return await %s(left, begun, depth - 1);\n"
         "    }\n"
         "    begun.send(());\n"
         "    async with error_boundary() {\n"
         "        await silence(depth)\n"
         "    } catch_boundary(error) {\n"
         "        left.send(%l);\n"
         "    }\n"
         "    return 0;\n"
         "}\n\n",
         name, t, t, t, t, name, t);
    begin_use(g);
    form(g,
         "let left: Channel<%t> = Channel.unbounded();\n"
         "let begun: Channel<()> = Channel.new(1);\n"
         "async with cancellation_scope() as scope {\n"
         "    scope.spawn(%s(left, begun, %d));\n"
         "    begun.recv();\n"
         "%s"
         "}\n"
         "left.close();\n"
         "for mark in left {\n"
         "    note(out, \"left\", mark);\n"
         "}\n",
         t, name, (int)roll(g, 4), chance(g, 50) ? "    scope.cancel();\n" : "");
    end_use(g, name);
}

// From the top down they are told, from the bottom up they end.
static void stopped(struct gen *g) {
    const char *name = fresh(g, "Tree");
    const struct type *t = shared_type(g);
    form(g,
         "actor %s {\n"
         "    private depth: i64;\n"
         "    private marks: Channel<(String, i64, %t)>;\n"
         "    private kept: %t = %l;\n"
         "    private below: Option<ActorRef<%s>> = None;\n"
         "%s"
         "    on_start {\n"
         "        if self.depth > 0 {\n"
         "            self.below = Some(%s.spawn(self.depth - 1, self.marks));\n"
         "        }\n"
         "    }\n"
         "    on_shutdown {\n"
         "        self.marks.send((\"down\", self.depth, self.kept));\n"
         "    }\n"
         "    on_stop {\n"
         "        self.marks.send((\"stop\", self.depth, self.kept));\n"
         "    }\n"
         "    message Keep(x: %t) -> i64 {\n"
         "        self.kept = x;\n"
         "        if let Some(below) = self.below {\n"
         "            return await below.send(Keep(x)) + 1;\n"
         "        }\n"
         "        return 0;\n"
         "    }\n"
         "}\n\n",
         name, t, t, t, name, chance(g, 50) ? "    grace 1.second;\n" : "", name, t);
    begin_use(g);
    form(g,
         "let marks: Channel<(String, i64, %t)> = Channel.unbounded();\n"
         "let tree = %s.spawn(%d, marks);\n"
         "note(out, \"keep\", await tree.send(Keep(%e)));\n"
         "tree.stop();\n"
         "let mut open = true;\n"
         "while open {\n"
         "    if let Some((what, depth, kept)) = marks.recv() {\n"
         "        out.push(format!(\"{} {} {}\", what, depth, kept));\n"
         "        open = what != \"stop\" || depth != %d;\n"
         "    }\n"
         "}\n"
         "note(out, \"gone\", (await tree.ask(Keep(%l))).is_err());\n",
         t, name, 2, t, 2, t);
    end_use(g, name);
}

// A supervised task is run again until it does not fail.
static void retried(struct gen *g) {
    static const char *const decisions[] = {"Restart", "RestartWithDelay(1.millisecond)",
                                            "Restart"};
    const char *name = fresh(g, "Retry");
    const struct type *t = shared_type(g);
    form(g,
         "supervisor %s strategy RestartStrategy.%s {\n"
         "    private heard: List<String> = [];\n"
         "    on_child_failure(child: ActorRef, error: Error, restartCount: u32) -> "
         "SupervisionDecision {\n"
         "        self.heard.push(format!(\"{} {} {}\", child.name, error, restartCount));\n"
         "        return SupervisionDecision.%s;\n"
         "    }\n"
         "    message Run(left: Mutex<i64>, through: Channel<%t>, value: %t) {\n"
         "        spawn_with_supervision(self, async {\n"
         "            let n = left.lock();\n"
         "            left.set(n - 1);\n"
         "            left.unlock();\n"
         "            if n == 1 {\n"
         "                let list: List<i64> = [];\n"
         "                through.send(if list[0] == 0 { value } else { %l });\n"
         "            }\n"
         "            if n > 0 {\n"
         "                crash(Fail { code: n });\n"
         "            }\n"
         "            through.send(value);\n"
         "        }, name: \"it\", maxRetries: 9);\n"
         "    }\n"
         "    message Heard -> List<String> {\n"
         "        return self.heard;\n"
         "    }\n"
         "}\n\n",
         name, chance(g, 50) ? "OneForOne" : "OneForAll", decisions[roll(g, 3)], t, t, t);
    begin_use(g);
    form(g,
         "let retry = %s.spawn();\n"
         "let left = Mutex.new(%d);\n"
         "let through: Channel<%t> = Channel.unbounded();\n"
         "await retry.send(Run(left, through, %e));\n"
         "note(out, \"through\", through.recv());\n"
         "note(out, \"heard\", await retry.send(Heard));\n"
         "note(out, \"left\", left.with(|n| n));\n",
         name, (int)roll(g, 4), t, t);
    end_use(g, name);
}

// What crashes below is passed on to the top, which begins anew with all of it.
static void escalated(struct gen *g) {
    const char *name = fresh(g, "Top");
    const struct type *t = shared_type(g);
    form(g,
         "actor Leaf%s {\n"
         "    private kept: %t;\n"
         "    private count: i64 = 0;\n"
         "    message Add(by: i64) -> i64 {\n"
         "        self.count += by;\n"
         "        if by == 13 {\n"
         "            crash(Fail { code: self.count });\n"
         "        }\n"
         "        return self.count;\n"
         "    }\n"
         "    message Kept -> %t {\n"
         "        return self.kept;\n"
         "    }\n"
         "}\n\n"
         "supervisor Middle%s strategy RestartStrategy.OneForOne {\n"
         "    children {\n"
         "        leaf: Leaf%s.spawn(%l, maxRetries: 9),\n"
         "    }\n"
         "    on_child_failure(child: ActorRef, error: Error, restartCount: u32) -> "
         "SupervisionDecision {\n"
         "        return SupervisionDecision.Escalate;\n"
         "    }\n"
         "    message Leaf -> ActorRef<Leaf%s> {\n"
         "        return self.leaf;\n"
         "    }\n"
         "}\n\n"
         "supervisor %s strategy RestartStrategy.OneForAll {\n"
         "    children {\n"
         "        middle: Middle%s.spawn(maxRetries: 9),\n"
         "    }\n"
         "    private heard: List<String> = [];\n"
         "    on_child_failure(child: ActorRef, error: Error, restartCount: u32) -> "
         "SupervisionDecision {\n"
         "        self.heard.push(format!(\"{} {}\", child.name, error));\n"
         "        return SupervisionDecision.Restart;\n"
         "    }\n"
         "    message Middle -> ActorRef<Middle%s> {\n"
         "        return self.middle;\n"
         "    }\n"
         "    message Heard -> List<String> {\n"
         "        return self.heard;\n"
         "    }\n"
         "}\n\n",
         name, t, t, name, name, t, name, name, name, name);
    begin_use(g);
    form(g,
         "let top = %s.spawn();\n"
         "let middle = await top.send(Middle);\n"
         "let leaf = await middle.send(Leaf);\n"
         "out.push(format!(\"{} {}\", await leaf.send(Add(2)), await leaf.send(Kept)));\n"
         "note(out, \"crash\", (await leaf.ask(Add(13))).is_err());\n"
         "let mut count = 0;\n"
         "while count != 1 {\n" // until it is the new one that answers
         "    if let Ok(other) = await middle.ask(Leaf) {\n"
         "        count = (await other.ask(Add(1))).unwrap_or(0);\n"
         "    }\n"
         "    await sleep(1.millisecond);\n"
         "}\n"
         "note(out, \"heard\", await top.send(Heard));\n",
         name);
    end_use(g, name);
}

static void (*const kinds[])(struct gen *) = {cancelled, stopped, retried, escalated};

void ending_part(struct gen *g) {
    g->scope.len = 0;
    enter(g, true, false, false, NULL);
    g->in_closure = true;
    g->budget = PART_NODES;
    kinds[roll(g, sizeof kinds / sizeof *kinds)](g);
}
