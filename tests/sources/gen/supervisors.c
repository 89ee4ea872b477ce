// SPDX-License-Identifier: MIT
// Supervisors: who crashes is restarted with fresh state, goes on with the old one, or ends; what
// becomes of its siblings meanwhile is noted only as far as it does not depend on who is faster.
#include "tests/sources/gen/source_gen.h"

static void make_worker(struct gen *g, const char *worker, const struct type *t) {
    form(g,
         "struct Broken%s {\n"
         "    code: i64,\n"
         "}\n\n"
         "actor %s {\n"
         "    private kept: %t;\n"
         "    private count: i64 = 0;\n"
         "    message Add(by: i64) -> i64 {\n"
         "        self.count += by;\n"
         "        if by == 13 {\n"
         "            crash(Broken%s { code: self.count });\n"
         "        }\n"
         "        return self.count;\n"
         "    }\n"
         "    message Kept -> %t {\n"
         "        return self.kept;\n"
         "    }\n"
         "}\n\n",
         worker, worker, t, worker, t);
}

static void team(struct gen *g) {
    static const char *const strategies[] = {"OneForOne", "OneForAll", "RestForOne"};
    static const char *const decisions[] = {"Restart", "Resume", "Stop", "Restart"};
    const char *worker = fresh(g, "Worker"), *name = fresh(g, "Team");
    const struct type *t = shared_type(g);
    make_worker(g, worker, t);
    g->scope.len = 0;
    form(g,
         "supervisor %s strategy RestartStrategy.%s {\n"
         "    children {\n"
         "        first: %s.spawn(%l, maxRetries: 5),\n"
         "        second: %s.spawn(%l, maxRetries: 5, within: 1.hour),\n"
         "    }\n"
         "    private heard: List<String> = [];\n"
         "    on_child_failure(child: ActorRef, error: Error, restartCount: u32) -> "
         "SupervisionDecision {\n"
         "        self.heard.push(format!(\"{} {} {}\", child.name, error, restartCount));\n"
         "        return match (child.name, error) {\n"
         "            (\"first\", Broken%s { code: 13 }) => SupervisionDecision.%s,\n"
         "            (\"second\", Broken%s { .. }) => SupervisionDecision.Resume,\n"
         "            _ => SupervisionDecision.Restart,\n"
         "        };\n"
         "    }\n"
         "    message Members -> (ActorRef<%s>, ActorRef<%s>) {\n"
         "        return (self.first, self.second);\n"
         "    }\n"
         "    message Heard -> List<String> {\n"
         "        return self.heard;\n"
         "    }\n"
         "}\n\n",
         name, strategies[roll(g, 3)], worker, t, worker, t, worker, decisions[roll(g, 4)], worker,
         worker, worker);
    begin_use(g);
    form(g,
         "let team = %s.spawn();\n"
         "let (first, second) = await team.send(Members);\n"
         "out.push(format!(\"{} {}\", await first.send(Add(1)), await second.send(Add(2))));\n",
         name);
    if (chance(g, 60))
        form(g,
             "note(out, \"\", (await second.ask(Add(13))).is_err());\n"
             "out.push(format!(\"{} {}\", await second.ask(Add(%d)), await second.ask(Kept)));\n",
             (int)roll(g, 5));
    if (chance(g, 60))
        form(g,
             "note(out, \"\", (await first.ask(Add(13))).is_err());\n"
             "out.push(format!(\"{} {}\", await first.ask(Add(%d)), await first.ask(Kept)));\n",
             (int)roll(g, 5));
    else
        form(g, "note(out, \"\", (await first.ask(Add(12))).is_err());\n"
                "note(out, \"\", (await first.ask(Add(13))).is_err());\n"
                "note(out, \"\", (await first.ask(Kept)).is_err());\n");
    note(g, "heard", "await team.send(Heard)");
    end_use(g, name);
}

static void supervised(struct gen *g) {
    const char *worker = fresh(g, "Worker"), *owner = fresh(g, "Owner");
    const struct type *t = shared_type(g);
    make_worker(g, worker, t);
    g->scope.len = 0;
    form(g,
         "actor %s {\n"
         "    private worker: ActorRef<%s>;\n"
         "    on_start {\n"
         "        self.worker = spawn_supervised(%s.new(%l), maxRetries: %d, within: 1.hour);\n"
         "    }\n"
         "    message Mine -> ActorRef<%s> {\n"
         "        return self.worker;\n"
         "    }\n"
         "}\n\n",
         owner, worker, worker, t, (int)roll(g, 2) + 1, worker);
    begin_use(g);
    form(g,
         "let owner = %s.spawn();\n"
         "let worker = await owner.send(Mine);\n"
         "note(out, \"\", await worker.send(Add(%d)));\n"
         "note(out, \"\", (await worker.ask(Add(13))).is_err());\n"
         "out.push(format!(\"{} {}\", await worker.send(Add(1)), await worker.send(Kept)));\n",
         owner, (int)roll(g, 5));
    end_use(g, owner);
}

// Nobody supervises it: who asks is told, and so is who asks later.
static void alone(struct gen *g) {
    const char *worker = fresh(g, "Worker");
    const struct type *t = shared_type(g);
    make_worker(g, worker, t);
    begin_use(g);
    form(g,
         "let worker = %s.spawn(%e);\n"
         "out.push(format!(\"{} {}\", await worker.send(Kept), await worker.send(Add(1))));\n"
         "note(out, \"\", await worker.ask(Add(13)));\n"
         "note(out, \"\", (await worker.ask(Kept)).is_err());\n"
         "async with error_boundary() {\n"
         "    note(out, \"\", await worker.send(Kept));\n"
         "} catch_boundary(error) {\n"
         "    out.push(\"gone\");\n"
         "}\n",
         worker, t);
    end_use(g, worker);
}

void supervisor_part(struct gen *g) {
    g->scope.len = 0;
    switch (roll(g, 4)) {
    case 0:
    case 1:
        team(g);
        break;
    case 2:
        supervised(g);
        break;
    default:
        alone(g);
        break;
    }
}
