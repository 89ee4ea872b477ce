// SPDX-License-Identifier: MIT
// Channels, select, locks and their kin. One gives and one takes, or what comes of many does not
// depend on their order.
#include "tests/sources/gen/source_gen.h"

static void produced(struct gen *g) {
    static const char *const makes[] = {"Channel.new(1)", "Channel.new(3)", "Channel.rendezvous()",
                                        "Channel.unbounded()"};
    const struct type *t = shared_type(g);
    const char *name = fresh(g, "produce");
    form(g,
         "async function %s(items: List<%t>, to: Channel<%t>) -> usize {\n"
         "    defer to.close();\n"
         "    for item in items {\n"
         "        to.send(item);\n"
         "    }\n"
         "    return items.len();\n"
         "}\n\n",
         name, t, t);
    begin_use(g);
    form(g,
         "let way: Channel<%t> = %s;\n"
         "let task = spawn(%s([%e, %e, %e], way));\n"
         "let mut taken: List<%t> = [];\n"
         "for item in way {\n"
         "    taken.push(item);\n"
         "}\n"
         "out.push(format!(\"taken {} {} {}\", taken, await task, way.recv()));\n"
         "async with error_boundary() {\n"
         "    way.send(%l);\n"
         "} catch ClosedError {\n"
         "    out.push(\"closed\");\n"
         "}\n",
         t, makes[roll(g, 4)], name, t, t, t, t, t);
    end_use(g, name);
}

static void selected(struct gen *g) {
    const struct type *t = shared_type(g), *u = shared_type(g);
    begin_use(g);
    form(g,
         "let one: Channel<%t> = Channel.new(2);\n"
         "let two: Channel<%t> = Channel.new(2);\n"
         "let full: Channel<i64> = Channel.new(1);\n"
         "full.send(1);\n",
         t, u);
    if (chance(g, 50))
        form(g, "one.send(%e);\n", t);
    if (chance(g, 50))
        form(g, "two.send(%e);\n", u);
    form(g,
         "for round in 0..3 {\n"
         "    let found = async.select {\n"
         "        x = one.recv() if round != %d => format!(\"one {}\", x),\n"
         "        y = two.recv() => format!(\"two {}\", y),\n"
         "        _ = full.send(round) => \"sent\",\n"
         "        default => \"nothing\",\n"
         "    };\n"
         "    out.push(found);\n"
         "}\n"
         "let after = async.select {\n"
         "    x = one.recv() => format!(\"one {}\", x),\n"
         "    _ = two.send(%e) => format!(\"sent {}\", two.try_recv()),\n"
         "};\n",
         (int)roll(g, 4), u);
    note(g, "after", "after");
    end_use(g, "select");
}

// A task waits in a select for what comes one by one.
static void served(struct gen *g) {
    const struct type *t = shared_type(g);
    begin_use(g);
    form(g,
         "let jobs: Channel<%t> = Channel.rendezvous();\n"
         "let stop: Channel<()> = Channel.new();\n"
         "let server = spawn(async {\n"
         "    let mut seen: List<%t> = [];\n"
         "    let mut open = true;\n"
         "    while open {\n"
         "        async.select {\n"
         "            job = jobs.recv() => if let Some(item) = job {\n"
         "                seen.push(item);\n"
         "            },\n"
         "            _ = stop.recv() => {\n"
         "                open = false;\n"
         "            }\n"
         "        }\n"
         "    }\n"
         "    seen\n"
         "});\n"
         "jobs.send(%e);\n"
         "jobs.send(%e);\n"
         "stop.send(());\n"
         "note(out, \"served\", await server);\n",
         t, t, t, t);
    end_use(g, "served");
}

static void mutexes(struct gen *g) {
    const struct type *t = shared_type(g);
    const char *x = fresh(g, "x");
    begin_use(g);
    form(g, "let kept: Mutex<%t> = Mutex.new(%e);\nlet sum = Mutex.new(0);\n", t, t);
    declare(g, x, t, false);
    form(g,
         "kept.update(|%s| { let result: %t = %e; result });\n"
         "note(out, \"kept\", kept.with(|%s| { let result: %t = %e; result }));\n",
         x, t, t, x, t, t);
    g->scope.len = 0;
    form(g,
         "let group = WaitGroup.new();\n"
         "for n in 0..%d {\n"
         "    group.add();\n"
         "    spawn(async {\n"
         "        let there = sum.lock();\n"
         "        defer sum.unlock();\n"
         "        await yield_now();\n"
         "        sum.set(there + n);\n"
         "        group.done();\n"
         "    });\n"
         "}\n"
         "group.wait();\n"
         "out.push(format!(\"sum {} {}\", sum.lock(), sum.try_lock()));\n"
         "sum.unlock();\n"
         "async with error_boundary() {\n"
         "    sum.unlock();\n"
         "} catch NotHeldError {\n"
         "    out.push(\"not held\");\n"
         "}\n",
         (int)roll(g, 5) + 1);
    end_use(g, "mutex");
}

static void poisoned(struct gen *g) {
    const struct type *t = shared_type(g);
    begin_use(g);
    form(g,
         "let kept: Mutex<List<%t>> = Mutex.new([%e]);\n"
         "async with error_boundary() {\n"
         "    kept.update(|list| [list[%d]]);\n"
         "} catch_boundary(error) {\n"
         "    note(out, \"\", error);\n"
         "}\n"
         "note(out, \"\", kept.is_poisoned());\n"
         "kept.clear_poison();\n"
         "note(out, \"\", kept.with(|list| list));\n",
         t, t, (int)roll(g, 2));
    end_use(g, "poisoned");
}

static void readers(struct gen *g) {
    const struct type *t = shared_type(g);
    begin_use(g);
    form(g,
         "let table: RwLock<%t> = RwLock.new(%e);\n"
         "out.push(format!(\"{} {}\", table.read(), table.read()));\n"
         "table.unlock_read();\n"
         "let writer = spawn(async {\n"
         "    table.update(|_| %l);\n"
         "    true\n"
         "});\n"
         "table.unlock_read();\n"
         "out.push(format!(\"{} {}\", await writer, table.with(|value| value)));\n",
         t, t, t);
    end_use(g, "readers");
}

static void counted(struct gen *g) {
    int parties = (int)roll(g, 3) + 1;
    begin_use(g);
    form(g,
         "let slots = Semaphore.new(%d);\n"
         "let barrier = Barrier.new(%d);\n"
         "let once: Once<i64> = Once.new();\n"
         "let inside = Mutex.new(0);\n"
         "let came = async.map((0..%d).collect(), |n: i64| async {\n"
         "    slots.acquire();\n"
         "    inside.update(|count| count + 1);\n"
         "    await yield_now();\n"
         "    let there = inside.with(|count| count);\n"
         "    inside.update(|count| count - 1);\n"
         "    slots.release();\n"
         "    let last = barrier.wait();\n"
         "    let made = once.get(|| %d);\n"
         "    (n, there <= 2, if last { 1 } else { 0 }, made)\n"
         "});\n"
         "out.push(format!(\"{} {}\", came.map(|(n, few, _, made)| (n, few, made)), "
         "came.map(|(_, _, last, _)| last).sum()));\n"
         "out.push(format!(\"{} {} {}\", slots.available(), slots.try_acquire(3), once.peek()));\n",
         (int)roll(g, 2) + 1, parties, parties, (int)roll(g, 50));
    end_use(g, "counted");
}

static void conditions(struct gen *g) {
    int wanted = (int)roll(g, 3) + 1;
    begin_use(g);
    form(g,
         "let stock: Mutex<i64> = Mutex.new(0);\n"
         "let filled = Condition.new();\n"
         "let buyer = spawn(async {\n"
         "    stock.lock();\n"
         "    defer stock.unlock();\n"
         "    while stock.get() < %d {\n"
         "        filled.wait(stock);\n"
         "    }\n"
         "    stock.get()\n"
         "});\n"
         "for _ in 0..%d {\n"
         "    stock.update(|n| n + 1);\n"
         "    filled.notify();\n"
         "}\n"
         "let bought = await buyer;\n"
         "out.push(format!(\"{} {}\", bought >= %d, stock.with(|n| n)));\n",
         wanted, wanted, wanted);
    end_use(g, "condition");
}

static void (*const kinds[])(struct gen *) = {
    produced, produced, selected, served, mutexes, poisoned, readers, counted, conditions,
};

void handle_part(struct gen *g) {
    g->scope.len = 0;
    kinds[roll(g, sizeof kinds / sizeof *kinds)](g);
}
