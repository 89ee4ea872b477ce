// SPDX-License-Identifier: MIT
// Replies as values: kept, sent to somebody else who answers, dropped; requests that are handed on;
// and mailboxes with a bound, of which only is noted who was served, not how many.
#include "tests/sources/gen/source_gen.h"

// One actor owes the answer, another gives it, or loses it.
static void brokered(struct gen *g) {
    const char *name = fresh(g, "Broker");
    const struct type *t = shared_type(g);
    form(g,
         "actor Hand%s {\n"
         "    private late: Map<i64, Reply<%t>> = Map.new();\n"
         "    message Do(n: i64, x: %t, to: Reply<%t>) {\n"
         "        match n %% 4 {\n"
         "            0 => to.answer(x),\n"
         "            1 => {}\n"
         "            2 => {\n"
         "                self.late.insert(n, to);\n"
         "            }\n"
         "            _ => crash(Fail { code: n }),\n"
         "        }\n"
         "    }\n"
         "    message Flush -> usize {\n"
         "        let count = self.late.len();\n"
         "        for (_, reply) in self.late.drain() {\n"
         "            reply.answer(%l);\n"
         "        }\n"
         "        return count;\n"
         "    }\n"
         "}\n\n"
         "actor %s {\n"
         "    private hand: ActorRef<Hand%s>;\n"
         "    message Ask(n: i64, x: %t) -> %t {\n"
         "        self.hand.tell(Do(n, x, self.reply()));\n"
         "    }\n"
         "    message Through(n: i64, x: %t) -> %t {\n"
         "        return self.ask_it(n, x).send(Ask(n, x));\n"
         "    }\n"
         "    function ask_it(n: i64, x: %t) -> ActorRef<%s> {\n"
         "        return self.reference();\n"
         "    }\n"
         "}\n\n",
         name, t, t, t, t, name, name, t, t, t, t, t, name);
    begin_use(g);
    form(g,
         "let hand = Hand%s.spawn();\n"
         "let broker = %s.spawn(hand);\n"
         "out.push(format!(\"{} {}\", await broker.ask(Ask(0, %e)), await broker.ask(Ask(1, "
         "%e))));\n"
         "let late = spawn(async { await broker.ask(Ask(2, %l)) });\n"
         "let mut flushed: usize = 0;\n"
         "while flushed == 0 {\n"
         "    flushed = await hand.send(Flush);\n"
         "    await sleep(1.millisecond);\n"
         "}\n"
         "note(out, \"late\", await late);\n"
         "note(out, \"through\", await broker.ask(Through(4, %e)));\n",
         name, name, t, t, t, t);
    if (chance(g, 50))
        form(g,
             "note(out, \"lost\", (await broker.ask(Ask(3, %e))).is_err());\n"
             "note(out, \"gone\", (await hand.ask(Flush)).is_err());\n",
             t);
    end_use(g, name);
}

// A pipeline, each of which hands the request on; the last one answers the first one's asker.
static void handed_on(struct gen *g) {
    const char *name = fresh(g, "Stage");
    const struct type *t = shared_type(g);
    int count = 1 + (int)roll(g, 3);
    const char *x = fresh(g, "x");
    form(g,
         "actor %s {\n"
         "    private next: Option<ActorRef<%s>>;\n"
         "    private seen: List<%t> = [];\n"
         "    message Go(%s: %t) -> %t {\n"
         "        self.seen.push(%s);\n"
         "        let made: %t = ",
         name, name, t, x, t, t, x, t);
    declare(g, x, t, false);
    form(g,
         "%e;\n"
         "        if let Some(next) = self.next {\n"
         "            return next.send(Go(made));\n"
         "        }\n"
         "        return made;\n"
         "    }\n"
         "    message Seen -> List<%t> {\n"
         "        return self.seen;\n"
         "    }\n"
         "}\n\n",
         t, t);
    g->scope.len = 0;
    begin_use(g);
    form(g,
         "let mut stage = %s.spawn(None);\n"
         "let last = stage;\n"
         "for _ in 0..%d {\n"
         "    stage = %s.spawn(Some(stage));\n"
         "}\n"
         "note(out, \"go\", await stage.send(Go(%e)));\n"
         "stage.tell(Go(%e));\n"
         "note(out, \"go\", await stage.ask(Go(%e)));\n"
         "out.push(format!(\"{} {}\", await stage.send(Seen), await last.send(Seen)));\n",
         name, count, name, t, t, t);
    end_use(g, name);
}

// Who is turned away is told so: as many were served as say that they were.
static void crowded(struct gen *g) {
    static const char *const ways[] = {"reject", "drop_oldest", "block"};
    const char *name = fresh(g, "Desk");
    const struct type *t = shared_type(g);
    uint64_t way = roll(g, 3);
    int count = 2 + (int)roll(g, 6);
    form(g,
         "actor %s {\n"
         "    mailbox %d %s;\n"
         "    private served: List<(i64, %t)> = [];\n"
         "    message Serve(n: i64, x: %t) -> i64 {\n"
         "        await yield_now();\n"
         "        self.served.push((n, x));\n"
         "        return n;\n"
         "    }\n"
         "    message Served -> List<(i64, %t)> {\n"
         "        return self.served;\n"
         "    }\n"
         "}\n\n",
         name, 1 + (int)roll(g, 2), ways[way], t, t, t);
    begin_use(g);
    form(g,
         "let desk = %s.spawn();\n"
         "let item: %t = %e;\n"
         "let answers = async.map((0..%d).collect(), |n: i64| async { await desk.ask(Serve(n, "
         "item)) "
         "});\n"
         "let mut told = answers.filter_map(|answer| answer.ok());\n"
         "let served = (await desk.send(Served)).map(|(n, _)| n).sorted();\n"
         "out.push(format!(\"{} {}\", told == served, served.len() > 0));\n"
         "note(out, \"last\", await desk.ask(Serve(77, item)));\n",
         name, t, t, count);
    if (way == 2)
        form(g, "note(out, \"all\", served);\n");
    end_use(g, name);
}

static void (*const kinds[])(struct gen *) = {brokered, handed_on, crowded};

void reply_part(struct gen *g) {
    g->scope.len = 0;
    enter(g, true, false, false, NULL);
    g->in_closure = true;
    g->budget = PART_NODES;
    kinds[roll(g, sizeof kinds / sizeof *kinds)](g);
}
